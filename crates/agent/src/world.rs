//! What the model knows of the world around its conversation: typed sections in a fixed order.
//!
//! A [`WorldSource`] observes the world before each request; the loop appends what is new to the model
//! ([`World::additions`]) and never rewrites what was said. Where the facts come from is told in [`source`].

mod change;
mod editor;
mod environment;
mod git;
mod render;
pub mod source;

use std::collections::BTreeMap;

use models::Item;
use serde::{Deserialize, Serialize};

use crate::bounded_text;

pub use change::{SectionChange, WorldChange};
pub(crate) use editor::diagnostic_line;
pub use editor::{ActiveFile, Diagnostic, EditorContext, OpenFile, Place, Selection, Severity};
pub(crate) use render::wrap_named;
pub use source::{ProjectWorld, WorldOptions};

/// Observes the world.
pub trait WorldSource: Send + Sync {
    /// The world as it is now. Called before each request: it looks whether files have changed before it reads them.
    fn observe(&self) -> World;
}

/// Everything that the model is told besides the conversation. An absent section is one that has nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct World {
    sections: BTreeMap<SectionKind, Section>,
}

/// Kinds of sections, in the order in which the model reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// What the user's configuration wants the model to keep to.
    DeveloperInstructions,
    /// What may be done, and what is asked about first.
    Permissions,
    /// The AGENTS.md files, from the user's own to the nearest; a part is one file.
    ProjectInstructions,
    /// Folders, system, date; a part is one fact.
    Environment,
    /// What the editor has open; a part is one file.
    OpenFiles,
    /// Where the cursor is and what is selected.
    ActiveFile,
    /// What compilers and linters report; a part is one file.
    Diagnostics,
}

/// What a section says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Prose: said anew as a whole when it changes.
    Text(String),
    /// Named parts, in an order: only those that change are said anew. No two have the same name.
    Parts(Vec<Part>),
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name, unique in the section: a path, or what the fact is called.
    pub name: String,
    /// What it says; may be empty.
    pub text: String,
}

impl World {
    /// Sets a section, shortened to its kind's limit; one with nothing to say is removed.
    pub fn set(&mut self, kind: SectionKind, section: Section) {
        let section = section.bounded(kind.limit());
        if section.is_empty() {
            self.sections.remove(&kind);
        } else {
            self.sections.insert(kind, section);
        }
    }

    /// What a section says; nothing when it is absent.
    pub fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections.get(&kind)
    }

    /// Whether there is nothing to say at all.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// What must be appended so that a model that knows `seen` knows `self`: at most one message a section, in the
    /// order of the kinds; everything when `seen` is empty, nothing when both are the same.
    pub fn additions(&self, seen: &World) -> Vec<Item> {
        self.change_since(seen).items()
    }

    /// What is different from `seen`: applied to `seen`, it gives `self` up to the order of parts.
    pub fn change_since(&self, seen: &World) -> WorldChange {
        WorldChange::between(seen, self)
    }

    /// Takes over what has changed.
    pub fn apply(&mut self, change: &WorldChange) {
        change.apply_to(&mut self.sections);
    }
}

impl SectionKind {
    /// The longest section, in bytes: well below 10,000 tokens for any text.
    pub fn limit(self) -> usize {
        match self {
            Self::ProjectInstructions => 36 * 1024,
            Self::DeveloperInstructions => 16 * 1024,
            Self::Diagnostics | Self::ActiveFile => 8 * 1024,
            Self::Permissions | Self::Environment | Self::OpenFiles => 4 * 1024,
        }
    }
}

impl Section {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Parts(parts) => parts.is_empty(),
        }
    }

    /// Shortened to `limit` bytes; what is left out is said.
    fn bounded(self, limit: usize) -> Self {
        match self {
            Self::Text(text) => Self::Text(shorten(text, limit)),
            Self::Parts(parts) => Self::Parts(bounded_parts(parts, limit)),
        }
    }
}

impl Part {
    /// A part.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// The name of the part that counts what was left out.
const LEFT_OUT: &str = "(not shown)";

/// What a part costs beside its name and text: its marks and line breaks.
const PART_OVERHEAD: usize = 40;

fn bounded_parts(parts: Vec<Part>, limit: usize) -> Vec<Part> {
    let total = parts.len();
    let mut left = limit;
    let mut kept = Vec::new();
    for mut part in parts {
        let fixed = part.name.len() + PART_OVERHEAD;
        if left < fixed + part.text.len().min(PART_OVERHEAD) {
            break;
        }
        part.text = shorten(part.text, left - fixed);
        left -= fixed + part.text.len();
        kept.push(part);
    }
    if kept.len() < total {
        let more = total - kept.len();
        kept.push(Part::new(LEFT_OUT, format!("{more} more")));
    }
    kept
}

/// `text`, at most `limit` bytes of it, with a note when something is missing.
fn shorten(mut text: String, limit: usize) -> String {
    const NOTE: &str = "\n[cut here: too long]";
    if text.len() <= limit {
        return text;
    }
    let beginning = bounded_text::prefix(&text, limit.saturating_sub(NOTE.len()));
    text.truncate(beginning.len());
    text.push_str(NOTE);
    text
}

#[cfg(test)]
mod tests;
