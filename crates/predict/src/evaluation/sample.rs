//! Chooses which lines of a commit are typed: new ones that nobody pasted, a run of them at a
//! random place.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::{FxHashSet, FxHasher};

use super::history::{Commit, Repository};

/// So many equal lines in a row that the tree already has count as pasted or moved.
const PASTED_LINES: usize = 4;
/// Shorter and longer lines are not asked about.
const MIN_LINE: usize = 3;
const MAX_LINE: usize = 200;

/// A small, seeded generator (xorshift64*, Vigna 2016).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

/// A line to type: the number of the commit's edit, and the line in the text after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sample {
    pub(super) edit: usize,
    pub(super) line: usize,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % bound.max(1) as u64) as usize
    }
}

/// A run of at most `count` typed lines of the commit.
pub(super) fn sample(
    repository: &Repository,
    commit: &Commit,
    count: usize,
    random: &mut Random,
) -> FxHashSet<Sample> {
    let typed = typed_lines(repository, commit);
    if typed.is_empty() {
        return FxHashSet::default();
    }
    let start = random.below(typed.len());
    typed
        .iter()
        .cycle()
        .skip(start)
        .take(count.min(typed.len()))
        .copied()
        .collect()
}

/// The commit's new lines without those that were pasted, blank, short or long.
fn typed_lines(repository: &Repository, commit: &Commit) -> Vec<Sample> {
    let known = known_windows(repository, commit);
    let mut typed = Vec::new();
    for (number, edit) in commit.edits.iter().enumerate() {
        let lines: Vec<&str> = repository.text(&edit.new_text).lines().collect();
        for hunk in &edit.hunks {
            let range = hunk.new_start..(hunk.new_start + hunk.new_count).min(lines.len());
            let added: Vec<usize> = range
                .filter(|&line| !lines[line].trim().is_empty())
                .collect();
            let pasted = pasted_lines(&lines, &added, &known);
            let chosen = added.iter().zip(pasted).filter(|&(&line, pasted)| {
                !pasted && lines[line].trim().len() >= MIN_LINE && lines[line].len() < MAX_LINE
            });
            typed.extend(chosen.map(|(&line, _)| Sample { edit: number, line }));
        }
    }
    typed
}

fn pasted_lines(lines: &[&str], added: &[usize], known: &FxHashSet<u64>) -> Vec<bool> {
    let mut pasted = vec![false; added.len()];
    for (start, window) in added.windows(PASTED_LINES).enumerate() {
        if known.contains(&hash_lines(window.iter().map(|&line| lines[line].trim()))) {
            pasted[start..start + PASTED_LINES].fill(true);
        }
    }
    pasted
}

/// The hashes of all runs of lines in the tree before the commit.
fn known_windows(repository: &Repository, commit: &Commit) -> FxHashSet<u64> {
    let mut known = FxHashSet::default();
    for file in &commit.tree {
        let lines = repository
            .text(&file.text)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let lines: Vec<&str> = lines.collect();
        known.extend(
            lines
                .windows(PASTED_LINES)
                .map(|window| hash_lines(window.iter().copied())),
        );
    }
    known
}

fn hash_lines<'a>(lines: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = FxHasher::default();
    for line in lines {
        line.hash(&mut hasher);
    }
    hasher.finish()
}
