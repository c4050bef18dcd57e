//! Patches against the tools that take them: `git apply` forwards and back, `patch`, and what `git diff`
//! says of the same trees.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use fastrand::Rng;

use super::*;
use crate::random::{
    Tree, change, changed_tree, changes, edited, executable, file, lines, link, tree,
};

#[test]
fn git_makes_of_the_tree_before_the_tree_after_and_back() {
    let mut renames = 0;
    for seed in 0..150 {
        let mut random = Rng::with_seed(seed);
        let before = tree(&mut random);
        let after = changed_tree(&mut random, &before);
        let proposal = Proposal::new(changes(Path::new("/w"), &before, &after));
        renames += proposal
            .files
            .iter()
            .filter(|file| file.renamed_from.is_some())
            .count();
        if proposal.is_empty() {
            assert_eq!((before, proposal.unified_diff(&[])), (after, Vec::new()));
            continue;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let patch = folder.path().join("patch");
        fs::write(&patch, proposal.unified_diff(&["/w".into()])).expect("it is writable");
        let place = folder.path().join("place");
        write_tree(&place, &before);
        for arguments in [&["--check"] as &[_], &[]] {
            assert_taken(&git_apply(&place, arguments, &patch), &patch, seed);
        }
        assert_eq!(read_tree(&place), after, "seed {seed}");
        assert_taken(&git_apply(&place, &["-R"], &patch), &patch, seed);
        let back = [read_tree(&place), before].map(|tree| without_lost_modes(tree, &proposal));
        assert_eq!(back[0], back[1], "seed {seed}");
    }
    assert!(renames > 30, "renames must be tried often: {renames}");
}

#[test]
fn patch_takes_what_is_text() {
    for seed in 0..100 {
        let mut random = Rng::with_seed(seed);
        let mut before = Tree::new();
        let mut after = Tree::new();
        for number in 0..random.usize(1..6) {
            let path = PathBuf::from(format!("folder {}/{number}", random.usize(..2)));
            // GNU patch takes away what becomes empty, so a last line keeps files from that.
            let text = lines(&mut random, 60) + "\nlast";
            if random.usize(..5) > 0 {
                before.insert(path.clone(), file(&text));
            }
            if random.usize(..5) > 0 {
                after.insert(path, file(edited(&mut random, &text, 60) + "\nlast"));
            }
        }
        let proposal = Proposal::new(changes(Path::new("/w"), &before, &after));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let patch = folder.path().join("patch");
        fs::write(&patch, proposal.unified_diff(&["/w".into()])).expect("it is writable");
        let place = folder.path().join("place");
        write_tree(&place, &before);
        let output = Command::new("patch")
            .args(["-p1", "--binary", "--batch", "--input"])
            .arg(&patch)
            .current_dir(&place)
            .output()
            .expect("GNU patch is an oracle of this test: install it and have it in PATH");
        assert_taken(&output, &patch, seed);
        assert_eq!(read_tree(&place), after, "seed {seed}");
    }
}

#[test]
fn every_kind_of_change_as_git_writes_it() {
    let moved = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    check(
        vec![
            change("/w/a/created", None, Some(executable("one\ntwo"))),
            change("/w/a/empty", None, Some(file(""))),
            change("/w/b/deleted", Some(file("gone\n")), None),
            change(
                "/w/b/mode",
                Some(file("same\n")),
                Some(executable("same\n")),
            ),
            change("/w/b/old name", Some(file(moved)), None),
            change(
                "/w/b/new name",
                None,
                Some(executable(moved.replace('5', "five"))),
            ),
            change("/w/c/link", Some(link("old")), Some(link("new"))),
            change("/w/c/retyped", Some(file("text\r\n")), Some(link("text"))),
            change("/w/c/binary\t", Some(file(b"\0")), Some(file(b"\xff"))),
        ],
        expect![[r#"
            diff --git a/a/created b/a/created
            new file mode 100755
            index 000000000000..9ed40b442508
            --- /dev/null
            +++ b/a/created
            @@ -0,0 +1,2 @@
            +one
            +two
            \ No newline at end of file
            diff --git a/a/empty b/a/empty
            new file mode 100644
            index 000000000000..e69de29bb2d1
            diff --git a/b/deleted b/b/deleted
            deleted file mode 100644
            index 286c5f577691..000000000000
            --- a/b/deleted
            +++ /dev/null
            @@ -1 +0,0 @@
            -gone
            diff --git a/b/mode b/b/mode
            old mode 100644
            new mode 100755
            diff --git a/b/old name b/b/new name
            old mode 100644
            new mode 100755
            similarity index 76%
            rename from b/old name
            rename to b/new name
            index 07193989308c..4c5701d77528
            --- a/b/old name	
            +++ b/b/new name	
            @@ -2,7 +2,7 @@
             2
             3
             4
            -5
            +five
             6
             7
             8
            diff --git "a/c/binary\t" "b/c/binary\t"
            index f76dd238ade08917e6712764a16a22005a50573d..ce542efaa5124a0437f0c4db329d7ec4b7ba70a7 100644
            GIT binary patch
            literal 1
            Ic%1tW0096200000

            literal 1
            Ic${MZ000310RR91

            diff --git a/c/link b/c/link
            index 489ce0f857e7..3e5126c4e761 120000
            --- a/c/link
            +++ b/c/link
            @@ -1 +1 @@
            -old
            \ No newline at end of file
            +new
            \ No newline at end of file
            diff --git a/c/retyped b/c/retyped
            deleted file mode 100644
            index fdc74c104b1b..000000000000
            --- a/c/retyped
            +++ /dev/null
            @@ -1 +0,0 @@
            -text<CR>
            diff --git a/c/retyped b/c/retyped
            new file mode 120000
            index 000000000000..f3a34851d44d
            --- /dev/null
            +++ b/c/retyped
            @@ -0,0 +1 @@
            +text
            \ No newline at end of file
        "#]],
    );
}

#[test]
fn what_cannot_be_in_a_patch_is_said_in_it() {
    let unknown = FileChange {
        base: Base::Unknown,
        ..change("/w/a\n--- a", None, Some(file("x")))
    };
    check(
        vec![unknown, change("/w/b", None, Some(file("x\n")))],
        expect![[r##"
            # "a\n--- a" is not in this patch: it changed while the task worked, and what the task started from is not known
            diff --git a/b b/b
            new file mode 100644
            index 000000000000..587be6b4c3f9
            --- /dev/null
            +++ b/b
            @@ -0,0 +1 @@
            +x
        "##]],
    );
}

#[test]
fn paths_are_below_the_folder_or_what_several_have_in_common() {
    let proposal = Proposal::new(vec![change("/home/u/one/src/a", None, Some(file("x\n")))]);
    for (folders, root) in [
        (vec!["/home/u/one"], "/home/u/one"),
        (vec!["/home/u/one", "/home/u/two"], "/home/u"),
        (vec!["/home/u/one/src/b"], "/home/u/one/src"),
        (vec!["/srv/one"], "/"),
        (vec![], "/home/u/one/src"),
    ] {
        let folders: Vec<PathBuf> = folders.into_iter().map(PathBuf::from).collect();
        assert_eq!(proposal.diff_root(&folders), Path::new(root), "{folders:?}");
        let below = Path::new("/home/u/one/src/a")
            .strip_prefix(root)
            .expect("it is below");
        let patch = String::from_utf8(proposal.unified_diff(&folders)).expect("it is text");
        assert!(
            patch.contains(&format!("\n+++ b/{}\n", below.display())),
            "{patch}"
        );
    }
    assert_eq!(Proposal::default().diff_root(&[]), Path::new(""));
}

/// That the patch of these changes reads so, and that Git takes it.
#[track_caller]
fn check(files: Vec<FileChange>, expect: Expect) {
    let proposal = Proposal::new(files);
    let patch = proposal.unified_diff(&["/w".into()]);
    expect.assert_eq(&String::from_utf8_lossy(&patch).replace('\r', "<CR>"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sides = |side: fn(&FileChange) -> Option<(&Path, &FileState)>| -> Tree {
        let sides = proposal.files.iter().filter_map(side);
        let below = |path: &Path| path.strip_prefix("/w").expect("it is below").to_owned();
        sides
            .map(|(path, state)| (below(path), state.clone()))
            .collect()
    };
    let place = folder.path().join("place");
    write_tree(
        &place,
        &sides(|file| Some((file.base_path(), file.before()?))),
    );
    let patch_file = folder.path().join("patch");
    fs::write(&patch_file, patch).expect("it is writable");
    assert_taken(&git_apply(&place, &[], &patch_file), &patch_file, 0);
    let known = sides(|file| {
        (file.base != Base::Unknown).then_some((file.path.as_path(), file.after.as_ref()?))
    });
    assert_eq!(read_tree(&place), known);
}

/// Git 2.47 makes a plain file of everything that it creates by taking a deletion back, whatever mode
/// the patch gives (of its own patches too): of these files only the content is compared.
fn without_lost_modes(mut tree: Tree, proposal: &Proposal) -> Tree {
    for change in &proposal.files {
        let path = change.path.strip_prefix("/w").expect("it is below");
        let is_gone = |before: &FileState| {
            let after = change.after.as_ref();
            after.is_none_or(|after| after.is_link() != before.is_link())
        };
        if let Some(state) = tree
            .get_mut(path)
            .filter(|_| change.before().is_some_and(is_gone))
        {
            *state = file(state.content.bytes());
        }
    }
    tree
}

fn write_tree(root: &Path, tree: &Tree) {
    fs::create_dir_all(root).expect("the folder is writable");
    for (path, state) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("it is writable");
        match &state.content {
            Content::Link(target) => symlink(target, &path).expect("the folder is writable"),
            Content::Bytes(bytes) => {
                fs::write(&path, bytes).expect("the folder is writable");
                let mode = if state.is_executable { 0o755 } else { 0o644 };
                let permissions = fs::Permissions::from_mode(mode);
                fs::set_permissions(&path, permissions).expect("it is ours");
            }
        }
    }
}

fn read_tree(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it can be read").path();
            let metadata = path.symlink_metadata().expect("it is there");
            let state = if metadata.is_dir() {
                folders.push(path);
                continue;
            } else if metadata.is_symlink() {
                link(path.read_link().expect("it is a link"))
            } else {
                FileState {
                    is_executable: metadata.permissions().mode() & 0o100 != 0,
                    ..file(fs::read(&path).expect("it can be read"))
                }
            };
            let below = path.strip_prefix(root).expect("it is below the root");
            tree.insert(below.to_owned(), state);
        }
    }
    tree
}

fn git_apply(folder: &Path, arguments: &[&str], patch: &Path) -> Output {
    Command::new("git")
        .arg("apply")
        .args(arguments)
        .arg(patch)
        .current_dir(folder)
        // Neither the user's settings nor a repository around the folder shall matter.
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(
            "GIT_CEILING_DIRECTORIES",
            folder.parent().expect("it is in another folder"),
        )
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH")
}

#[track_caller]
fn assert_taken(output: &Output, patch: &Path, seed: u64) {
    let patch = fs::read(patch).expect("it was written");
    assert!(
        output.status.success(),
        "seed {seed}: {}{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&patch),
    );
}
