//! Reasoning that a model writes into its text, between `<think>` and `</think>` at the beginning: servers that know
//! the model's template take it out, others pass it on. For services with [`crate::Quirks::think_tags`].

use crate::{Content, Item, ModelEvent, Role};

const OPENING: &str = "<think>";
const CLOSING: &str = "</think>";

/// Makes reasoning of an answer's text up to the closing tag, in deltas and in items.
#[derive(Debug, Default)]
pub(crate) struct ThinkTags {
    place: Place,
    /// What may be the beginning of a tag.
    held: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before the text has said whether it begins with the tag.
    #[default]
    Beginning,
    Reasoning,
    Text,
}

impl ThinkTags {
    /// Adds what becomes of `event` to `out`.
    pub(crate) fn pass(&mut self, event: ModelEvent, out: &mut Vec<ModelEvent>) {
        match event {
            ModelEvent::TextDelta(delta) => self.delta(&delta, out),
            ModelEvent::ItemDone(item @ Item::Message { .. }) => {
                self.flush(out);
                out.extend(split(item).map(ModelEvent::ItemDone));
            }
            event => {
                if event.is_terminal() {
                    self.flush(out);
                }
                out.push(event);
            }
        }
    }

    fn delta(&mut self, delta: &str, out: &mut Vec<ModelEvent>) {
        self.held.push_str(delta);
        if self.place == Place::Beginning {
            let text = self.held.trim_start();
            if let Some(rest) = text.strip_prefix(OPENING) {
                self.held = rest.to_owned();
                self.place = Place::Reasoning;
            } else if OPENING.starts_with(text) {
                return;
            } else {
                self.place = Place::Text;
            }
        }
        if self.place == Place::Reasoning {
            match self.held.split_once(CLOSING) {
                Some((reasoning, rest)) => {
                    out.extend(shown(reasoning, ModelEvent::ReasoningDelta));
                    self.held = rest.to_owned();
                    self.place = Place::Text;
                }
                None => {
                    let rest = self.held.split_off(before_tag(&self.held));
                    out.extend(shown(&self.held, ModelEvent::ReasoningDelta));
                    self.held = rest;
                    return;
                }
            }
        }
        let text = std::mem::take(&mut self.held);
        out.extend(shown(&text, ModelEvent::TextDelta));
    }

    /// What was held is no tag; the next text is another.
    fn flush(&mut self, out: &mut Vec<ModelEvent>) {
        let Self { place, held } = std::mem::take(self);
        out.extend(shown(
            &held,
            match place {
                Place::Reasoning => ModelEvent::ReasoningDelta,
                Place::Beginning | Place::Text => ModelEvent::TextDelta,
            },
        ));
    }
}

/// The items that a message of the model is: reasoning, if its text begins with the tag, and what it says besides.
fn split(item: Item) -> impl Iterator<Item = Item> {
    let inside = match &item {
        Item::Message {
            role: Role::Assistant,
            content,
            ..
        } => match content.as_slice() {
            [Content::Text { text }] => text.trim_start().strip_prefix(OPENING),
            _ => None,
        },
        _ => None,
    };
    let Some(inside) = inside else {
        return [None, Some(item)].into_iter().flatten();
    };
    let (reasoning, text) = inside.split_once(CLOSING).unwrap_or((inside, ""));
    let is_said = |text: &str| !text.trim().is_empty();
    let reasoning = is_said(reasoning).then(|| Item::Reasoning {
        summary: vec![reasoning.to_owned()],
        carried: None,
    });
    let message = is_said(text).then(|| Item::message(Role::Assistant, text.trim_start()));
    [reasoning, message].into_iter().flatten()
}

/// Where a piece of the closing tag begins with which `text` ends; its length when there is none.
fn before_tag(text: &str) -> usize {
    (1..CLOSING.len())
        .rev()
        .find(|length| text.ends_with(&CLOSING[..*length]))
        .map_or(text.len(), |length| text.len() - length)
}

fn shown(text: &str, event: fn(String) -> ModelEvent) -> Option<ModelEvent> {
    (!text.is_empty()).then(|| event(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reasoning and the text that stream, and the items.
    fn passed(text: &str, pieces: impl Iterator<Item = String>) -> (String, String, Vec<Item>) {
        let mut tags = ThinkTags::default();
        let mut events = Vec::new();
        for piece in pieces {
            tags.pass(ModelEvent::TextDelta(piece), &mut events);
        }
        let item = Item::message(Role::Assistant, text);
        tags.pass(ModelEvent::ItemDone(item), &mut events);
        let (mut reasoning, mut said, mut items) = (String::new(), String::new(), Vec::new());
        for event in events {
            match event {
                ModelEvent::ReasoningDelta(delta) => reasoning += &delta,
                ModelEvent::TextDelta(delta) => said += &delta,
                ModelEvent::ItemDone(item) => items.push(item),
                other => panic!("{other:?}"),
            }
        }
        (reasoning, said, items)
    }

    #[test]
    fn reasoning_is_taken_out_however_the_text_is_cut() {
        let thought = |text: &str| Item::Reasoning {
            summary: vec![text.to_owned()],
            carried: None,
        };
        let said = |text| Item::message(Role::Assistant, text);
        for (text, reasoning, rest, items) in [
            (
                "\n<think>a < b</ é</think>\n\nHi <think>",
                "a < b</ é",
                "\n\nHi <think>",
                vec![thought("a < b</ é"), said("Hi <think>")],
            ),
            (
                "<think>cut </thi",
                "cut </thi",
                "",
                vec![thought("cut </thi")],
            ),
            ("<think></think>Hi", "", "Hi", vec![said("Hi")]),
            ("<thin", "", "<thin", vec![said("<thin")]),
            (
                "Use <think>x</think>",
                "",
                "Use <think>x</think>",
                vec![said("Use <think>x</think>")],
            ),
        ] {
            let expected = (reasoning.to_owned(), rest.to_owned(), items);
            for length in 1..=text.chars().count() {
                let characters: Vec<char> = text.chars().collect();
                let pieces = characters
                    .chunks(length)
                    .map(|piece| piece.iter().collect());
                assert_eq!(passed(text, pieces), expected, "{text:?} by {length}");
            }
        }
    }
}
