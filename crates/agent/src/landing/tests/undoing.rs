//! Which checkpoint is restored, and what becomes of what was done since.

use expect_test::expect;

use super::{Fixture, LandingError, Wanted, tree};
use crate::landing;

#[test]
fn undoing_again_goes_further_back_and_an_undo_can_be_undone_by_name() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    for (before, after) in [("1\n", "2\n"), ("2\n", "3\n")] {
        fixture
            .apply(vec![fixture.change("a", Some(before), Some(after))])
            .unwrap();
    }
    let first_undo = fixture.undo(Wanted::Last).unwrap();
    assert_eq!(fixture.read("a"), "2\n");
    fixture.undo(Wanted::Last).unwrap();
    assert_eq!(fixture.read("a"), "1\n");
    let error = fixture.undo(Wanted::Last).unwrap_err();
    expect![
        "there is nothing to undo in w; `ropewalk undo --list --all` shows what can be taken back in all folders"
    ]
    .assert_eq(&fixture.message(&error));
    let list: Vec<_> = landing::checkpoints(&fixture.state_folder())
        .unwrap()
        .into_iter()
        .map(|checkpoint| (checkpoint.title, checkpoint.is_undone))
        .collect();
    let expected = [
        ("undo: a task", false),
        ("undo: a task", false),
        ("a task", true),
        ("a task", true),
    ];
    assert_eq!(
        list,
        expected.map(|(title, is_undone)| (title.to_owned(), is_undone))
    );
    // The first undo made 2 of 3; that is now 1, so there is nothing to take back but for the same lines.
    let id = first_undo.checkpoint.unwrap().to_string();
    let again = fixture.undo(Wanted::Id(id)).unwrap();
    assert_eq!((again.applied.len(), again.conflicts.len()), (0, 1));
}

#[test]
fn an_undo_of_an_undo_does_it_again() {
    let fixture = Fixture::new(&[("a", "1\n"), ("b", "gone\n")]);
    let changes = vec![
        fixture.change("a", Some("1\n"), Some("2\n")),
        fixture.change("b", Some("gone\n"), None),
        fixture.change("c/d", None, Some("made\n")),
    ];
    fixture.apply(changes).unwrap();
    let done = fixture.tree();
    let undone = fixture.undo(Wanted::Last).unwrap();
    assert_eq!(fixture.tree(), tree(&[("a", "1\n"), ("b", "gone\n")]));
    fixture
        .undo(Wanted::Id(undone.checkpoint.unwrap().to_string()))
        .unwrap();
    assert_eq!(fixture.tree(), done);
    // The change stands again, so it is what is undone next.
    fixture.undo(Wanted::Last).unwrap();
    assert_eq!(fixture.tree(), tree(&[("a", "1\n"), ("b", "gone\n")]));
}

#[test]
fn what_was_done_since_stays() {
    let lines = "1\n2\n3\n4\n5\n";
    let fixture = Fixture::new(&[("merged", lines), ("conflicting", lines), ("moved", lines)]);
    let changed = "one\n2\n3\n4\n5\n";
    let changes = vec![
        fixture.change("merged", Some(lines), Some(changed)),
        fixture.change("conflicting", Some(lines), Some(changed)),
        fixture.change("made", None, Some("by the task\n")),
        fixture.change("moved", Some(lines), None),
        fixture.change("folder/moved", None, Some(lines)),
    ];
    fixture.apply(changes).unwrap();
    fixture.write("merged", "one\n2\n3\n4\nfive\n");
    fixture.write("conflicting", "ONE\n2\n3\n4\n5\n");
    fixture.write("made", "by the task\nand by the user\n");
    fixture.write("folder/moved", "1\n2\n3\n4\nfive\n");
    fixture.write("folder/own", "the user's\n");
    let undone = fixture.undo(Wanted::Last).unwrap();
    let conflicts: Vec<String> = undone
        .conflicts
        .iter()
        .map(|conflict| fixture.message(&conflict.path.display()))
        .collect();
    assert_eq!(conflicts, ["w/conflicting", "w/made"]);
    let expected = [
        ("conflicting", "ONE\n2\n3\n4\n5\n"),
        ("folder/", ""),
        ("folder/own", "the user's\n"),
        ("made", "by the task\nand by the user\n"),
        ("merged", "1\n2\n3\n4\nfive\n"),
        ("moved", "1\n2\n3\n4\nfive\n"),
    ];
    assert_eq!(fixture.tree(), tree(&expected));
}

#[test]
fn a_checkpoint_is_named_by_the_beginning_of_its_id_or_by_its_folder() {
    let fixture = Fixture::new(&[]);
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        let landed = fixture
            .apply(vec![fixture.change(name, None, Some("new\n"))])
            .unwrap();
        ids.push(landed.checkpoint.unwrap().to_string());
    }
    let shared: String = ids[0].chars().take(6).collect();
    let error = fixture.undo(Wanted::Id(shared)).unwrap_err();
    assert!(matches!(&error, LandingError::Ambiguous { candidates, .. } if candidates.len() == 2));
    let error = fixture.undo(Wanted::Id("nothing".into())).unwrap_err();
    expect![
        "there is no checkpoint nothing; `ropewalk undo --list --all` shows those that there are"
    ]
    .assert_eq(&error.to_string());
    let mut elsewhere = Fixture::existing(&fixture.path("..").canonicalize().unwrap());
    elsewhere.folders = vec![fixture.path("../elsewhere")];
    let error = elsewhere.undo(Wanted::Last).unwrap_err();
    assert!(
        matches!(error, LandingError::NothingToUndo { .. }),
        "{error}"
    );
    elsewhere.undo(Wanted::Id(ids[0].clone())).unwrap();
    assert_eq!(fixture.tree(), tree(&[("b", "new\n")]));
}

#[test]
fn a_damaged_checkpoint_changes_nothing() {
    let fixture = Fixture::new(&[("a", "old\n")]);
    let change = fixture.change("a", Some("old\n"), Some("new\n"));
    let id = fixture.apply(vec![change]).unwrap().checkpoint.unwrap();
    let contents = fixture
        .state_folder()
        .join(format!("checkpoints/{id}/contents"));
    std::fs::write(contents, "oId\nnew\n").unwrap();
    let error = fixture.undo(Wanted::Last).unwrap_err();
    assert!(matches!(error, LandingError::Damaged { .. }), "{error}");
    assert_eq!(fixture.read("a"), "new\n");
}
