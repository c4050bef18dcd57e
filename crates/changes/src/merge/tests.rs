//! Merges against `git merge-file`, against the law that nothing of the user's is lost, and one case
//! for every rule.

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::{Expect, expect};
use fastrand::Rng;

use super::*;
use crate::random::{change, edited, executable, file, lines, link};

#[test]
fn verdicts_and_merged_texts_are_those_of_git() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut clean = 0;
    for seed in 0..300 {
        let mut random = Rng::with_seed(seed);
        // Of fewer kinds of lines several differences are equally short, and git takes another one
        // in about one of a thousand merges.
        let kinds = if random.bool() { 60 } else { 1000 };
        let base = lines(&mut random, kinds);
        let [current, after] = [(); 2].map(|()| edited(&mut random, &base, kinds));
        let expected = git_merge(folder.path(), &base, &current, &after);
        let change = change("/w/a", Some(file(&base)), Some(file(&after)));
        let merged = match change.merge(Some(&file(&current)), None) {
            Merged::Unchanged => Some(current.clone()),
            Merged::Write { state, .. } => state.text().map(str::to_owned),
            Merged::Conflict(conflict) => {
                assert_eq!(conflict.reason, ConflictReason::SameLines, "seed {seed}");
                None
            }
            other => panic!("seed {seed}: {other:?}"),
        };
        assert_eq!(
            merged, expected,
            "seed {seed}: {base:?}, {current:?}, {after:?}"
        );
        clean += usize::from(expected.is_some());
    }
    assert!(
        (100..280).contains(&clean),
        "both verdicts must be tried often, {clean} were clean"
    );
}

/// Every state of the file before, now and after, of every kind; at the target too, for renames.
#[test]
fn what_is_no_conflict_has_all_that_the_user_changed() {
    let mut verdicts = [0; 5];
    for seed in 0..6000 {
        let mut random = Rng::with_seed(seed);
        let mut fresh = 0;
        let base = unique_state(&mut random, None, &mut fresh);
        let current = unique_state(&mut random, base.as_ref(), &mut fresh);
        let after = unique_state(&mut random, base.as_ref(), &mut fresh);
        let mut change = change("/w/new", base.clone(), after.clone());
        let mut disk = vec![(PathBuf::from("/w/new"), current.clone())];
        if base.is_some() && after.is_some() && random.bool() {
            change.renamed_from = Some("/w/old".into());
            let target = match random.usize(..6) {
                0 => unique_state(&mut random, base.as_ref(), &mut fresh),
                1 => after.clone(),
                _ => None,
            };
            disk = vec![
                ("/w/old".into(), current.clone()),
                ("/w/new".into(), target),
            ];
        }
        let target = disk.last().and_then(|(_, state)| state.clone());
        let merged = change.merge(current.as_ref(), target.as_ref());
        verdicts[match &merged {
            Merged::Unchanged => 0,
            Merged::Write { .. } => 1,
            Merged::Move { .. } => 2,
            Merged::Remove { .. } => 3,
            Merged::Conflict(_) => 4,
        }] += 1;
        let landed = apply(&merged, disk.clone());
        let where_from = format!("seed {seed}: {change:?} on {disk:?} gave {merged:?}");
        if let Merged::Conflict(_) = merged {
            assert_eq!(landed, disk, "{where_from}");
            continue;
        }
        let result = landed.last().and_then(|(_, state)| state.clone());
        assert_eq!(landed.len() == 2, change.renamed_from.is_some());
        assert!(landed.len() == 1 || landed[0].1.is_none(), "{where_from}");
        // What the user made of it is there, and what the task made of it too.
        let other_side = if current == base { None } else { current };
        assert_has_changes(
            base.as_ref(),
            other_side.as_ref(),
            result.as_ref(),
            &where_from,
        );
        if disk[0].1 != base {
            assert_has_changes(base.as_ref(), after.as_ref(), result.as_ref(), &where_from);
        } else {
            assert_eq!(result, after, "{where_from}");
        }
    }
    assert!(verdicts.iter().all(|count| *count > 100), "{verdicts:?}");
}

#[test]
fn a_change_that_is_there_already_is_nothing_to_do() {
    let (one, two) = (file("1\n"), executable("2\n"));
    for (base, after) in [
        (None, Some(&two)),
        (Some(&one), Some(&two)),
        (Some(&one), None),
    ] {
        let change = change("/w/a", base.cloned(), after.cloned());
        assert_eq!(change.merge(after, None), Merged::Unchanged);
        let unknown = FileChange {
            base: Base::Unknown,
            ..change
        };
        assert_eq!(unknown.merge(after, None), Merged::Unchanged);
    }
    let rename = renamed(&one, &two);
    assert_eq!(rename.merge(None, Some(&two)), Merged::Unchanged);
    let copied = Merged::Remove {
        path: "/w/old".into(),
        expected: one.clone(),
    };
    assert_eq!(rename.merge(Some(&one), Some(&two)), copied);
}

