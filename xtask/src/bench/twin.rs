//! `cargo xtask bench twin`: what a twin of a large repository costs, beside the other ways to work apart.
//!
//! Our figures come from the real program: `ropewalk debug twins`, and eight `ropewalk exec` at once. The others are
//! programs of the machine, measured in the same run on the same repository.

mod memory;
mod ours;
mod peers;
mod repository;
mod rows;

use std::path::{Path, PathBuf};

use crate::project::{self, Profile};

use super::figures::{Column, Figure};
use super::{corpus, report};

/// What the measurements work with.
struct Stage {
    /// A committed repository of many files.
    repository: PathBuf,
    /// For what a measurement makes; empty between them.
    scratch: PathBuf,
}

/// A name of what is measured, and how.
type Measurement<'a> = (&'a str, &'a dyn Fn() -> anyhow::Result<Vec<Figure>>);

/// Measures our build and the other ways.
pub(super) fn run(json: Option<&Path>) -> anyhow::Result<()> {
    let program = project::build_server(Profile::Release)?;
    let folder = project::root().join("target/bench/twin");
    let stage = Stage {
        repository: repository::prepare(&folder.join("repository"), &corpus::files()?)?,
        scratch: folder.join("scratch"),
    };
    let stage = &stage;
    let program = program.as_path();
    let columns = [
        measure(
            "ropewalk",
            &[
                ("twins", &|| ours::twins(stage, program)),
                ("eight in one program", &|| {
                    ours::eight_in_one(stage, program)
                }),
                ("eight programs", &|| ours::eight_programs(stage, program)),
            ],
        ),
        measure("git worktree", &[("add", &|| peers::worktree(stage))]),
        measure("copy", &[("cp -r --reflink=auto", &|| peers::copy(stage))]),
        measure("bwrap", &[("true", &|| peers::bubblewrap(stage))]),
    ];
    report(rows::ALL, &columns, json)
}

/// Takes all figures of one column; what fails is noted beside them.
fn measure(name: &str, measurements: &[Measurement<'_>]) -> Column {
    let mut column = Column::new(name);
    for (what, measurement) in measurements {
        eprintln!("{name}: {what} ...");
        column.take(what, measurement());
    }
    column
}
