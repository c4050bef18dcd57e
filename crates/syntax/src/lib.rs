//! Syntax: which language a file is in, its tree kept up with every edit, and what the tree tells:
//! scopes, definitions and references, comments and strings, names, and code that fits a pattern.
//!
//! Trees are made from snapshots of the text, off the main loop, with a limit on time and size and a
//! token to cancel: a file that is too large or hostile has no tree, and nobody waits for it. There
//! is no IO here. The facts and queries of each language are in the top-level folder `grammars/`.

mod language;
mod limits;
mod parse;
mod queries;
mod registry;
mod shell_script;
mod structural;
mod tree;

pub use language::{BlockComment, Language};
pub use limits::{Cancel, NoTree, ParseLimits, QueryLimits, Stopped};
pub use parse::parse;
pub use queries::{ScopeKind, SymbolKind, SymbolRole, TextKind};
pub use shell_script::ShellScript;
pub use structural::{
    Pattern, PatternError, Replacement, Rewrite, StructuralError, StructuralMatch, Template,
    TemplateError,
};
pub use tree::{Scope, Symbol, SyntaxTree, TextSpan};

#[cfg(test)]
mod test_support;
