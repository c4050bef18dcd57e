//! One run: what is done by chance, what the user must find again, and the checks at quiet points.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use scripted_model::Step;
use serde_json::{Value, json};

use super::words;
use crate::desk::{Desk, Manners, Profile, Replacement, Setting};
use crate::random::Random;

const NAMES: [&str; 3] = ["a.txt", "b.txt", "c.txt"];
/// What the tasks of one run are at once.
const MOST_TASKS: usize = 3;

/// A desk whose user acts by chance.
pub(super) struct Run {
    desk: Desk,
    random: Random,
    account: Account,
    last_word: u32,
    /// Of the user's words, those that must be in a file.
    typed: BTreeMap<&'static str, BTreeSet<String>>,
    /// Of the agent's words, those that the user has made their own.
    adopted: BTreeSet<String>,
    tasks: Vec<u64>,
}

/// Tells what was done, should the run fail.
struct Account {
    beginning: String,
    steps: Vec<String>,
}

impl Drop for Account {
    #[expect(
        clippy::print_stderr,
        reason = "whoever sees the failure must be able to repeat it"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}\n{}", self.beginning, self.steps.join("\n"));
        }
    }
}

/// A change of a task as a diagnostic shows it.
struct Shown {
    id: u64,
    name: &'static str,
    lines: Range<usize>,
}

impl Run {
    pub(super) fn start(seed: u64, profile: Profile, manners: Manners) -> Self {
        let mut number = 0;
        let mut line = |end: &str| {
            number += 3;
            format!("o{:05} o{:05} o{:05}{end}", number - 2, number - 1, number)
        };
        let mut file = |end: &str| (0..20).map(|_| line(end)).collect::<String>();
        let (unix, windows) = (file("\n"), file("\r\n"));
        let odd = file("🦀 é\n");
        let files = [
            ("a.txt", unix.as_str()),
            ("b.txt", windows.as_str()),
            ("c.txt", odd.trim_end()),
        ];
        let mut desk = Desk::start(&Setting {
            profile,
            files: &files,
            ..Setting::default()
        });
        desk.manners = manners;
        Self {
            desk,
            random: Random::new(seed),
            account: Account {
                beginning: format!("seed {seed}, {profile:?}, {manners:?}:"),
                steps: Vec::new(),
            },
            last_word: 0,
            typed: NAMES.map(|name| (name, BTreeSet::new())).into(),
            adopted: BTreeSet::new(),
            tasks: Vec::new(),
        }
    }

    /// Twenty steps or so, with little time between them.
    pub(super) fn act_for_a_while(&mut self) {
        for _ in 0..24 {
            let name = *self.random.pick(&NAMES);
            let is_open = self.desk.is_open(name);
            match self.random.below(16) {
                0 | 1 => self.start_task(),
                2 => self.keep_some(),
                3 => self.undo_some(),
                4 => self.decide_some(),
                5 if is_open => self.editor_undo(name),
                6 if is_open => self.save(name),
                7 if is_open => self.close(name),
                8 if !is_open => self.write_outside(name),
                9 | 10 if is_open => self.delete(name),
                _ if is_open => self.type_words(name),
                _ => self.open(name),
            }
            if self.random.below(3) == 0 {
                let time = self.random.below(60);
                self.desk.pump(Duration::from_millis(time as u64));
            }
            if self.desk.manners == Manners::Holds && self.random.below(4) == 0 {
                self.end_holding();
            }
        }
    }

    /// From now on the editor does what it says.
    pub(super) fn behave(&mut self) {
        self.note("behaves".into());
        self.end_holding();
        self.desk.manners = Manners::Good;
    }

