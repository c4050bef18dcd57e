//! A disk that fails at each of its operations in turn, once or from then on.

use fastrand::Rng;

use super::{
    Decision, Disk, Fixture, LandingError, Tree, WatchedDisk,
    model::{self, Side},
};

fn case(seed: u64) -> (Fixture, changes::Proposal) {
    let mut random = Rng::with_seed(seed);
    let before = model::entangled_files(&mut random);
    let after = match random.bool() {
        true => model::edited(&mut random, &before, Side::Task),
        false => model::entangled_files(&mut random),
    };
    let fixture = Fixture::of(&before);
    let proposal = model::proposal(&fixture, &before, &after);
    (fixture, proposal)
}

/// Every third disk cannot swap names.
fn exchanging(seed: u64, operation: &str) -> Decision {
    if seed.is_multiple_of(3) && operation == "exchange" {
        Decision::Unsupported
    } else {
        Decision::Proceed
    }
}

fn sound() -> impl Disk {
    WatchedDisk::new(|_, _: &str| Decision::Proceed)
}

/// The tree after all is done without a fault, and how many operations that takes.
fn undisturbed(seed: u64) -> (Tree, usize) {
    let (fixture, proposal) = case(seed);
    let disk = WatchedDisk::new(|_, operation: &str| exchanging(seed, operation));
    fixture.apply_on(&disk, &proposal).unwrap();
    (fixture.tree(), disk.count())
}

#[test]
fn after_one_failure_all_files_are_as_they_were_or_as_they_shall_be() {
    let mut failures = 0;
    for seed in 0..4 {
        let (done, operations) = undisturbed(seed);
        for fails_at in 0..operations {
            let (fixture, proposal) = case(seed);
            let before = fixture.tree();
            let disk = WatchedDisk::new(|number, operation: &str| {
                if number == fails_at {
                    Decision::Fail
                } else {
                    exchanging(seed, operation)
                }
            });
            let what = format!("seed {seed}, operation {fails_at}");
            match fixture.apply_on(&disk, &proposal) {
                Ok(_) => {}
                Err(LandingError::HalfDone { cause, remains }) => {
                    panic!("{what}: {cause} {remains:?}")
                }
                Err(error) => {
                    assert_eq!(fixture.tree(), before, "{what}: {error}");
                    assert!(
                        error.to_string().contains("the disk failed"),
                        "{what}: {error}"
                    );
                    assert_eq!(fixture.kept(), Vec::<String>::new(), "{what}: {error}");
                    fixture.apply_on(&sound(), &proposal).unwrap();
                    failures += 1;
                }
            }
            fixture.recover().unwrap();
            assert_eq!(fixture.tree(), done, "{what}");
            assert_eq!(fixture.kept().len(), 1, "{what}");
        }
    }
    assert!(100 < failures, "{failures}");
}

#[test]
fn after_a_disk_is_gone_for_good_recovery_makes_it_all_or_nothing() {
    let mut recovered = 0;
    for seed in 0..4 {
        let (done, operations) = undisturbed(seed);
        for fails_at in 0..operations {
            let (fixture, proposal) = case(seed);
            let before = fixture.tree();
            let disk = WatchedDisk::new(|number, operation: &str| {
                if fails_at <= number {
                    Decision::Fail
                } else {
                    exchanging(seed, operation)
                }
            });
            let what = format!("seed {seed}, operation {fails_at}");
            let result = fixture.apply_on(&disk, &proposal);
            recovered += usize::from(fixture.recover().unwrap().is_some());
            let tree = fixture.tree();
            let is_journal_gone = !fixture.kept().iter().any(|name| name == "journal");
            assert!(is_journal_gone, "{what}");
            match result {
                Ok(_) => assert_eq!(tree, done, "{what}"),
                Err(error) => {
                    assert!(tree == before || tree == done, "{what}: {error}: {tree:#?}");
                }
            }
        }
    }
    assert!(100 < recovered, "{recovered}");
}
