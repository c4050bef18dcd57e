//! A disk that fails at each of its operations in turn, once or from then on.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use expect_test::expect;
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
        Decision::Refuse(io::ErrorKind::Unsupported)
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

/// What is said when the system refuses one kind of operation.
fn refusal(kind: io::ErrorKind, refused: &str) -> String {
    let fixture = Fixture::new(&[("a", "old\n"), ("b", "old\n")]);
    let before = fixture.tree();
    let changes = ["a", "b"].map(|name| fixture.change(name, Some("old\n"), Some("new\n")));
    let written = AtomicUsize::new(0);
    let disk = WatchedDisk::new(|_, operation: &str| {
        let earlier = match operation {
            "write_new" => written.fetch_add(1, Ordering::Relaxed),
            _ => written.load(Ordering::Relaxed),
        };
        // The first three files are the checkpoint's and the journal.
        if 3 <= earlier && operation == refused {
            Decision::Refuse(kind)
        } else {
            Decision::Proceed
        }
    });
    let result = fixture.apply_on(&disk, &changes::Proposal::new(changes.to_vec()));
    assert_eq!(fixture.tree(), before);
    fixture.message(&result.unwrap_err())
}

#[test]
fn what_the_system_refuses_is_told_with_what_can_be_done() {
    expect!["cannot change w/a: no storage space (free some space and try again). All files are as they were"]
        .assert_eq(&refusal(io::ErrorKind::StorageFull, "write_new"));
    expect!["cannot change w/a: read-only filesystem or storage medium (it is on a file system that is read-only). All files are as they were"]
        .assert_eq(&refusal(io::ErrorKind::ReadOnlyFilesystem, "write_new"));
    expect!["cannot change w/a: permission denied (its folder may not be written by you). All files are as they were"]
        .assert_eq(&refusal(io::ErrorKind::PermissionDenied, "exchange"));
}

#[test]
fn what_cannot_be_taken_back_is_told_with_where_it_is() {
    let fixture = Fixture::new(&[("a", "old a\n"), ("b", "old b\n")]);
    let before = fixture.tree();
    let changes = ["a", "b"].map(|name| {
        let old = format!("old {name}\n");
        fixture.change(name, Some(&old), Some("new\n"))
    });
    let exchanges = AtomicUsize::new(0);
    let disk = WatchedDisk::new(|_, operation: &str| {
        let is_first = || exchanges.fetch_add(1, Ordering::Relaxed) == 0;
        if operation == "exchange" && !is_first() {
            Decision::Fail
        } else {
            Decision::Proceed
        }
    });
    let error = fixture
        .apply_on(&disk, &changes::Proposal::new(changes.to_vec()))
        .unwrap_err();
    let message = fixture.message(&error);
    let names = fixture.tree();
    let own_name = names.keys().find(|name| names[*name] == "old a\n").unwrap();
    expect![[r#"
        cannot change w/b: the disk failed; and what was done before could not all be taken back:
        - w/a is not yet as it was (the disk failed); what was there is w/OWN now; ropewalk tries again when it is started the next time"#]]
    .assert_eq(&message.replace(own_name, "OWN"));
    fixture.recover().unwrap();
    assert_eq!(fixture.tree(), before);
}
