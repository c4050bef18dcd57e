//! Seeded random files, edits and trees for the property tests, with all that goes wrong in them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::{Base, Content, FileChange, FileState};

/// Files by their path below a root.
pub(crate) type Tree = BTreeMap<PathBuf, FileState>;

/// A regular file that is not executable.
pub(crate) fn file(content: impl AsRef<[u8]>) -> FileState {
    FileState {
        content: Content::Bytes(content.as_ref().into()),
        is_executable: false,
    }
}

/// A regular file that is executable.
pub(crate) fn executable(content: impl AsRef<[u8]>) -> FileState {
    FileState {
        is_executable: true,
        ..file(content)
    }
}

/// A symbolic link.
pub(crate) fn link(target: impl Into<PathBuf>) -> FileState {
    FileState {
        content: Content::Link(target.into()),
        is_executable: false,
    }
}

/// The change of one path.
pub(crate) fn change(
    path: impl Into<PathBuf>,
    before: Option<FileState>,
    after: Option<FileState>,
) -> FileChange {
    FileChange {
        path: path.into(),
        renamed_from: None,
        base: before.map_or(Base::Absent, Base::Known),
        after,
    }
}

/// One of `values`.
pub(crate) fn pick<Value: Clone>(random: &mut Rng, values: &[Value]) -> Value {
    values[random.usize(..values.len())].clone()
}

/// Up to 25 lines of which about `kinds` are different, with one kind of line break and sometimes no
/// last one.
pub(crate) fn lines(random: &mut Rng, kinds: usize) -> String {
    let end = pick(random, &["\n", "\n", "\r\n"]);
    let mut text: String = (0..random.usize(..25))
        .map(|_| format!("line {}{end}", random.usize(..kinds)))
        .collect();
    if random.usize(..5) == 0 {
        text.truncate(text.trim_end().len());
    }
    text
}

/// `base` with up to three changes of lines, sometimes of the line breaks.
pub(crate) fn edited(random: &mut Rng, base: &str, kinds: usize) -> String {
    let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
    let end = if base.contains("\r\n") { "\r\n" } else { "\n" };
    for _ in 0..random.usize(..4) {
        let start = random.usize(..=lines.len());
        let stop = (start + random.usize(..3)).min(lines.len());
        let new: Vec<String> = (0..random.usize(..3))
            .map(|_| format!("line {}{end}", random.usize(..kinds + 3)))
            .collect();
        lines.splice(start..stop, new);
    }
    let mut text = lines.concat();
    match random.usize(..12) {
        0 => text.truncate(text.trim_end().len()),
        1 => text = text.replace("\r\n", "\n"),
        _ => {}
    }
    text
}

/// A tree of up to a dozen files of every kind, with odd names.
pub(crate) fn tree(random: &mut Rng) -> Tree {
    let mut tree = Tree::new();
    for _ in 0..random.usize(..12) {
        add(random, &mut tree);
    }
    tree
}

/// `tree` with some files created, changed, moved, deleted, made executable, and replaced by folders
/// or by files of another kind.
pub(crate) fn changed_tree(random: &mut Rng, tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    for _ in 0..random.usize(1..8) {
        let paths: Vec<PathBuf> = tree.keys().cloned().collect();
        if paths.is_empty() || random.usize(..4) == 0 {
            add(random, &mut tree);
            continue;
        }
        let path = pick(random, &paths);
        let state = tree.remove(&path).expect("it was there");
        match random.usize(..6) {
            0 => {}
            1 => insert(&mut tree, path, toggled(state)),
            2 => insert(&mut tree, path, any_state(random)),
            3 => insert(&mut tree, any_path(random), edited_state(random, state)),
            4 => insert(&mut tree, path.join("within"), state),
            _ => insert(&mut tree, path, edited_state(random, state)),
        }
    }
    tree
}

/// The changes that make `before`, below `root`, into `after`.
pub(crate) fn changes(root: &Path, before: &Tree, after: &Tree) -> Vec<FileChange> {
    let paths = before.keys().chain(after.keys());
    let mut changes: Vec<FileChange> = paths
        .map(|path| {
            let (before, after) = (before.get(path), after.get(path));
            change(root.join(path), before.cloned(), after.cloned())
        })
        .collect();
    changes.dedup();
    changes
}

fn add(random: &mut Rng, tree: &mut Tree) {
    let path = any_path(random);
    insert(tree, path, any_state(random));
}

/// Puts a file into the tree; what is in its way goes.
fn insert(tree: &mut Tree, path: PathBuf, state: FileState) {
    tree.retain(|other, _| !other.starts_with(&path) && !path.starts_with(other));
    tree.insert(path, state);
}

fn any_path(random: &mut Rng) -> PathBuf {
    let names: [&[u8]; 16] = [
        b"a",
        b"a",
        b"b",
        b"src",
        b"two words",
        b" lead",
        b"trail ",
        b"x b",
        b"tab\there",
        b"quote\"back\\slash",
        b"new\nline\r",
        b"\x07\x1b[31m\x7f",
        "\u{e9}\u{1f600}\u{85}".as_bytes(),
        b"\xff\xfe",
        b"-dash",
        b"dev",
    ];
    (0..random.usize(1..4))
        .map(|_| OsStr::from_bytes(pick(random, &names)).to_owned())
        .collect()
}

/// Links lead nowhere: `git apply` looks through one that a folder replaces, and gives up at a circle.
fn any_state(random: &mut Rng) -> FileState {
    let content = match random.usize(..10) {
        0 => {
            return link(OsStr::from_bytes(pick(
                random,
                &[
                    b"nowhere" as &[u8],
                    b"../nowhere",
                    b"/nowhere",
                    b"two\nlines",
                    b"\xff",
                ],
            )));
        }
        1 => Vec::new(),
        2 => (0..random.usize(..300)).map(|_| random.u8(..)).collect(),
        3 => b"UTF-16\0".to_vec(),
        4 => "\u{feff}caf\u{e9} \u{1f600}\rold\r\n\u{2028}\n".into(),
        5 => [vec![b'a'; 8000], b"\0\nlate\n".to_vec()].concat(),
        _ => lines(random, 60).into_bytes(),
    };
    let state = file(content);
    if random.usize(..4) == 0 {
        toggled(state)
    } else {
        state
    }
}

fn edited_state(random: &mut Rng, state: FileState) -> FileState {
    let Some(text) = state.text() else {
        return state;
    };
    let content = edited(random, text, 60);
    FileState {
        content: Content::Bytes(content.into_bytes().into()),
        ..state
    }
}

fn toggled(state: FileState) -> FileState {
    FileState {
        is_executable: !state.is_executable && !state.is_link(),
        ..state
    }
}
