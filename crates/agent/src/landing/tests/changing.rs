//! What applying does to files, permissions, folders and checkpoints, and what it says when it cannot.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    time::Duration,
};

use changes::{Base, ChangeKind, Proposal};
use expect_test::expect;

use super::{ConflictPolicy, Fixture, LandingError, tree};
use crate::landing::{self, AppliedFile, CheckpointLimits, Obstacle, RealDisk, Wanted};

#[test]
fn it_tells_what_was_done() {
    let fixture = Fixture::new(&[
        ("changed", "1\n2\n3\n"),
        ("gone", "short\n"),
        ("old", "a\nb\nc\nd\n"),
        ("same", "new\n"),
        ("script", "#!/bin/sh\n"),
        ("both", "yours\n"),
    ]);
    let mut changes = vec![
        fixture.change("changed", Some("1\n2\n3\n"), Some("1\n2\nthree\n")),
        fixture.change("gone", Some("short\n"), None),
        fixture.change("made/here", None, Some("x\n")),
        fixture.change("same", Some("old\n"), Some("new\n")),
        fixture.change("script", Some("#!/bin/sh\n"), Some("*#!/bin/sh\n")),
        fixture.change("both", Some("base\n"), Some("theirs\n")),
        fixture.change("old", Some("a\nb\nc\nd\n"), None),
        fixture.change("renamed", None, Some("a\nb\nc\nd\n")),
    ];
    changes.push(changes[0].clone());
    let landed = fixture.apply(changes).unwrap();
    let file = |name: &str, kind| AppliedFile {
        path: fixture.path(name),
        renamed_from: (kind == ChangeKind::Renamed).then(|| fixture.path("old")),
        kind,
    };
    let expected = [
        file("changed", ChangeKind::Modified),
        file("gone", ChangeKind::Deleted),
        file("made/here", ChangeKind::Created),
        file("renamed", ChangeKind::Renamed),
        file("script", ChangeKind::Mode),
    ];
    assert_eq!(landed.applied, expected);
    assert_eq!(landed.unchanged, [fixture.path("same")]);
    let [conflict] = &landed.conflicts[..] else {
        panic!("{:?}", landed.conflicts)
    };
    assert_eq!(conflict.path, fixture.path("both"));
    expect!["was changed by you in the same lines while the task worked"]
        .assert_eq(&conflict.obstacle.to_string());
    let checkpoint = &landing::checkpoints(&fixture.state_folder()).unwrap()[0];
    assert_eq!(Some(checkpoint.id), landed.checkpoint);
    assert_eq!(
        (checkpoint.title.as_str(), checkpoint.files.len()),
        ("a task", 5)
    );
}

#[test]
fn one_conflict_is_enough_to_change_nothing_if_so_wanted() {
    let mut fixture = Fixture::new(&[("a", "a\n"), ("b", "yours\n")]);
    fixture.conflicts = ConflictPolicy::Refuse;
    let before = fixture.tree();
    let changes = vec![
        fixture.change("a", Some("a\n"), Some("new\n")),
        fixture.change("b", Some("b\n"), Some("new\n")),
    ];
    let landed = fixture.apply(changes).unwrap();
    assert_eq!((landed.applied.len(), landed.conflicts.len()), (0, 1));
    assert_eq!((fixture.tree(), fixture.kept()), (before, vec![]));
}

#[test]
fn a_base_that_nobody_knows_is_not_guessed() {
    let fixture = Fixture::new(&[("a", "yours\n")]);
    let mut change = fixture.change("a", Some("x\n"), Some("theirs\n"));
    change.base = Base::Unknown;
    let landed = fixture.apply(vec![change]).unwrap();
    assert_eq!(landed.conflicts.len(), 1);
    assert_eq!(fixture.read("a"), "yours\n");
}

