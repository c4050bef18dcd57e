//! The places where a name stands as a name: not in comments, not in strings, not as a part of a longer one.
//!
//! By the `identifiers` of the language. For renaming, which goes by spelling and not by what a name is bound to.

use std::ops::Range;

use tree_sitter::Node;

use super::SyntaxTree;
use crate::limits::{Cancel, QueryLimits, Stopped, Watch};

impl SyntaxTree {
    /// Every place where `name` stands as an identifier of any kind (variable, type, field, label, key), in order.
    /// Always empty where [`crate::Language::has_identifiers`] says no.
    pub fn identifiers(
        &self,
        name: &str,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Range<usize>>, Stopped> {
        let watch = Watch::start(limits.timeout, cancel);
        let mut found = Vec::new();
        let mut cursor = self.tree.walk();
        loop {
            if watch.poll().is_break() {
                watch.check()?;
            }
            let node = cursor.node();
            let is_found = self.is_named(node, name) && self.is_identifier(node, parent(&cursor));
            if is_found {
                found.push(node.byte_range());
            }
            // What is shorter than the name cannot contain it.
            let may_contain = !is_found && node.byte_range().len() >= name.len();
            if may_contain && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Ok(found);
                }
            }
        }
    }

    fn is_named(&self, node: Node<'_>, name: &str) -> bool {
        node.is_named()
            && node.byte_range().len() == name.len()
            && self.text.slice(node.byte_range()) == name
    }

    fn is_identifier(&self, node: Node<'_>, parent: Option<Node<'_>>) -> bool {
        let mut kinds = self.language.identifier_kinds().iter();
        kinds.any(|kind| match kind.split_once('/') {
            None => kind == node.kind(),
            Some((above, kind)) => {
                kind == node.kind() && parent.is_some_and(|parent| parent.kind() == above)
            }
        })
    }
}

/// The parent of the cursor's node; cheaper than to ask the node, which would search from the root.
fn parent<'tree>(cursor: &tree_sitter::TreeCursor<'tree>) -> Option<Node<'tree>> {
    let mut above = cursor.clone();
    above.goto_parent().then(|| above.node())
}
