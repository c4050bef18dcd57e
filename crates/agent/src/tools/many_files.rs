//! Changing many files with one call: going through them, and one answer for all of it.
//!
//! `rename` and `rewrite` say what happens to one text; here all files are read, their changes planned on all cores, and
//! made together or not at all.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use ::workspace::{WalkOptions, WorkspaceSnapshot};

use super::{
    change_files::{change_files, present},
    output::without_middle,
    parallel,
    places::shown,
};
use crate::{ToolContext, ToolOutput, editable_text::EditableText, workspace::FileEdit};

/// Larger files are passed by, in bytes.
const LARGEST: u64 = 10 << 20;

/// So many files are named in an answer.
const MOST_NAMED: usize = 100;

/// A dry run shows so many places.
const MOST_SAMPLES: usize = 40;

/// A dry run shows so many tokens of differences.
const SHOWN_TOKENS: usize = 8_000;

/// Whether the changes are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Make,
    /// Only shown.
    Dry,
}

/// What becomes of one text.
#[derive(Default)]
pub(super) struct Edited {
    /// The new text; `None` when it stays.
    pub(super) after: Option<String>,
    /// How many places were changed.
    pub(super) places: usize,
    /// How many places were left that a person would look at.
    pub(super) left: usize,
    /// Some of the places, as `line: before → after`; without them a dry run shows differences.
    pub(super) samples: Vec<String>,
    /// What the model should know of this file, as the end of a sentence.
    pub(super) remark: Option<String>,
}

/// Why a text cannot be dealt with.
pub(super) enum Trouble {
    /// The file is passed by and named with the reason.
    Skip(String),
    /// Nothing is changed anywhere.
    Refuse(String),
}

/// All that is going to happen.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) changes: Vec<FileEdit>,
    /// Each changed file with its number of places.
    pub(super) changed: Vec<(PathBuf, usize)>,
    /// Files with places that were left.
    pub(super) left: Vec<(PathBuf, usize)>,
    pub(super) samples: Vec<(PathBuf, Vec<String>)>,
    pub(super) remarks: Vec<(PathBuf, String)>,
    pub(super) skipped: Vec<(PathBuf, String)>,
    pub(super) files: usize,
}

/// Offers every file's text to `edit`.
///
/// # Errors
/// The answer: the turn was interrupted, or a file cannot be changed as asked.
pub(super) fn plan(
    files: &WalkOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
    edit: impl Fn(&Path, &str) -> Result<Edited, Trouble> + Sync,
) -> Result<Plan, ToolOutput> {
    let walk = snapshot
        .walk(files)
        .map_err(|error| ToolOutput::failure(format!("{error}.")))?;
    let paths: Vec<PathBuf> = walk.map(|entry| entry.path).collect();
    let edited = parallel::map(&paths, context.cancel, |path| {
        edit_file(path, snapshot, context, &edit)
    });
    let Some(edited) = edited else {
        return Err(ToolOutput::interrupted(
            "Interrupted before anything was changed.",
        ));
    };
    let mut plan = Plan {
        files: paths.len(),
        ..Plan::default()
    };
    for (path, edited) in paths.into_iter().zip(edited) {
        match edited {
            Ok((change, edited)) => plan.add(path, change, edited),
            Err(Trouble::Skip(reason)) => plan.skipped.push((path, reason)),
            Err(Trouble::Refuse(reason)) => {
                return Err(ToolOutput::failure(format!(
                    "{}: {reason} Nothing was changed.",
                    shown(context, &path)
                )));
            }
        }
    }
    Ok(plan)
}

/// The text is taken from the snapshot first, which is cheap; the bytes are read only where something changes.
fn edit_file(
    path: &Path,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
    edit: impl Fn(&Path, &str) -> Result<Edited, Trouble>,
) -> Result<(Option<FileEdit>, Edited), Trouble> {
    // Nobody edits by name or by structure what is binary, very large or not to be read.
    let Ok(file) = snapshot.read_up_to(path, LARGEST) else {
        return Ok((None, Edited::default()));
    };
    let seen = file.text.to_string();
    let mut edited = edit(path, &seen)?;
    if edited.after.is_none() {
        return Ok((None, edited));
    }
    let skip = |error: &dyn std::fmt::Display| Trouble::Skip(error.to_string());
    let before = context
        .workspace
        .read(path, LARGEST)
        .map_err(|error| skip(&error))?;
    let text = EditableText::decode(before.clone()).map_err(|error| skip(&error))?;
    if text.text() != seen {
        edited = edit(path, text.text())?;
    }
    let Some(after) = &edited.after else {
        return Ok((None, edited));
    };
    let after = text
        .encode(after)
        .map_err(|error| Trouble::Refuse(format!("{error}.")))?;
    let change = FileEdit::Write {
        path: path.to_owned(),
        before: Some(before),
        after,
    };
    Ok((Some(change), edited))
}

