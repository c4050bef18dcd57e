//! The probe, and why there are no walls on systems that refuse them.

use std::fs;

use sandbox::{
    Wall,
    confined::{ConfinedProcess, ConfinementError, Step, probe},
};
use tempfile::TempDir;

use crate::{Test, task::Task};

pub(crate) const TESTS: &[Test] = &[
    (
        "the_strongest_wall_is_found_and_nothing_is_left",
        the_strongest_wall_is_found_and_nothing_is_left,
    ),
    (
        "a_failed_start_names_the_step_and_leaves_nothing",
        a_failed_start_names_the_step_and_leaves_nothing,
    ),
    (
        "no_wall_is_no_confined_process",
        no_wall_is_no_confined_process,
    ),
];

fn the_strongest_wall_is_found_and_nothing_is_left() {
    let scratch = TempDir::new().unwrap();
    let found = probe(scratch.path()).unwrap();
    assert_eq!((found.wall, found.refused), (Wall::Overlay, Vec::new()));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

fn a_failed_start_names_the_step_and_leaves_nothing() {
    let mut task = Task::new();
    // The kernel wants both on one file system, and neither in the other.
    task.confinement.overlays[0].work = task.confinement.overlays[0].upper.clone();
    let error = ConfinedProcess::start(&task.confinement).err().unwrap();
    let ConfinementError::Setup(setup) = &error else {
        panic!("{error}");
    };
    assert_eq!((setup.step, setup.errno), (Step::Overlay, 22));
    let text = error.to_string();
    assert!(text.ends_with("(os error 22); the file system of the twins' folder cannot carry an overlay, as network file systems and overlays themselves cannot"), "{text}");
    task.confinement.overlays[0].work = "/no/such/folder".into();
    let text = ConfinedProcess::start(&task.confinement)
        .err()
        .unwrap()
        .to_string();
    assert_eq!(
        text,
        "/no/such/folder could not be opened: No such file or directory (os error 2)"
    );
}

fn no_wall_is_no_confined_process() {
    let task = Task::behind(Wall::None);
    let error = ConfinedProcess::start(&task.confinement).err().unwrap();
    assert!(matches!(error, ConfinementError::NoSuchWall(Wall::None)));
}
