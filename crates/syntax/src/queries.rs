//! The compiled queries of a language, and what their captures mean.
//!
//! `scopes.scm` captures `@scope.<kind>` and `@name`; `symbols.scm` captures `@name` with
//! `@definition.<kind>`, `@reference.<kind>` or `@ignore`; `text.scm` captures `@comment`, `@string`,
//! `@code` with its delimiters and `@code.bare` without. Captures that start with `_` serve predicates. Run by `tree.rs`.

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use tree_sitter::Query;

use crate::registry::Entry;

/// What a piece of text is, as far as typing into it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// Everything else, with what is interpolated into a string.
    Code,
    /// A comment.
    Comment,
    /// A string, a character or a regular expression, with its quotes.
    String,
}

/// Whether a symbol introduces its name or uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SymbolRole {
    /// It introduces the name.
    Definition,
    /// It uses the name.
    Reference,
}

/// What kind of thing a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScopeKind {
    /// A function, method, closure or test.
    Function,
    /// A class, struct, interface, or an implementation of one.
    Type,
    /// A module or namespace.
    Module,
    /// A part of a text that is no program: a section under a heading, a table, an element, a rule.
    Section,
}

/// Declares an enum with the names that its variants have in captures.
macro_rules! kinds {
    ($(#[$attribute:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $capture:literal,)* }) => {
        $(#[$attribute])*
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            fn from_capture(capture: &str) -> Option<Self> {
                match capture {
                    $($capture => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// What kind of thing a symbol names.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    SymbolKind {
        /// What is called; references only, as a call does not tell a function from a method.
        Call = "call",
        /// A class, record or object.
        Class = "class",
        /// A constant of a module or a type.
        Constant = "constant",
        /// An enumeration.
        Enum = "enum",
        /// A field, a property, or the key of a mapping.
        Field = "field",
        /// A function outside of types.
        Function = "function",
        /// An interface, trait, protocol or concept.
        Interface = "interface",
        /// A macro.
        Macro = "macro",
        /// A member of an enumeration.
        Member = "member",
        /// A function of a type.
        Method = "method",
        /// A module, package or namespace.
        Module = "module",
        /// A heading, a table, an element.
        Section = "section",
        /// A struct or union.
        Struct = "struct",
        /// A type with another name; of references, any type.
        Type = "type",
        /// A variable outside of functions.
        Variable = "variable",
    }
}

/// The queries of one language, each compiled at its first use: that takes from microseconds to some
/// tenths of a second, by the size of the grammar.
pub(crate) struct Queries {
    entry: &'static Entry,
    scopes: OnceLock<CaptureQuery<ScopeCapture>>,
    symbols: OnceLock<CaptureQuery<SymbolCapture>>,
    text: OnceLock<CaptureQuery<TextCapture>>,
}

/// A query with the meaning of each of its captures, by the capture's number.
pub(crate) struct CaptureQuery<Meaning> {
    pub(crate) query: Query,
    pub(crate) meanings: Vec<Option<Meaning>>,
}

/// A capture of `scopes.scm`.
#[derive(Clone, Copy)]
pub(crate) enum ScopeCapture {
    Scope(ScopeKind),
    Name,
}

/// A capture of `symbols.scm`.
#[derive(Clone, Copy)]
pub(crate) enum SymbolCapture {
    Symbol(SymbolRole, SymbolKind),
    Name,
    /// The name in this match is no symbol, whatever later patterns say.
    Ignore,
}

/// A capture of `text.scm`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextCapture {
    Comment,
    String,
    /// Interpolated code with its delimiters, such as `${rope}`.
    Code,
    /// Interpolated code whose delimiters belong to the string: what is typed at its ends is code.
    BareCode,
}

/// What is wrong with a query file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueriesError {
    #[error("grammars/{folder}/{file} does not compile: {source}")]
    Syntax {
        folder: &'static str,
        file: &'static str,
        source: tree_sitter::QueryError,
    },
    #[error("grammars/{folder}/{file} captures @{capture}, which has no meaning there")]
    Capture {
        folder: &'static str,
        file: &'static str,
        capture: String,
    },
}

impl Queries {
    /// The queries of a registered language, none compiled yet.
    pub(crate) fn new(entry: &'static Entry) -> Self {
        let (scopes, symbols, text) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self {
            entry,
            scopes,
            symbols,
            text,
        }
    }

    /// `scopes.scm`.
    pub(crate) fn scopes(&self) -> &CaptureQuery<ScopeCapture> {
        let compile = || compile(self.entry, "scopes.scm", self.entry.scopes, scope_capture);
        self.scopes
            .get_or_init(|| compile().expect(EVERY_QUERY_COMPILES))
    }

    /// `symbols.scm`.
    pub(crate) fn symbols(&self) -> &CaptureQuery<SymbolCapture> {
        let compile = || {
            compile(
                self.entry,
                "symbols.scm",
                self.entry.symbols,
                symbol_capture,
            )
        };
        self.symbols
            .get_or_init(|| compile().expect(EVERY_QUERY_COMPILES))
    }

    /// `text.scm`.
    pub(crate) fn text(&self) -> &CaptureQuery<TextCapture> {
        let compile = || compile(self.entry, "text.scm", self.entry.text, text_capture);
        self.text
            .get_or_init(|| compile().expect(EVERY_QUERY_COMPILES))
    }
}

const EVERY_QUERY_COMPILES: &str = "the queries are compiled in, and a test compiles every one";

fn compile<Meaning>(
    entry: &Entry,
    file: &'static str,
    source: &str,
    meaning: fn(&str) -> Option<Meaning>,
) -> Result<CaptureQuery<Meaning>, QueriesError> {
    let folder = entry.folder;
    let query =
        Query::new(&entry.grammar.into(), source).map_err(|source| QueriesError::Syntax {
            folder,
            file,
            source,
        })?;
    let mut meanings = Vec::new();
    for capture in query.capture_names() {
        let found = meaning(capture);
        if found.is_none() && !capture.starts_with('_') {
            return Err(QueriesError::Capture {
                folder,
                file,
                capture: capture.to_string(),
            });
        }
        meanings.push(found);
    }
    Ok(CaptureQuery { query, meanings })
}

fn scope_capture(capture: &str) -> Option<ScopeCapture> {
    Some(match capture {
        "name" => ScopeCapture::Name,
        "scope.function" => ScopeCapture::Scope(ScopeKind::Function),
        "scope.type" => ScopeCapture::Scope(ScopeKind::Type),
        "scope.module" => ScopeCapture::Scope(ScopeKind::Module),
        "scope.section" => ScopeCapture::Scope(ScopeKind::Section),
        _ => return None,
    })
}

fn symbol_capture(capture: &str) -> Option<SymbolCapture> {
    match capture {
        "name" => return Some(SymbolCapture::Name),
        "ignore" => return Some(SymbolCapture::Ignore),
        _ => {}
    }
    let (role, kind) = capture.split_once('.')?;
    let role = match role {
        "definition" => SymbolRole::Definition,
        "reference" => SymbolRole::Reference,
        _ => return None,
    };
    Some(SymbolCapture::Symbol(role, SymbolKind::from_capture(kind)?))
}

fn text_capture(capture: &str) -> Option<TextCapture> {
    Some(match capture {
        "comment" => TextCapture::Comment,
        "string" => TextCapture::String,
        "code" => TextCapture::Code,
        "code.bare" => TextCapture::BareCode,
        _ => return None,
    })
}
