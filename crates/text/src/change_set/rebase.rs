//! Two changes of the same text, one after the other.

use super::compose::{Step, Steps};
use super::{Bias, ChangeSet, ChangeSetError};

impl ChangeSet {
    /// What `self` means for the text that `other` makes of the text that both were made for.
    ///
    /// Nothing that `other` has put in is deleted, and what both delete is deleted once. Where both put text in at the same
    /// place, that of `self` stands before or after that of `other`, as `side` says; so `other` and then
    /// `self.rebase(other, Before)` make the same text as `self` and then `other.rebase(self, After)`.
    ///
    /// # Errors
    /// When they were made for texts of different lengths.
    pub fn rebase(&self, other: &ChangeSet, side: Bias) -> Result<ChangeSet, ChangeSetError> {
        if self.len_before != other.len_before {
            let (expected, actual) = (self.len_before, other.len_before);
            return Err(ChangeSetError::Length { expected, actual });
        }
        let mut result = ChangeSet::default();
        let mut mine = Steps::new(&self.operations);
        let mut theirs = Steps::new(&other.operations);
        loop {
            match (mine.step, theirs.step) {
                (Some(Step::Insert(text)), Some(Step::Insert(_))) if side == Bias::Before => {
                    result.insert(text);
                    mine.advance(text.len())?;
                }
                (_, Some(Step::Insert(text))) => {
                    result.retain(text.len());
                    theirs.advance(text.len())?;
                }
                (Some(Step::Insert(text)), _) => {
                    result.insert(text);
                    mine.advance(text.len())?;
                }
                (Some(mine_next), Some(theirs_next)) => {
                    let count = mine_next.len().min(theirs_next.len());
                    match (mine_next, theirs_next) {
                        (_, Step::Delete(_)) => {}
                        (Step::Delete(_), _) => result.delete(count),
                        _ => result.retain(count),
                    }
                    mine.advance(count)?;
                    theirs.advance(count)?;
                }
                // The lengths agree, so both sides run out together.
                _ => return Ok(result),
            }
        }
    }
}

#[cfg(test)]
mod tests;