#[test]
fn content_and_mode_merge_by_themselves() {
    let change = change("/w/a", Some(file("a\nb\nc\n")), Some(file("A\nb\nc\n")));
    let expected = Merged::Write {
        path: "/w/a".into(),
        expected: Some(executable("a\nb\nC\n")),
        state: executable("A\nb\nC\n"),
    };
    assert_eq!(change.merge(Some(&executable("a\nb\nC\n")), None), expected);
    let binary = super::tests::change("/w/a", Some(file(b"\0a")), Some(executable(b"\0a")));
    let expected = Merged::Write {
        path: "/w/a".into(),
        expected: Some(file(b"\0b")),
        state: executable(b"\0b"),
    };
    assert_eq!(binary.merge(Some(&file(b"\0b")), None), expected);
}

#[test]
fn a_rename_takes_along_what_the_user_wrote_meanwhile() {
    let rename = renamed(&file("a\nb\nc\n"), &file("A\nb\nc\n"));
    let expected = Merged::Move {
        from: "/w/old".into(),
        to: "/w/new".into(),
        expected: file("a\nb\nC\n"),
        state: file("A\nb\nC\n"),
    };
    assert_eq!(rename.merge(Some(&file("a\nb\nC\n")), None), expected);
}

#[test]
fn every_conflict_says_why() {
    let (base, mine, task) = (file("base\n"), file("mine\n"), file("task\n"));
    let modified = change("/w/a", Some(base.clone()), Some(task.clone()));
    let unknown = FileChange {
        base: Base::Unknown,
        ..modified.clone()
    };
    let binary = change("/w/a", Some(file(b"\0")), Some(file(b"\0task")));
    let linked = change("/w/a", Some(link("base")), Some(link("task")));
    let retyped = change("/w/a", Some(base.clone()), Some(link("task")));
    let rename = renamed(&base, &task);
    let cases = [
        (modified.merge(Some(&mine), None), ConflictReason::SameLines),
        (modified.merge(None, None), ConflictReason::DeletedByUser),
        (
            binary.merge(Some(&file(b"\0mine")), None),
            ConflictReason::NotText,
        ),
        (
            linked.merge(Some(&link("mine")), None),
            ConflictReason::NotText,
        ),
        (
            retyped.merge(Some(&executable("base\n")), None),
            ConflictReason::NotText,
        ),
        (
            change("/w/a", None, Some(task.clone())).merge(Some(&mine), None),
            ConflictReason::CreatedByBoth,
        ),
        (
            change("/w/a", Some(base.clone()), None).merge(Some(&mine), None),
            ConflictReason::DeletedByTask,
        ),
        (
            unknown.merge(Some(&base), None),
            ConflictReason::UnknownBase,
        ),
        (unknown.merge(None, None), ConflictReason::UnknownBase),
        (
            rename.merge(Some(&base), Some(&mine)),
            ConflictReason::TargetExists,
        ),
        (
            rename.merge(None, Some(&mine)),
            ConflictReason::TargetExists,
        ),
        (rename.merge(None, None), ConflictReason::DeletedByUser),
        (rename.merge(Some(&mine), None), ConflictReason::SameLines),
    ];
    for (number, (merged, expected)) in cases.iter().enumerate() {
        let reason = match merged {
            Merged::Conflict(conflict) => Some(conflict.reason),
            _ => None,
        };
        assert_eq!(reason, Some(*expected), "case {number}: {merged:?}");
    }
}

