//! Changes that an editor makes: their checkpoints go back like those of landings on disk, saved or not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use changes::Proposal;

use super::{Fixture, Wanted, state, tree};
use crate::landing::{
    self, Cause, CheckpointLimits, ConflictPolicy, EditedFile, LandingOptions, Obstacle, Refusal,
};

fn options(fixture: &Fixture) -> LandingOptions<'_> {
    LandingOptions {
        state_folder: &fixture.state_folder,
        folders: &fixture.folders,
        exclusions: &fixture.exclusions,
        title: "in the editor",
        thread: Some("a-thread"),
        conflicts: ConflictPolicy::KeepForLater,
        limits: CheckpointLimits::default(),
    }
}

fn edited(fixture: &Fixture, name: &str, before: Option<&str>, after: Option<&str>) -> EditedFile {
    EditedFile {
        path: fixture.path(name),
        renamed_from: None,
        before: before.map(state),
        after: after.map(state),
    }
}

#[test]
fn what_an_editor_saved_is_undone_and_what_it_did_not_save_stays_as_it_is() {
    let fixture = Fixture::new(&[("saved", "1\n"), ("unsaved", "1\n"), ("gone", "text\n")]);
    let files = [
        edited(&fixture, "saved", Some("1\n"), Some("2\n")),
        edited(&fixture, "unsaved", Some("1\n"), Some("2\n")),
        edited(&fixture, "made", None, Some("new\n")),
        edited(&fixture, "gone", Some("text\n"), None),
    ];
    let cause = Cause {
        turn: Some(3),
        undoes: None,
    };
    let id = landing::keep(&files, cause, &options(&fixture)).unwrap();
    let listed = landing::checkpoints(&fixture.state_folder()).unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|checkpoint| (checkpoint.id, checkpoint.thread.as_deref(), checkpoint.turn))
        .collect();
    assert_eq!(told, [(id, Some("a-thread"), Some(3))]);

    fixture.write("saved", "2\n");
    fixture.write("made", "new\n");
    fixture.put("gone", None);
    fixture.undo(Wanted::Last).unwrap();
    let before = tree(&[("gone", "text\n"), ("saved", "1\n"), ("unsaved", "1\n")]);
    assert_eq!(fixture.tree(), before);
}

#[test]
fn the_reversal_is_what_an_undo_would_do() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let files = [edited(&fixture, "a", Some("1\n"), Some("2\n"))];
    landing::keep(&files, Cause::default(), &options(&fixture)).unwrap();
    let (checkpoint, proposal) = landing::reversal(&Wanted::Last, &options(&fixture)).unwrap();
    let expected = fixture.change("a", Some("2\n"), Some("1\n"));
    assert_eq!(proposal.files, [expected]);

    landing::forget(&fixture.state_folder, checkpoint.id).unwrap();
    assert_eq!(landing::checkpoints(&fixture.state_folder()).unwrap(), []);
    assert!(landing::reversal(&Wanted::Last, &options(&fixture)).is_err());
}

#[test]
fn a_survey_says_what_is_there_and_what_may_not_be_changed() {
    let fixture = Fixture::new(&[
        ("a", "1\n"),
        ("locked", "1\n"),
        (".env", "KEY=1\n"),
        ("folder/x", ""),
    ]);
    let locked = fs::Permissions::from_mode(0o444);
    fs::set_permissions(fixture.path("locked"), locked).unwrap();
    let names = ["a", "absent", "locked", ".env", ".agents/note", "folder"];
    let files = names.map(|name| fixture.change(name, Some("0\n"), Some("2\n")));
    let proposal = Proposal {
        files: files.to_vec(),
    };
    let surveyed = landing::survey(&proposal, &options(&fixture)).unwrap();
    let told: Vec<String> = surveyed
        .iter()
        .map(|found| match found {
            Ok(found) => format!(
                "{:?} {}",
                found.current.as_ref().and_then(|state| state.text()),
                found.is_read_only
            ),
            Err(Obstacle::Refused(Refusal::Excluded(_))) => "secret".to_owned(),
            Err(Obstacle::Refused(Refusal::Protected { name })) => (*name).to_owned(),
            Err(Obstacle::InTheWay { .. }) => "in the way".to_owned(),
            Err(other) => other.to_string(),
        })
        .collect();
    let expected = [
        "Some(\"1\\n\") false",
        "None false",
        "Some(\"1\\n\") true",
        "secret",
        ".agents",
        "in the way",
    ];
    assert_eq!(told, expected);
}
