//! What a file defines, with lines and owners: the common ground of `outline` and `find_symbol`.

use std::ops::Range;

use ::text::Text;
use ::workspace::CancellationFlag;
use syntax::{Language, ParseLimits, QueryLimits, SymbolKind, SymbolRole, parse};

use super::{output::cut_line, parallel::parser_token};

/// One definition in a file.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) kind: SymbolKind,
    pub(super) name: String,
    /// The name of the definition or implementation around it.
    pub(super) owner: Option<String>,
    /// The bytes of all of it, the end excluded.
    pub(super) range: Range<usize>,
    /// Its first and last line, from 1.
    pub(super) first_line: usize,
    pub(super) last_line: usize,
    /// The line on which its name stands, without indentation.
    pub(super) line: String,
}

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 160;

/// The definitions of `text`, in order.
///
/// # Errors
/// Why there is no tree of the text, as the end of a sentence.
pub(super) fn definitions(
    language: Language,
    text: &Text,
    cancel: &CancellationFlag,
) -> Result<Vec<Definition>, String> {
    let (cancel, _subscription) = parser_token(cancel);
    let tree = parse(language, text, None, &ParseLimits::default(), &cancel)
        .map_err(|error| error.to_string())?;
    let (all, limits) = (0..text.len_bytes(), QueryLimits::default());
    let symbols = tree
        .symbols(all.clone(), &limits, &cancel)
        .map_err(|error| error.to_string())?;
    let scopes = tree
        .scopes(all, &limits, &cancel)
        .map_err(|error| error.to_string())?;
    let owners: Vec<(Range<usize>, Range<usize>)> = scopes
        .into_iter()
        .filter_map(|scope| Some((scope.range, scope.name?)))
        .collect();
    let mut open: Vec<&(Range<usize>, Range<usize>)> = Vec::new();
    let mut next_owner = owners.iter().peekable();
    let mut definitions = Vec::new();
    for symbol in symbols
        .into_iter()
        .filter(|symbol| symbol.role == SymbolRole::Definition)
    {
        while let Some(owner) = next_owner.next_if(|owner| owner.0.start <= symbol.name.start) {
            open.push(owner);
        }
        open.retain(|owner| symbol.name.start < owner.0.end);
        let owner = open.iter().rev().find(|owner| owner.1 != symbol.name);
        let name_line = text.line_of(symbol.name.start);
        definitions.push(Definition {
            kind: symbol.kind,
            name: text.slice(symbol.name.clone()).into_owned(),
            owner: owner.map(|owner| text.slice(owner.1.clone()).into_owned()),
            first_line: text.line_of(symbol.range.start) + 1,
            last_line: text.line_of(symbol.range.end.saturating_sub(1).max(symbol.range.start)) + 1,
            line: cut_line(text.line(name_line).trim(), LONGEST_LINE).into_owned(),
            range: symbol.range,
        });
    }
    Ok(definitions)
}

/// The kind in words, as models name it.
pub(super) fn kind_name(kind: SymbolKind) -> &'static str {
    KINDS
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or("symbol", |(_, name)| name)
}

/// The kind that a model names.
pub(super) fn kind_of(name: &str) -> Option<SymbolKind> {
    let name = name.trim().to_ascii_lowercase();
    KINDS
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(kind, _)| *kind)
}

/// Every kind of definition.
pub(super) const KINDS: [(SymbolKind, &str); 14] = [
    (SymbolKind::Class, "class"),
    (SymbolKind::Constant, "constant"),
    (SymbolKind::Enum, "enum"),
    (SymbolKind::Field, "field"),
    (SymbolKind::Function, "function"),
    (SymbolKind::Interface, "interface"),
    (SymbolKind::Macro, "macro"),
    (SymbolKind::Member, "member"),
    (SymbolKind::Method, "method"),
    (SymbolKind::Module, "module"),
    (SymbolKind::Section, "section"),
    (SymbolKind::Struct, "struct"),
    (SymbolKind::Type, "type"),
    (SymbolKind::Variable, "variable"),
];
