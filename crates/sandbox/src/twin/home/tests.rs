//! One twin an id, one owner a twin, and removals that were cut off.

use std::os::unix::fs::symlink;

use super::*;

fn ids(state: &Path) -> Vec<String> {
    entries(state).into_iter().map(|entry| entry.id).collect()
}

#[test]
fn an_id_has_one_twin_and_a_twin_one_owner() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let home = Home::create(state, "one", state).unwrap();
    assert!(matches!(
        Home::create(state, "one", state),
        Err(TwinError::Exists(_))
    ));
    assert!(matches!(Home::open(state, "one"), Err(TwinError::InUse(_))));
    assert!(matches!(
        Home::open(state, "two"),
        Err(TwinError::Missing(_))
    ));
    drop(home);
    Home::open(state, "one").unwrap().remove().unwrap();
    assert_eq!(ids(state), [""; 0]);
    for id in ["", ".", "..", ".lock", "a/b", "a\0b", "ä", &"x".repeat(101)] {
        assert!(
            matches!(Home::create(state, id, state), Err(TwinError::BadId(_))),
            "{id}"
        );
        assert!(
            matches!(Home::open(state, id), Err(TwinError::BadId(_))),
            "{id}"
        );
    }
}

#[test]
fn a_twin_elsewhere_is_found_by_its_link_and_removed_with_it() {
    let (state, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (state, place) = (state.path(), place.path());
    let home = Home::create(state, "one", place).unwrap();
    fs::create_dir(home.path().join("upper")).unwrap();
    assert!(home.path().starts_with(place));
    drop(home);
    // One of a process that was killed before the folder was made.
    symlink(place.join("two-not-yet"), list_folder(state).join("two")).unwrap();
    assert_eq!(ids(state), ["one", "two"]);
    for id in ["one", "two"] {
        Home::open(state, id).unwrap().remove().unwrap();
    }
    assert_eq!(ids(state), [""; 0]);
    assert_eq!(fs::read_dir(place).unwrap().count(), 0);
}

#[test]
fn a_removal_that_was_cut_off_is_finished() {
    let (state, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (state, place) = (state.path(), place.path());
    for (id, place) in [("one", state), ("two", place)] {
        let home = Home::create(state, id, place).unwrap();
        fs::create_dir(home.path().join("upper")).unwrap();
        fs::rename(
            &home.entry,
            list_folder(state).join(format!("{REMOVED}{id}-1")),
        )
        .unwrap();
    }
    assert_eq!(ids(state), [""; 0]);
    finish_removals(state);
    let left = fs::read_dir(list_folder(state)).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".lock"]);
    assert_eq!(fs::read_dir(place).unwrap().count(), 0);
}