    /// Waits until nothing is at work, and looks whether everything is as it must be.
    pub(super) fn quiet_point(&mut self) {
        self.note("quiet".into());
        self.desk.settle();
        self.desk.assert_all_same_as_server();
        for name in NAMES {
            self.check_words(name);
        }
        for shown in self.shown() {
            let count = self.text(shown.name).split_inclusive('\n').count().max(1);
            assert!(
                shown.lines.end <= count + 1,
                "{}: lines {:?} of {count}",
                shown.name,
                shown.lines
            );
        }
        self.desk.read_all_messages();
    }

    /// After all is undone, nothing of the agent's is left, and everything of the user's that was not in it.
    pub(super) fn undo_everything(&mut self) {
        self.note("undo everything".into());
        self.keep_mine_everywhere();
        self.desk.settle();
        for shown in self.shown() {
            self.give_up(&shown);
        }
        if !self.desk.listed_changes().is_empty() {
            let everywhere = json!(["everywhere"]);
            self.desk
                .run_command("ropewalk.review.undoAll", everywhere)
                .unwrap();
        }
        self.desk
            .wait_until("all is undone", |desk| desk.listed_changes().is_empty());
        self.quiet_point();
        for name in NAMES {
            let left = words::of('a', &self.text(name));
            let left: Vec<_> = left.difference(&self.adopted).collect();
            assert!(
                left.is_empty(),
                "{name}: left of the agent's: {left:?}\n{}",
                self.text(name)
            );
        }
    }

    // What the user does.

    fn note(&mut self, step: String) {
        self.account.steps.push(step);
    }

    /// The text as the user sees it: the buffer's, else the file's.
    fn text(&self, name: &str) -> String {
        match self.desk.is_open(name) {
            true => self.desk.text(name).to_owned(),
            false => self.desk.disk(name).unwrap_or_default(),
        }
    }

    /// Does something with a document and notes what it did to the words.
    fn by_hand(&mut self, name: &'static str, act: impl FnOnce(&mut Desk)) {
        let before = self.text(name);
        act(&mut self.desk);
        let after = self.text(name);
        let typed = self.typed.get_mut(name).unwrap();
        let (was, is) = (words::of('w', &before), words::of('w', &after));
        typed.retain(|word| !was.contains(word) || is.contains(word));
        typed.extend(is.difference(&was).cloned());
        let (was, is) = (words::of('a', &before), words::of('a', &after));
        self.adopted.extend(is.difference(&was).cloned());
    }

    fn type_words(&mut self, name: &'static str) {
        let mut gaps = words::gaps(self.desk.text(name));
        let mut replacements = Vec::new();
        for _ in 0..=self.random.below(3) {
            let at = gaps.swap_remove(self.random.below(gaps.len()));
            let word = self.new_word('w');
            let text = match self.random.below(4) {
                0 => word,
                1 => format!("{word}\n"),
                2 => format!(" {word} é"),
                _ => format!("\n{word}🦀"),
            };
            replacements.push(Replacement {
                range: at..at,
                text,
            });
            if gaps.is_empty() {
                break;
            }
        }
        self.note(format!("type {name} {replacements:?}"));
        self.by_hand(name, |desk| desk.replace(name, replacements));
    }

    fn delete(&mut self, name: &'static str) {
        let gaps = words::gaps(self.desk.text(name));
        let first = self.random.below(gaps.len());
        let last = (first + self.random.below(8)).min(gaps.len() - 1);
        let range = gaps[first]..gaps[last];
        self.note(format!(
            "delete {name} {:?}",
            &self.desk.text(name)[range.clone()]
        ));
        let replacement = Replacement {
            range,
            text: String::new(),
        };
        self.by_hand(name, |desk| desk.replace(name, vec![replacement]));
    }

    fn editor_undo(&mut self, name: &'static str) {
        self.note(format!("editor's undo {name}"));
        self.by_hand(name, |desk| {
            desk.undo(name);
        });
    }

    fn open(&mut self, name: &'static str) {
        self.note(format!("open {name}"));
        self.desk.open(name);
        // Real Neovim applies any edit to a document that was never changed, whoever typed meanwhile.
        let end = self.desk.text(name).len();
        self.by_hand(name, |desk| desk.type_at(name, end, " "));
    }

