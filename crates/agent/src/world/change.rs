//! What is different between two worlds: small enough for the log, complete enough to build the newer one.
//!
//! Made by [`World::change_since`]; `render` turns it into messages.

use std::collections::BTreeMap;

use models::Item;
use serde::{Deserialize, Serialize};

use super::{Part, Section, SectionKind, World, render};

/// The sections that are different, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorldChange {
    sections: BTreeMap<SectionKind, SectionChange>,
}

/// How a section is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionChange {
    /// It was not there.
    New(Section),
    /// It says something else as a whole.
    Replaced(Section),
    /// Some parts are different.
    Parts {
        /// Parts that are new or say something else.
        changed: Vec<Part>,
        /// Names of parts that are no longer there.
        removed: Vec<String>,
    },
    /// It is no longer there.
    Gone,
}

impl WorldChange {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The messages that tell the model: at most one a section, in the order of the kinds.
    pub fn items(&self) -> Vec<Item> {
        self.sections
            .iter()
            .map(|(kind, change)| render::item(*kind, change))
            .collect()
    }

    pub(super) fn between(seen: &World, now: &World) -> Self {
        let (seen, now) = (&seen.sections, &now.sections);
        let gone = seen
            .keys()
            .filter(|kind| !now.contains_key(kind))
            .map(|kind| (*kind, SectionChange::Gone));
        let different = now.iter().filter_map(|(kind, section)| {
            let change = match seen.get(kind) {
                None => SectionChange::New(section.clone()),
                Some(seen) => section_change(seen, section)?,
            };
            Some((*kind, change))
        });
        Self {
            sections: gone.chain(different).collect(),
        }
    }

    pub(super) fn apply_to(&self, sections: &mut BTreeMap<SectionKind, Section>) {
        for (kind, change) in &self.sections {
            match change {
                SectionChange::New(section) | SectionChange::Replaced(section) => {
                    sections.insert(*kind, section.clone());
                }
                SectionChange::Parts { changed, removed } => {
                    if let Some(Section::Parts(parts)) = sections.get_mut(kind) {
                        apply_parts(parts, changed, removed);
                    }
                }
                SectionChange::Gone => {
                    sections.remove(kind);
                }
            }
        }
    }
}

fn section_change(seen: &Section, now: &Section) -> Option<SectionChange> {
    match (seen, now) {
        (Section::Parts(seen), Section::Parts(now)) => parts_change(seen, now),
        (seen, now) => (seen != now).then(|| SectionChange::Replaced(now.clone())),
    }
}

fn parts_change(seen: &[Part], now: &[Part]) -> Option<SectionChange> {
    let text_in = |parts: &[Part], name: &str| {
        let part = parts.iter().find(|part| part.name == name);
        part.map(|part| part.text.clone())
    };
    let changed: Vec<Part> = now
        .iter()
        .filter(|part| text_in(seen, &part.name).as_ref() != Some(&part.text))
        .cloned()
        .collect();
    let removed: Vec<String> = seen
        .iter()
        .filter(|part| text_in(now, &part.name).is_none())
        .map(|part| part.name.clone())
        .collect();
    let is_same = changed.is_empty() && removed.is_empty();
    (!is_same).then_some(SectionChange::Parts { changed, removed })
}

fn apply_parts(parts: &mut Vec<Part>, changed: &[Part], removed: &[String]) {
    parts.retain(|part| !removed.contains(&part.name));
    for part in changed {
        match parts.iter_mut().find(|known| known.name == part.name) {
            Some(known) => known.text.clone_from(&part.text),
            None => parts.push(part.clone()),
        }
    }
}
