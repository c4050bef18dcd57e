//! A thread as a chat's document, from its log. Pure.

use agent::machine::{Entry, Told, retell};
use agent::store::{Header, ThreadRecord};
use agent::surface::ThreadEvent;
use models::Content;

use super::answer::Answer;
use super::format::{self, ROPEWALK, YOU};
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
}

/// The turns of a thread that have ended or broke off, but not one that another program is working on.
///
/// # Errors
/// When the log is damaged.
pub(crate) fn turns(record: &ThreadRecord<Entry>, links: &Links) -> anyhow::Result<Vec<TurnText>> {
    let mut turns: Vec<TurnText> = Vec::new();
    let mut open: Option<(Vec<String>, Answer)> = None;
    for told in retell(record.events.iter().cloned())? {
        match told {
            Told::Input(content) => match &mut open {
                Some((inputs, answer)) if !answer.has_ended() => {
                    let said = said(&content);
                    answer.note(&format!("You: {}", message_of(&said)));
                    inputs.push(said);
                }
                _ => {
                    turns.extend(open.take().map(|open| turn_text(open, turns_after(&turns))));
                    open = Some((
                        vec![said(&content)],
                        begin(&record.header, turns.is_empty(), links),
                    ));
                }
            },
            Told::Event(event) => {
                if let Some((_, answer)) = &mut open {
                    answer.apply(&event, links);
                }
            }
        }
    }
    turns.extend(open.take().map(|open| turn_text(open, turns_after(&turns))));
    Ok(turns)
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
/// What was being written stays.
pub(crate) fn brought_up_to_date(text: &str, turns: &[TurnText]) -> Option<String> {
    let (known, end) = format::last_turn(text).unwrap_or((0, 0));
    let missing: Vec<&TurnText> = turns.iter().filter(|turn| turn.turn > known).collect();
    let first = missing.first()?;
    let draft = text[format::draft(text)].trim();
    let draft = if draft == first.message.trim() {
        ""
    } else {
        draft
    };
    let head = match end {
        0 => format::title(),
        end => format!("{}\n", &text[..end]),
    };
    let added: Vec<&str> = missing.iter().map(|turn| turn.text.as_str()).collect();
    let added = added.join("\n\n");
    Some(format!(
        "{}\n\n{added}{}{draft}\n",
        head.trim_end(),
        format::after_answer()
    ))
}

fn turns_after(turns: &[TurnText]) -> u32 {
    turns.last().map_or(1, |turn| turn.turn + 1)
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

fn turn_text((inputs, answer): (Vec<String>, Answer), turn: u32) -> TurnText {
    let message = inputs
        .first()
        .map_or("", |input| message_of(input))
        .trim()
        .to_owned();
    let mut answer = answer;
    if !answer.has_ended() {
        answer.end_without_turn();
    }
    let text = format!("{YOU}\n\n{message}\n\n{ROPEWALK}\n\n{}", answer.render());
    TurnText {
        turn,
        message,
        text,
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
