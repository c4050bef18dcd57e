//! The oracle: workspaces as plain maps, random changes of them, and what applying a change to such a map means.
//!
//! All files have nine lines; a task replaces the first or the middle one, a user the middle or the last. So two sides
//! conflict exactly when both have changed the middle line to different texts, and merging is done line by line.

use std::path::Path;

use changes::{Base, Content, FileChange, FileState, Proposal};
use fastrand::Rng;

use super::{Fixture, Tree, state};

/// Names of which none can be a folder of another.
const NAMES: [&str; 9] = [
    "a", "b", "c.rs", "d/e", "d/f", "g/h/i/j", "g/h/k", "ü/x y", "z",
];

/// Names some of which are folders of others.
const ENTANGLED: [&str; 8] = ["p", "p/q", "p/q/r", "p/s", "t", "t/u", "v/w", "v/w/x"];

#[derive(Clone, Copy)]
pub(super) enum Side {
    Task,
    User,
}

pub(super) fn files(random: &mut Rng) -> Tree {
    let mut tree = Tree::new();
    for name in NAMES {
        if random.u8(..3) != 0 {
            tree.insert(name.to_owned(), entry(random));
        }
    }
    tree
}

/// As [`files`], where files may lie in what is a file in another such tree.
pub(super) fn entangled_files(random: &mut Rng) -> Tree {
    let mut tree = files(random);
    let mut names = ENTANGLED;
    random.shuffle(&mut names);
    for name in names {
        let is_free = tree.keys().all(|other| {
            let (name, other) = (Path::new(name), Path::new(other));
            !name.starts_with(other) && !other.starts_with(name)
        });
        if is_free && random.bool() {
            tree.insert(name.to_owned(), entry(random));
        }
    }
    tree
}

fn entry(random: &mut Rng) -> String {
    match random.u8(..8) {
        0 => format!("-> {}", random.lowercase()),
        kind => {
            let mark = if kind == 1 { "*" } else { "" };
            let number = random.u32(..);
            let lines = (0..9).map(|line| format!("line {line} of {number}\n"));
            format!("{mark}{}", lines.collect::<String>())
        }
    }
}

/// What a side makes of a tree. The task also renames, and changes what files there are.
pub(super) fn edited(random: &mut Rng, tree: &Tree, side: Side) -> Tree {
    let mut edited = Tree::new();
    for (name, text) in tree {
        match random.u8(..8) {
            0 => {}
            1 => drop(edited.insert(name.clone(), entry(random))),
            2 if matches!(side, Side::Task) => {
                let renamed = format!("{name} renamed");
                edited.insert(renamed, edited_text(random, text, side));
            }
            3..=5 => drop(edited.insert(name.clone(), edited_text(random, text, side))),
            _ => drop(edited.insert(name.clone(), text.clone())),
        }
    }
    for name in NAMES {
        let is_new = !tree.contains_key(name) && random.u8(..4) == 0;
        if is_new {
            edited.insert(name.to_owned(), entry(random));
        }
    }
    edited
}

fn edited_text(random: &mut Rng, text: &str, side: Side) -> String {
    if text.starts_with("-> ") {
        return format!("-> {}", random.lowercase());
    }
    let lines = match side {
        Side::Task => [0, 4],
        Side::User => [4, 8],
    };
    let mut text = text.to_owned();
    for line in lines {
        if random.bool() {
            let by = match (line, side) {
                // Now and then both make the same change.
                (4, _) if random.bool() => "both",
                (_, Side::Task) => "task",
                (_, Side::User) => "user",
            };
            text = with_line(&text, line, &format!("line {line} by {by}\n"));
        }
    }
    match random.u8(..4) {
        0 => match text.strip_prefix('*') {
            Some(text) => text.to_owned(),
            None => format!("*{text}"),
        },
        _ => text,
    }
}

