//! `cargo xtask bench refactor`: a structural rewrite of a real repository of more than a thousand files, from the command to
//! the changed files, beside other ways to do it.
//!
//! Our figures come from the real program with the embedded provider: `ropewalk exec --yes`, which makes a twin, rewrites in
//! it, and applies what it proposes; and `ropewalk lsp`, which does it as a task of an editor. The others change the same files
//! in the same run.

mod editor;
mod in_editor;
mod others;
mod ours;
mod repository;
mod rows;

use std::fs;
use std::path::Path;

use crate::project;

use super::figures::{Column, Figure};
use super::{our_program, report};

use repository::Repository;

/// What is looked for, as a pattern.
const PATTERN: &str = "$VALUE.unwrap()";

/// A word that is in every place.
const WORD: &str = ".unwrap()";

/// What takes its place.
const REPLACEMENT: &str = "$VALUE.expect(\"it is there\")";

/// How often each is measured.
const ROUNDS: usize = 3;

/// One way to do it: changes the repository and gives the figures.
type Way<'a> = &'a dyn Fn(&Repository) -> anyhow::Result<Vec<Figure>>;

/// Measures our build, or another one that `servers` names as `ropewalk=PATH`, and the other ways.
pub(super) fn run(servers: &[String], json: Option<&Path>) -> anyhow::Result<()> {
    let program = our_program(servers)?;
    let folder = project::root().join("target/bench/refactor");
    let repository = Repository::prepare(&folder.join("repository"))?;
    eprintln!("{} files of {} crates", repository.files, repository.crates);
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    let columns = [
        measure("ropewalk exec", &repository, &|repository| {
            ours::exec(repository, &program, &home)
        }),
        measure("ropewalk lsp", &repository, &|repository| {
            // What one editor left for review is nothing to the next.
            let home = folder.join("home-of-the-editor");
            let _ = fs::remove_dir_all(&home);
            fs::create_dir_all(&home)?;
            in_editor::task(repository, &program, &home)
        }),
        measure("ast-grep", &repository, &others::ast_grep),
        measure("naive loop", &repository, &others::naive),
    ];
    report(rows::ALL, &columns, json)
}

/// The best of some rounds, each from the same files.
fn measure(name: &str, repository: &Repository, way: Way<'_>) -> Column {
    eprintln!("{name} ...");
    let mut column = Column::new(name);
    let mut best: Option<Vec<Figure>> = None;
    for _ in 0..ROUNDS {
        let figures = repository.restore().and_then(|()| way(repository));
        match figures {
            Ok(figures) => {
                let is_better = best
                    .as_ref()
                    .is_none_or(|best| time_of(&figures) < time_of(best));
                if is_better {
                    best = Some(figures);
                }
            }
            Err(error) => {
                column.take(name, Err(error));
                break;
            }
        }
    }
    if let Some(figures) = best {
        column.take(name, Ok(figures));
    }
    column
}

/// The time until the files are changed, which every way has.
fn time_of(figures: &[Figure]) -> f64 {
    figures
        .iter()
        .find_map(|figure| figure.value_in(rows::LANDED))
        .unwrap_or(f64::INFINITY)
}