    fn save(&mut self, name: &'static str) {
        self.note(format!("save {name}"));
        self.desk.save(name);
    }

    fn close(&mut self, name: &'static str) {
        self.note(format!("save and close {name}"));
        self.desk.save(name);
        self.desk.close(name);
    }

    fn write_outside(&mut self, name: &'static str) {
        let mut text = self.desk.disk(name).unwrap();
        let gaps = words::gaps(&text);
        let at = *self.random.pick(&gaps);
        text.insert_str(at, &self.new_word('w'));
        self.note(format!("another program writes {name} at {at}"));
        self.by_hand(name, |desk| desk.write_outside(name, &text));
    }

    fn new_word(&mut self, origin: char) -> String {
        self.last_word += 1;
        format!("{origin}{:05}", self.last_word)
    }

    // Tasks and their changes.

    /// A task that replaces a few words that are not the user's.
    fn start_task(&mut self) {
        let states = self.desk.tasks();
        let is_at_work = |task: &&Value| {
            let state = task["state"].as_str().unwrap();
            matches!(state, "queued" | "running" | "landing")
        };
        if MOST_TASKS <= states.iter().filter(is_at_work).count() {
            return;
        }
        let mut steps = Vec::new();
        for _ in 0..=self.random.below(4) {
            let name = *self.random.pick(&NAMES);
            let known: Vec<String> = words::of('o', &self.text(name)).into_iter().collect();
            if known.is_empty() {
                continue;
            }
            let old = self.random.pick(&known).clone();
            let (one, other) = (self.new_word('a'), self.new_word('a'));
            let new = match self.random.below(4) {
                0 => one,
                1 => format!("{one} {old} {other}"),
                2 => format!("{one}\n{other}"),
                _ => String::new(),
            };
            self.note(format!("step of the next task: {name} {old} {new:?}"));
            let arguments = json!({ "path": name, "old_string": old, "new_string": new });
            steps.push(Step::call("edit_file", arguments));
        }
        steps.push(Step::say("Done."));
        let words = format!("job {} of the run", self.new_word('j'));
        self.desk.model.play(&words, steps);
        let task = self.desk.start_task(&words);
        self.note(format!("task {task}"));
        self.tasks.push(task);
    }

    /// The changes that wait, as their diagnostics show them.
    fn shown(&self) -> Vec<Shown> {
        let mut all = Vec::new();
        for name in NAMES {
            let diagnostics = self.desk.diagnostics.get(&self.desk.path(name));
            for diagnostic in diagnostics.into_iter().flatten() {
                let Some(id) = diagnostic["data"]["hunk"].as_u64() else {
                    continue;
                };
                let line = |end: &str| diagnostic["range"][end]["line"].as_u64().unwrap() as usize;
                let lines = line("start")..line("end") + 1;
                all.push(Shown { id, name, lines });
            }
        }
        all
    }

    /// What the user has typed into a change may go with it, and so may what joins it at its edges.
    fn give_up(&mut self, shown: &Shown) {
        let around = shown.lines.start.saturating_sub(1)..shown.lines.end + 1;
        let lost = words::of('w', &words::lines(&self.text(shown.name), around));
        let typed = self.typed.get_mut(shown.name).unwrap();
        typed.retain(|word| !lost.contains(word));
    }

    fn keep_some(&mut self) {
        self.desk
            .wait_until("the diagnostics are up to date", |desk| {
                desk.shown_changes() == desk.listed_changes()
            });
        let shown = self.shown();
        if shown.is_empty() {
            return;
        }
        let shown = self.random.pick(&shown);
        let around = shown.lines.start.saturating_sub(2)..shown.lines.end + 2;
        let text = self.text(shown.name);
        self.adopted
            .extend(words::of('a', &words::lines(&text, around)));
        self.note(format!(
            "keep {} in {} {:?}",
            shown.id, shown.name, shown.lines
        ));
        // It may be gone by now.
        drop(
            self.desk
                .run_command("ropewalk.review.keep", json!([shown.id])),
        );
    }

