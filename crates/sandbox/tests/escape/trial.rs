//! A trial: one case, one user, one wall or none.

use std::{
    os::{fd::AsRawFd, unix::process::CommandExt},
    process::Stdio,
    sync::Arc,
};

use libtest_mimic::{Failed, Trial};
use sandbox::Wall;

use crate::{
    case::Case,
    cases, machine,
    place::{NOBODY, Place, User},
    scene::{ABSENT, Scene},
    server::{self, MADE},
};

/// Every case with every wall and every user that there are here, and each once without a wall.
pub(crate) fn all(place: &Arc<Place>) -> Vec<Trial> {
    let mut trials = vec![Trial::test("there are enough cases", enough_cases)];
    for user in User::all() {
        let walls = machine::walls(user, place.path());
        for case in cases::all() {
            if case.succeeds_without_walls(user) {
                trials.push(trial(place, case, user, Wall::None));
            }
            let held = walls.iter().filter(|wall| case.must_be_held_by(**wall));
            trials.extend(held.map(|wall| trial(place, case, user, *wall)));
        }
    }
    trials
}

fn enough_cases() -> Result<(), Failed> {
    let mut names: Vec<_> = cases::all().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two cases have one name");
    assert!(count >= 60, "{count}");
    Ok(())
}

fn trial(place: &Arc<Place>, case: &'static Case, user: User, wall: Wall) -> Trial {
    let place = place.clone();
    let name = format!("{} ({user:?}, {wall:?})", case.name);
    Trial::test(name, move || {
        let (printed, effects) = attempt(&place, case, user, wall);
        match wall {
            Wall::None => {
                // What the kernel does not have cannot be attempted.
                let is_absent = printed.contains(ABSENT);
                let has_succeeded = effects.iter().any(|(effect, _)| *effect == case.effect);
                assert!(
                    is_absent || has_succeeded,
                    "no real attempt: {effects:?}\n{printed}"
                );
            }
            _ => {
                assert!(effects.is_empty(), "{effects:#?}\n{printed}");
                assert!(printed.contains(MADE), "it was not made: {printed}");
            }
        }
        Ok(())
    })
}

/// Makes the attempt; what the server printed, and what was noticed.
fn attempt(
    place: &Place,
    case: &Case,
    user: User,
    wall: Wall,
) -> (String, Vec<(crate::case::Effect, String)>) {
    let mut scene = Scene::prepare(place, user);
    let variables = scene.variables();
    let exports = variables
        .iter()
        .map(|(name, value)| format!("export {name}='{value}'; "));
    // In a shell of its own, so that what comes after it is printed whatever it does.
    let text = format!("{}(\n{}\n)", exports.collect::<String>(), case.text);
    let mut command = server::command(&place.program(), wall, scene.root(), &text);
    command.envs(variables).stdin(Stdio::null());
    if user == User::Nobody {
        command.uid(NOBODY).gid(NOBODY);
    }
    let terminal = scene.terminal.line.as_raw_fd();
    // SAFETY: two system calls on a descriptor that the scene keeps open.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            match libc::ioctl(terminal, libc::TIOCSCTTY, 0) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || output.status.code().is_none(),
        "the server failed: {errors}"
    );
    let effects = scene.effects(&output);
    let printed = String::from_utf8_lossy(&output.stdout);
    (format!("{printed}{errors}"), effects)
}
