//! The readings of a pattern: how each context of the language takes it, and what is the same but for empty lists.
//!
//! Called by `pattern.rs`, which explains what has no reading.

use std::ops::Range;
use std::time::Duration;

use ast_grep_core::Pattern;
use ast_grep_core::matcher::PatternNode;
use ast_grep_core::meta_var::MetaVariable;
use text::Text;
use tree_sitter::Node;

use super::grammar::{LIST_ENDS, document, with_marks};
use super::matching::{MAX_DEPTH, depth};
use crate::language::Language;
use crate::limits::{Cancel, ParseLimits};
use crate::parse::parse;
use crate::tree::SyntaxTree;

/// What became of parsing a pattern in one context.
pub(super) enum Attempt {
    /// One node, no error anywhere.
    Whole(Pattern),
    /// One node, after the parser added what was missing around it.
    Mended(Pattern),
    /// Code of the language, but no single node.
    Several,
    /// The grammar gave up after so many characters of the pattern.
    Error(usize),
    /// Nested too deeply, or the parser was stopped.
    Refused,
}

impl Attempt {
    fn is_reading(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Mended(_))
    }
}

/// Parses `source` in every way in which it may be meant.
pub(super) fn attempts(language: Language, source: &str) -> Vec<Attempt> {
    let attempts = attempts_as_written(language, source);
    if attempts.iter().any(Attempt::is_reading) {
        return attempts;
    }
    for end in LIST_ENDS {
        let ended = attempts_as_written(language, &with_ended_lists(source, end));
        if ended.iter().any(Attempt::is_reading) {
            return ended;
        }
    }
    attempts
}

/// `source` with `end_mark` after each `$$$NAME` that stands for statements: some languages have no statement without a
/// semicolon, and in some a name alone is none.
fn with_ended_lists(source: &str, end_mark: &str) -> String {
    let is_part = |part: char| part.is_ascii_alphanumeric() || part == '_';
    let mut ended = String::new();
    let mut rest = source;
    while let Some(start) = rest.find("$$$") {
        let name = &rest[start + 3..];
        let end = start + 3 + name.find(|part| !is_part(part)).unwrap_or(name.len());
        let stands_alone = rest[..start].trim_end().ends_with(['{', '}', ';']);
        ended.push_str(&rest[..end]);
        rest = &rest[end..];
        let next = rest.trim_start().chars().next();
        if stands_alone && next.is_some_and(|next| next == '}' || next == '$' || is_part(next)) {
            ended.push_str(end_mark);
        }
    }
    ended + rest
}

fn attempts_as_written(language: Language, source: &str) -> Vec<Attempt> {
    let sigils = language.variable_sigils().iter();
    let in_contexts = |sigil: &String| {
        let marked = with_marks(language, sigil, source);
        let contexts = language.pattern_contexts().iter();
        contexts
            .map(|context| read_in(language, context, &marked))
            .collect::<Vec<_>>()
    };
    sigils.flat_map(in_contexts).collect()
}

fn read_in(language: Language, context: &str, marked: &str) -> Attempt {
    let (before, after) = context.split_once('%').unwrap_or(("", ""));
    let range = before.len()..before.len() + marked.len();
    let text = Text::from(format!("{before}{marked}{after}"));
    let limits = ParseLimits {
        max_bytes: usize::MAX,
        timeout: Duration::from_millis(500),
    };
    let Ok(tree) = parse(language, &text, None, &limits, &Cancel::new()) else {
        return Attempt::Refused;
    };
    if depth(&tree) > MAX_DEPTH {
        return Attempt::Refused;
    }
    match read_tree(&tree, &range) {
        // What the grammar calls an error may begin with the context.
        Attempt::Error(offset) => {
            let starts = marked.char_indices().map(|(start, _)| start);
            let ends = starts.chain([marked.len()]);
            let fitting = ends.take_while(|end| *end <= offset).last().unwrap_or(0);
            Attempt::Error(characters_of_source(language, &marked[..fitting]))
        }
        attempt => attempt,
    }
}

/// How many characters of the source became `marked`.
fn characters_of_source(language: Language, marked: &str) -> usize {
    let mark = language.variable_mark();
    let sigils = language
        .variable_sigils()
        .iter()
        .filter(|sigil| !sigil.is_empty());
    let added: usize = sigils
        .map(|sigil| marked.matches(&format!("{sigil}{mark}")).count() * sigil.chars().count())
        .sum();
    marked.chars().count() - added
}

fn read_tree(tree: &SyntaxTree, range: &Range<usize>) -> Attempt {
    let document = document(tree);
    let root = document.root().get_inner_node();
    if let Some(error) = first_error(root, range) {
        return Attempt::Error(error - range.start);
    }
    let node = root.descendant_for_byte_range(range.start, range.end);
    // The root is a list of whatever there is.
    let is_one = |node: &Node<'_>| node.byte_range() == *range && node.parent().is_some();
    let Some(node) = node.filter(is_one) else {
        return Attempt::Several;
    };
    if lacks_more_than_an_end(node) {
        return Attempt::Error(range.len());
    }
    let pattern = Pattern::from(document.adopt(node));
    if root.has_error() {
        Attempt::Mended(pattern)
    } else {
        Attempt::Whole(pattern)
    }
}

