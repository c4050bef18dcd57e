//! What the thread of a landing finds: open documents over the disk, and checkpoints that bring it back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use tempfile::TempDir;
use text::Text;
use workspace::{Document, Workspace};

use super::*;

struct Fixture {
    around: TempDir,
    workspace: Workspace,
    out_of_step: FxHashSet<PathBuf>,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let around = tempfile::tempdir().unwrap();
        let folder = around.path().join("w");
        fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut workspace = Workspace::new(&ExclusionOptions::default()).unwrap();
        workspace.add_folder(&folder).unwrap();
        Self {
            around,
            workspace,
            out_of_step: FxHashSet::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.around.path().join("w").join(name)
    }

    fn open(&mut self, name: &str, text: &str) {
        self.workspace.open_document(Document {
            path: self.path(name),
            text: Text::from(text),
            version: 1,
            language_id: String::new(),
        });
    }

    fn run(&mut self, aim: Aim) -> Planned {
        let job = LandingJob {
            aim,
            snapshot: self.workspace.snapshot(),
            out_of_step: self.out_of_step.clone(),
            exclusions: ExclusionOptions::default(),
            state_folder: self.around.path().join("state"),
            keep_days: 30,
            title: "a task".to_owned(),
            thread: Some("thread".to_owned()),
            turn: Some(1),
        };
        job.run().unwrap()
    }

    fn apply(&mut self, changes: &[(&str, Option<&str>, Option<&str>)]) -> Planned {
        let files = changes.iter().map(|(name, base, after)| FileChange {
            path: self.path(name),
            renamed_from: None,
            base: base.map_or(Base::Absent, |text| Base::Known(state(text))),
            after: after.map(state),
        });
        let files = files.collect();
        self.run(Aim::Apply(Proposal { files }))
    }
}

fn state(text: &str) -> FileState {
    FileState {
        content: Content::Bytes(Arc::from(text.as_bytes())),
        is_executable: false,
    }
}

/// The files to deliver: name, before, after.
fn told(planned: &Planned) -> Vec<(String, Option<String>, Option<String>)> {
    let text = |state: &Option<FileState>| {
        state
            .as_ref()
            .and_then(|state| state.text())
            .map(str::to_owned)
    };
    let files = planned.plan.files.iter().map(|file| {
        let name = file
            .path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        (name, text(&file.before), text(&file.after))
    });
    files.collect()
}

fn entry(
    name: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> (String, Option<String>, Option<String>) {
    (
        name.to_owned(),
        before.map(str::to_owned),
        after.map(str::to_owned),
    )
}

#[test]
fn unsaved_text_is_what_is_merged_with_and_the_executable_bit_is_the_disks() {
    let mut fixture = Fixture::new(&[("a", "1\n2\n3\n"), ("closed", "1\n")]);
    fs::set_permissions(fixture.path("a"), fs::Permissions::from_mode(0o755)).unwrap();
    fixture.open("a", "1\n2\n3\ntyped\n");
    let planned = fixture.apply(&[
        ("a", Some("1\n2\n3\n"), Some("one\n2\n3\n")),
        ("closed", Some("1\n"), Some("2\n")),
        ("made", None, Some("new\n")),
    ]);
    let expected = [
        entry("a", Some("1\n2\n3\ntyped\n"), Some("one\n2\n3\ntyped\n")),
        entry("closed", Some("1\n"), Some("2\n")),
        entry("made", None, Some("new\n")),
    ];
    assert_eq!((told(&planned), planned.hunk_count), (expected.to_vec(), 3));
    let after = planned.plan.files[0].after.as_ref().unwrap();
    assert!(after.is_executable);
}

#[test]
fn a_checkpoint_brings_back_unsaved_text_merged_with_what_was_typed_since() {
    let mut fixture = Fixture::new(&[("a", "1\n2\n3\n")]);
    fixture.open("a", "1\n2\n3\nunsaved\n");
    let landed = fixture.apply(&[
        ("a", Some("1\n2\n3\n"), Some("one\n2\n3\n")),
        ("made", None, Some("new\n")),
    ]);
    let id = landed.checkpoint.unwrap().to_string();
    fixture.open("a", "one\n2\n3\nunsaved\nsince\n");
    fixture.open("made", "new\n");
    let restored = fixture.run(Aim::Restore(Wanted::Id(id.clone())));
    let before = "one\n2\n3\nunsaved\nsince\n";
    let after = "1\n2\n3\nunsaved\nsince\n";
    let expected = [
        entry("a", Some(before), Some(after)),
        entry("made", Some("new\n"), None),
    ];
    assert_eq!(told(&restored), expected);

    // Restored is itself undone.
    fixture.open("a", after);
    fixture.workspace.close_document(&fixture.path("made"));
    let again = restored.checkpoint.unwrap().to_string();
    let again = fixture.run(Aim::Restore(Wanted::Id(again)));
    let expected = [
        entry("a", Some(after), Some(before)),
        entry("made", None, Some("new\n")),
    ];
    assert_eq!(told(&again), expected);

    let folders = [fixture.around.path().join("w")];
    let list = checkpoint_list(&fixture.around.path().join("state"), &folders).unwrap();
    let titles: Vec<_> = list
        .iter()
        .map(|one| (one.title.as_str(), one.is_undone))
        .collect();
    // The last takes the second back, so the first stands again.
    let expected = [
        ("undo: undo: a task", false),
        ("undo: a task", true),
        ("a task", false),
    ];
    assert_eq!(titles, expected);
}

#[test]
fn a_file_that_the_turn_made_and_the_user_went_on_with_stays() {
    let mut fixture = Fixture::new(&[]);
    let landed = fixture.apply(&[("made", None, Some("new\n"))]);
    fixture.open("made", "new\nand mine\n");
    let id = landed.checkpoint.unwrap().to_string();
    let restored = fixture.run(Aim::Restore(Wanted::Id(id)));
    assert_eq!(
        (told(&restored), restored.plan.whole_files.len()),
        (vec![], 1)
    );
}

#[test]
fn what_cannot_be_known_or_written_is_left_alone() {
    let mut fixture = Fixture::new(&[("a", "1\n"), ("locked", "1\n")]);
    fs::set_permissions(fixture.path("locked"), fs::Permissions::from_mode(0o444)).unwrap();
    fixture.open("a", "1\n");
    fixture.out_of_step.insert(fixture.path("a"));
    let change = (Some("1\n"), Some("2\n"));
    let planned = fixture.apply(&[
        ("a", change.0, change.1),
        ("locked", change.0, change.1),
        (".env", None, change.1),
    ]);
    let names: Vec<_> = planned
        .plan
        .refused
        .iter()
        .map(|(path, _)| path.clone())
        .collect();
    let expected = ["a", "locked", ".env"].map(|name| fixture.path(name));
    assert_eq!((names, planned.checkpoint), (expected.to_vec(), None));
}

#[test]
fn taking_the_tasks_version_of_a_file_replaces_what_is_there() {
    let mut fixture = Fixture::new(&[("a", "mine\n")]);
    let file = WholeFile {
        path: fixture.path("a"),
        renamed_from: None,
        reason: changes::ConflictReason::DeletedByTask,
        proposed: None,
    };
    let planned = fixture.run(Aim::Take(file));
    assert_eq!(told(&planned), [entry("a", Some("mine\n"), None)]);
}
