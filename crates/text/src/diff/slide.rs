//! Where a change stands among equal neighbours.
//!
//! When a line is added behind one that is the same, either of the two can be called the new one. Each
//! such group of changed tokens goes as far down as it can, or to the last place where it meets a
//! change of the other text, so that the two read as one replacement. This is the placement git makes
//! (`xdl_change_compact`, without its indentation heuristic), so merges agree with git's about which
//! changes touch.

use std::ops::Range;
use std::time::Instant;

use super::search::Hunk;
use super::{Deadline, Tokens};

/// Moves `hunks` to where they belong. How many tokens they change stays the same.
///
/// After `deadline` the hunks not yet moved stay where they are.
pub(super) fn slide(
    old: &Tokens<'_>,
    new: &Tokens<'_>,
    hunks: &[Hunk],
    deadline: Deadline,
) -> Vec<Hunk> {
    let mut old = Side::new(old, hunks.iter().map(|hunk| hunk.0.clone()));
    let mut new = Side::new(new, hunks.iter().map(|hunk| hunk.1.clone()));
    slide_side(&mut old, &new, deadline);
    slide_side(&mut new, &old, deadline);
    hunks_of(&old, &new)
}

/// One text, with a mark on each token that has no partner in the other.
struct Side<'tokens, 'text> {
    tokens: &'tokens Tokens<'text>,
    changed: Vec<bool>,
}

/// Changed tokens without an unchanged one between them. There is one, often empty, before each
/// unchanged token and one at the end, so both texts have equally many groups.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

fn slide_side(side: &mut Side<'_, '_>, other: &Side<'_, '_>, deadline: Deadline) {
    let (mut group, mut other_group) = (side.first(), other.first());
    loop {
        if !group.is_empty() {
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return;
            }
            slide_group(side, &mut group, other, &mut other_group);
        }
        let (Some(next), Some(other_next)) = (side.next(group), other.next(other_group)) else {
            return;
        };
        (group, other_group) = (next, other_next);
    }
}

fn slide_group(
    side: &mut Side<'_, '_>,
    group: &mut Group,
    other: &Side<'_, '_>,
    other_group: &mut Group,
) {
    let mut meets_other;
    loop {
        let length = group.len();
        while side.slide_up(group) {
            other.step_back(other_group);
        }
        meets_other = !other_group.is_empty();
        while side.slide_down(group) {
            other.step(other_group);
            meets_other |= !other_group.is_empty();
        }
        // Having run into another group, the larger one may move further than either could.
        if group.len() == length {
            break;
        }
    }
    while meets_other && other_group.is_empty() && side.slide_up(group) {
        other.step_back(other_group);
    }
}

impl<'tokens, 'text> Side<'tokens, 'text> {
    fn new(tokens: &'tokens Tokens<'text>, ranges: impl Iterator<Item = Range<usize>>) -> Self {
        let mut changed = vec![false; tokens.len()];
        ranges.for_each(|range| changed[range].fill(true));
        Self { tokens, changed }
    }

    fn first(&self) -> Group {
        self.group_from(0)
    }

    fn next(&self, group: Group) -> Option<Group> {
        (group.end < self.changed.len()).then(|| self.group_from(group.end + 1))
    }

    fn step(&self, group: &mut Group) {
        *group = self.next(*group).unwrap_or(*group);
    }

    fn step_back(&self, group: &mut Group) {
        if let Some(end) = group.start.checked_sub(1) {
            *group = Group {
                start: self.start_of(end),
                end,
            };
        }
    }

    fn group_from(&self, start: usize) -> Group {
        Group {
            start,
            end: self.end_of(start),
        }
    }

    fn start_of(&self, end: usize) -> usize {
        end - self.changed[..end]
            .iter()
            .rev()
            .take_while(|changed| **changed)
            .count()
    }

    fn end_of(&self, start: usize) -> usize {
        start
            + self.changed[start..]
                .iter()
                .take_while(|changed| **changed)
                .count()
    }

    fn slide_up(&mut self, group: &mut Group) -> bool {
        let can =
            group.start > 0 && self.tokens.get(group.start - 1) == self.tokens.get(group.end - 1);
        if can {
            self.changed[group.start - 1] = true;
            self.changed[group.end - 1] = false;
            *group = Group {
                start: self.start_of(group.start - 1),
                end: group.end - 1,
            };
        }
        can
    }

    fn slide_down(&mut self, group: &mut Group) -> bool {
        let can = group.end < self.changed.len()
            && self.tokens.get(group.start) == self.tokens.get(group.end);
        if can {
            self.changed[group.start] = false;
            self.changed[group.end] = true;
            *group = Group {
                start: group.start + 1,
                end: self.end_of(group.end + 1),
            };
        }
        can
    }
}

impl Group {
    fn len(self) -> usize {
        self.end - self.start
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }
}

fn hunks_of(old: &Side<'_, '_>, new: &Side<'_, '_>) -> Vec<Hunk> {
    let (mut old_group, mut new_group) = (old.first(), new.first());
    let mut hunks = Vec::new();
    loop {
        if !old_group.is_empty() || !new_group.is_empty() {
            hunks.push((
                old_group.start..old_group.end,
                new_group.start..new_group.end,
            ));
        }
        let (Some(old_next), Some(new_next)) = (old.next(old_group), new.next(new_group)) else {
            return hunks;
        };
        (old_group, new_group) = (old_next, new_next);
    }
}

#[cfg(test)]
mod tests;
