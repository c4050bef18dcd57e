//! The tool with sub-tasks that have ended as they were told to: what is merged, told and kept. `git merge-file` is the oracle.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{Arc, Mutex},
};

use changes::{Base, Content, FileChange, FileState, Proposal};
use expect_test::expect;
use sandbox::Wall;

use super::*;
use crate::{surface::TurnSummary, tools::test_support::Bench};

/// Sub-tasks that have ended as they were told to, and what became of their places.
struct Ended {
    ends: Mutex<Vec<SubTaskEnd>>,
    asked: Mutex<Vec<SubTask>>,
}

/// A place that writes down what becomes of it.
struct Place(&'static str, Arc<Mutex<Vec<String>>>);

impl SubTasks for Ended {
    fn run(
        &self,
        tasks: &[SubTask],
        _context: &ToolContext<'_>,
    ) -> Result<Vec<SubTaskEnd>, String> {
        self.asked.lock().unwrap().extend_from_slice(tasks);
        Ok(std::mem::take(&mut self.ends.lock().unwrap()))
    }
}

impl SubTaskPlace for Place {
    fn name(&self) -> String {
        format!("`show {}`", self.0)
    }

    fn keep(self: Box<Self>) {
        self.1.lock().unwrap().push(format!("kept {}", self.0));
    }

    fn discard(self: Box<Self>) {
        self.1.lock().unwrap().push(format!("discarded {}", self.0));
    }
}

fn turn(end: TurnEnd) -> TurnSummary {
    TurnSummary {
        turn: 1,
        end,
        steps: 1,
        usage: models::Usage::default(),
        thread_usage: models::Usage::default(),
        cost: None,
        thread_cost: None,
        milliseconds: 1,
    }
}

fn file(text: &str) -> FileState {
    FileState {
        content: Content::Bytes(text.as_bytes().into()),
        is_executable: false,
    }
}

fn change(bench: &Bench, path: &str, before: Option<&str>, after: Option<&str>) -> FileChange {
    FileChange {
        path: bench.path(path),
        renamed_from: None,
        base: before.map_or(Base::Absent, |text| Base::Known(file(text))),
        after: after.map(file),
    }
}

fn end(changes: Vec<FileChange>, said: &str) -> SubTaskEnd {
    SubTaskEnd {
        turn: Ok(turn(TurnEnd::Completed)),
        said: said.into(),
        proposal: Proposal::new(changes),
        left_out: Vec::new(),
        place: None,
    }
}

/// The answer to a call with as many sub-tasks as there are ends, and what became of their places.
fn spawn(bench: &Bench, ends: Vec<SubTaskEnd>) -> (ToolOutput, Vec<String>) {
    let fates = Arc::new(Mutex::default());
    let names = ["one", "two", "three", "four"];
    let ends: Vec<SubTaskEnd> = ends
        .into_iter()
        .zip(names)
        .map(|(end, name)| SubTaskEnd {
            place: Some(Box::new(Place(name, Arc::clone(&fates)))),
            ..end
        })
        .collect();
    let tasks: Vec<_> = names[..ends.len()]
        .iter()
        .map(|name| serde_json::json!({"title": name, "instructions": "Do it."}))
        .collect();
    let tool = SpawnTasks::new(Arc::new(Ended {
        ends: Mutex::new(ends),
        asked: Mutex::default(),
    }));
    let arguments = serde_json::json!({ "tasks": tasks }).to_string();
    let output = bench.call_walled(&tool, &arguments, Wall::Overlay);
    let fates = fates.lock().unwrap().clone();
    (output, fates)
}

#[test]
fn different_files_and_different_lines_of_one_file_are_merged_and_the_rest_is_told_with_both_sides()
{
    let base = "one\ntwo\nthree\nfour\nfive\nsix\n";
    let bench = Bench::new(&[
        ("a.txt", base.as_bytes()),
        ("b.txt", b"b\n"),
        ("c.txt", b"c\n"),
    ]);
    let ends = vec![
        end(
            vec![
                change(
                    &bench,
                    "a.txt",
                    Some(base),
                    Some("ONE\ntwo\nthree\nfour\nfive\nsix\n"),
                ),
                change(&bench, "new/n.txt", None, Some("new\n")),
            ],
            "First lines.",
        ),
        end(
            vec![
                change(
                    &bench,
                    "a.txt",
                    Some(base),
                    Some("1\ntwo\nthree\nfour\nfive\nSIX\n"),
                ),
                change(&bench, "b.txt", Some("b\n"), None),
            ],
            "Last lines.",
        ),
        SubTaskEnd {
            turn: Ok(turn(TurnEnd::Failed {
                failure: crate::surface::TurnFailure::Refusal,
                message: "The model declined.".into(),
            })),
            ..end(vec![change(&bench, "c.txt", Some("c\n"), Some("C\n"))], "")
        },
        SubTaskEnd {
            turn: Err("it could not begin".into()),
            ..end(Vec::new(), "")
        },
    ];
    let (output, fates) = spawn(&bench, ends);
    assert_eq!(output.status, ToolStatus::Succeeded);
    expect![[r#"
        2 of 4 sub-tasks done. 1 file could not be merged whole: resolve them.

        ## one: done
        M a.txt
        A new/n.txt
        It said: First lines.

        ## two: done
        D b.txt
        Not merged: a.txt was changed in the same lines by another sub-task.
        a.txt:1
        <<<<<<< in the file now
        ONE
        ||||||| before the sub-tasks
        one
        =======
        1
        >>>>>>> by this sub-task
        All that it made is kept for the user: `show two`.
        It said: Last lines.

        ## three: failed: The model declined.
        M c.txt

        ## four: failed, it could not begin
        It changed no file.
    "#]]
    .assert_eq(&bench.text(&output));
    let files: BTreeMap<String, String> = bench
        .files()
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect();
    let expected = [
        ("a.txt", "ONE\ntwo\nthree\nfour\nfive\nSIX\n"),
        ("c.txt", "C\n"),
        ("new/n.txt", "new\n"),
    ];
    let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(files, BTreeMap::from(expected));
    assert_eq!(
        fates,
        [
            "discarded one",
            "kept two",
            "discarded three",
            "discarded four"
        ]
    );
}

#[test]
fn after_an_interrupt_nothing_is_merged_and_what_was_made_is_kept() {
    let bench = Bench::new(&[("a.txt", b"a\n")]);
    let stopped = SubTaskEnd {
        turn: Ok(turn(TurnEnd::Interrupted)),
        ..end(Vec::new(), "")
    };
    let done = end(
        vec![change(&bench, "a.txt", Some("a\n"), Some("A\n"))],
        "Done.",
    );
    let (output, fates) = spawn(&bench, vec![done, stopped]);
    assert_eq!(output.status, ToolStatus::Interrupted);
    assert_eq!(bench.file("a.txt"), "a\n");
    assert_eq!(fates, ["kept one", "discarded two"]);
}

#[test]
fn calls_that_make_no_sense_begin_nothing() {
    let bench = Bench::new(&[]);
    let task = serde_json::json!({"title": "a  b", "instructions": "x"});
    let many: Vec<_> = (0..17)
        .map(|number| serde_json::json!({"title": format!("t{number}"), "instructions": "x"}))
        .collect();
    let wrong = [
        (serde_json::json!([]), "Give 1 to 16 sub-tasks."),
        (serde_json::json!(many), "Give 1 to 16 sub-tasks."),
        (
            serde_json::json!([{"title": " ", "instructions": "x"}]),
            "Each sub-task needs a title and instructions.",
        ),
        (
            serde_json::json!([{"title": "t", "instructions": "\n"}]),
            "Each sub-task needs a title and instructions.",
        ),
        (
            serde_json::json!([task, {"title": "a b", "instructions": "y"}]),
            "Two sub-tasks are called `a b`; give each a title of its own.",
        ),
    ];
    for (tasks, expected) in wrong {
        let ended = Arc::new(Ended {
            ends: Mutex::default(),
            asked: Mutex::default(),
        });
        let tool = SpawnTasks::new(ended.clone());
        let arguments = serde_json::json!({ "tasks": tasks }).to_string();
        let output = bench.call(&tool, &arguments);
        assert_eq!(output.status, ToolStatus::Failed);
        assert_eq!(bench.text(&output).lines().next(), Some(expected));
        assert_eq!(*ended.asked.lock().unwrap(), Vec::new());
    }
}

/// Texts of few different lines, of which versions are made by changing some.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // Knuth's MMIX generator; the upper half is the random one.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn text(&mut self) -> Vec<String> {
        let lines = 5 + self.below(30);
        (0..lines).map(|line| format!("line {line}")).collect()
    }

    fn version(&mut self, number: usize, base: &[String]) -> Vec<String> {
        let mut lines = base.to_vec();
        for change in 0..1 + self.below(3) {
            let place = self.below(lines.len() as u64 + 1) as usize;
            match self.below(3) {
                0 => lines.insert(place, format!("new {number}.{change}")),
                1 if place < lines.len() => lines[place] = format!("other {number}.{change}"),
                _ if place < lines.len() => drop(lines.remove(place)),
                _ => {}
            }
        }
        lines
    }
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What `git merge-file` makes of it, conflicts decided for the first.
fn merged_by_git(base: &str, ours: &str, theirs: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("ours", ours), ("base", base), ("theirs", theirs)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "-p", "-q", "--ours", "ours", "base", "theirs"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn random_versions_of_one_file_are_merged_as_git_merges_them_one_after_the_other() {
    let (mut clean, mut conflicts) = (0, 0);
    for seed in 0..150 {
        let mut random = Random(seed);
        let base = random.text();
        let versions: Vec<String> = (0..3)
            .map(|number| joined(&random.version(number, &base)))
            .collect();
        let base = joined(&base);
        let bench = Bench::new(&[("a.txt", base.as_bytes())]);
        let ends = versions
            .iter()
            .map(|version| {
                let changes = vec![change(&bench, "a.txt", Some(&base), Some(version))];
                end(changes, "")
            })
            .collect();
        let (output, fates) = spawn(&bench, ends);
        let expected = versions.iter().fold(base.clone(), |current, version| {
            merged_by_git(&base, &current, version)
        });
        assert_eq!(bench.file("a.txt"), expected, "seed {seed}");
        let has_conflict = bench.text(&output).contains("<<<<<<<");
        let has_kept = fates.iter().any(|fate| fate.starts_with("kept"));
        assert_eq!(has_conflict, has_kept, "seed {seed}");
        match has_conflict {
            true => conflicts += 1,
            false => clean += 1,
        }
    }
    assert!(clean > 20 && conflicts > 20, "{clean} {conflicts}");
}
