//! Our languages and trees as ast-grep wants to see them.
//!
//! Trees come from `parse.rs`, so that masks, limits and cancellation hold here too; nothing is parsed by ast-grep.

use std::borrow::Cow;

use ast_grep_core::language::Language as PatternLanguage;
use ast_grep_core::matcher::PatternBuilder;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_core::{AstGrep, Pattern, PatternError};

use crate::language::Language;
use crate::tree::SyntaxTree;

/// A language, for ast-grep.
#[derive(Clone)]
pub(super) struct Grammar(pub(super) Language);

/// A text with its tree, for ast-grep.
pub(super) type Document = StrDoc<Grammar>;

/// What makes `$$$NAME` a statement where a name alone is none; no part of the variable. The longer one ends with the other.
pub(super) const LIST_ENDS: [&str; 2] = [";", "();"];

/// `tree` for ast-grep. Copies the text.
pub(super) fn document(tree: &SyntaxTree) -> AstGrep<Document> {
    AstGrep::doc(StrDoc {
        src: tree.text().to_string(),
        lang: Grammar(tree.language()),
        tree: tree.tree().clone(),
    })
}

/// `source` as the grammar can parse it: the `$` of each variable becomes `sigil` and the language's mark, which may
/// begin a name.
pub(super) fn with_marks(language: Language, sigil: &str, source: &str) -> String {
    let mark = language.variable_mark();
    let mut marked = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('$') {
        let (before, from_dollar) = rest.split_at(start);
        let after = from_dollar.trim_start_matches('$');
        let count = from_dollar.len() - after.len();
        let begins_name =
            after.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
        let is_variable = (count <= 3 && begins_name) || count == 3;
        marked.push_str(before);
        let stands_for_dollar = if is_variable { mark } else { '$' };
        marked.push_str(if is_variable { sigil } else { "" });
        marked.extend(std::iter::repeat_n(stands_for_dollar, count));
        rest = after;
    }
    marked + rest
}

impl PatternLanguage for Grammar {
    fn pre_process_pattern<'query>(&self, query: &'query str) -> Cow<'query, str> {
        Cow::Owned(with_marks(self.0, "", query))
    }

    fn expando_char(&self) -> char {
        self.0.variable_mark()
    }

    fn extract_meta_var(&self, source: &str) -> Option<MetaVariable> {
        let sigils = self.0.variable_sigils().iter();
        let mut names = sigils.filter_map(|sigil| source.strip_prefix(&**sigil));
        let name = names.find(|name| name.starts_with(self.expando_char()))?;
        variable(name, self.expando_char())
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.get_ts_language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        let id = self.get_ts_language().field_id_for_name(field)?;
        Some(id.get())
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|source| StrDoc::try_new(source, self.clone()))
    }
}

impl LanguageExt for Grammar {
    fn get_ts_language(&self) -> TSLanguage {
        self.0.grammar()
    }
}

/// What `source`, which begins with `mark`, is as a variable; ast-grep's own reading of it is not public.
fn variable(source: &str, mark: char) -> Option<MetaVariable> {
    let name = source.trim_start_matches(mark);
    let marks = source[..source.len() - name.len()].chars().count();
    let is_ended = |end: &&str| marks == 3 && name.ends_with(*end);
    let end = LIST_ENDS.into_iter().rev().find(is_ended).unwrap_or("");
    let name = &name[..name.len() - end.len()];
    let is_part = |part: char| part.is_ascii_uppercase() || part.is_ascii_digit() || part == '_';
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.chars().all(is_part);
    match marks {
        3 if name.is_empty() || is_name && name.starts_with('_') => Some(MetaVariable::Multiple),
        3 if is_name => Some(MetaVariable::MultiCapture(name.to_owned())),
        1 | 2 if is_name && name.starts_with('_') => Some(MetaVariable::Dropped(marks == 1)),
        1 | 2 if is_name => Some(MetaVariable::Capture(name.to_owned(), marks == 1)),
        _ => None,
    }
}