impl Plan {
    fn add(&mut self, path: PathBuf, change: Option<FileEdit>, edited: Edited) {
        if edited.left > 0 {
            self.left.push((path.clone(), edited.left));
        }
        if let Some(remark) = edited.remark {
            self.remarks.push((path.clone(), remark));
        }
        if let Some(change) = change {
            if !edited.samples.is_empty() {
                self.samples.push((path.clone(), edited.samples));
            }
            self.changes.push(change);
            self.changed.push((path, edited.places));
        }
    }

    /// How many places are changed.
    pub(super) fn places(&self) -> usize {
        self.changed.iter().map(|(_, places)| places).sum()
    }

    /// Makes the changes, or shows them; `done` is what was done (`Renamed a to b`), `notes` follow the list of files.
    pub(super) fn carry_out(
        &self,
        run: Run,
        done: &str,
        notes: &str,
        context: &ToolContext<'_>,
    ) -> ToolOutput {
        let summary = format!(
            "{done}: {} in {}",
            counted(self.places(), "place"),
            counted(self.changed.len(), "file")
        );
        let mut message = match run {
            Run::Make => format!("{summary}.\n"),
            Run::Dry => format!("{summary} would change; nothing was changed yet.\n"),
        };
        for (path, places) in self.changed.iter().take(MOST_NAMED) {
            // Writing to a string cannot fail.
            let _ = writeln!(message, "M {} ({places})", shown(context, path));
        }
        if self.changed.len() > MOST_NAMED {
            let _ = writeln!(message, "[{} more files]", self.changed.len() - MOST_NAMED);
        }
        for (path, remark) in self.remarks.iter().take(MOST_NAMED) {
            let _ = writeln!(message, "{}: {remark}", shown(context, path));
        }
        message += notes;
        message += &self.skipped_text(context);
        match run {
            Run::Make => change_files(&self.changes, context, message, |error| {
                format!("{error}\nNothing was changed.")
            }),
            Run::Dry if self.samples.is_empty() => {
                ToolOutput::success(message + &self.differences(context))
            }
            Run::Dry => ToolOutput::success(message + &self.samples_text(context)),
        }
    }

    /// The files that were not looked into, with the reasons.
    pub(super) fn skipped_text(&self, context: &ToolContext<'_>) -> String {
        let mut text = String::new();
        for (path, reason) in self.skipped.iter().take(MOST_NAMED) {
            let _ = writeln!(text, "Not looked into: {} ({reason})", shown(context, path));
        }
        text
    }

    /// Some places of as many files as possible, one round after the other.
    fn samples_text(&self, context: &ToolContext<'_>) -> String {
        let most = self.samples.iter().map(|(_, samples)| samples.len()).max();
        let rounds = (0..most.unwrap_or(0)).flat_map(|round| {
            let samples = self.samples.iter().enumerate();
            samples.filter_map(move |(file, (_, samples))| Some((file, round, samples.get(round)?)))
        });
        let mut chosen: Vec<_> = rounds.take(MOST_SAMPLES).collect();
        chosen.sort_by_key(|(file, round, _)| (*file, *round));
        let mut text = String::from("Some of the places, before and after:\n");
        for (file, _, sample) in chosen {
            let _ = writeln!(text, "{}:{sample}", shown(context, &self.samples[file].0));
        }
        text
    }

    fn differences(&self, context: &ToolContext<'_>) -> String {
        let mut text = String::new();
        for change in present(&self.changes) {
            let _ = write!(
                text,
                "--- {}\n{}",
                shown(context, &change.path),
                change.diff
            );
        }
        without_middle(&text, SHOWN_TOKENS).text
    }
}

/// `1 place`, `2 places`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// The line on which `offset` lies, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}
