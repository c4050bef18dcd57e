//! Tells an old tree what changed in its text, so that `parse.rs` can build on it.
//!
//! The parser wants rows and columns beside byte offsets; its rows end with `\n` only and its columns
//! are bytes, so they are counted here and not taken from the lines of `Text`.

use text::{ChangeSet, Edit, Text};
use tree_sitter::{InputEdit, Point, Tree};

use crate::tree::SyntaxTree;

/// A copy of the tree with its nodes moved as `change` moved their text.
pub(super) fn edited_tree(previous: &SyntaxTree, change: &ChangeSet) -> Tree {
    let mut counter = PointCounter::new(previous.text());
    let edits: Vec<InputEdit> = change
        .edits()
        .map(|edit| input_edit(&mut counter, &edit))
        .collect();
    let mut tree = previous.tree().clone();
    // From the last to the first, each edit finds what stands before it as it was in the old text.
    for edit in edits.iter().rev() {
        tree.edit(edit);
    }
    tree
}

fn input_edit(counter: &mut PointCounter<'_>, edit: &Edit<'_>) -> InputEdit {
    let start_position = counter.point_at(edit.range.start);
    let old_end_position = counter.point_at(edit.range.end);
    let mut new_end_position = start_position;
    advance(&mut new_end_position, edit.insert);
    InputEdit {
        start_byte: edit.range.start,
        old_end_byte: edit.range.end,
        new_end_byte: edit.range.start + edit.insert.len(),
        start_position,
        old_end_position,
        new_end_position,
    }
}

/// Finds rows and columns in one walk through a text.
struct PointCounter<'text> {
    text: &'text Text,
    offset: usize,
    point: Point,
}

impl<'text> PointCounter<'text> {
    fn new(text: &'text Text) -> Self {
        Self {
            text,
            offset: 0,
            point: Point::default(),
        }
    }

    /// The row and column of `offset`, which lies in the text and not before the one asked for last.
    fn point_at(&mut self, offset: usize) -> Point {
        while self.offset < offset {
            let (chunk, start) = self.text.chunk_at(self.offset);
            let end = (start + chunk.len()).min(offset);
            advance(&mut self.point, &chunk[self.offset - start..end - start]);
            self.offset = end;
        }
        self.point
    }
}

fn advance(point: &mut Point, text: &str) {
    match text.rfind('\n') {
        Some(last_break) => {
            point.row += text.bytes().filter(|byte| *byte == b'\n').count();
            point.column = text.len() - last_break - 1;
        }
        None => point.column += text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Random, SPLINTERS};

    /// By the definition: the rows are the `\n` before, the column the bytes since the last of them.
    fn point_by_definition(text: &str, offset: usize) -> Point {
        let before = &text.as_bytes()[..offset];
        let row = before.iter().filter(|byte| **byte == b'\n').count();
        let column = before
            .iter()
            .rev()
            .take_while(|byte| **byte != b'\n')
            .count();
        Point { row, column }
    }

    #[test]
    fn edits_have_the_points_of_both_texts() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let pieces = |random: &mut Random, count| {
                (0..count)
                    .map(|_| random.pick(SPLINTERS))
                    .collect::<String>()
            };
            let old = pieces(&mut random, 3000);
            let start = old.floor_char_boundary(random.below(old.len()));
            let end = old
                .floor_char_boundary(start + random.below(old.len() - start))
                .max(start);
            let count = random.below(20);
            let insert = pieces(&mut random, count);
            let change = ChangeSet::replacement(old.len(), start..end, &insert);
            let new = change.apply(&old).unwrap();
            let text = Text::from(&*old);
            let edit = change
                .edits()
                .next()
                .map(|edit| input_edit(&mut PointCounter::new(&text), &edit));
            let Some(edit) = edit else { continue };
            assert_eq!(
                edit.start_position,
                point_by_definition(&old, edit.start_byte)
            );
            assert_eq!(
                edit.old_end_position,
                point_by_definition(&old, edit.old_end_byte)
            );
            assert_eq!(
                edit.new_end_position,
                point_by_definition(&new, edit.new_end_byte)
            );
        }
    }
}
