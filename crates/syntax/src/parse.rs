//! Making a tree of a text, anew or from the tree of the version before.
//!
//! Called with snapshots, off the main loop. The rope is read piece by piece and never copied.
//! What the tree tells is in `tree.rs`.

mod edits;
mod mask;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::ControlFlow;

use text::{ChangeSet, Text};
use tree_sitter::{ParseOptions, ParseState, Parser, Point, Tree};

use crate::language::Language;
use crate::limits::{Cancel, NoTree, ParseLimits, Stopped, Watch};
use crate::tree::SyntaxTree;

pub(crate) use mask::Mask;

/// Parses `text`. Any text has a tree, wrong as it may be; only a limit or a cancellation keeps it
/// from having one.
///
/// With the tree of an earlier version and the change since, only what changed is parsed again. A
/// tree of another language, or a change that does not lead from that tree's text to this one, is
/// left aside.
pub fn parse(
    language: Language,
    text: &Text,
    previous: Option<(&SyntaxTree, &ChangeSet)>,
    limits: &ParseLimits,
    cancel: &Cancel,
) -> Result<SyntaxTree, NoTree> {
    let max_bytes = limits.max_bytes.min(MAX_BYTES);
    if text.len_bytes() > max_bytes {
        return Err(NoTree::TooLarge {
            bytes: text.len_bytes(),
            max_bytes,
        });
    }
    let watch = Watch::start(limits.timeout, cancel);
    let edited = previous
        .filter(|(tree, change)| fits(tree, change, language, text))
        .map(|(tree, change)| edits::edited_tree(tree, change));
    let tree = run(language, text, edited.as_ref(), &watch)?;
    Ok(SyntaxTree::new(language, text.clone(), tree))
}

/// The parser counts bytes in 32 bits and adds some when it recovers from errors.
const MAX_BYTES: usize = 1 << 30;

/// Whether `change` may be what happened between the text of `tree` and `text`.
fn fits(tree: &SyntaxTree, change: &ChangeSet, language: Language, text: &Text) -> bool {
    tree.language() == language
        && change.len_before() == tree.text().len_bytes()
        && change.len_after() == text.len_bytes()
}

fn run(
    language: Language,
    text: &Text,
    edited: Option<&Tree>,
    watch: &Watch<'_>,
) -> Result<Tree, Stopped> {
    // Without this, a text that is parsed between two polls would ignore a cancelled token.
    if watch.poll().is_break() {
        watch.check()?;
    }
    let mut parser = Parser::new();
    parser
        .set_language(&language.grammar())
        .expect("every grammar has an ABI that the parser knows, which a test checks");
    let mask = language.mask();
    // One token can be as long as the text, and the parser polls only between tokens: when time is
    // over, the text ends here too.
    let mut read = |offset: usize, _: Point| match watch.poll() {
        ControlFlow::Break(()) => Cow::default(),
        ControlFlow::Continue(()) => mask::masked(mask, text, offset, rest_of_chunk(text, offset)),
    };
    let mut progress = |_: &ParseState| watch.poll();
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut read, edited, Some(options));
    watch.check()?;
    // A parser with a language gives no tree only when its callback stopped it.
    tree.ok_or(Stopped::TimedOut)
}

/// What the piece of the rope that contains `offset` holds from there on; at the end, nothing.
fn rest_of_chunk(text: &Text, offset: usize) -> &str {
    let (chunk, start) = text.chunk_at(offset);
    chunk.get(offset - start..).unwrap_or_default()
}