#[test]
fn a_replaced_file_keeps_its_permissions_but_for_the_changed_bit() {
    let fixture = Fixture::new(&[("private", "old\n"), ("script", "old\n"), ("su", "*old\n")]);
    let mode = |name: &str| fs::metadata(fixture.path(name)).unwrap().mode() & 0o7777;
    fs::set_permissions(fixture.path("private"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(fixture.path("script"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(fixture.path("su"), fs::Permissions::from_mode(0o6755)).unwrap();
    let changes = vec![
        fixture.change("su", Some("*old\n"), Some("*new\n")),
        fixture.change("private", Some("old\n"), Some("new\n")),
        fixture.change("script", Some("old\n"), Some("*new\n")),
    ];
    fixture.apply(changes).unwrap();
    assert_eq!((mode("private"), mode("script")), (0o600, 0o750));
    // It does not run as somebody else because the old one did.
    assert_eq!(mode("su"), 0o755);
    // A private file that is made again is as private as it was.
    fixture
        .apply(vec![fixture.change("private", Some("new\n"), None)])
        .unwrap();
    fixture.undo(Wanted::Last).unwrap();
    assert_eq!(
        (mode("private"), fixture.read("private").as_str()),
        (0o600, "new\n")
    );
}

#[test]
fn another_name_of_a_file_keeps_the_old_content_and_that_is_told() {
    let fixture = Fixture::new(&[("a", "old\n")]);
    fs::hard_link(fixture.path("a"), fixture.path("b")).unwrap();
    let landed = fixture
        .apply(vec![fixture.change("a", Some("old\n"), Some("new\n"))])
        .unwrap();
    let notes: Vec<String> = landed
        .notes
        .iter()
        .map(|note| fixture.message(note))
        .collect();
    assert_eq!(
        notes,
        ["w/a had another name (a hard link), which keeps the old content"]
    );
    assert_eq!(fixture.tree(), tree(&[("a", "new\n"), ("b", "old\n")]));
}

#[test]
fn a_file_that_is_read_only_is_left() {
    let fixture = Fixture::new(&[("a", "old\n")]);
    fs::set_permissions(fixture.path("a"), fs::Permissions::from_mode(0o444)).unwrap();
    let landed = fixture
        .apply(vec![fixture.change("a", Some("old\n"), Some("new\n"))])
        .unwrap();
    assert_eq!(landed.conflicts[0].obstacle, Obstacle::ReadOnly);
    assert_eq!(fixture.read("a"), "old\n");
}

#[test]
fn folders_come_and_go_with_their_files() {
    let fixture = Fixture::new(&[
        ("a/b/c", "c\n"),
        ("keep/x", "x\n"),
        ("keep/y", "y\n"),
        ("f", "f\n"),
    ]);
    let before = fixture.tree();
    let changes = vec![
        fixture.change("a/b/c", Some("c\n"), None),
        fixture.change("a", None, Some("a file now\n")),
        fixture.change("f", Some("f\n"), None),
        fixture.change("f/g/h", None, Some("below what was a file\n")),
        fixture.change("keep/x", Some("x\n"), None),
    ];
    fixture.apply(changes).unwrap();
    let expected = [
        ("a", "a file now\n"),
        ("f/", ""),
        ("f/g/", ""),
        ("f/g/h", "below what was a file\n"),
        ("keep/", ""),
        ("keep/y", "y\n"),
    ];
    assert_eq!(fixture.tree(), tree(&expected));
    fixture.undo(Wanted::Last).unwrap();
    assert_eq!(fixture.tree(), before);
}

#[test]
fn what_is_in_the_way_is_left_together_with_what_depends_on_it() {
    let fixture = Fixture::new(&[
        ("a/b", "b\n"),
        ("a/ignored", "the user's\n"),
        ("f", "changed by the user\n"),
        ("other", "old\n"),
    ]);
    let changes = vec![
        fixture.change("a/b", Some("b\n"), None),
        // There is more in the folder than the task knew.
        fixture.change("a", None, Some("a file now\n")),
        // The file cannot go, so there can be no folder.
        fixture.change("f", Some("f\n"), None),
        fixture.change("f/g", None, Some("g\n")),
        fixture.change("other", Some("old\n"), Some("new\n")),
    ];
    let landed = fixture.apply(changes).unwrap();
    let conflicts: Vec<String> = landed
        .conflicts
        .iter()
        .map(|conflict| {
            let name = fixture.message(&conflict.path.display());
            format!("{name} {}\n", fixture.message(&conflict.obstacle))
        })
        .collect();
    expect![[r#"
        w/a cannot be written: w/a is in the way
        w/f was changed by you, and the task deleted it
        w/f/g cannot be written: w/f is in the way
    "#]]
    .assert_eq(&conflicts.concat());
    let expected = [
        ("a/", ""),
        ("a/ignored", "the user's\n"),
        ("f", "changed by the user\n"),
        ("other", "new\n"),
    ];
    assert_eq!(fixture.tree(), tree(&expected));
}

#[test]
fn a_device_or_a_folder_in_a_files_place_is_left() {
    let fixture = Fixture::new(&[("folder/x", "x\n")]);
    let landed = fixture
        .apply(vec![fixture.change(
            "folder",
            Some("file\n"),
            Some("new\n"),
        )])
        .unwrap();
    expect!["cannot be written: w/folder is in the way"]
        .assert_eq(&fixture.message(&landed.conflicts[0].obstacle));
    assert_eq!(fixture.read("folder/x"), "x\n");
}

#[test]
fn names_and_contents_may_be_any_bytes() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, sync::Arc};

    let fixture = Fixture::new(&[]);
    let mut change = fixture.change("x", None, Some("*"));
    change.path = fixture.path("").join(OsStr::from_bytes(b"\xff\n\"name"));
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    change.after.as_mut().unwrap().content = changes::Content::Bytes(Arc::from(bytes.as_slice()));
    let path = change.path.clone();
    fixture.apply(vec![change]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert_eq!(
        landing::checkpoints(&fixture.state_folder()).unwrap()[0].files[0].path,
        path
    );
    fixture.undo(Wanted::Last).unwrap();
    assert!(!path.exists());
}

#[test]
fn a_folder_that_has_vanished_is_told() {
    let fixture = Fixture::new(&[]);
    fs::remove_dir(fixture.path("")).unwrap();
    let error = fixture
        .apply(vec![fixture.change("a", None, Some("new\n"))])
        .unwrap_err();
    expect!["the folder w is not there; nothing was changed. Put it back and try again"]
        .assert_eq(&fixture.message(&error));
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told_before_anything_changes() {
    let fixture = Fixture::new(&[("../state", "a file\n"), ("a", "old\n")]);
    let change = fixture.change("a", Some("old\n"), Some("new\n"));
    let error = fixture.apply(vec![change]).unwrap_err();
    assert!(matches!(error, LandingError::Keep { .. }), "{error}");
    assert_eq!(fixture.tree(), tree(&[("a", "old\n")]));
}

#[test]
fn a_journal_of_another_version_stops_everything() {
    let fixture = Fixture::new(&[
        ("../state/checkpoints/journal", "{\"format\": 7}"),
        ("a", "old\n"),
    ]);
    let change = fixture.change("a", Some("old\n"), Some("new\n"));
    let error = fixture.apply(vec![change]).unwrap_err();
    expect!["state/checkpoints/journal says that a change of files was interrupted, but cannot be used: it was written by another version (format 7). Nothing was changed; use the version that wrote it, or look at your files and then remove the journal"]
        .assert_eq(&fixture.message(&error));
    assert!(fixture.recover().is_err());
    assert_eq!(fixture.tree(), tree(&[("a", "old\n")]));
}

#[test]
fn checkpoints_are_for_their_owner_alone_and_within_bounds() {
    let fixture = Fixture::new(&[]);
    let mut ids = Vec::new();
    for number in 0..6 {
        let change = fixture.change(&number.to_string(), None, Some(&"x".repeat(10_000)));
        let limits = match number {
            5 => CheckpointLimits {
                bytes: 25_000,
                ..Default::default()
            },
            _ => CheckpointLimits {
                count: 4,
                ..Default::default()
            },
        };
        let proposal = Proposal::new(vec![change]);
        let landed = fixture
            .with_options(|options| {
                landing::apply(&proposal, &landing::LandingOptions { limits, ..*options })
            })
            .unwrap();
        ids.push(landed.checkpoint.unwrap());
        let kept = landing::checkpoints(&fixture.state_folder()).unwrap();
        let kept: Vec<_> = kept.iter().rev().map(|checkpoint| checkpoint.id).collect();
        let first = match number {
            5 => 4,
            _ => ids.len().saturating_sub(4),
        };
        assert_eq!(kept, ids[first..], "{number}");
    }
    let folder = fixture.state_folder().join("checkpoints");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let newest = folder.join(ids[5].to_string());
    assert_eq!(
        (mode(&newest), mode(&newest.join("contents"))),
        (0o700, 0o600)
    );
    // The one just taken stays, even if nothing at all may be kept.
    let limits = CheckpointLimits {
        age: Duration::ZERO,
        count: 0,
        bytes: 0,
    };
    let proposal = Proposal::new(vec![fixture.change("last", None, Some("x"))]);
    fixture
        .with_options(|options| {
            landing::apply(&proposal, &landing::LandingOptions { limits, ..*options })
        })
        .unwrap();
    assert_eq!(fixture.kept().len(), 1);
}

#[test]
fn a_folder_that_becomes_a_link_meanwhile_is_not_followed() {
    let fixture = Fixture::new(&[("src/a", "old\n"), ("../outside/a", "old\n")]);
    let swapped = std::sync::Once::new();
    let disk = super::WatchedDisk::new(|_, operation: &str| {
        // The file is staged; now its folder becomes a link to one that looks just the same.
        if operation == "exchange" {
            swapped.call_once(|| {
                fs::rename(fixture.path("src"), fixture.path("moved")).unwrap();
                symlink("../outside", fixture.path("src")).unwrap();
            });
        }
        super::Decision::Proceed
    });
    let change = fixture.change("src/a", Some("old\n"), Some("new\n"));
    let result = fixture.apply_on(&disk, &Proposal::new(vec![change]));
    assert!(swapped.is_completed());
    assert!(
        result.is_err() || result.as_ref().unwrap().applied.is_empty(),
        "{result:?}"
    );
    assert_eq!(
        fs::read_to_string(fixture.path("../outside/a")).unwrap(),
        "old\n"
    );
    assert_eq!(fixture.read("moved/a"), "old\n");
    assert_eq!(fs::read_dir(fixture.path("../outside")).unwrap().count(), 1);
}

#[test]
fn nothing_to_do_leaves_nothing() {
    let fixture = Fixture::new(&[("a", "new\n")]);
    let landed = fixture
        .apply_on(
            &RealDisk,
            &Proposal::new(vec![fixture.change("a", Some("old\n"), Some("new\n"))]),
        )
        .unwrap();
    assert_eq!((landed.applied, landed.checkpoint), (vec![], None));
    assert_eq!(fixture.kept(), Vec::<String>::new());
}
