//! Confined processes: what commands see, what they cannot do, and that nothing outlives their owner.
//!
//! The tests' program is also the confined process, so `main` is its own. As root it runs all tests once more as an
//! ordinary user. `commands` are properties of any way to start commands, with and without walls.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

#[path = "confined/commands.rs"]
mod commands;
#[path = "confined/ends.rs"]
mod ends;
#[path = "confined/excess.rs"]
mod excess;
#[path = "confined/ordinary_user.rs"]
mod ordinary_user;
#[path = "confined/place.rs"]
mod place;
#[path = "confined/probes.rs"]
mod probes;
#[path = "confined/reach.rs"]
mod reach;
#[path = "confined/task.rs"]
mod task;
#[path = "confined/view.rs"]
mod view;

use libtest_mimic::{Arguments, Trial};

/// A test by its name.
type Test = (&'static str, fn());

fn main() -> std::process::ExitCode {
    sandbox::confined::run_if_asked();
    ends::play_a_part_if_asked();
    let arguments = Arguments::from_args();
    let mut trials = commands::trials();
    for (group, tests) in [
        ("view", view::TESTS),
        ("reach", reach::TESTS),
        ("ends", ends::TESTS),
        ("excess", excess::TESTS),
        ("probes", probes::TESTS),
    ] {
        let trial = |(name, test): &Test| {
            let test = *test;
            Trial::test(format!("{group}::{name}"), move || {
                test();
                Ok(())
            })
        };
        trials.extend(tests.iter().map(trial));
    }
    trials.extend(ordinary_user::trial());
    libtest_mimic::run(&arguments, trials).exit_code()
}
