//! Random plays: a task and its user edit the same files in turn, each in its own ways, and then the task's changes are applied.

use std::{collections::BTreeMap, fs, path::Path};

use agent::landing::{ConflictPolicy, Landed};
use fastrand::Rng;
use libtest_mimic::Trial;
use sandbox::Wall;

use super::{
    oracle,
    stage::{Place, Task},
};

/// So many plays are one test, so that several run side by side.
const PLAYS: u64 = 20;

/// Files that are there at first, and some that are not.
const NAMES: [&str; 8] = [
    "a.txt",
    "b.txt",
    "c.txt",
    "deep/er/d.txt",
    "deep/e.txt",
    "new.txt",
    "deep/new.txt",
    "far/new.txt",
];

/// The last ones of them are made by the play, if at all.
const AT_FIRST: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    let overlay = (0..6).map(|group| (Wall::Overlay, group));
    let copy = (6..8).map(|group| (Wall::Copy, group));
    let trial = |(wall, group): (Wall, u64)| {
        let name = format!("what_both_did_is_merged_or_told::{wall:?}::{group}");
        Trial::test(name, move || {
            let mut seen = Seen::default();
            (group * PLAYS..(group + 1) * PLAYS).for_each(|seed| play(seed, wall, &mut seen));
            seen.assert_enough();
            Ok(())
        })
    };
    overlay.chain(copy).map(trial).collect()
}

/// What is known of one file.
#[derive(Clone, Debug, Default)]
struct File {
    /// What the task started from.
    base: Option<String>,
    has_task_touched: bool,
    /// Whether the user changed it when it was not yet sure to be kept what the task started from. Then the task may have
    /// seen the user's text or not, and applying may ask although it merges.
    was_unsettled: bool,
    /// Whether what the task started from is kept.
    is_settled: bool,
}

/// How often was tried what the test is about.
#[derive(Debug, Default)]
struct Seen {
    merged: usize,
    conflicts: usize,
    task_alone: usize,
}

impl Seen {
    fn assert_enough(&self) {
        let least = [(self.merged, 2), (self.conflicts, 5), (self.task_alone, 5)];
        assert!(least.iter().all(|(seen, least)| seen >= least), "{self:?}");
    }
}

struct Play {
    seed: u64,
    random: Rng,
    place: Place,
    task: Task,
    files: BTreeMap<&'static str, File>,
    /// Makes every line another one.
    lines: usize,
}

fn play(seed: u64, wall: Wall, seen: &mut Seen) {
    let mut random = Rng::with_seed(seed);
    let place = Place::new();
    let mut files = BTreeMap::new();
    let mut documents = Vec::new();
    for (number, name) in NAMES.into_iter().enumerate() {
        let mut file = File::default();
        if number < AT_FIRST {
            let lines = random.usize(12..30);
            let text: String = (0..lines).map(|line| format!("{name} {line}\n")).collect();
            write(&place.folder.join(name), &text);
            file.base = Some(text);
        }
        if random.u8(0..5) == 0 {
            let text = file.base.clone().unwrap_or_default() + "typed and not saved\n";
            documents.push((name.to_owned(), text.clone()));
            file.base = Some(text);
            file.is_settled = true;
        }
        files.insert(name, file);
    }
    let task = place.begin(&documents, wall);
    let mut play = Play {
        seed,
        random,
        place,
        task,
        files,
        lines: 0,
    };
    for _ in 0..play.random.usize(6..20) {
        match play.random.u8(0..5) {
            0 | 1 => play.user_edits(),
            2 => play.tool_edits(),
            _ => play.command_edits(),
        }
    }
    play.apply(seen);
}

