//! What Ollama accepts: it passes over unknown fields, but not over wrong types.

use serde_json::Value;

use crate::json::{Wrong, array, object, text};
use crate::wire::chat_completions::read_tool;
use crate::{Conversation, SeenItem, SeenRole, pairing};

pub(crate) fn read(body: &Value) -> Result<Conversation, Wrong> {
    text(body, "model", "body")?;
    if body["stream"] == false {
        return Err("body.stream: this server only streams; leave it out or set it to true".into());
    }
    check_options(body)?;
    let tools = body["tools"].as_array().into_iter().flatten().enumerate();
    let mut conversation = Conversation {
        tools: tools.map(read_tool).collect::<Result<_, _>>()?,
        ..Conversation::default()
    };
    pairing::check_tools(&conversation.tools)?;
    let mut calls = Calls::default();
    for (index, message) in array(body, "messages", "body")?.iter().enumerate() {
        read_message(message, index, &mut conversation, &mut calls)?;
    }
    pairing::check(&conversation.items)?;
    Ok(conversation)
}

fn check_options(body: &Value) -> Result<(), Wrong> {
    if !body["options"].is_null() {
        object(&body["options"], "body.options")?;
    }
    match &body["think"] {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::String(level) if ["high", "medium", "low", "max"].contains(&level.as_str()) => {
            Ok(())
        }
        other => Err(format!(
            "invalid think value: {other} (must be \"high\", \"medium\", \"low\", true, or false)"
        )),
    }
}

/// Gives calls the ids that Ollama has not: the outputs answer them in order.
#[derive(Default)]
struct Calls {
    made: usize,
    answered: usize,
}

fn read_message(
    message: &Value,
    index: usize,
    conversation: &mut Conversation,
    calls: &mut Calls,
) -> Result<(), Wrong> {
    let at = format!("body.messages[{index}]");
    let content = match &message["content"] {
        Value::Null => String::new(),
        _ => text(message, "content", &at)?.to_owned(),
    };
    let images = match &message["images"] {
        Value::Null => 0,
        _ => array(message, "images", &at)?.len(),
    };
    let items = &mut conversation.items;
    let said = |role| SeenItem::Message {
        role,
        text: content.clone(),
        images,
    };
    match text(message, "role", &at)? {
        "system" if index == 0 => conversation.instructions = content,
        "system" => {
            return Err(format!(
                "{at}.role: many templates take a system message only in front"
            ));
        }
        "user" => items.push(said(SeenRole::User)),
        "assistant" => {
            if let Some(thinking) = message["thinking"].as_str() {
                items.push(SeenItem::Reasoning {
                    text: thinking.into(),
                });
            }
            if !content.is_empty() {
                items.push(said(SeenRole::Assistant));
            }
            for call in message["tool_calls"].as_array().into_iter().flatten() {
                items.push(read_call(call, calls, &at)?);
            }
        }
        "tool" => {
            let call_id = format!("ollama_{}", calls.answered);
            calls.answered += 1;
            check_tool_name(message, items, &call_id, &at)?;
            items.push(SeenItem::Output {
                call_id,
                text: content,
                images,
            });
        }
        other => return Err(format!("{at}.role: invalid value '{other}'")),
    }
    Ok(())
}

fn read_call(call: &Value, calls: &mut Calls, at: &str) -> Result<SeenItem, Wrong> {
    let function = &call["function"];
    let arguments = &function["arguments"];
    if !arguments.is_object() {
        return Err(format!(
            "{at}.tool_calls: cannot unmarshal {arguments} into field arguments of type object"
        ));
    }
    let call_id = format!("ollama_{}", calls.made);
    calls.made += 1;
    Ok(SeenItem::Call {
        call_id,
        name: text(function, "name", at)?.into(),
        arguments: arguments.to_string(),
    })
}

/// A tool message that names its tool must name the one that was called.
fn check_tool_name(
    message: &Value,
    items: &[SeenItem],
    wanted: &str,
    at: &str,
) -> Result<(), Wrong> {
    let Some(given) = message["tool_name"].as_str() else {
        return Err(format!("{at}.tool_name: say which tool answers"));
    };
    let called = items.iter().find_map(|item| match item {
        SeenItem::Call { call_id, name, .. } if call_id == wanted => Some(name.as_str()),
        _ => None,
    });
    match called {
        Some(called) if called != given => Err(format!(
            "{at}.tool_name: the answer of '{given}' stands where that of '{called}' belongs"
        )),
        _ => Ok(()),
    }
}
