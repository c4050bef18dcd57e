//! The definitions and references of a text.
//!
//! By `symbols.scm` of the language. For the workspace's index of symbols and for prompts.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Query, QueryMatch};

use super::SyntaxTree;
use crate::limits::{Cancel, QueryLimits, Stopped};
use crate::queries::{CaptureQuery, SymbolCapture, SymbolKind, SymbolRole};

/// A name that is defined or used. Ranges are bytes, their ends excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Whether the name is introduced or used.
    pub role: SymbolRole,
    /// What it names.
    pub kind: SymbolKind,
    /// Where the name stands.
    pub name: Range<usize>,
    /// All of the definition or use, such as a function with its body.
    pub range: Range<usize>,
}

impl SyntaxTree {
    /// The symbols that touch `range`, in the order of their names; no two have the same name's place.
    /// Names without a file-wide meaning, such as local variables, are none.
    pub fn symbols(
        &self,
        range: Range<usize>,
        limits: &QueryLimits,
        cancel: &Cancel,
    ) -> Result<Vec<Symbol>, Stopped> {
        let query = self.language.queries().symbols();
        // Of two patterns that match one name, the first in the file counts.
        let mut found: HashMap<(usize, usize), (usize, Option<Symbol>)> = HashMap::new();
        self.for_each_match(query, range, limits, cancel, |query_match| {
            let pattern = query_match.pattern_index;
            for (name, symbol) in symbols_of(query, query_match) {
                let known = found
                    .entry((name.start, name.end))
                    .or_insert((usize::MAX, None));
                if pattern < known.0 {
                    *known = (pattern, symbol);
                }
            }
        })?;
        let mut symbols: Vec<Symbol> = found
            .into_values()
            .filter_map(|(_, symbol)| symbol)
            .collect();
        symbols.sort_by_key(|symbol| (symbol.name.start, symbol.name.end));
        Ok(symbols)
    }
}

/// The names in a match with what they are; nothing for those to ignore.
fn symbols_of(
    query: &CaptureQuery<SymbolCapture>,
    query_match: &QueryMatch<'_, '_>,
) -> Vec<(Range<usize>, Option<Symbol>)> {
    let mut whole = None;
    let mut names = Vec::new();
    let skipped = skipped_bytes(&query.query, query_match.pattern_index);
    for capture in query_match.captures() {
        let range = capture.node.byte_range();
        match query.meanings[capture.index as usize] {
            Some(SymbolCapture::Symbol(role, kind)) => whole = Some((role, kind, range)),
            Some(SymbolCapture::Name) => {
                names.push((range.start + skipped).min(range.end)..range.end)
            }
            Some(SymbolCapture::Ignore) | None => {}
        }
    }
    let symbol = |name: &Range<usize>| {
        let (role, kind, range) = whole.clone()?;
        Some(Symbol {
            role,
            kind,
            name: name.clone(),
            range,
        })
    };
    names
        .into_iter()
        .map(|name| (name.clone(), symbol(&name)))
        .collect()
}

/// The bytes at the start of `@name` that are no part of the name: `(#set! name.skip 1)`.
fn skipped_bytes(query: &Query, pattern: usize) -> usize {
    let settings = query.property_settings(pattern).iter();
    let mut skips = settings.filter(|setting| &*setting.key == "name.skip");
    skips
        .find_map(|setting| setting.value.as_deref()?.parse().ok())
        .unwrap_or(0)
}
