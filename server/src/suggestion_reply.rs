//! Turns what the engine offers into the two shapes in which LSP clients take it.
//!
//! Made by the session with everything that the answer needs, sent from the predictor's thread. Pure but for the sending.

use predict::Suggestion;
use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionItemTextEdit,
    CompletionList, Documentation, InlineCompletionItem, InlineCompletionList, InsertText,
    TextEdit,
};
use workspace::Document;

use crate::event::Reply;
use crate::lsp::convert::lsp_range;

/// Longer labels are cut: some clients draw them across the screen, one crashed on them.
const MAX_LABEL_CHARACTERS: usize = 60;

/// The waiting end of a suggestion request.
pub(crate) trait SuggestionReply: Send {
    /// Whether the client no longer waits.
    fn is_cancelled(&self) -> bool;
    /// Answers with a suggestion.
    fn send(self: Box<Self>, suggestion: &Suggestion);
    /// Answers that there is none.
    fn send_nothing(self: Box<Self>);
}

/// Answers `textDocument/inlineCompletion`.
pub(crate) struct InlineReply {
    reply: Reply<InlineCompletionList>,
    text: Text,
    encoding: PositionEncoding,
}

impl InlineReply {
    pub(crate) fn new(
        reply: Reply<InlineCompletionList>,
        document: &Document,
        encoding: PositionEncoding,
    ) -> Self {
        Self {
            reply,
            text: document.text.clone(),
            encoding,
        }
    }
}

impl SuggestionReply for InlineReply {
    fn is_cancelled(&self) -> bool {
        self.reply.is_closed()
    }

    fn send(self: Box<Self>, suggestion: &Suggestion) {
        let item = InlineCompletionItem {
            insert_text: InsertText::String(suggestion.text.clone()),
            filter_text: None,
            // Optional in LSP, but Neovim fails without it.
            range: Some(lsp_range(&self.text, &suggestion.replace, self.encoding)),
            command: None,
        };
        drop(
            self.reply
                .send(Ok(InlineCompletionList { items: vec![item] })),
        );
    }

    fn send_nothing(self: Box<Self>) {
        drop(self.reply.send(Ok(InlineCompletionList { items: vec![] })));
    }
}

/// Answers `textDocument/completion`.
pub(crate) struct CompletionReply {
    reply: Reply<CompletionList>,
    text: Text,
    offset: usize,
    encoding: PositionEncoding,
}

impl CompletionReply {
    pub(crate) fn new(
        reply: Reply<CompletionList>,
        document: &Document,
        offset: usize,
        encoding: PositionEncoding,
    ) -> Self {
        Self {
            reply,
            text: document.text.clone(),
            offset,
            encoding,
        }
    }

    /// An item replaces the word before the cursor as well, because clients filter by that word.
    fn item(&self, suggestion: &Suggestion) -> CompletionItem {
        let start = word_start(&self.text, self.offset).min(suggestion.replace.start);
        let before = self.text.slice(start..suggestion.replace.start);
        let new_text = format!("{before}{}", suggestion.text);
        let first_line = new_text.lines().next().unwrap_or_default();
        CompletionItem {
            label: shorten(first_line.trim()),
            label_details: Some(CompletionItemLabelDetails {
                detail: None,
                description: Some("Ropewalk".into()),
            }),
            kind: Some(CompletionItemKind::Text),
            detail: Some(new_text.clone()),
            // Clients that do not show label details, such as Helix, show this beside the item.
            documentation: Some(Documentation::String(format!(
                "Ropewalk, {:.0} % sure",
                suggestion.confidence * 100.0
            ))),
            filter_text: Some(first_line.to_string()),
            // Before the items that other servers sort by their names.
            sort_text: Some("\u{1}".into()),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range: lsp_range(&self.text, &(start..suggestion.replace.end), self.encoding),
                new_text,
            })),
            ..CompletionItem::default()
        }
    }
}

impl SuggestionReply for CompletionReply {
    fn is_cancelled(&self) -> bool {
        self.reply.is_closed()
    }

    fn send(self: Box<Self>, suggestion: &Suggestion) {
        let list = list(vec![self.item(suggestion)]);
        drop(self.reply.send(Ok(list)));
    }

    fn send_nothing(self: Box<Self>) {
        drop(self.reply.send(Ok(list(vec![]))));
    }
}

/// Always incomplete: the next character makes a better suggestion than filtering this one.
fn list(items: Vec<CompletionItem>) -> CompletionList {
    CompletionList {
        is_incomplete: true,
        items,
        ..CompletionList::default()
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(MAX_LABEL_CHARACTERS) {
        None => line.to_string(),
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

/// Where the word begins that ends at `offset`, within its line.
fn word_start(text: &Text, offset: usize) -> usize {
    let line_start = text.line_start(text.line_of(offset));
    let before = text.slice(line_start..offset);
    let word_length: usize = before
        .chars()
        .rev()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .map(char::len_utf8)
        .sum();
    offset - word_length
}

#[cfg(test)]
mod tests;