/// Whether the parser had to add something else than the end of a statement within `node`.
fn lacks_more_than_an_end(node: Node<'_>) -> bool {
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if node.is_missing() && node.kind() != ";" {
            return true;
        }
        if node.has_error() {
            let children = 0..node.child_count();
            stack.extend(children.filter_map(|number| node.child(number)));
        }
    }
    false
}

/// Where the first piece begins that the grammar does not know, if one touches `range`.
fn first_error(root: Node<'_>, range: &Range<usize>) -> Option<usize> {
    let mut stack = vec![root];
    while let Some(node) = stack.pop() {
        let touches = node.start_byte() < range.end && node.end_byte() > range.start;
        if node.is_error() && touches {
            return Some(node.start_byte().max(range.start));
        }
        if node.has_error() {
            let children = (0..node.child_count()).rev();
            stack.extend(children.filter_map(|number| node.child(number)));
        }
    }
    None
}

/// The readings without any error, each once; else the first that the parser could mend. Each is followed by what it
/// is with its lists empty.
pub(super) fn best_readings(attempts: &[Attempt]) -> Vec<Pattern> {
    let whole = attempts.iter().filter_map(|attempt| match attempt {
        Attempt::Whole(reading) => Some(reading),
        _ => None,
    });
    let mended = attempts.iter().find_map(|attempt| match attempt {
        Attempt::Mended(reading) => Some(reading),
        _ => None,
    });
    let best: Vec<&Pattern> = whole.collect();
    let best = if best.is_empty() {
        mended.into_iter().collect()
    } else {
        best
    };
    let mut readings: Vec<Pattern> = Vec::new();
    for node in best
        .iter()
        .flat_map(|reading| with_empty_lists(&reading.node))
    {
        if !readings.iter().any(|known| is_same(&known.node, &node)) {
            let mut reading = best[0].clone();
            reading.node = node;
            readings.push(reading);
        }
    }
    readings
}

/// So many variants of one reading are made at most.
const MAX_VARIANTS: usize = 16;

/// `node`, then what it is without each `, $$$LIST` or `$$$LIST,` in it: a list may be empty, and the comma beside it
/// is then not there to be met.
fn with_empty_lists(node: &PatternNode) -> Vec<PatternNode> {
    let PatternNode::Internal { kind_id, children } = node else {
        return vec![node.clone()];
    };
    let mut variants: Vec<Vec<PatternNode>> = vec![Vec::new()];
    for child in children {
        let choices = with_empty_lists(child);
        variants = choices
            .iter()
            .flat_map(|choice| {
                variants
                    .iter()
                    .map(move |before| [&before[..], std::slice::from_ref(choice)].concat())
            })
            .take(MAX_VARIANTS)
            .collect();
    }
    let shorter: Vec<Vec<PatternNode>> = variants
        .iter()
        .flat_map(|children| without_lists(children))
        .collect();
    variants.extend(shorter);
    variants.truncate(MAX_VARIANTS);
    let internal = |children| PatternNode::Internal {
        kind_id: *kind_id,
        children,
    };
    variants.into_iter().map(internal).collect()
}

/// `children` without one list and its comma, in every way.
fn without_lists(children: &[PatternNode]) -> Vec<Vec<PatternNode>> {
    let is_list = |node: &PatternNode| {
        let PatternNode::MetaVar { meta_var } = node else {
            return false;
        };
        matches!(
            meta_var,
            MetaVariable::Multiple | MetaVariable::MultiCapture(_)
        )
    };
    let is_comma = |node: &PatternNode| matches!(node, PatternNode::Terminal { text, is_named: false, .. } if text == ",");
    let pairs = children.windows(2).enumerate();
    let removable = pairs.filter(|(_, pair)| {
        (is_list(&pair[0]) && is_comma(&pair[1])) || (is_comma(&pair[0]) && is_list(&pair[1]))
    });
    removable
        .map(|(first, _)| [&children[..first], &children[first + 2..]].concat())
        .collect()
}

fn is_same(one: &PatternNode, other: &PatternNode) -> bool {
    match (one, other) {
        (PatternNode::MetaVar { meta_var: one }, PatternNode::MetaVar { meta_var: other }) => {
            one == other
        }
        (
            PatternNode::Terminal {
                text: one,
                kind_id: kind,
                ..
            },
            PatternNode::Terminal {
                text: other,
                kind_id: other_kind,
                ..
            },
        ) => kind == other_kind && one == other,
        (
            PatternNode::Internal {
                kind_id: kind,
                children: one,
            },
            PatternNode::Internal {
                kind_id: other_kind,
                children: other,
            },
        ) => {
            kind == other_kind
                && one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        _ => false,
    }
}
