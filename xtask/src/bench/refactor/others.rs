//! The same by other means: a loop that replaces text, and ast-grep where it is installed.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::super::figures::Figure;
use super::ours::{count, milliseconds};
use super::repository::Repository;
use super::{PATTERN, REPLACEMENT, WORD, rows};

/// Reads every file, replaces the text wherever it stands, in comments and strings too, and writes it back. It neither parses
/// nor can be undone.
pub(super) fn naive(repository: &Repository) -> anyhow::Result<Vec<Figure>> {
    let started = Instant::now();
    let mut places = 0;
    for path in repository.sources()? {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let found = text.matches(WORD).count();
        if found > 0 {
            places += found;
            fs::write(&path, text.replace(WORD, ".expect(\"it is there\")"))?;
        }
    }
    figures(repository, milliseconds(started), Some(places))
}

/// `ast-grep`, which looks for the same pattern and asks nothing.
pub(super) fn ast_grep(repository: &Repository) -> anyhow::Result<Vec<Figure>> {
    let started = Instant::now();
    let status = Command::new("ast-grep")
        .args(["run", "--lang", "rust", "--update-all"])
        .args(["--pattern", PATTERN, "--rewrite", REPLACEMENT, "."])
        .current_dir(&repository.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("ast-grep is not installed")?;
    let time = milliseconds(started);
    ensure!(status.success(), "ast-grep failed: {status}");
    figures(repository, time, None)
}

fn figures(
    repository: &Repository,
    time: f64,
    places: Option<usize>,
) -> anyhow::Result<Vec<Figure>> {
    let (changed, _) = repository.changed()?;
    let places = places.map(|places| Figure::new(rows::PLACES, &[count(places)]));
    let mut figures = vec![
        Figure::new(rows::FILES, &[count(repository.files)]),
        Figure::new(rows::CHANGED, &[count(changed)]),
        Figure::new(rows::LANDED, &[time]),
    ];
    figures.extend(places);
    Ok(figures)
}
