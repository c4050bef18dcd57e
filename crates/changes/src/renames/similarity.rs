//! How much of one text is in another, by whole lines, whatever their order.
//!
//! Each text is read once and remembered as the hashes of its lines. What all comparisons of one
//! proposal cost together, in time and in memory, is bounded.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use super::{LEAST_SIMILARITY, state_of};
use crate::{FileChange, FileState};

/// In bytes. Larger files are renames only if nothing in them changed.
const LARGEST: usize = 1024 * 1024;
/// In lines, over all comparisons: about half a second.
const MOST_COMPARED: usize = 100_000_000;
/// In lines, over all texts: some 64 MB.
const MOST_REMEMBERED: usize = 4_000_000;

/// The comparisons of one proposal's deleted and created files.
pub(super) struct Comparisons<'files> {
    files: &'files [FileChange],
    /// By place in `files`; `None` for what cannot be compared.
    prints: HashMap<usize, Option<Fingerprint>>,
    compared: usize,
    remembered: usize,
}

/// The lines of a text.
struct Fingerprint {
    /// Hash of a line and the bytes of all lines that have it, in order of the hash.
    lines: Vec<(u64, usize)>,
    /// In bytes.
    size: usize,
}

impl<'files> Comparisons<'files> {
    pub(super) fn new(files: &'files [FileChange]) -> Self {
        Self {
            files,
            prints: HashMap::new(),
            compared: 0,
            remembered: 0,
        }
    }

    /// How similar the files at the two places are, in percent; `None` if they are not similar enough
    /// for a rename, are no texts, or would cost too much.
    pub(super) fn percent(&mut self, deleted: usize, created: usize) -> Option<u32> {
        let [old_size, new_size] = [deleted, created].map(|place| self.size(place));
        if old_size.max(new_size) > LARGEST || most_similar(old_size, new_size) < LEAST_SIMILARITY {
            return None;
        }
        self.remember(deleted);
        self.remember(created);
        let old = self.prints.get(&deleted)?.as_ref()?;
        let new = self.prints.get(&created)?.as_ref()?;
        self.compared += old.lines.len() + new.lines.len();
        let is_affordable = self.compared <= MOST_COMPARED;
        let percent = is_affordable.then(|| old.similarity(new))?;
        (percent >= LEAST_SIMILARITY).then_some(percent)
    }

    fn size(&self, place: usize) -> usize {
        state_of(&self.files[place]).map_or(0, |state| state.content.bytes().len())
    }

    fn remember(&mut self, place: usize) {
        if self.prints.contains_key(&place) || self.remembered > MOST_REMEMBERED {
            return;
        }
        let print = state_of(&self.files[place]).and_then(Fingerprint::of);
        self.remembered += print.as_ref().map_or(0, |print| print.lines.len());
        self.prints.insert(place, print);
    }
}

impl Fingerprint {
    fn of(state: &FileState) -> Option<Self> {
        let text = state.text()?;
        let mut lines: Vec<(u64, usize)> = text
            .split_inclusive('\n')
            .map(|line| (hash(line), line.len()))
            .collect();
        lines.sort_unstable();
        lines.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 += next.1;
            }
            is_same
        });
        Some(Self {
            lines,
            size: text.len(),
        })
    }

    /// The bytes of the lines that both have, in percent of the larger one, rounded down.
    fn similarity(&self, other: &Self) -> u32 {
        let (mut left, mut right) = (self.lines.iter().peekable(), other.lines.iter().peekable());
        let mut common = 0;
        while let (Some((left_hash, left_size)), Some((right_hash, right_size))) =
            (left.peek(), right.peek())
        {
            match left_hash.cmp(right_hash) {
                Ordering::Less => left.next(),
                Ordering::Greater => right.next(),
                Ordering::Equal => {
                    common += left_size.min(right_size);
                    left.next();
                    right.next()
                }
            };
        }
        percent_of(common, self.size.max(other.size))
    }
}

/// How much of `before` is in `after`, in percent; 100 only when they are equal.
pub(crate) fn percent(before: &FileState, after: &FileState) -> u32 {
    if before.content == after.content {
        return 100;
    }
    let prints = Fingerprint::of(before).zip(Fingerprint::of(after));
    prints.map_or(0, |(before, after)| before.similarity(&after).min(99))
}

/// What the similarity of texts of these sizes is at most.
fn most_similar(size: usize, other: usize) -> u32 {
    percent_of(size.min(other), size.max(other))
}

fn percent_of(part: usize, whole: usize) -> u32 {
    let percent = (part * 100).checked_div(whole).unwrap_or(100);
    u32::try_from(percent).unwrap_or(100)
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(line.as_bytes());
    hasher.finish()
}
