//! Planning against `git merge-file`, whose verdict every user trusts: what is clean lands as git has it, and what is not
//! keeps every line of the user's, with the task's lines in the conflicts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use changes::{Base, Content, FileChange, FileState};
use fastrand::Rng;

use super::*;

fn state(text: &str) -> FileState {
    FileState {
        content: Content::Bytes(Arc::from(text.as_bytes())),
        is_executable: false,
    }
}

fn change(base: Base, after: Option<FileState>) -> FileChange {
    FileChange {
        path: PathBuf::from("/w/a"),
        renamed_from: None,
        base,
        after,
    }
}

fn planned(change: &FileChange, current: Option<FileState>) -> LandingPlan {
    let situation = Situation {
        at_target: current.clone(),
        current,
    };
    plan([(change, Ok(situation))])
}

/// Lines that are seldom alike, so that there is one shortest difference.
fn lines(rng: &mut Rng) -> Vec<String> {
    (0..rng.usize(0..20))
        .map(|_| format!("line {} ü\n", rng.u32(0..1000)))
        .collect()
}

fn edited(rng: &mut Rng, base: &[String]) -> Vec<String> {
    let mut lines = base.to_vec();
    for _ in 0..rng.usize(0..4) {
        let start = rng.usize(0..=lines.len());
        let end = (start + rng.usize(0..3)).min(lines.len());
        let new: Vec<String> = (0..rng.usize(0..3))
            .map(|_| format!("new {}\n", rng.u32(0..1000)))
            .collect();
        lines.splice(start..end, new);
    }
    lines
}

fn git_merge(folder: &Path, base: &str, ours: &str, theirs: &str) -> Option<String> {
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "--stdout", "ours", "base", "theirs"])
        .current_dir(folder)
        .output()
        .expect("git is the oracle of this test: install git and have it in PATH");
    match output.status.code() {
        Some(0) => Some(String::from_utf8(output.stdout).unwrap()),
        Some(1..=127) => None,
        _ => panic!(
            "git merge-file failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

#[test]
fn verdicts_are_those_of_git_and_a_conflict_loses_no_line_of_either_side() {
    let folder = tempfile::tempdir().unwrap();
    let (mut clean, mut conflicting) = (0, 0);
    for seed in 0..400 {
        let mut rng = Rng::with_seed(seed);
        let base = lines(&mut rng);
        let [ours, theirs] = [edited(&mut rng, &base), edited(&mut rng, &base)];
        let [base, ours, theirs] = [base.concat(), ours.concat(), theirs.concat()];
        let plan = planned(
            &change(Base::Known(state(&base)), Some(state(&theirs))),
            Some(state(&ours)),
        );
        let landed = match plan.files.first() {
            Some(file) => file
                .after
                .as_ref()
                .and_then(FileState::text)
                .unwrap()
                .to_owned(),
            None => ours.clone(),
        };
        match git_merge(folder.path(), &base, &ours, &theirs) {
            Some(expected) => {
                clean += 1;
                assert_eq!(
                    (landed, plan.conflict_count()),
                    (expected, 0),
                    "seed {seed}"
                );
            }
            None => {
                conflicting += 1;
                assert_in_part(&plan, &ours, &theirs, &landed, seed);
            }
        }
    }
    assert!(
        50 < clean && 50 < conflicting,
        "both verdicts are tried often: {clean}, {conflicting}"
    );
}

/// With the task's side in the place of each conflict, the text is what the task would have made of the user's other
/// changes; as it lands, the user's side stands there.
fn assert_in_part(plan: &LandingPlan, ours: &str, theirs: &str, landed: &str, seed: u64) {
    let [text] = &plan.texts[..] else {
        panic!("seed {seed}: one text has conflicts");
    };
    assert_eq!(
        (text.before.as_str(), text.after.as_str()),
        (ours, landed),
        "seed {seed}"
    );
    let mut taken = landed.to_owned();
    for conflict in text.conflicts.iter().rev() {
        assert_eq!(
            ours[conflict.before.clone()],
            landed[conflict.after.clone()],
            "seed {seed}"
        );
        taken.replace_range(conflict.after.clone(), &conflict.proposed);
    }
    for line in theirs.lines().filter(|line| line.starts_with("new")) {
        assert!(
            taken.contains(line),
            "seed {seed}: the task's {line:?} is lost"
        );
    }
    for line in ours.lines().filter(|line| line.starts_with("new")) {
        assert!(
            landed.contains(line),
            "seed {seed}: the user's {line:?} is lost"
        );
    }
}

#[test]
fn landing_again_what_has_landed_changes_nothing() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let base = lines(&mut rng);
        let [ours, theirs] = [edited(&mut rng, &base), edited(&mut rng, &base)];
        let change = change(
            Base::Known(state(&base.concat())),
            Some(state(&theirs.concat())),
        );
        let first = planned(&change, Some(state(&ours.concat())));
        let landed = first.files.first().and_then(|file| file.after.clone());
        if first.conflict_count() == 0 && first.unchanged == 0 {
            let again = planned(&change, landed);
            assert_eq!(again.files, [], "seed {seed}");
        }
    }
}

#[test]
fn without_a_known_base_each_difference_is_to_be_decided() {
    let task = "a\nB\nc\nd\ne\n";
    let yours = "a\nb\nc\nd\nE\n";
    for base in [Base::Absent, Base::Unknown] {
        let plan = planned(&change(base, Some(state(task))), Some(state(yours)));
        let told: Vec<_> = plan.texts[0]
            .conflicts
            .iter()
            .map(|conflict| (&yours[conflict.before.clone()], conflict.proposed.as_str()))
            .collect();
        assert_eq!(
            (plan.files.len(), told),
            (0, vec![("b\n", "B\n"), ("E\n", "e\n")])
        );
    }
}

#[test]
fn what_is_no_text_or_gone_is_decided_as_a_whole() {
    let binary = |bytes: &[u8]| FileState {
        content: Content::Bytes(Arc::from(bytes)),
        is_executable: false,
    };
    let cases = [
        (
            Some(binary(b"\0a")),
            Some(binary(b"\0b")),
            ConflictReason::NotText,
        ),
        (None, Some(binary(b"\0b")), ConflictReason::DeletedByUser),
        (Some(binary(b"\0a")), None, ConflictReason::DeletedByTask),
    ];
    for (yours, proposed, reason) in cases {
        let change = change(Base::Known(binary(b"\0base")), proposed.clone());
        let plan = planned(&change, yours);
        let expected = WholeFile {
            path: change.path.clone(),
            renamed_from: None,
            reason,
            proposed,
        };
        assert_eq!((plan.files, plan.whole_files), (vec![], vec![expected]));
    }
}

#[test]
fn what_may_not_be_changed_is_told_and_the_rest_lands() {
    let fine = change(Base::Absent, Some(state("new\n")));
    let refused = FileChange {
        path: PathBuf::from("/w/.env"),
        ..fine.clone()
    };
    let situation = Situation {
        current: None,
        at_target: None,
    };
    let plan = plan([
        (&fine, Ok(situation)),
        (&refused, Err("is secret".to_owned())),
    ]);
    let landed: Vec<_> = plan.files.iter().map(|file| file.path.clone()).collect();
    assert_eq!(landed, [fine.path]);
    assert_eq!(plan.refused, [(refused.path, "is secret".to_owned())]);
}
