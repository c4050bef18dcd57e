//! Carrying an offset of the old text over to the new one.

use super::ChangeSet;

/// To which side of new text an offset goes when the text is put in exactly there, or when what
/// surrounded the offset was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Stays before the new text.
    Before,
    /// Moves after the new text.
    After,
}

impl ChangeSet {
    /// Where `offset` of the old text is in the new one. An offset past the end is read as the end.
    ///
    /// `bias` decides where text is inserted exactly at the offset, and where a replaced stretch had
    /// the offset in its inside. The start and the end of a replaced stretch stay its start and its
    /// end, so a range around something that was rewritten is around what it became.
    pub fn map_offset(&self, offset: usize, bias: Bias) -> usize {
        let offset = offset.min(self.len_before());
        let mut removed = 0;
        let mut inserted = 0;
        for edit in self.edits() {
            let (start, end) = (edit.range.start, edit.range.end);
            let is_passed = offset > end || (offset == end && start < end);
            if is_passed {
                removed += end - start;
                inserted += edit.insert.len();
                continue;
            }
            if offset < start || (offset == start && start < end) {
                break;
            }
            let new_start = start - removed + inserted;
            return match bias {
                Bias::Before => new_start,
                Bias::After => new_start + edit.insert.len(),
            };
        }
        offset - removed + inserted
    }
}
