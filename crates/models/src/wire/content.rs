//! Parts of messages and tool outputs: text, and pictures for the models that take them.

use serde_json::{Value, json};

use crate::{Content, ModelFacts};

/// The parts of `content`, each as `text` or `image` (media type, base64 data) writes it. A picture that the model does
/// not take becomes a line of text, and empty texts are left out because some services refuse them.
pub(super) fn parts(
    content: &[Content],
    facts: &ModelFacts,
    text: impl Fn(&str) -> Value,
    image: impl Fn(&str, &str) -> Value,
) -> Vec<Value> {
    content
        .iter()
        .filter_map(|part| match part {
            Content::Text { text: words } if words.is_empty() => None,
            Content::Text { text: words } => Some(text(words)),
            Content::Image { media_type, data } if facts.images => Some(image(media_type, data)),
            Content::Image { media_type, .. } => Some(text(&left_out(media_type))),
        })
        .collect()
}

/// All text of `content`, one part a line; pictures that the model does not take are mentioned, others left out.
pub(super) fn joined(content: &[Content], facts: &ModelFacts) -> String {
    let lines: Vec<String> = content
        .iter()
        .filter_map(|part| match part {
            Content::Text { text } => Some(text.clone()),
            Content::Image { .. } if facts.images => None,
            Content::Image { media_type, .. } => Some(left_out(media_type)),
        })
        .collect();
    lines.join("\n")
}

/// The pictures of `content` for a model that takes them, as media type and base64 data.
pub(super) fn pictures<'a>(
    content: &'a [Content],
    facts: &ModelFacts,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let taken = facts.images;
    content.iter().filter_map(move |part| match part {
        Content::Image { media_type, data } if taken => Some((media_type.as_str(), data.as_str())),
        _ => None,
    })
}

/// A picture as a `data:` URL.
pub(super) fn data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

/// A part in the form of Chat Completions, Messages and Ollama.
pub(super) fn text_part(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn left_out(media_type: &str) -> String {
    format!("[A picture ({media_type}) was left out: this model takes none.]")
}