fn with_line(text: &str, number: usize, new: &str) -> String {
    let lines = text.split_inclusive('\n').enumerate();
    let mark = if text.starts_with('*') && number == 0 {
        "*"
    } else {
        ""
    };
    lines
        .map(|(line, old)| {
            if line == number {
                format!("{mark}{new}")
            } else {
                old.to_owned()
            }
        })
        .collect()
}

/// The proposal that makes `after` of `before`.
pub(super) fn proposal(fixture: &Fixture, before: &Tree, after: &Tree) -> Proposal {
    let names = before.keys().chain(after.keys());
    let changes = names.map(|name| {
        let text = |tree: &Tree| tree.get(name).cloned();
        fixture.change(name, text(before).as_deref(), text(after).as_deref())
    });
    Proposal::new(changes.collect())
}

/// What is in `current` once `change` is applied; `None` for a conflict.
pub(super) fn applied(fixture: &Fixture, current: &Tree, change: &FileChange) -> Option<Tree> {
    let name = |path: &Path| {
        let below = path.strip_prefix(fixture.path(".")).unwrap();
        below.to_str().unwrap().to_owned()
    };
    let (old_name, new_name) = (name(change.base_path()), name(&change.path));
    let base = match &change.base {
        Base::Known(state) => Some(text(state)),
        Base::Absent => None,
        Base::Unknown => unreachable!("every base is known here"),
    };
    let after = change.after.as_ref().map(text);
    let now = current.get(&old_name).cloned();
    let merged = match (&base, &now, &after) {
        _ if base == after || now == after => now.clone(),
        _ if now == base => after.clone(),
        (Some(base), Some(now), Some(after)) => Some(merged(base, now, after)?),
        _ => return None,
    };
    let mut tree = current.clone();
    if old_name != new_name {
        let target = current.get(&new_name);
        if target.is_some() && target == after.as_ref() {
            // Renamed by the user in just this way, perhaps with the old file still there.
            return match now {
                None => Some(tree),
                now if now == base => {
                    tree.remove(&old_name);
                    Some(tree)
                }
                _ => None,
            };
        }
        if target.is_some() || now.is_none() {
            return None;
        }
        tree.remove(&old_name);
    }
    match merged {
        Some(text) => drop(tree.insert(new_name, text)),
        None => drop(tree.remove(&new_name)),
    }
    Some(tree)
}

fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
    if [base, ours, theirs]
        .iter()
        .any(|text| text.starts_with("-> "))
    {
        return None;
    }
    let is_executable = |text: &str| text.starts_with('*');
    let mark = if is_executable(ours) == is_executable(base) {
        is_executable(theirs)
    } else {
        is_executable(ours)
    };
    let [base, ours, theirs] = [base, ours, theirs].map(|text| {
        text.trim_start_matches('*')
            .split_inclusive('\n')
            .collect::<Vec<_>>()
    });
    let mut text = String::from(if mark { "*" } else { "" });
    for line in 0..base.len() {
        text += match (base[line], ours[line], theirs[line]) {
            (_, ours, theirs) if ours == theirs => ours,
            (base, ours, theirs) if ours == base => theirs,
            (base, ours, theirs) if theirs == base => ours,
            _ => return None,
        };
    }
    Some(text)
}

fn text(file: &FileState) -> String {
    let text = match &file.content {
        Content::Link(target) => format!("-> {}", target.display()),
        Content::Bytes(bytes) => {
            let mark = if file.is_executable { "*" } else { "" };
            format!("{mark}{}", String::from_utf8_lossy(bytes))
        }
    };
    debug_assert_eq!(&state(&text), file);
    text
}

/// `tree` with the folders that its files lie in.
pub(super) fn with_folders(tree: &Tree) -> Tree {
    let mut whole = tree.clone();
    for name in tree.keys() {
        for folder in Path::new(name).ancestors().skip(1) {
            if !folder.as_os_str().is_empty() {
                whole.insert(format!("{}/", folder.display()), String::new());
            }
        }
    }
    whole
}
