//! Texts for the user to read, such as explanations: a Markdown file in the state folder that the client opens.
//!
//! Where the client shows no documents, a message with the text's beginning says where the file is. Old files are removed when
//! a session shows its first text.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tower_lsp_server::gen_lsp_types::{
    MessageType, ShowDocumentParams, ShowDocumentRequest, ShowMessageNotification,
    ShowMessageParams,
};
use url::Url;

use crate::config::paths;
use crate::event::Event;
use crate::lsp::convert::display;
use crate::tasks::goal::quote::beginning;
use crate::transport::Answer;

use super::Session;

/// Texts are removed when nobody has written them for so long.
const LONGEST_LIFE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The most of a text that fits into a message, in bytes.
const LONGEST_MESSAGE: usize = 600;

/// The texts of this session.
#[derive(Debug, Default)]
pub(super) struct Texts {
    shown: u32,
}

/// A text on its way to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownText {
    title: String,
    markdown: String,
    /// Where it lies; `None` when it could not be written.
    file: Option<PathBuf>,
}

impl Session {
    /// Shows a text to the user, as a document where the client can, else as a message. `title` becomes its heading unless it has one.
    pub(super) fn show_text(&mut self, title: &str, markdown: &str) {
        let folder = paths::state_folder().map(|state| state.join("texts"));
        if let Some(folder) = folder.as_ref().filter(|_| self.texts.shown == 0) {
            tidy(folder);
        }
        self.texts.shown += 1;
        let name = file_name(self.texts.shown, title);
        let content = with_heading(title.trim(), markdown.trim());
        let written = folder.map(|folder| write(&folder, &name, &content));
        let file = match written {
            Some(Ok(file)) => Some(file),
            Some(Err(error)) => {
                tracing::warn!(%error, "a text for the user cannot be written");
                None
            }
            None => None,
        };
        let text = ShownText {
            title: title.trim().to_owned(),
            markdown: markdown.trim().to_owned(),
            file,
        };
        let uri = text
            .file
            .as_ref()
            .and_then(|file| Url::from_file_path(file).ok());
        match uri.filter(|_| self.client.shows_documents) {
            Some(uri) => self.ask_to_show(uri, text),
            None => self.show_as_message(&text),
        }
    }

    /// The client has shown a text, or has not.
    pub(super) fn text_answered(&self, text: &ShownText, answer: &Answer) {
        let is_shown = answer
            .as_ref()
            .is_ok_and(|answer| answer["success"] == true);
        if !is_shown {
            self.show_as_message(text);
        }
    }

    fn ask_to_show(&self, uri: Url, text: ShownText) {
        let events = self.events.clone();
        let params = ShowDocumentParams {
            uri,
            external: Some(false),
            take_focus: Some(true),
            selection: None,
        };
        self.outbox
            .request::<ShowDocumentRequest>(&params, move |answer| {
                events.send(Event::TextAnswered(text, answer));
            });
    }

    fn show_as_message(&self, text: &ShownText) {
        let shown = beginning(&text.markdown, LONGEST_MESSAGE);
        let more = if shown.len() < text.markdown.len() {
            "…"
        } else {
            ""
        };
        let title = &text.title;
        let mut message = match shown.starts_with("# ") {
            true => format!("{shown}{more}"),
            false => format!("{title}: {shown}{more}"),
        };
        if let Some(file) = &text.file {
            message.push_str(&format!("\n\nAll of it is in {}", display(file)));
        }
        self.outbox
            .notify::<ShowMessageNotification>(&ShowMessageParams {
                kind: MessageType::Info,
                message,
            });
    }
}

/// A text that begins with a heading of its own keeps it.
fn with_heading(title: &str, markdown: &str) -> String {
    if markdown.starts_with("# ") {
        format!("{markdown}\n")
    } else {
        format!("# {title}\n\n{markdown}\n")
    }
}

/// A name that no other session uses at the same time.
fn file_name(number: u32, title: &str) -> String {
    let dashed = title.chars().map(|character| {
        if character.is_alphanumeric() {
            character
        } else {
            '-'
        }
    });
    let dashed: String = dashed.take(40).collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{number}-{}.md", std::process::id(), words.join("-"))
}

fn write(folder: &Path, name: &str, content: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let file = folder.join(name);
    fs::write(&file, content)?;
    Ok(file)
}

/// What cannot be removed stays, and is tried again by the next session.
fn tidy(folder: &Path) {
    let oldest = SystemTime::now() - LONGEST_LIFE;
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        if written.is_ok_and(|written| written < oldest) {
            drop(fs::remove_file(entry.path()));
        }
    }
}
