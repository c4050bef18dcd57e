//! What a turn says and does, as the Markdown of its answer: text as it streams, each call in one line. Pure.

use agent::surface::{ItemDetails, ItemUpdate, SurfaceItem, ThreadEvent, TurnEnd, TurnSummary};
use agent::tool::{PlanStatus, PlanStep};

use super::format;
use super::links::Links;
use super::tool_line::tool_line;
use crate::cli::exec::transcript::account;

/// Shown while there is nothing else yet.
const NOTHING_YET: &str = "…";

/// How notices begin that are void once there is another.
const PASSING: &str = "Reconnecting ";

/// The answer so far.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    thread: Option<String>,
    /// The thread that the document names already.
    known_thread: Option<String>,
    thread_line: Option<String>,
    blocks: Vec<(String, Block)>,
    notes: usize,
    waits_for: Option<String>,
    ending: Option<String>,
}

#[derive(Debug)]
enum Block {
    /// What the model says.
    Text(String),
    /// A call, as a line of a list.
    Call(String),
    /// The plan.
    Plan(String),
    /// What the user should know.
    Note(String),
}

impl Answer {
    /// An answer in a document that names this thread already.
    pub(crate) fn in_document_of(thread: Option<String>) -> Self {
        Self {
            known_thread: thread,
            ..Self::default()
        }
    }

    /// The agent's thread, once it is known.
    pub(crate) fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// Takes in what has happened. Says whether it changes what is shown.
    pub(crate) fn apply(&mut self, event: &ThreadEvent, links: &Links) -> bool {
        match event {
            ThreadEvent::ThreadStarted {
                thread_id,
                provider,
                model,
                turns: _,
            } => {
                self.thread = Some(thread_id.clone());
                if self.known_thread.as_ref() != Some(thread_id) {
                    self.thread_line = Some(format::thread_line(thread_id, provider, model));
                }
            }
            ThreadEvent::ItemStarted { item } => self.set(item, links),
            ThreadEvent::ItemUpdated { item_id, update } => {
                return self.update(item_id, update, links);
            }
            ThreadEvent::ItemCompleted { item } => self.complete(item, links),
            ThreadEvent::ItemDiscarded { item_id } => self.blocks.retain(|(id, _)| id != item_id),
            ThreadEvent::Notice { message } | ThreadEvent::ThreadFailed { message } => {
                self.note(message);
            }
            ThreadEvent::TurnCompleted(summary)
            | ThreadEvent::TurnFailed(summary)
            | ThreadEvent::TurnInterrupted(summary) => self.end(summary),
            ThreadEvent::TurnStarted { .. }
            | ThreadEvent::TokenUsage { .. }
            | ThreadEvent::RateLimits(_) => return false,
        }
        true
    }

    /// Something that the user should know, in a sentence or two.
    pub(crate) fn note(&mut self, message: &str) {
        if let Some((_, Block::Note(last))) = self.blocks.last_mut()
            && last.starts_with(PASSING)
        {
            *last = message.trim().to_owned();
            return;
        }
        self.notes += 1;
        let id = format!("note {}", self.notes);
        self.blocks
            .push((id, Block::Note(message.trim().to_owned())));
    }

    /// What the turn waits for the user to decide, while it does.
    pub(crate) fn set_waiting(&mut self, question: Option<String>) {
        self.waits_for = question;
    }

    /// Whether the line that ends the turn is there.
    pub(crate) fn has_ended(&self) -> bool {
        self.ending.is_some()
    }

    /// Ends it with a line of its own where the thread has told nothing of its end.
    pub(crate) fn end_without_turn(&mut self) {
        if self.ending.is_none() {
            self.ending = Some(String::new());
        }
    }

