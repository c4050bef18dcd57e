//! A proposal in a few lines: which files, what kind of change, how many lines.
//!
//! Surfaces show it before they ask whether to apply; they add colours themselves. The words for one
//! file are in `summary/wording.rs`.

mod wording;

use std::iter::Sum;
use std::path::PathBuf;

use text::newline_hunks;

use crate::{Base, ChangeKind, Content, FileChange, FileState, Proposal};

/// What a proposal changes, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// In the proposal's order.
    pub files: Vec<FileSummary>,
    /// Where the names in the text begin: the root of the proposal's patch.
    root: PathBuf,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSummary {
    /// Absolute. Of a deleted file, where it was.
    pub path: PathBuf,
    /// Absolute; the old name of a renamed file.
    pub renamed_from: Option<PathBuf>,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// How large it is.
    pub extent: Extent,
    /// Whether the file is executable now, if that changed.
    pub new_mode: Option<bool>,
}

/// How large a change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A text.
    Lines(LineCounts),
    /// Binary content, replaced whole. Sizes in bytes, `None` where there is no file.
    Binary {
        /// The size it had.
        before: Option<usize>,
        /// The size it has.
        after: Option<usize>,
    },
    /// A symbolic link on one of the two sides.
    Link {
        /// Where it led, if it was a link.
        before: Option<PathBuf>,
        /// Where it leads, if it is a link.
        after: Option<PathBuf>,
    },
    /// What the task started from is not known.
    Unknown,
}

/// Lines that came and went. They end with `\n`, as in a patch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// How many came.
    pub added: usize,
    /// How many went.
    pub removed: usize,
}

impl Proposal {
    /// The proposal in short. `relative_to` are the folders of the workspace, as for
    /// [`Self::unified_diff`], so that names read the same in both.
    pub fn summary(&self, relative_to: &[PathBuf]) -> Summary {
        Summary {
            files: self.files.iter().map(FileSummary::of).collect(),
            root: self.diff_root(relative_to),
        }
    }
}

impl Summary {
    /// The lines of all texts together.
    pub fn lines(&self) -> LineCounts {
        let of_file = |file: &FileSummary| match file.extent {
            Extent::Lines(counts) => counts,
            _ => LineCounts::default(),
        };
        self.files.iter().map(of_file).sum()
    }

    /// One line without its end: `3 files: +12 −4`.
    pub fn headline(&self) -> String {
        let files = match self.files.len() {
            0 => return "no changes".to_owned(),
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        match wording::counts(self.lines()) {
            counts if counts.is_empty() => files,
            counts => format!("{files}: {counts}"),
        }
    }

    /// The headline and a line for each file, of which `most_files` are named and the others counted.
    /// Every line has its end. Names with control characters in them are in quotes, escaped.
    pub fn text(&self, most_files: usize) -> String {
        let mut text = self.headline() + "\n";
        for file in self.files.iter().take(most_files) {
            text.push_str(&format!("  {}\n", self.line(file)));
        }
        match self.files.len().saturating_sub(most_files) {
            0 => {}
            1 => text.push_str("  and 1 more file\n"),
            rest => text.push_str(&format!("  and {rest} more files\n")),
        }
        text
    }

    /// What [`Self::text`] says of one file, not set in and without its end: kind, name, extent.
    pub fn line(&self, file: &FileSummary) -> String {
        wording::line(file, &self.root)
    }
}

impl FileSummary {
    fn of(file: &FileChange) -> Self {
        Self {
            path: file.path.clone(),
            renamed_from: file.renamed_from.clone(),
            kind: file.kind(),
            extent: Extent::of(file),
            new_mode: file.new_mode(),
        }
    }
}

impl Extent {
    fn of(file: &FileChange) -> Self {
        if file.base == Base::Unknown {
            return Self::Unknown;
        }
        if let Some((before, after)) = file.texts() {
            return Self::Lines(LineCounts::between(before, after));
        }
        let sides = [file.before(), file.after.as_ref()];
        if sides.iter().flatten().any(|state| state.is_link()) {
            let [before, after] = sides.map(target);
            return Self::Link { before, after };
        }
        let [before, after] = sides.map(|state| state.map(|state| state.content.bytes().len()));
        Self::Binary { before, after }
    }
}

impl LineCounts {
    fn between(before: &str, after: &str) -> Self {
        let hunks = newline_hunks(before, after);
        let of_hunk = |hunk: &text::LineHunk| Self {
            added: hunk.new.len(),
            removed: hunk.old.len(),
        };
        hunks.iter().map(of_hunk).sum()
    }
}

impl Sum for LineCounts {
    fn sum<Counts: Iterator<Item = Self>>(counts: Counts) -> Self {
        counts.fold(Self::default(), |sum, counts| Self {
            added: sum.added + counts.added,
            removed: sum.removed + counts.removed,
        })
    }
}

fn target(state: Option<&FileState>) -> Option<PathBuf> {
    match &state?.content {
        Content::Link(target) => Some(target.clone()),
        Content::Bytes(_) => None,
    }
}

#[cfg(test)]
mod tests;