impl Play {
    fn any_name(&mut self) -> &'static str {
        // Few files, so that both often meet.
        let count = self.random.usize(1..=NAMES.len());
        NAMES[self.random.usize(0..count)]
    }

    fn new_line(&mut self, whose: &str) -> String {
        self.lines += 1;
        format!("{whose} {}\n", self.lines)
    }

    /// `text` with a line changed, added, removed, or all of that.
    fn edited(&mut self, text: &str, whose: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for _ in 0..self.random.usize(1..3) {
            let at = self.random.usize(0..=lines.len());
            match self.random.u8(0..4) {
                0 if at < lines.len() => drop(lines.remove(at)),
                1 | 2 if at < lines.len() => lines[at] = self.new_line(whose),
                _ => {
                    let line = self.new_line(whose);
                    lines.insert(at, line);
                }
            }
        }
        lines.concat()
    }

    /// In place, by renaming a new file over it, or by taking it away.
    fn user_edits(&mut self) {
        let name = self.any_name();
        let path = self.place.folder.join(name);
        let text = self.place.text(name);
        let new = self.edited(text.as_deref().unwrap_or_default(), "user");
        match self.random.u8(0..8) {
            0 if text.is_some() => fs::remove_file(&path).unwrap(),
            1..=3 => {
                let beside = path.with_extension("saving");
                write(&beside, &new);
                fs::rename(&beside, &path).unwrap();
            }
            _ => write(&path, &new),
        }
        let file = self.files.get_mut(name).unwrap();
        file.was_unsettled |= !file.is_settled;
    }

    fn tool_edits(&mut self) {
        let name = self.any_name();
        let text = self.task.text(name);
        let new = match text.is_some() && self.random.u8(0..8) == 0 {
            true => None,
            false => Some(self.edited(text.as_deref().unwrap_or_default(), "task")),
        };
        self.task.edit(name, new.as_deref());
        let file = self.files.get_mut(name).unwrap();
        if !file.has_task_touched {
            // What a tool replaces is what the task has seen, the user's newer text perhaps.
            file.base = text;
            file.was_unsettled = false;
        }
        file.has_task_touched = true;
        file.is_settled = true;
    }

    fn command_edits(&mut self) {
        let name = self.any_name();
        let line = self.new_line("task").trim_end().to_owned();
        let text = self.task.text(name);
        let lines = text.as_ref().map(|text| text.lines().count());
        let at = self.random.usize(1..=lines.unwrap_or(0).max(1));
        let command = match (self.random.u8(0..6), lines) {
            (0 | 1, Some(1..)) => format!("sed -i '{at}s/.*/{line}/' {name}"),
            (2, Some(1..)) => format!("sed -i {at}d {name}"),
            (3, Some(_)) => format!("rm {name}"),
            (4, Some(_)) => format!("cp {name} kept && echo {line} >> kept && mv kept {name}"),
            _ => format!("mkdir -p $(dirname {name}) && echo {line} >> {name}"),
        };
        self.task.run(&command);
        let file = self.files.get_mut(name).unwrap();
        if !file.has_task_touched && file.was_unsettled && text.is_none() {
            // The user took it away, and the task makes a new one.
            file.base = None;
        }
        file.has_task_touched = true;
        // Otherwise it is as if the user had been quicker.
        if self.random.u8(0..4) > 0 {
            self.task.note_touched();
            let touched = self.files.values_mut().filter(|file| file.has_task_touched);
            touched.for_each(|file| file.is_settled = true);
        }
    }

    fn apply(self, seen: &mut Seen) {
        let policy = match self.seed % 3 {
            0 => ConflictPolicy::Refuse,
            _ => ConflictPolicy::KeepForLater,
        };
        let sides: BTreeMap<_, _> = NAMES
            .map(|name| (name, (self.place.text(name), self.task.text(name))))
            .into();
        let landed = self.place.apply(&self.task, policy);
        let is_refused = policy == ConflictPolicy::Refuse && !landed.conflicts.is_empty();
        for (name, (user, task)) in &sides {
            let file = &self.files[name];
            let now = self.place.text(name);
            let told = format!(
                "seed {}, {name}: {file:#?}\nuser: {user:?}\ntask: {task:?}\nnow: {now:?}\nconflicts: {:#?}",
                self.seed,
                told_conflicts(&landed),
            );
            let task = if file.has_task_touched {
                task
            } else {
                &file.base
            };
            let merged = oracle::merged(
                &self.place.scratch,
                file.base.as_deref(),
                user.as_deref(),
                task.as_deref(),
            );
            if is_in_conflict(&landed, &self.place.folder.join(name)) {
                seen.conflicts += 1;
                assert!(
                    merged.is_err() || file.was_unsettled,
                    "asked in vain: {told}"
                );
                assert_eq!(now, *user, "{told}");
                continue;
            }
            if is_refused {
                assert_eq!(now, *user, "{told}");
                continue;
            }
            assert_eq!(Ok(&now), merged.as_ref(), "{told}");
            assert_users_lines_are_kept(file, user.as_deref(), now.as_deref(), &told);
            seen.task_alone += usize::from(*user == file.base && now != *user);
            seen.merged += usize::from(now != *user && now != *task);
        }
        self.task.end();
    }
}

fn is_in_conflict(landed: &Landed, path: &Path) -> bool {
    landed
        .conflicts
        .iter()
        .any(|conflict| conflict.path == path)
}

fn told_conflicts(landed: &Landed) -> Vec<String> {
    let conflicts = landed.conflicts.iter();
    conflicts
        .map(|conflict| format!("{} {}", conflict.path.display(), conflict.obstacle))
        .collect()
}

/// The task knows none of the lines that the user wrote since it began with the file, so none of them goes.
fn assert_users_lines_are_kept(file: &File, user: Option<&str>, now: Option<&str>, told: &str) {
    let base = file.base.as_deref().unwrap_or_default();
    let now = now.unwrap_or_default();
    for line in user.unwrap_or_default().lines() {
        let is_new = line.starts_with("user ") && !base.lines().any(|known| known == line);
        let is_kept = now.lines().any(|kept| kept == line);
        assert!(!is_new || is_kept, "{line} is lost: {told}");
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
