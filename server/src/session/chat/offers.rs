//! What can be done in a chat's document: code actions, code lenses, links, completion of mentions.

use std::path::Path;

use serde_json::json;
use text::{PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionTag, CodeLens, Command as LspCommand, CompletionItem,
    CompletionItemKind, CompletionItemTextEdit, CompletionList, DocumentLink, TextEdit,
};

use crate::chat::format::{self, YOU};
use crate::chat::links;
use crate::chat::mentions::{NAMED, being_written};
use crate::commands::ChatCommand;
use crate::event::Reply;
use crate::lsp::convert::{document_path, lsp_range, position};
use crate::lsp::params::{Named, SuggestionParams};
use crate::session::Session;
use crate::session::code_actions::ActionPlace;

impl Session {
    /// What can be done about chats at a place.
    pub(in crate::session) fn chat_actions(&self, place: &ActionPlace) -> Vec<CodeAction> {
        if self.is_chat(&place.path) {
            return vec![self.chat_command(&place.path)]
                .into_iter()
                .map(action)
                .collect();
        }
        let mut folders = self.folder_paths().into_iter();
        if !folders.any(|folder| place.path.starts_with(folder)) {
            return Vec::new();
        }
        let line = |offset| place.document.text.line_of(offset) + 1;
        let (start, end) = (place.range.start, place.range.end);
        // What ends at the beginning of a line does not reach into it.
        let last = if end > start {
            line(end - 1)
        } else {
            line(end)
        };
        let about = ChatCommand::About {
            path: place.path.clone(),
            lines: (line(start), last),
        };
        let tags = self.client.marks_model_actions;
        vec![CodeAction {
            tags: tags.then(|| vec![CodeActionTag::LLMGenerated]),
            ..action(("Chat about this", about))
        }]
    }

    /// Code lenses in a chat: at the last heading of the user's.
    pub(in crate::session) fn chat_lenses(&self, path: &Path) -> Vec<CodeLens> {
        if !self.is_chat(path) {
            return Vec::new();
        }
        let Some(document) = self.workspace.documents().get(path) else {
            return Vec::new();
        };
        let text = document.text.to_string();
        let Some(heading) = format::last_heading(&text, YOU) else {
            return Vec::new();
        };
        let at = heading.start..heading.start + YOU.len();
        let (title, command) = self.chat_command(path);
        vec![CodeLens {
            range: lsp_range(&document.text, &at, self.client.encoding),
            command: Some(called(title, &command)),
            data: None,
        }]
    }

    /// `textDocument/documentLink`: the files that answers name; nothing in other documents.
    pub(in crate::session) fn document_links(&self, params: &Named) -> Vec<DocumentLink> {
        let path = document_path(&params.text_document.uri);
        if !self.is_chat(&path) {
            return Vec::new();
        }
        let Some(document) = self.workspace.documents().get(&path) else {
            return Vec::new();
        };
        let found = links::found(&document.text.to_string());
        let links = found.into_iter().filter_map(|link| {
            let range = lsp_range(&document.text, &link.range, self.client.encoding);
            serde_json::from_value(json!({ "range": range, "target": link.target })).ok()
        });
        links.collect()
    }

    /// `textDocument/completion` in a chat: mentions only.
    pub(in crate::session) fn complete_mention(
        &mut self,
        params: &SuggestionParams,
        reply: Reply<CompletionList>,
    ) {
        let path = document_path(&params.text_document.uri);
        let encoding = self.client.encoding;
        let Some(document) = self.workspace.documents().get(&path) else {
            return drop(reply.send(Ok(CompletionList::default())));
        };
        let text = document.text.clone();
        drop(document);
        let offset = text.offset(position(params.position), encoding);
        let line_start = text.line_start(text.line_of(offset));
        let before = text.slice(line_start..offset).into_owned();
        let Some(mention) = being_written(&before) else {
            return drop(reply.send(Ok(CompletionList::default())));
        };
        let typed = before[mention.start + 1..].to_owned();
        let place = MentionPlace {
            range: line_start + mention.start..offset,
            text,
            encoding,
        };
        let (snapshot, links, events) =
            (self.workspace.snapshot(), self.links(), self.events.clone());
        let Some(worker) = self.chats.worker(&events) else {
            return drop(reply.send(Ok(place.list(&typed, &[]))));
        };
        let wanted = typed.clone();
        let answer = Box::new(move |files: Vec<String>| {
            drop(reply.send(Ok(place.list(&typed, &files))));
        });
        worker.list_files(snapshot, links, wanted, answer);
    }

    fn chat_command(&self, path: &Path) -> (&'static str, ChatCommand) {
        let chat = self.chats.get(path);
        match chat.is_some_and(|chat| chat.turn.is_some()) {
            true => ("Stop", ChatCommand::Stop(Some(path.to_path_buf()))),
            false => ("Send", ChatCommand::Send(Some(path.to_path_buf()))),
        }
    }
}

/// The mention that is being written, its `@` included.
struct MentionPlace {
    range: std::ops::Range<usize>,
    text: Text,
    encoding: PositionEncoding,
}

impl MentionPlace {
    fn list(&self, typed: &str, files: &[String]) -> CompletionList {
        let named = NAMED.iter().filter(|(name, _)| name.starts_with(typed));
        let named =
            named.map(|(name, detail)| self.item(name, detail, CompletionItemKind::Keyword));
        let files = files
            .iter()
            .map(|name| self.item(name, "", CompletionItemKind::File));
        let items = named
            .chain(files)
            .enumerate()
            .map(|(place, item)| CompletionItem {
                sort_text: Some(format!("{place:04}")),
                ..item
            });
        CompletionList {
            is_incomplete: true,
            items: items.collect(),
            ..CompletionList::default()
        }
    }

    fn item(&self, name: &str, detail: &str, kind: CompletionItemKind) -> CompletionItem {
        let new_text = format!("@{name}");
        CompletionItem {
            label: new_text.clone(),
            kind: Some(kind),
            detail: Some(detail.to_owned()).filter(|detail| !detail.is_empty()),
            // The server has chosen; clients that filter again by what was typed find it at the end.
            filter_text: Some(format!("@{}", self.typed())),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range: lsp_range(&self.text, &self.range, self.encoding),
                new_text,
            })),
            ..CompletionItem::default()
        }
    }

    fn typed(&self) -> String {
        self.text
            .slice(self.range.start + 1..self.range.end)
            .into_owned()
    }
}

fn action((title, command): (&'static str, ChatCommand)) -> CodeAction {
    CodeAction {
        title: title.into(),
        kind: Some(CodeActionKind::Source),
        command: Some(called(title, &command)),
        ..CodeAction::default()
    }
}

fn called(title: &str, command: &ChatCommand) -> LspCommand {
    let (command, arguments) = command.to_call();
    LspCommand {
        title: title.into(),
        command: command.into(),
        arguments: Some(arguments),
        ..LspCommand::default()
    }
}