    /// The Markdown; without a line break at its end.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        if let Some(line) = &self.thread_line {
            text.push_str(line);
        }
        let mut was_call = false;
        for (_, block) in &self.blocks {
            let is_call = matches!(block, Block::Call(_));
            push(&mut text, &block.render(), was_call && is_call);
            was_call = is_call;
        }
        if let Some(question) = &self.waits_for {
            push(&mut text, &quoted(question), false);
        }
        match &self.ending {
            Some(ending) => push(&mut text, ending, false),
            None if self.blocks.is_empty() => push(&mut text, NOTHING_YET, false),
            None => {}
        }
        text
    }

    fn set(&mut self, item: &SurfaceItem, links: &Links) {
        let block = match &item.details {
            ItemDetails::Reasoning { .. } => return,
            ItemDetails::Message { text } => Block::Text(text.clone()),
            ItemDetails::Plan { steps } => return self.set_plan(steps),
            ItemDetails::Compaction {
                tokens_before,
                tokens_after,
                ..
            } => Block::Note(format!(
                "The history was compacted from about {tokens_before} to {tokens_after} tokens."
            )),
            details => match tool_line(details, links) {
                Some(line) => Block::Call(line),
                None => return,
            },
        };
        self.put(&item.id, block);
    }

    fn complete(&mut self, item: &SurfaceItem, links: &Links) {
        match &item.details {
            ItemDetails::Message { text } => {
                let text = links.link_mentions(text);
                self.put(&item.id, Block::Text(text));
            }
            _ => self.set(item, links),
        }
    }

    fn update(&mut self, id: &str, update: &ItemUpdate, links: &Links) -> bool {
        match update {
            ItemUpdate::Text { delta } => match self.find(id) {
                Some(Block::Text(text)) => text.push_str(delta),
                _ => return false,
            },
            ItemUpdate::Running { details } => {
                let item = SurfaceItem {
                    id: id.to_owned(),
                    details: details.clone(),
                };
                self.set(&item, links);
            }
            ItemUpdate::Arguments { .. } | ItemUpdate::Output { .. } => return false,
        }
        true
    }

    /// There is one plan: where it was first, as it is now.
    fn set_plan(&mut self, steps: &[PlanStep]) {
        let lines: Vec<String> = steps.iter().map(plan_line).collect();
        self.put("plan", Block::Plan(lines.join("\n")));
    }

    fn put(&mut self, id: &str, block: Block) {
        match self.find(id) {
            Some(place) => *place = block,
            None => self.blocks.push((id.to_owned(), block)),
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut Block> {
        let mut blocks = self.blocks.iter_mut().rev();
        blocks.find_map(|(known, block)| (known == id).then_some(block))
    }

    fn end(&mut self, summary: &TurnSummary) {
        match &summary.end {
            TurnEnd::Completed => {}
            TurnEnd::Interrupted => self.note("Stopped."),
            TurnEnd::LimitReached { message, .. } | TurnEnd::Failed { message, .. } => {
                self.note(message);
            }
        }
        self.ending = Some(format::turn_line(summary.turn, &account(summary)));
    }
}

impl Block {
    fn render(&self) -> String {
        match self {
            Self::Text(text) => format::without_our_headings(text.trim_end()),
            Self::Call(line) | Self::Plan(line) => line.clone(),
            Self::Note(note) => quoted(note),
        }
    }
}

/// Adds a paragraph, or a line of the list that ends the text.
fn push(text: &mut String, paragraph: &str, goes_on: bool) {
    if paragraph.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push_str(if goes_on { "\n" } else { "\n\n" });
    }
    text.push_str(paragraph);
}

fn quoted(text: &str) -> String {
    format!("> {}", text.trim().replace('\n', "\n> "))
}

fn plan_line(step: &PlanStep) -> String {
    let words = step.step.split_whitespace().collect::<Vec<_>>().join(" ");
    match step.status {
        PlanStatus::Completed => format!("- [x] {words}"),
        PlanStatus::InProgress => format!("- [ ] **{words}**"),
        PlanStatus::Pending => format!("- [ ] {words}"),
    }
}

#[cfg(test)]
mod tests;
