//! Counts what a user would have had of the recorded proposals at a threshold: an ideal one, who
//! accepts with one key whatever is right as far as it goes, and types everything else.

use super::record::{Record, Records};
use crate::cut::{Cut, best_cut};

/// Sums over places. Ratios of these are the report's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Places asked about.
    pub places: usize,
    /// Places with a suggestion.
    pub shown: usize,
    /// Suggestions that were right as far as they went.
    pub right: usize,
    /// Suggestions that were exactly the rest of the line.
    pub exact: usize,
    /// Characters of the right suggestions.
    pub right_characters: usize,
    /// Characters of the lines.
    pub typed_characters: usize,
    /// Keys the ideal user pressed for them.
    pub keys: usize,
    /// Suggestions that did not go on from the one shown before.
    pub distinct: usize,
    /// Those the ideal user accepted.
    pub accepted: usize,
}

/// How whole lines are guessed from their first column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineStarts {
    /// Lines asked about.
    pub lines: usize,
    /// Lines of which all was proposed.
    pub shown: usize,
    /// Lines of which all was proposed and right.
    pub exact: usize,
}

impl Totals {
    /// The totals of `records` where suggestions are cut at `threshold` and those below
    /// `min_characters` are not shown.
    pub(super) fn of(
        records: &Records,
        threshold: f32,
        min_characters: usize,
        filter: impl Fn(&Record) -> bool,
    ) -> Self {
        let mut totals = Self::default();
        for line in records
            .records
            .chunk_by(|left, right| left.line == right.line)
        {
            if filter(&line[0]) {
                totals.add_places(line, threshold, min_characters);
                totals.add_keys(line, threshold, min_characters);
            }
        }
        totals
    }

    /// The sum of two totals.
    pub fn plus(self, other: Self) -> Self {
        Self {
            places: self.places + other.places,
            shown: self.shown + other.shown,
            right: self.right + other.right,
            exact: self.exact + other.exact,
            right_characters: self.right_characters + other.right_characters,
            typed_characters: self.typed_characters + other.typed_characters,
            keys: self.keys + other.keys,
            distinct: self.distinct + other.distinct,
            accepted: self.accepted + other.accepted,
        }
    }

    /// The share of keystrokes saved.
    pub fn saved(&self) -> f64 {
        1.0 - share(self.keys, self.typed_characters)
    }

    /// The share of places with a suggestion.
    pub fn coverage(&self) -> f64 {
        share(self.shown, self.places)
    }

    /// The share of suggestions that were right as far as they went.
    pub fn precision(&self) -> f64 {
        share(self.right, self.shown)
    }

    /// The share of suggestions that were exactly the rest of the line.
    pub fn exact_match(&self) -> f64 {
        share(self.exact, self.shown)
    }

    /// Characters saved by an average suggestion, wrong ones included.
    pub fn saved_per_shown(&self) -> f64 {
        share(self.right_characters, self.shown)
    }

    /// The share of distinct suggestions that were accepted.
    pub fn acceptance(&self) -> f64 {
        share(self.accepted, self.distinct)
    }

    fn add_places(&mut self, line: &[Record], threshold: f32, min_characters: usize) {
        for record in line {
            self.places += 1;
            let Some(cut) = record.shown(threshold, min_characters) else {
                continue;
            };
            self.shown += 1;
            if record.is_right(&cut) {
                self.right += 1;
                self.right_characters += cut.characters;
                self.exact += usize::from(cut.characters == record.remaining as usize);
            }
        }
    }

    fn add_keys(&mut self, line: &[Record], threshold: f32, min_characters: usize) {
        let length = line.len() - 1;
        self.typed_characters += length;
        let mut column = 0;
        let mut before: Option<&str> = None;
        while column <= length {
            let record = &line[column];
            let cut = record.shown(threshold, min_characters);
            let text = cut.map(|cut| &record.text[..record.steps[cut.step].end]);
            if let (Some(cut), Some(text)) = (cut, text) {
                self.distinct += usize::from(!goes_on(before, text));
                if record.is_right(&cut) {
                    self.accepted += 1;
                    self.keys += 1;
                    column += cut.characters;
                    before = None;
                    if column >= length {
                        break;
                    }
                    continue;
                }
            }
            before = text;
            self.keys += usize::from(column < length);
            column += 1;
        }
    }
}

impl LineStarts {
    /// Counts the lines at a threshold.
    pub(super) fn of(records: &Records, threshold: f32) -> Self {
        let mut starts = Self::default();
        for record in records.records.iter().filter(|record| record.column == 0) {
            starts.lines += 1;
            let confidence = record.steps.last().map_or(0.0, |step| step.confidence);
            if record.is_complete && confidence >= threshold {
                starts.shown += 1;
                starts.exact += usize::from(record.right == record.steps.len());
            }
        }
        starts
    }

    /// The sum of two counts.
    pub fn plus(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            shown: self.shown + other.shown,
            exact: self.exact + other.exact,
        }
    }

    /// The share of the proposed lines that were right.
    pub fn precision(&self) -> f64 {
        share(self.exact, self.shown)
    }

    /// The share of all lines that were guessed whole.
    pub fn exact_lines(&self) -> f64 {
        share(self.exact, self.lines)
    }
}

impl Record {
    fn shown(&self, threshold: f32, min_characters: usize) -> Option<Cut> {
        let cut = best_cut(&self.steps, threshold)?;
        let is_shown = cut.characters >= min_characters && self.repeating != Some(cut.step);
        is_shown.then_some(cut)
    }

    fn is_right(&self, cut: &Cut) -> bool {
        cut.step < self.right
    }
}

/// Whether a suggestion is what was left, or more or less, of the one before after one typed
/// character.
fn goes_on(before: Option<&str>, now: &str) -> bool {
    let Some(before) = before else { return false };
    let mut rest = before.chars();
    rest.next();
    let rest = rest.as_str();
    rest.starts_with(now) || !rest.is_empty() && now.starts_with(rest)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
