//! The conversation as the model has it: append-only within a window, with an account of the tokens that it takes.

use std::sync::Arc;

use models::{Content, Item, Role};

/// Items in the order in which they are sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    entries: Vec<HistoryEntry>,
    /// Tokens of everything up to the last answer, by the service's own count; until there is one, an estimate of what
    /// goes before the items.
    counted: u64,
    /// Estimated tokens of what followed.
    estimated: u64,
}

/// An item with what compaction must know of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistoryEntry {
    /// The item.
    pub item: Arc<Item>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an item of the history comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What the model is told of the world; told anew in every window.
    World,
    /// The user.
    Input,
    /// The model, in its answer of this number.
    Answer(u32),
    /// A tool, for a call of the answer of this number.
    Output(u32),
    /// The program: something about the conversation itself.
    Note,
    /// What an earlier window was compacted into.
    Handover,
}

impl History {
    /// An empty window; `overhead` is the estimate in tokens of what every request holds besides the items.
    pub(crate) fn new(overhead: u64) -> Self {
        Self {
            entries: Vec::new(),
            counted: overhead,
            estimated: 0,
        }
    }

    /// Appends an item.
    pub(crate) fn push(&mut self, item: Item, origin: Origin) {
        self.estimated += estimate(&item);
        let item = Arc::new(item);
        self.entries.push(HistoryEntry { item, origin });
    }

    /// Takes over the service's count of everything so far.
    pub(crate) fn count(&mut self, tokens: u64) {
        self.counted = tokens;
        self.estimated = 0;
    }

    /// Tokens that the history takes now.
    pub(crate) fn tokens(&self) -> u64 {
        self.counted + self.estimated
    }

    /// The items, for a request.
    pub(crate) fn items(&self) -> Vec<Arc<Item>> {
        let items = self.entries.iter().map(|entry| Arc::clone(&entry.item));
        items.collect()
    }

    /// The items with their origins.
    pub(crate) fn entries(&self) -> &[HistoryEntry] {
        &self.entries
    }

    /// Whether it holds anything besides what the model is told of the world.
    pub(crate) fn has_conversation(&self) -> bool {
        let mut origins = self.entries.iter().map(|entry| entry.origin);
        origins.any(|origin| origin != Origin::World)
    }

    /// Takes out the encrypted reasoning: after a change of models nobody can read it.
    pub(crate) fn forget_reasoning(&mut self) {
        for entry in &mut self.entries {
            forget_reasoning(Arc::make_mut(&mut entry.item));
        }
    }

    /// Takes out what only the provider that made it can read; `note` takes the place of what an earlier window was
    /// compacted into. Gives whether there was such a thing.
    pub(crate) fn forget_carried(&mut self, note: &str) -> bool {
        let is_carried = |entry: &HistoryEntry| matches!(*entry.item, Item::Carried(_));
        let is_lost = |entry: &HistoryEntry| is_carried(entry) && entry.origin == Origin::Handover;
        let was_compacted = self.entries.iter().any(is_lost);
        for entry in self.entries.iter_mut().filter(|entry| is_lost(entry)) {
            entry.item = Arc::new(Item::message(Role::Developer, note));
        }
        self.entries.retain(|entry| !is_carried(entry));
        was_compacted
    }
}

/// Takes the encrypted reasoning out of `item`.
pub(crate) fn forget_reasoning(item: &mut Item) {
    if let Item::Reasoning { carried, .. } = item {
        *carried = None;
    }
}

/// What an item takes in tokens: a quarter of its bytes, and a fixed price for a picture.
pub(crate) fn estimate(item: &Item) -> u64 {
    match item {
        Item::Message { content, .. } | Item::ToolOutput { content, .. } => {
            estimate_contents(content)
        }
        Item::Reasoning { summary, carried } => {
            let summary: usize = summary.iter().map(String::len).sum();
            let carried = carried
                .as_ref()
                .map_or(0, |carried| json_length(&carried.value));
            tokens(summary + carried)
        }
        Item::ToolCall(call) => tokens(call.name.len() + call.arguments.len()),
        Item::Carried(carried) => tokens(json_length(&carried.value)),
    }
}

/// What parts of a message take in tokens.
pub(crate) fn estimate_contents(content: &[Content]) -> u64 {
    let part = |part: &Content| match part {
        Content::Text { text } => tokens(text.len()),
        Content::Image { .. } => IMAGE_TOKENS,
    };
    content.iter().map(part).sum()
}

/// About what `bytes` of text take in tokens.
pub(crate) fn tokens(bytes: usize) -> u64 {
    const BYTES_A_TOKEN: usize = 4;
    bytes.div_ceil(BYTES_A_TOKEN) as u64
}

/// What services charge for a picture of usual size.
const IMAGE_TOKENS: u64 = 1500;

fn json_length(value: &serde_json::Value) -> usize {
    value.to_string().len()
}
