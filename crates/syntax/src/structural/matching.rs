//! Finding the places of a text that fit a pattern.
//!
//! Every node is offered to every reading of the pattern; the clock and the token are looked at between nodes.

use std::collections::BTreeMap;
use std::ops::Range;

use ast_grep_core::matcher::{Matcher, MatcherExt};
use ast_grep_core::meta_var::{MetaVarEnv, MetaVariable};
use ast_grep_core::{Node, NodeMatch};

use super::grammar::{Document, document};
use super::{Pattern, StructuralError, StructuralMatch};
use crate::limits::{Cancel, QueryLimits, Watch};
use crate::tree::SyntaxTree;

/// Deeper trees are not searched: two of their nodes are compared by recursion, and places within places are
/// rewritten by recursion. Code of people stays far below.
pub(super) const MAX_DEPTH: usize = 500;

impl Pattern {
    /// Every place in the tree's text that fits, in order; one within another comes after it.
    ///
    /// # Errors
    /// When `limits` or `cancel` end the search, and for trees too deep to be searched.
    ///
    /// # Panics
    /// When the tree is of another language than the pattern.
    pub fn find(
        &self,
        tree: &SyntaxTree,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<StructuralMatch>, StructuralError> {
        assert_eq!(
            tree.language(),
            self.language(),
            "a pattern fits trees of its language only"
        );
        if depth(tree) > MAX_DEPTH {
            return Err(StructuralError::TooDeep { limit: MAX_DEPTH });
        }
        let watch = Watch::start(limits.timeout, cancel);
        let document = document(tree);
        let mut found = Vec::new();
        for reading in self.readings() {
            let kinds = reading.potential_kinds();
            for node in document.root().dfs() {
                if watch.poll().is_break() {
                    watch.check()?;
                }
                let is_possible = kinds
                    .as_ref()
                    .is_none_or(|kinds| kinds.contains(usize::from(node.kind_id())));
                if let Some(fitting) = is_possible.then(|| reading.match_node(node)).flatten() {
                    found.push(structural_match(reading, &fitting));
                }
            }
        }
        found.sort_by_key(|place| (place.range.start, std::cmp::Reverse(place.range.end)));
        found.dedup_by(|later, earlier| later.range == earlier.range);
        Ok(found)
    }
}

/// How many levels the tree has.
pub(super) fn depth(tree: &SyntaxTree) -> usize {
    let mut cursor = tree.tree().walk();
    let mut deepest = 0;
    loop {
        deepest = deepest.max(cursor.depth() as usize);
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return deepest;
            }
        }
    }
}

fn structural_match(
    reading: &ast_grep_core::Pattern,
    fitting: &NodeMatch<'_, Document>,
) -> StructuralMatch {
    let node: &Node<'_, Document> = fitting;
    let mut range = node.range();
    if let Some(length) = reading.get_match_len(node.clone()) {
        range.end = range.start + length;
    }
    StructuralMatch {
        range,
        variables: variables(fitting.get_env()),
    }
}

fn variables(bound: &MetaVarEnv<'_, Document>) -> BTreeMap<String, Range<usize>> {
    let mut variables = BTreeMap::new();
    for variable in bound.get_matched_variables() {
        match variable {
            MetaVariable::Capture(name, _) => {
                if let Some(node) = bound.get_match(&name) {
                    variables.insert(name, node.range());
                }
            }
            MetaVariable::MultiCapture(name) => {
                let nodes = bound.get_multiple_matches(&name);
                if let (Some(first), Some(last)) = (nodes.first(), nodes.last()) {
                    variables.insert(name, first.range().start..last.range().end);
                }
            }
            MetaVariable::Dropped(_) | MetaVariable::Multiple => {}
        }
    }
    variables
}
