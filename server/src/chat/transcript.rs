//! A thread as a chat's document, from its log. Pure.

use agent::machine::{Entry, Told, retell};
use agent::store::{Header, ThreadRecord};
use agent::surface::ThreadEvent;
use models::Content;

use super::answer::Answer;
use super::format::{self, LineBreak, ROPEWALK, YOU};
use super::links::Links;
use super::mentions::message_of;

/// One turn as it stands in a document: the message and the answer, under their headings; without a line break at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TurnText {
    /// Counted from 1 within the thread.
    pub(crate) turn: u32,
    /// What the user said to begin it.
    pub(crate) message: String,
    /// The Markdown.
    pub(crate) text: String,
    /// Whether the log has its end. A turn without may have been cut off, or another program works on it.
    pub(crate) has_ended: bool,
}

/// The turns of a thread, the last one as far as the log has it.
///
/// # Errors
/// When the log is damaged.
pub(crate) fn turns(record: &ThreadRecord<Entry>, links: &Links) -> anyhow::Result<Vec<TurnText>> {
    let told = retell(record.events.iter().cloned())?;
    let mut turns: Vec<TurnText> = Vec::new();
    let mut open: Option<OpenTurn> = None;
    for (place, what) in told.iter().enumerate() {
        match (what, &mut open) {
            (Told::Input(content), open) => {
                let begun = turn_begun(&told[place + 1..]);
                // A turn that goes on after a pause is told to start again.
                let goes_on =
                    |number: &u32| open.as_ref().is_some_and(|open| *number <= open.number);
                let begun = begun.filter(|number| !goes_on(number));
                match (begun, open) {
                    (None, Some(open)) => {
                        let said = said(content);
                        open.answer.note(&format!("You: {}", message_of(&said)));
                    }
                    (number, open) => {
                        turns.extend(open.take().map(OpenTurn::into_text));
                        *open = Some(OpenTurn {
                            number: number.unwrap_or(1),
                            input: said(content),
                            answer: begin(&record.header, turns.is_empty(), links),
                        });
                    }
                }
            }
            (Told::Event(event), Some(open)) => {
                open.answer.apply(event, links);
            }
            (Told::Event(_), None) => {}
        }
    }
    turns.extend(open.take().map(OpenTurn::into_text));
    Ok(turns)
}

/// A turn whose end was not told yet.
struct OpenTurn {
    number: u32,
    /// What began it.
    input: String,
    answer: Answer,
}

/// The turn that begins in `told` before the user says something more: an input that begins none is for the one before.
fn turn_begun(told: &[Told]) -> Option<u32> {
    let events = told.iter().map_while(|told| match told {
        Told::Event(event) => Some(event),
        Told::Input(_) => None,
    });
    events.into_iter().find_map(|event| match event {
        ThreadEvent::TurnStarted { turn } => Some(*turn),
        _ => None,
    })
}

/// The whole document: the title, all turns, and a place to write.
pub(crate) fn document(turns: &[TurnText], draft: &str) -> String {
    let Some((last, earlier)) = turns.split_last() else {
        return format::blank(draft);
    };
    let title = format::title();
    let earlier: String = earlier
        .iter()
        .map(|turn| format!("{}\n\n", turn.text))
        .collect();
    format!(
        "{title}\n{earlier}{}{}{draft}\n",
        last.text,
        format::after_answer()
    )
}

/// `text`, a document of the thread, with those of `turns` that it does not have yet; `None` when it has them all.
/// What was being written stays, and so does what else stands there that is not a part of the first of these turns. Of a
/// turn without an end the longer telling stays: the log lacks the text that was streaming when it broke off.
pub(crate) fn brought_up_to_date(text: &str, turns: &[TurnText]) -> Option<String> {
    let (known, end) = format::last_turn(text).unwrap_or((0, 0));
    let missing: Vec<&TurnText> = turns.iter().filter(|turn| turn.turn > known).collect();
    let first = missing.first()?;
    let draft = format::draft(text);
    let heading = format::last_heading(&text[..draft.start], YOU);
    let heading = heading.filter(|heading| heading.end == draft.start);
    let answered = end..heading
        .map_or(draft.start, |heading| heading.start)
        .max(end);
    let told = beginning_of(&text[answered.clone()], &first.message).map(|start| end + start);
    let told = told.map_or(answered.end..answered.end, |start| start..answered.end);
    let is_told_longer = text[told.clone()].trim_end().len() >= first.text.len();
    if missing.len() == 1 && !first.has_ended && is_told_longer {
        return None;
    }
    let draft = text[draft].trim();
    let draft = if draft == first.message { "" } else { draft };
    let added: Vec<&str> = missing.iter().map(|turn| turn.text.as_str()).collect();
    let head = text[..told.start].trim_end();
    let added = format!("\n\n{}{}", added.join("\n\n"), format::after_answer());
    Some(match format::line_break(text) {
        LineBreak::Lf => format!("{head}{added}{draft}\n"),
        LineBreak::CrLf => format!("{head}{}{draft}\r\n", added.replace('\n', "\r\n")),
    })
}

/// Where the last turn that this message begins starts in a document or a part of one.
fn beginning_of(text: &str, message: &str) -> Option<usize> {
    let headings: Vec<_> = format::headings(text, YOU).collect();
    let mut headings = headings.into_iter().rev();
    let is_it = |after: &str| {
        let after = after.trim_start().replace("\r\n", "\n");
        let rest = after.strip_prefix(message);
        rest.is_some_and(|rest| rest.trim_start().starts_with(ROPEWALK))
    };
    let heading = headings.find(|heading| is_it(&text[heading.end..]));
    heading.map(|heading| heading.start)
}

fn begin(header: &Header, is_first: bool, links: &Links) -> Answer {
    let mut answer = Answer::default();
    if is_first {
        let event = ThreadEvent::ThreadStarted {
            thread_id: header.id.to_string(),
            provider: header.provider.clone(),
            model: header.model.clone(),
            turns: 0,
        };
        answer.apply(&event, links);
    }
    answer
}

impl OpenTurn {
    fn into_text(mut self) -> TurnText {
        let message = message_of(&self.input).trim().to_owned();
        let has_ended = self.answer.has_ended();
        if !has_ended {
            self.answer.end_without_turn();
        }
        let answer = self.answer.render();
        TurnText {
            turn: self.number,
            text: format!("{YOU}\n\n{message}\n\n{ROPEWALK}\n\n{answer}"),
            message,
            has_ended,
        }
    }
}

fn said(content: &[Content]) -> String {
    let parts: Vec<&str> = content
        .iter()
        .map(|part| match part {
            Content::Text { text } => text.as_str(),
            Content::Image { .. } => "(a picture)",
        })
        .collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests;
