//! What a task does in a twin, told by it; what the user does meanwhile; keeping, taking up, discarding.

use std::fs;

use expect_test::expect;
use libtest_mimic::{Failed, Trial};
use sandbox::{
    Exit, Wall,
    twin::{TwinError, TwinState, UnsavedDocument, leftovers, twins},
};

use crate::place_of_work::{PlaceOfWork, all_files, judge, told};

/// A test with its name, to be run with each wall.
type Test = (&'static str, fn(Wall));

pub(crate) fn trials() -> Vec<Trial> {
    let tests: [Test; 9] = [
        ("changes_are_told", changes_are_told),
        ("unsaved_text_is_the_start", unsaved_text_is_the_start),
        ("secrets_are_not_there", secrets_are_not_there),
        (
            "a_hidden_place_in_the_workspace_is_not_there",
            a_hidden_place_in_the_workspace_is_not_there,
        ),
        (
            "a_repository_beside_its_pointer_is_read_only",
            a_repository_beside_its_pointer_is_read_only,
        ),
        (
            "a_kept_twin_is_taken_up_again",
            a_kept_twin_is_taken_up_again,
        ),
        (
            "a_users_save_is_never_the_start",
            a_users_save_is_never_the_start,
        ),
        (
            "a_tools_edit_of_an_ignored_file_is_told",
            a_tools_edit_of_an_ignored_file_is_told,
        ),
        (
            "a_discarded_twin_leaves_nothing",
            a_discarded_twin_leaves_nothing,
        ),
    ];
    let with_walls = |(name, test): Test| {
        [Wall::Overlay, Wall::OverlaySharedNetwork, Wall::Copy].map(|wall| {
            Trial::test(format!("{name}::{wall:?}"), move || {
                test(wall);
                Ok::<(), Failed>(())
            })
        })
    };
    tests.into_iter().flat_map(with_walls).collect()
}

fn changes_are_told(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let before = all_files(&place.workspace);
    let twin = place.create("one").unwrap();
    assert_eq!(twin.wall(), wall, "{:?}", twin.refused());
    place.run(
        &twin,
        "echo '// more' >> src/main.rs
        chmod -x run.sh
        rm src/lib.rs
        mkdir -p new && echo new > new/file && ln -s file new/link
        echo output > target/output 2>/dev/null || mkdir target
        touch run.sh
        mkfifo pipe",
    );
    let changes = twin.scan(&judge).unwrap();
    expect![[r#"
        new/file: absent -> "new\n"
        new/link: absent -> a link to file
        run.sh: "echo run\n" (executable) -> "echo run\n"
        src/lib.rs: "pub fn one() {}\n" -> gone
        src/main.rs: "fn main() {}\n" -> "fn main() {}\n// more\n"
        pipe is left out because it is a pipe, a socket or a device, and only files and links are taken back
    "#]]
    .assert_eq(&told(&place.workspace, &changes));
    twin.discard().unwrap();
    assert_eq!(all_files(&place.workspace), before);
}

fn unsaved_text_is_the_start(wall: Wall) {
    let mut place = PlaceOfWork::new(wall);
    let document = |path: &str, text: &str| UnsavedDocument {
        path: place.workspace.join(path),
        bytes: text.as_bytes().to_vec(),
    };
    place.documents = vec![
        document("run.sh", "echo unsaved\r\n"),
        document("src/deep/new.rs", "// new\n"),
        document("src/main.rs", "fn main() {} // unsaved\n"),
        document("sub/.env", "PASSWORD=2\n"),
        UnsavedDocument {
            path: "/etc/elsewhere".into(),
            bytes: Vec::new(),
        },
    ];
    let twin = place.create("one").unwrap();
    let seen = place.run(
        &twin,
        "sh ./run.sh; ls -l run.sh | cut -c1-10; cat src/deep/new.rs",
    );
    assert_eq!(seen, "unsaved\r\n-rwxr-xr-x\n// new\n");
    assert_eq!(told(&place.workspace, &twin.scan(&judge).unwrap()), "");
    place.run(&twin, "echo more >> run.sh; rm src/deep/new.rs src/main.rs");
    expect![[r#"
        run.sh: "echo unsaved\r\n" (executable) -> "echo unsaved\r\nmore\n" (executable)
        src/deep/new.rs: "// new\n" -> gone
        src/main.rs: "fn main() {} // unsaved\n" -> gone
    "#]]
    .assert_eq(&told(&place.workspace, &twin.scan(&judge).unwrap()));
}

fn a_hidden_place_in_the_workspace_is_not_there(wall: Wall) {
    let mut place = PlaceOfWork::new(wall);
    place.write("private/notes", "PASSWORD=2\n");
    place.hidden = vec![place.workspace.join("private")];
    let twin = place.create("one").unwrap();
    let hidden = place.workspace.join("private/notes");
    for read in [
        "cat private/notes".to_owned(),
        format!("cat {}", hidden.display()),
    ] {
        let (exit, output) = place.try_to_run(&twin, &read);
        assert_ne!(exit, Exit::Code(0), "{output}");
        assert!(!output.contains("PASSWORD"), "{output}");
    }
    assert_eq!(told(&place.workspace, &twin.scan(&judge).unwrap()), "");
}

/// `git init --separate-git-dir`, and worktrees around a bare repository.
fn a_repository_beside_its_pointer_is_read_only(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    place.write(".git", "gitdir: ./store\n");
    place.write("store/hooks/post-checkout.sample", "");
    let twin = place.create("one").unwrap();
    let text = "echo echo >> store/hooks/post-checkout";
    let (exit, output) = place.try_to_run(&twin, text);
    match wall {
        // It is a copy, which only a proposal leads out of.
        Wall::Copy => assert_eq!(exit, Exit::Code(0), "{output}"),
        _ => assert_ne!(exit, Exit::Code(0), "{output}"),
    }
    assert!(!place.workspace.join("store/hooks/post-checkout").exists());
}

fn secrets_are_not_there(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let twin = place.create("one").unwrap();
    let hidden = place.workspace.join("sub/.env");
    for read in [
        "cat sub/.env".to_owned(),
        format!("cat {}", hidden.display()),
    ] {
        let (exit, output) = place.try_to_run(&twin, &read);
        assert_ne!(exit, Exit::Code(0), "{output}");
        assert!(!output.contains("PASSWORD"), "{output}");
    }
    place.run(
        &twin,
        "mkdir -p sub && echo mine > sub/.env && rm -rf src && mkdir src && echo 1 > src/x",
    );
    expect![[r#"
        src/lib.rs: "pub fn one() {}\n" -> gone
        src/main.rs: "fn main() {}\n" -> gone
        src/x: absent -> "1\n"
        sub/.env is left out because it may hold secrets
    "#]]
    .assert_eq(&told(&place.workspace, &twin.scan(&judge).unwrap()));
}

fn a_kept_twin_is_taken_up_again(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let twin = place.create("one").unwrap();
    place.run(&twin, "echo '// more' >> src/main.rs");
    assert!(matches!(place.open("one"), Err(TwinError::InUse(_))));
    assert_eq!(leftovers(&place.state).len(), 0);
    assert_eq!(twins(&place.state)[0].state, TwinState::InUse);
    twin.keep().unwrap();
    assert_eq!(leftovers(&place.state)[0].state, TwinState::Kept);
    assert!(leftovers(&place.state)[0].may_have_changes());

    // Meanwhile the user goes on: with the file that the task has changed, and with another one.
    place.write("src/main.rs", "fn main() { user() }\n");
    place.write("src/lib.rs", "pub fn two() {}\n");
    let twin = place.open("one").unwrap();
    place.run(&twin, "rm src/lib.rs");
    let of_lib = match wall {
        // The copy has what the user had when it was made.
        Wall::Copy => "unknown",
        _ => r#""pub fn two() {}\n""#,
    };
    let expected = format!(
        r#"src/lib.rs: {of_lib} -> gone
src/main.rs: unknown -> "fn main() {{}}\n// more\n"
"#
    );
    assert_eq!(
        told(&place.workspace, &twin.scan(&judge).unwrap()),
        expected
    );
    assert!(matches!(place.open("other"), Err(TwinError::Missing(_))));
    assert!(matches!(place.create("one"), Err(TwinError::Exists(_))));
}

fn a_users_save_is_never_the_start(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let twin = place.create("one").unwrap();
    place.run(&twin, "cat src/main.rs; echo '// more' >> src/lib.rs");
    twin.note_touched(&judge).unwrap();
    let save = |path: &str, text: &str| {
        place.write("src/unfinished", text);
        let path = place.workspace.join(path);
        fs::rename(place.workspace.join("src/unfinished"), path).unwrap();
    };
    save("src/main.rs", "fn main() { user() }\n");
    save("src/lib.rs", "pub fn user() {}\n");
    place.run(&twin, "echo '// more' >> src/main.rs");
    let told = told(&place.workspace, &twin.scan(&judge).unwrap());
    let mut lines = told.lines();
    assert_eq!(
        lines.next(),
        Some(r#"src/lib.rs: "pub fn one() {}\n" -> "pub fn one() {}\n// more\n""#)
    );
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("src/main.rs: unknown -> "),
        "{told}"
    );
}

fn a_tools_edit_of_an_ignored_file_is_told(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let twin = place.create("one").unwrap();
    for path in ["target/notes", "target/built", "src/main.rs"] {
        twin.keep_base(&place.workspace.join(path)).unwrap();
    }
    place.run(
        &twin,
        "mkdir -p target; for file in target/notes target/built target/other src/main.rs; do echo edited > $file; done",
    );
    let of_built = match wall {
        // It was not copied, so the task has not seen it.
        Wall::Copy => "absent",
        _ => r#""built\n""#,
    };
    let expected = format!(
        r#"src/main.rs: "fn main() {{}}\n" -> "edited\n"
target/built: {of_built} -> "edited\n"
target/notes: absent -> "edited\n"
"#
    );
    assert_eq!(
        told(&place.workspace, &twin.scan(&judge).unwrap()),
        expected
    );
}

fn a_discarded_twin_leaves_nothing(wall: Wall) {
    let place = PlaceOfWork::new(wall);
    let twin = place.create("one").unwrap();
    place.run(
        &twin,
        "mkdir -p a/b; echo x > a/b/c; chmod 000 a/b; chmod 500 a; sleep 1000 &",
    );
    twin.discard().unwrap();
    assert_eq!(twins(&place.state).len(), 0);
    let left: Vec<_> = fs::read_dir(place.state.join("twins"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [".lock"]);
}
