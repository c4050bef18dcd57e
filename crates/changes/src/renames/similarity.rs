//! How much of one file is in another, by whole lines, whatever their order.

use std::hash::{DefaultHasher, Hasher};

use crate::FileState;

/// In bytes. Larger files are renames only if nothing in them changed.
const LARGEST: usize = 1024 * 1024;

/// The lines of a text as hashes, so that two texts are compared without looking at them again.
pub(super) struct Fingerprint {
    /// Hash of a line and the bytes of all lines that have it, in order of the hash.
    lines: Vec<(u64, usize)>,
    /// In bytes.
    size: usize,
}

impl Fingerprint {
    /// `None` for what is no text or is too large.
    pub(super) fn of(state: &FileState) -> Option<Self> {
        if state.content.bytes().len() > LARGEST {
            return None;
        }
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

    /// The number of different lines.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The bytes of the lines that both have, in percent of the larger one, rounded down.
    pub(super) fn similarity(&self, other: &Self) -> u32 {
        let (mut left, mut right) = (self.lines.iter().peekable(), other.lines.iter().peekable());
        let mut common = 0;
        while let (Some((left_hash, left_size)), Some((right_hash, right_size))) =
            (left.peek(), right.peek())
        {
            if left_hash == right_hash {
                common += left_size.min(right_size);
            }
            let is_left_next = left_hash <= right_hash;
            if right_hash <= left_hash {
                right.next();
            }
            if is_left_next {
                left.next();
            }
        }
        percent_of(common, self.size.max(other.size))
    }
}

/// What [`Fingerprint::similarity`] is at most, told from the two sizes in bytes.
pub(super) fn most_similar(size: usize, other: usize) -> u32 {
    percent_of(size.min(other), size.max(other))
}

/// How much of `before` is in `after`, in percent; 100 only when they are equal.
pub(crate) fn percent(before: &FileState, after: &FileState) -> u32 {
    if before.content == after.content {
        return 100;
    }
    let prints = Fingerprint::of(before).zip(Fingerprint::of(after));
    prints.map_or(0, |(before, after)| before.similarity(&after).min(99))
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