    /// Only when no task is at work is it known what belongs to the change.
    fn undo_some(&mut self) {
        if self.desk.manners != Manners::Good {
            return;
        }
        self.desk.settle();
        let shown = self.shown();
        if shown.is_empty() {
            return;
        }
        let shown = self.random.pick(&shown);
        self.note(format!(
            "undo {} in {} {:?}",
            shown.id, shown.name, shown.lines
        ));
        self.give_up(shown);
        self.desk
            .run_command("ropewalk.review.undo", json!([shown.id]))
            .unwrap();
        let mut place = shown.lines.end + 1;
        let (name, id) = (shown.name, shown.id);
        if self.desk.is_open(name) && self.random.below(2) == 0 {
            place += 2;
            self.type_in_line(name, place);
        }
        self.desk.wait_until("it is undone", |desk| {
            let list = desk.run_command("ropewalk.review.list", json!([])).unwrap();
            let mut list = list.as_array().unwrap().iter();
            list.all(|it| it["hunk"] != id)
        });
    }

    /// Types at the end of a line, if there is one and no change in it or beside it.
    fn type_in_line(&mut self, name: &'static str, line: usize) {
        let text = self.desk.text(name);
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let is_near = |shown: &Shown| {
            shown.name == name && shown.lines.start <= line + 2 && line <= shown.lines.end + 2
        };
        if text.split_inclusive('\n').count() <= line || self.shown().iter().any(is_near) {
            return;
        }
        let word = self.new_word('w');
        self.note(format!("type {word} in line {line} meanwhile"));
        self.by_hand(name, |desk| desk.type_at(name, before, &word));
    }

    fn conflicts(&mut self) -> Vec<Value> {
        let list = self
            .desk
            .run_command("ropewalk.conflicts", json!([]))
            .unwrap();
        list.as_array().unwrap().clone()
    }

    fn decide_some(&mut self) {
        let conflicts = self.conflicts();
        if conflicts.is_empty() {
            return;
        }
        let conflict = self.random.pick(&conflicts).clone();
        let is_text = conflict["line"].is_u64();
        let decision = match is_text && self.random.below(2) == 0 {
            true => "ropewalk.conflict.both",
            false => "ropewalk.conflict.mine",
        };
        self.note(format!("{decision} {conflict}"));
        if decision.ends_with("both") {
            // What the user takes over is the user's.
            let last = self.last_word;
            self.adopted
                .extend((1..=last).map(|it| format!("a{it:05}")));
        }
        drop(self.desk.run_command(decision, json!([conflict["number"]])));
    }

    fn keep_mine_everywhere(&mut self) {
        for conflict in self.conflicts() {
            let number = json!([conflict["number"]]);
            drop(self.desk.run_command("ropewalk.conflict.mine", number));
        }
    }

    fn end_holding(&mut self) {
        if self.desk.held_edits.is_empty() {
            return;
        }
        if self.random.below(2) == 0 {
            self.note("applies what was held".into());
            self.desk.apply_held_edits();
        } else {
            self.note("declines what was held".into());
            self.desk.decline_held_edits();
        }
    }

    // What must hold.

    fn check_words(&mut self, name: &'static str) {
        if self.desk.manners == Manners::IgnoresVersions {
            return;
        }
        let text = self.text(name);
        let there = words::of('w', &text);
        let lost: Vec<_> = self.typed[name].difference(&there).collect();
        assert!(
            lost.is_empty(),
            "{name}: lost {lost:?} in\n{text}\n{}",
            self.desk.account()
        );
        assert!(Path::new(&self.desk.path(name)).exists(), "{name}");
    }
}
