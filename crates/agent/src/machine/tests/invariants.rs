//! Many random threads, each judged at every request and at its end. The judgements know nothing of the machine's inside.

use super::simulation::{Chances, Simulation};

fn check(seeds: std::ops::Range<u64>, chances: Chances) {
    for seed in seeds {
        let mut simulation = Simulation::new(seed, chances);
        simulation.run();
    }
}

#[test]
fn threads_in_a_calm_world_keep_every_promise() {
    check(0..60, Chances::default());
}

#[test]
fn threads_with_failing_models_keep_every_promise() {
    let chances = Chances {
        failure: 40,
        ..Chances::default()
    };
    check(1000..1100, chances);
}

#[test]
fn threads_that_are_steered_and_interrupted_keep_every_promise() {
    let chances = Chances {
        failure: 10,
        user: 25,
        ..Chances::default()
    };
    check(2000..2120, chances);
}

#[test]
fn threads_whose_program_is_killed_keep_every_promise() {
    let chances = Chances {
        failure: 10,
        user: 10,
        kill: 6,
        ..Chances::default()
    };
    check(3000..3200, chances);
}

#[test]
fn threads_of_many_windows_keep_every_promise() {
    let chances = Chances {
        failure: 15,
        user: 10,
        kill: 2,
        window: 1_500,
    };
    check(4000..4150, chances);
}
