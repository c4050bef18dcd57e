//! The rewrite as a task of an editor: `ropewalk lsp`, and an editor with some of the files open.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::super::figures::{Figure, megabytes};
use super::editor::{Editor, Said};
use super::ours::count;
use super::repository::Repository;
use super::{PATTERN, REPLACEMENT, WORD, rows};

/// So many of the files with something to change are open.
const OPEN: usize = 20;

/// How long learning the repository may take.
const LEARNING_LIMIT: Duration = Duration::from_secs(120);

/// From the command in the editor to the changes in its documents and in the other files.
pub(super) fn task(
    repository: &Repository,
    program: &Path,
    home: &Path,
) -> anyhow::Result<Vec<Figure>> {
    let mut command = Command::new(program);
    command.arg("lsp").current_dir(&repository.folder);
    super::super::agent::session::set_home(&mut command, home);
    let mut editor = Editor::start(command, &repository.folder)?;
    for path in some_with_the_word(repository)? {
        editor.open(&path)?;
    }
    await_learned(&mut editor)?;
    let before = memory(&editor, "VmRSS:")?;
    let started = Instant::now();
    let goal = format!("rewrite {PATTERN} => {REPLACEMENT} in **/*.rs");
    editor.command("ropewalk.task", &json!([goal]))?;
    let landed = wait_until_done(&mut editor)?;
    let peak = memory(&editor, "VmHWM:")?;
    let first_edit = editor
        .first_edit
        .context("no edit was asked for, though files were open")?;
    editor.save_all()?;
    let (changed, _) = repository.changed()?;
    ensure!(
        landed.words.contains(&format!("Changed {changed} files")),
        "{changed} files are changed, and the server says: {}",
        landed.words
    );
    let from_start = |at: Instant| at.duration_since(started).as_secs_f64() * 1000.0;
    Ok(vec![
        Figure::new(rows::FILES, &[count(repository.files)]),
        Figure::new(rows::CHANGED, &[count(changed)]),
        Figure::new(rows::PLACES, &[count(replaced(repository)?)]),
        Figure::new(rows::FIRST_EDIT, &[from_start(first_edit)]),
        Figure::new(rows::LANDED, &[from_start(landed.at)]),
        Figure::new(rows::MEMORY_BEFORE, &[before]),
        Figure::new(rows::MEMORY, &[peak]),
    ])
}

fn some_with_the_word(repository: &Repository) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = repository.sources()?;
    paths.sort();
    paths.retain(|path| fs::read_to_string(path).is_ok_and(|text| text.contains(WORD)));
    // From all over the repository.
    let distance = (paths.len() / OPEN).max(1);
    Ok(paths.into_iter().step_by(distance).take(OPEN).collect())
}

fn await_learned(editor: &mut Editor) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let status = editor.request("ropewalk/status", &Value::Null)?;
        let files = status["learning"]["files"].as_u64();
        if status["engine"]["state"] == "ready" && files.is_some_and(|files| 0 < files) {
            return Ok(());
        }
        ensure!(
            started.elapsed() < LEARNING_LIMIT,
            "the repository was not learned within {LEARNING_LIMIT:?}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the server says that the only task is done; that counts as when it is.
fn wait_until_done(editor: &mut Editor) -> anyhow::Result<Said> {
    loop {
        let said = editor.wait_for_words()?;
        let tasks = editor.command("ropewalk.tasks", &json!([]))?;
        let state = tasks[0]["state"].as_str().unwrap_or_default();
        match state {
            "done" => return Ok(said),
            "queued" | "running" | "landing" => {}
            _ => anyhow::bail!("the task is {state}: {}", said.words),
        }
    }
}

/// How often the replacement stands in the files now.
fn replaced(repository: &Repository) -> anyhow::Result<usize> {
    let replacement = REPLACEMENT.trim_start_matches("$VALUE");
    let texts = repository.sources()?.into_iter().map(fs::read_to_string);
    Ok(texts
        .filter_map(Result::ok)
        .map(|text| text.matches(replacement).count())
        .sum())
}

/// What the kernel says of the server's memory, in MB.
fn memory(editor: &Editor, field: &str) -> anyhow::Result<f64> {
    let path = format!("/proc/{}/status", editor.process_id());
    let status = fs::read_to_string(&path)
        .with_context(|| format!("{path} could not be read; memory is measured on Linux only"))?;
    let mut lines = status.lines();
    let kilobytes = lines.find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .context("the kernel does not say how much memory is in use")?
        .parse()?;
    Ok(megabytes(kilobytes * 1024))
}
