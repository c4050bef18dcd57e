//! Suggestion requests: checked here, answered by the predictor's thread.

use std::path::Path;
use std::time::Instant;

use text::{Position, PositionEncoding, Text};
use tower_lsp_server::gen_lsp_types::{CompletionList, InlineCompletionList};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};
use workspace::Document;

use crate::event::Reply;
use crate::lsp::capabilities::SuggestionChannel;
use crate::lsp::convert::{document_path, position};
use crate::lsp::params::SuggestionParams;
use crate::predictor::SuggestJob;
use crate::suggestion_reply::{CompletionReply, InlineReply, SuggestionReply};

use super::Session;
use super::documents::not_open;

impl Session {
    /// `textDocument/inlineCompletion`
    pub(super) fn suggest_inline(
        &mut self,
        params: &SuggestionParams,
        reply: Reply<InlineCompletionList>,
    ) {
        match self.find_document(params) {
            Err(error) => drop(reply.send(Err(error))),
            Ok(document) => {
                let reply = InlineReply::new(reply, &document, self.client.encoding);
                self.suggest(params, &document, Box::new(reply));
            }
        }
    }

    /// `textDocument/completion`, for clients without inline completion.
    pub(super) fn suggest_completion(
        &mut self,
        params: &SuggestionParams,
        reply: Reply<CompletionList>,
    ) {
        if self.is_chat(&document_path(&params.text_document.uri)) {
            return self.complete_mention(params, reply);
        }
        if self.client.channel == SuggestionChannel::InlineCompletion {
            return drop(reply.send(Ok(CompletionList::default())));
        }
        match self.find_document(params) {
            Err(error) => drop(reply.send(Err(error))),
            Ok(document) => {
                let offset = document
                    .text
                    .offset(position(params.position), self.client.encoding);
                let reply = CompletionReply::new(reply, &document, offset, self.client.encoding);
                self.suggest(params, &document, Box::new(reply));
            }
        }
    }

    fn suggest(
        &mut self,
        params: &SuggestionParams,
        document: &Document,
        reply: Box<dyn SuggestionReply>,
    ) {
        let received = Instant::now();
        let encoding = self.client.encoding;
        let place = find_place(&document.text, position(params.position), encoding);
        let reason = self
            .why_silent(document)
            .or_else(|| place.is_none().then(nowhere));
        if let Some(reason) = reason {
            reply.send_nothing();
            self.note_suggestion(protocol::SuggestionReport {
                offered: false,
                reason: Some(reason),
                confidence: None,
                microseconds: 0,
            });
            return;
        }
        let Some(offset) = place else {
            return;
        };
        self.note_last_place(&document.path, offset..offset);
        let completion = &self.settings.config.completion;
        self.predictor.suggest(SuggestJob {
            path: document.path.clone(),
            text: document.text.clone(),
            offset,
            settings: completion.into(),
            trees: self.parser.trees(),
            received,
            reply,
            events: self.events.clone(),
        });
    }

    /// The document that a request speaks of, if it is open in the version that the client means.
    fn find_document(&self, params: &SuggestionParams) -> Result<std::sync::Arc<Document>> {
        let identifier = &params.text_document;
        let document = self
            .workspace
            .documents()
            .get(&document_path(&identifier.uri))
            .ok_or_else(|| not_open(identifier.uri.as_str()))?;
        match identifier.version {
            Some(version) if version != document.version => {
                Err(version_mismatch(version, document.version))
            }
            _ => Ok(document),
        }
    }

    /// Why nothing is to be offered in this document at all, as a sentence.
    fn why_silent(&self, document: &Document) -> Option<String> {
        let completion = &self.settings.config.completion;
        if !completion.enabled {
            return Some("Tab-completion is switched off (`completion.enabled`).".into());
        }
        if completion
            .disabled_languages
            .contains(&document.language_id)
        {
            return Some(format!(
                "Tab-completion is switched off for {} (`completion.disabled_languages`).",
                document.language_id
            ));
        }
        if self.out_of_step.contains(&document.path) {
            return Some(
                "The editor sent a change that cannot be understood; reopen the file to be in step again."
                    .into(),
            );
        }
        self.why_hidden(&document.path)
            .map(|reason| format!("No suggestions in this file: {reason}."))
    }

    /// Why nobody but the editor may see the text of an open document.
    pub(super) fn why_hidden(&self, path: &Path) -> Option<&str> {
        self.hidden.get(path).map(String::as_str)
    }
}

/// The offset of a position at which something can be offered: one that exists. Past the end of its line is the line's end,
/// as everywhere in LSP; a line that is not there, or the inside of a character, is nowhere.
fn find_place(text: &Text, position: Position, encoding: PositionEncoding) -> Option<usize> {
    let offset = text.offset(position, encoding);
    let found = text.position(offset, encoding);
    let is_line_end = offset == text.line_end(text.line_of(offset));
    (found == position || found.line == position.line && is_line_end).then_some(offset)
}

fn nowhere() -> String {
    "The text has no such position.".into()
}

/// The same refusal as Copilot's server gives, so that clients written for it know what to do: send the change, ask again.
fn version_mismatch(asked: i32, known: i32) -> Error {
    let mut error = Error::new(ErrorCode::ContentModified);
    error.message =
        format!("Document Version Mismatch: asked for version {asked}, the server has {known}")
            .into();
    error
}
