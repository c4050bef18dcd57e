//! Two changes as one, and a change undone.

use std::mem;

use super::{ChangeSet, ChangeSetError, Operation};
use crate::Text;

impl ChangeSet {
    /// The change that does what `self` and then `next` do.
    ///
    /// Fails when `next` does not start from the text that `self` makes, as far as lengths and
    /// characters can tell.
    pub fn compose(&self, next: &ChangeSet) -> Result<ChangeSet, ChangeSetError> {
        if self.len_after != next.len_before {
            let (expected, actual) = (next.len_before, self.len_after);
            return Err(ChangeSetError::Length { expected, actual });
        }
        let mut result = ChangeSet::default();
        let mut first = Steps::new(&self.operations);
        let mut second = Steps::new(&next.operations);
        loop {
            match (first.step, second.step) {
                (Some(Step::Delete(count)), _) => {
                    result.delete(count);
                    first.advance(count)?;
                }
                (_, Some(Step::Insert(text))) => {
                    result.insert(text);
                    second.advance(text.len())?;
                }
                (Some(kept), Some(then)) => {
                    let count = kept.len().min(then.len());
                    match (kept, then) {
                        (Step::Retain(_), Step::Delete(_)) => result.delete(count),
                        (Step::Insert(text), Step::Retain(_)) => {
                            result.insert(first.prefix(text, count)?);
                        }
                        (Step::Insert(_), Step::Delete(_)) => {}
                        _ => result.retain(count),
                    }
                    first.advance(count)?;
                    second.advance(count)?;
                }
                // The lengths agree, so both sides run out together.
                _ => return Ok(result),
            }
        }
    }

    /// The change that leads back: applied to what `self` makes of `original`, it makes `original`.
    ///
    /// Fails when `original` is not the text that `self` was made for.
    pub fn invert(&self, original: &Text) -> Result<ChangeSet, ChangeSetError> {
        self.check(original.len_bytes(), |offset| {
            original.is_char_boundary(offset)
        })?;
        let mut result = ChangeSet::default();
        let mut old = 0;
        for operation in &self.operations {
            match operation {
                Operation::Retain(count) => {
                    result.retain(*count);
                    old += count;
                }
                Operation::Delete(count) => {
                    result.insert(&original.slice(old..old + count));
                    old += count;
                }
                Operation::Insert(text) => result.delete(text.len()),
            }
        }
        Ok(result)
    }

    /// All `steps` as one change of a text of `len` bytes; each must start where the one before ends.
    ///
    /// Neighbours are paired off round by round: with thousands of changes in one notification,
    /// adding them one at a time to a growing whole would take quadratic time.
    pub(crate) fn compose_all(len: usize, mut steps: Vec<ChangeSet>) -> ChangeSet {
        while steps.len() > 1 {
            let mut pairs = mem::take(&mut steps).into_iter();
            while let Some(first) = pairs.next() {
                steps.push(match pairs.next() {
                    Some(second) => first
                        .compose(&second)
                        .expect("each step starts from the text the last one made"),
                    None => first,
                });
            }
        }
        steps.pop().unwrap_or_else(|| ChangeSet::identity(len))
    }
}

/// A walk through operations that can stop in the middle of one.
pub(super) struct Steps<'change> {
    operations: std::slice::Iter<'change, Operation>,
    /// What is left of the operation at hand.
    pub(super) step: Option<Step<'change>>,
    /// The bytes passed so far, to say where something went wrong.
    passed: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'change> {
    Retain(usize),
    Delete(usize),
    Insert(&'change str),
}

impl<'change> Steps<'change> {
    pub(super) fn new(operations: &'change [Operation]) -> Self {
        let mut steps = Self {
            operations: operations.iter(),
            step: None,
            passed: 0,
        };
        steps.load();
        steps
    }

    fn load(&mut self) {
        self.step = self.operations.next().map(|operation| match operation {
            Operation::Retain(count) => Step::Retain(*count),
            Operation::Delete(count) => Step::Delete(*count),
            Operation::Insert(text) => Step::Insert(text),
        });
    }

    fn prefix(&self, text: &'change str, count: usize) -> Result<&'change str, ChangeSetError> {
        text.get(..count).ok_or(ChangeSetError::CharBoundary {
            offset: self.passed + count,
        })
    }

    /// Passes `count` bytes, no more than are left of the operation at hand.
    pub(super) fn advance(&mut self, count: usize) -> Result<(), ChangeSetError> {
        let offset = self.passed + count;
        let rest = match self.step {
            Some(Step::Retain(left)) => Some(Step::Retain(left - count)),
            Some(Step::Delete(left)) => Some(Step::Delete(left - count)),
            Some(Step::Insert(text)) => {
                let rest = text
                    .get(count..)
                    .ok_or(ChangeSetError::CharBoundary { offset })?;
                Some(Step::Insert(rest))
            }
            None => None,
        };
        self.passed = offset;
        match rest {
            Some(step) if step.len() > 0 => self.step = Some(step),
            _ => self.load(),
        }
        Ok(())
    }
}

impl Step<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Step::Retain(count) | Step::Delete(count) => count,
            Step::Insert(text) => text.len(),
        }
    }
}