#[test]
fn a_conflict_is_shown_with_both_sides() {
    let change = change("/w/a", Some(file("a\nb\nc\n")), Some(file("A\nb\ntask\n")));
    check_marked(
        &change.merge(Some(&file("a\nb\nmine\n")), None),
        expect![[r"
            A
            b
            <<<<<<< yours
            mine
            =======
            task
            >>>>>>> proposed
        "]],
    );
}

#[test]
fn where_nothing_can_be_compared_whole_files_stand_between_the_marks() {
    let created = change("/w/a", None, Some(file("a\n")));
    check_marked(
        &created.merge(Some(&file("a\nb\n")), None),
        expect![[r"
            <<<<<<< yours
            a
            b
            =======
            a
            >>>>>>> proposed
        "]],
    );
    let binary = change("/w/a", None, Some(file(b"\0")));
    check_marked(
        &binary.merge(Some(&file("a")), None),
        expect!["nothing to show"],
    );
}

#[track_caller]
fn check_marked(merged: &Merged, expect: Expect) {
    let Merged::Conflict(conflict) = merged else {
        panic!("no conflict: {merged:?}");
    };
    expect.assert_eq(&conflict.marked_text().unwrap_or("nothing to show".into()));
}

fn renamed(base: &FileState, after: &FileState) -> FileChange {
    FileChange {
        renamed_from: Some("/w/old".into()),
        ..change("/w/new", Some(base.clone()), Some(after.clone()))
    }
}

/// What a disk with these files is after doing what `merged` says; nothing else may be there than it
/// expects.
fn apply(
    merged: &Merged,
    mut disk: Vec<(PathBuf, Option<FileState>)>,
) -> Vec<(PathBuf, Option<FileState>)> {
    let mut replace = |at: &Path, expected: Option<&FileState>, state: Option<&FileState>| {
        let (_, there) = disk
            .iter_mut()
            .find(|(path, _)| path == at)
            .expect("a known path");
        assert_eq!(there.as_ref(), expected);
        *there = state.cloned();
    };
    match merged {
        Merged::Unchanged | Merged::Conflict(_) => {}
        Merged::Write {
            path,
            expected,
            state,
        } => replace(path, expected.as_ref(), Some(state)),
        Merged::Move {
            from,
            to,
            expected,
            state,
        } => {
            replace(from, Some(expected), None);
            replace(to, None, Some(state));
        }
        Merged::Remove { path, expected } => replace(path, Some(expected), None),
    }
    disk
}

/// A state that comes from `base` by changes of which each is unlike any other: new lines are new,
/// binary contents and targets of links too.
fn unique_state(
    random: &mut Rng,
    base: Option<&FileState>,
    fresh: &mut usize,
) -> Option<FileState> {
    let mut next = || {
        *fresh += 1;
        *fresh
    };
    if base.is_some() && random.usize(..5) == 0 {
        return base.cloned();
    }
    let is_executable = random.usize(..4) == 0;
    let content = match random.usize(..12) {
        0 => return None,
        1 => return Some(link(format!("target {}", next()))),
        2 => format!("\0{}", next()),
        3 if base.is_some() => return base.cloned().map(toggled),
        _ => {
            let mut lines: Vec<String> = match base.and_then(FileState::text) {
                Some(text) => text.split_inclusive('\n').map(str::to_owned).collect(),
                None => (0..8).map(|_| format!("{}\n", next())).collect(),
            };
            for _ in 0..random.usize(1..3) {
                let start = random.usize(..=lines.len());
                let stop = (start + random.usize(..3)).min(lines.len());
                lines.splice(start..stop, [format!("{}\n", next())]);
            }
            lines.concat()
        }
    };
    Some(if is_executable {
        executable(content)
    } else {
        file(content)
    })
}

fn toggled(state: FileState) -> FileState {
    FileState {
        is_executable: !state.is_executable && !state.is_link(),
        ..state
    }
}

/// That all that `side` made of `base` is in `result`: its content if it has no lines, the lines that
/// it added, and none that it took away; its mode.
#[track_caller]
fn assert_has_changes(
    base: Option<&FileState>,
    side: Option<&FileState>,
    result: Option<&FileState>,
    case: &str,
) {
    let Some(side) = side else { return };
    let Some(result) = result else {
        panic!("a changed file is gone, {case}");
    };
    if base.is_none_or(|base| base.is_executable != side.is_executable) {
        assert_eq!(result.is_executable, side.is_executable, "{case}");
    }
    if base.is_some_and(|base| base.content == side.content) {
        return;
    }
    let (Some(side), Some(text)) = (side.text(), result.text()) else {
        assert_eq!(result.content, side.content, "{case}");
        return;
    };
    let base = base.and_then(FileState::text).unwrap_or_default();
    let has = |text: &str, line: &str| text.split_inclusive('\n').any(|other| other == line);
    for line in side.split_inclusive('\n').filter(|line| !has(base, line)) {
        assert!(has(text, line), "{line:?} is lost, {case}");
    }
    for line in base.split_inclusive('\n').filter(|line| !has(side, line)) {
        assert!(!has(text, line), "{line:?} is back, {case}");
    }
}

/// `git merge-file`: the clean text, or `None` for a conflict.
fn git_merge(folder: &Path, base: &str, ours: &str, theirs: &str) -> Option<String> {
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs::write(folder.join(name), text).expect("the folder is writable");
    }
    let output = Command::new("git")
        .args(["merge-file", "--stdout", "ours", "base", "theirs"])
        .current_dir(folder)
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH");
    match output.status.code() {
        Some(0) => Some(String::from_utf8(output.stdout).expect("the inputs were UTF-8")),
        Some(1..=127) => None,
        _ => panic!(
            "git merge-file failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
