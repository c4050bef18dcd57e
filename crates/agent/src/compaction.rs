//! What a new window begins with, when the history has become too long for the old one.
//!
//! Pure: the machine gives the [`Material`] and a [`Summary`], and gets the new history. It holds, in this order: the world as
//! a whole; the user's older messages, the newest first to be kept; a hand-over note with the plan, the files that were changed
//! and the summary; and the last steps as they were, with what the user said in between. Calls and outputs stay paired.

mod handover;
mod last_steps;
mod overflow;
mod shorten;
mod user_messages;

use std::{collections::BTreeMap, path::Path, path::PathBuf};

use models::{Item, Role};

pub(crate) use overflow::without_oldest;

use crate::{
    machine::history::{HistoryEntry, Origin},
    surface::CompactionForm,
    tool::{ChangeKind, PlanStep},
};

/// What the model is asked when it shall write the summary itself.
pub(crate) const SUMMARY_REQUEST: &str = "The conversation is about to become longer than your window, so it will be cut here. \
Write a note for yourself to go on from; call no tools in this answer. You will still see the user's messages, the plan, the list of \
changed files and the last few steps, but nothing else. Write down: what the task is and how far it is; what was decided and why; \
what was found out that is needed later (names, paths, commands that work, errors and their causes); what the user wants kept to; \
what has been tried and failed; and what comes next, in order. Be exact and short.";

/// What there is to build a new window from.
pub(crate) struct Material<'a> {
    /// The old history.
    pub(crate) entries: &'a [HistoryEntry],
    /// The world as a whole.
    pub(crate) world: Vec<Item>,
    /// The plan as last written.
    pub(crate) plan: &'a [PlanStep],
    /// The files that were changed, and how last.
    pub(crate) files: &'a BTreeMap<PathBuf, ChangeKind>,
    /// Files below it are named relative to it.
    pub(crate) cwd: &'a Path,
    /// How long the parts may be.
    pub(crate) budgets: Budgets,
}

/// What is known of the steps that are left out.
pub(crate) enum Summary {
    /// The model's note.
    Written(String),
    /// What the service made of the whole history.
    Service(Vec<Item>),
    /// Nothing: what can be told without a model is told.
    Missing,
}

/// How long the parts of a new window may be, in tokens by our own estimate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budgets {
    /// The user's messages before the last steps.
    user_messages: u64,
    /// The last steps.
    last_steps: u64,
    /// One output among them.
    output: u64,
    /// The summary, if a model writes one; one that does not end would fill the new window at once.
    summary: u64,
    /// A list of the steps that are left out, when nobody could summarise them.
    step_list: u64,
}

impl Budgets {
    /// Budgets for a window of `window` tokens; a quarter of them in the second compaction in a row, as the first has
    /// not helped.
    pub(crate) fn new(window: u64, compactions_in_a_row: u32) -> Self {
        let divisor = 4_u64.pow(compactions_in_a_row.saturating_sub(1).min(3));
        let last_steps = (window / 6).min(16_000) / divisor;
        Self {
            user_messages: (window / 5).min(20_000) / divisor,
            last_steps,
            output: (last_steps / 4).min(2_500),
            summary: (window / 6).min(16_000) / divisor,
            step_list: (window / 20).min(4_000) / divisor,
        }
    }
}

impl Summary {
    /// How a surface is told of it.
    pub(crate) fn form(&self) -> CompactionForm {
        match self {
            Self::Written(_) => CompactionForm::Summary,
            Self::Service(_) => CompactionForm::Remote,
            Self::Missing => CompactionForm::Mechanical,
        }
    }
}

/// The items of the new window.
pub(crate) fn rebuild(material: &Material<'_>, summary: Summary) -> Vec<(Item, Origin)> {
    let start = last_steps::start(material.entries, material.budgets);
    let (older, newer) = material.entries.split_at(start);
    let note = handover::note(material, older, &summary);

    let world = material.world.iter().cloned();
    let mut items: Vec<_> = world.map(|item| (item, Origin::World)).collect();
    match summary {
        Summary::Service(service) => items.extend(service_items(material, older, service)),
        Summary::Written(_) | Summary::Missing => items.extend(kept_messages(material, older)),
    }
    items.push((Item::message(Role::Developer, note), Origin::Handover));
    items.extend(last_steps::items(newer, material.budgets));
    items
}

fn kept_messages(material: &Material<'_>, older: &[HistoryEntry]) -> Vec<(Item, Origin)> {
    let kept = user_messages::newest(older, material.budgets.user_messages);
    kept.into_iter().map(|item| (item, Origin::Input)).collect()
}

/// The service's items, without what is told anew: the world, and everything that the program said.
fn service_items(
    material: &Material<'_>,
    older: &[HistoryEntry],
    service: Vec<Item>,
) -> Vec<(Item, Origin)> {
    let is_stale = |item: &Item| {
        let is_developer = matches!(
            item,
            Item::Message {
                role: Role::Developer,
                ..
            }
        );
        let is_world = |entry: &HistoryEntry| entry.origin == Origin::World && *entry.item == *item;
        is_developer || material.entries.iter().any(is_world)
    };
    let is_users = |item: &Item| {
        matches!(
            item,
            Item::Message {
                role: Role::User,
                ..
            }
        )
    };
    let fresh: Vec<Item> = service.into_iter().filter(|item| !is_stale(item)).collect();
    let mut items = Vec::new();
    if !fresh.iter().any(is_users) {
        items = kept_messages(material, older);
    }
    items.extend(fresh.into_iter().map(|item| {
        let origin = if is_users(&item) {
            Origin::Input
        } else {
            Origin::Handover
        };
        (item, origin)
    }));
    items
}

#[cfg(test)]
mod tests;
