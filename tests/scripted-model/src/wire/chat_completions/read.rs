//! What Chat Completions accepts.

use serde_json::Value;

use crate::json::{
    Wrong, array, at_least, object_schema, one_of, only, optional_text, text, tool_name,
};
use crate::{Conversation, SeenItem, SeenRole, SeenTool, pairing};

const KNOWN: &[&str] = &[
    "cache_prompt",
    "chat_template_kwargs",
    "enable_thinking",
    "frequency_penalty",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "n",
    "parallel_tool_calls",
    "presence_penalty",
    "prompt_cache_key",
    "provider",
    "reasoning",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_p",
    "usage",
    "user",
    "verbosity",
];

pub(crate) fn read(body: &Value) -> Result<Conversation, Wrong> {
    only(body, KNOWN, "body")?;
    text(body, "model", "body")?;
    if body["stream"] != true {
        return Err("body.stream: this server only streams; set it to true".into());
    }
    at_least(body, "max_tokens", 1, "body")?;
    at_least(body, "max_completion_tokens", 1, "body")?;
    let tools = read_tools(body)?;
    pairing::check_tools(&tools)?;
    let mut conversation = Conversation {
        tools,
        ..Conversation::default()
    };
    let messages = array(body, "messages", "body")?;
    if messages.is_empty() {
        return Err("body.messages: array too short, expected at least one message".into());
    }
    for (index, message) in messages.iter().enumerate() {
        read_message(message, index, &mut conversation)?;
    }
    check_order(&conversation.items)?;
    pairing::check(&conversation.items)?;
    Ok(conversation)
}

fn read_message(
    message: &Value,
    index: usize,
    conversation: &mut Conversation,
) -> Result<(), Wrong> {
    let at = format!("body.messages[{index}]");
    match text(message, "role", &at)? {
        "system" | "developer" if index > 0 => Err(format!(
            "{at}.role: a system message must be the first message, and the only one"
        )),
        "system" | "developer" => {
            only(message, &["role", "content", "name"], &at)?;
            conversation.instructions = read_content(&message["content"], &at)?.0;
            Ok(())
        }
        "user" => {
            only(message, &["role", "content", "name"], &at)?;
            let (text, images) = read_content(&message["content"], &at)?;
            conversation.items.push(SeenItem::Message {
                role: SeenRole::User,
                text,
                images,
            });
            Ok(())
        }
        "assistant" => read_assistant(message, &at, &mut conversation.items),
        "tool" => {
            only(message, &["role", "content", "tool_call_id", "name"], &at)?;
            let (content, images) = read_content(&message["content"], &at)?;
            if images > 0 {
                return Err(format!("{at}.content: a tool message takes no images"));
            }
            let call_id = text(message, "tool_call_id", &at)?.into();
            conversation.items.push(SeenItem::Output {
                call_id,
                text: content,
                images,
            });
            Ok(())
        }
        other => Err(format!("{at}.role: invalid value '{other}'")),
    }
}

fn read_assistant(message: &Value, at: &str, items: &mut Vec<SeenItem>) -> Result<(), Wrong> {
    let known = [
        "role",
        "content",
        "name",
        "refusal",
        "tool_calls",
        "reasoning_content",
        "reasoning",
        "reasoning_details",
        "annotations",
        "audio",
    ];
    only(message, &known, at)?;
    let reasoning = optional_text(message, "reasoning_content", at)?;
    if let Some(text) = reasoning {
        items.push(SeenItem::Reasoning { text: text.into() });
    }
    let has_calls = !message["tool_calls"].is_null();
    if !message["content"].is_null() {
        let (text, images) = read_content(&message["content"], at)?;
        items.push(SeenItem::Message {
            role: SeenRole::Assistant,
            text,
            images,
        });
    } else if !has_calls && message["refusal"].is_null() {
        return Err(format!(
            "{at}: an assistant message needs content or tool_calls"
        ));
    }
    if !has_calls {
        return Ok(());
    }
    let calls = array(message, "tool_calls", at)?;
    if calls.is_empty() {
        return Err(format!("{at}.tool_calls: [] is too short"));
    }
    for (index, call) in calls.iter().enumerate() {
        items.push(read_call(call, &format!("{at}.tool_calls[{index}]"))?);
    }
    Ok(())
}

fn read_call(call: &Value, at: &str) -> Result<SeenItem, Wrong> {
    only(call, &["id", "type", "function", "index"], at)?;
    if text(call, "type", at)? != "function" {
        return Err(format!("{at}.type: expected 'function'"));
    }
    let function = &call["function"];
    only(function, &["name", "arguments"], at)?;
    let name = text(function, "name", at)?;
    tool_name(name, 64, at)?;
    let arguments = text(function, "arguments", at)?;
    match serde_json::from_str::<Value>(arguments) {
        Ok(Value::Object(_)) => {}
        _ => {
            return Err(format!(
                "{at}.function.arguments: not a JSON object: {arguments}"
            ));
        }
    }
    Ok(SeenItem::Call {
        call_id: text(call, "id", at)?.into(),
        name: name.into(),
        arguments: arguments.into(),
    })
}

/// The outputs of calls come right behind them.
fn check_order(items: &[SeenItem]) -> Result<(), Wrong> {
    let mut open = 0_usize;
    for item in items {
        match item {
            SeenItem::Call { .. } => open += 1,
            SeenItem::Output { .. } => {
                open = open.checked_sub(1).ok_or(
                    "messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
                )?;
            }
            _ if open > 0 => {
                return Err(
                    "an assistant message with 'tool_calls' must be followed by tool messages \
                            responding to each 'tool_call_id'"
                        .into(),
                );
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_content(content: &Value, at: &str) -> Result<(String, usize), Wrong> {
    if let Some(text) = content.as_str() {
        return Ok((text.into(), 0));
    }
    let Some(parts) = content.as_array() else {
        return Err(format!(
            "{at}.content: expected a string or an array of parts"
        ));
    };
    let mut texts = Vec::new();
    let mut images = 0;
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}.content[{index}]");
        match text(part, "type", &at)? {
            "text" => texts.push(text(part, "text", &at)?),
            "refusal" => texts.push(text(part, "refusal", &at)?),
            "image_url" => {
                let url = text(&part["image_url"], "url", &at)?;
                if !url.starts_with("data:image/") && !url.starts_with("https://") {
                    return Err(format!(
                        "{at}.image_url.url: expected a data URL or an https URL"
                    ));
                }
                images += 1;
            }
            other => return Err(format!("{at}.type: invalid value '{other}'")),
        }
    }
    Ok((texts.join("\n"), images))
}

fn read_tools(body: &Value) -> Result<Vec<SeenTool>, Wrong> {
    if body["tools"].is_null() {
        return Ok(Vec::new());
    }
    let tools = array(body, "tools", "body")?;
    if tools.is_empty() {
        return Err("body.tools: [] is too short".into());
    }
    tools.iter().enumerate().map(read_tool).collect()
}

/// Reads a tool in the form that Ollama takes as well.
pub(crate) fn read_tool((index, tool): (usize, &Value)) -> Result<SeenTool, Wrong> {
    let at = format!("body.tools[{index}]");
    only(tool, &["type", "function"], &at)?;
    one_of(tool, "type", &["function"], &at)?;
    text(tool, "type", &at)?;
    let function = &tool["function"];
    only(
        function,
        &["name", "description", "parameters", "strict"],
        &at,
    )?;
    let name = text(function, "name", &at)?;
    tool_name(name, 64, &at)?;
    object_schema(
        &function["parameters"],
        &format!("{at}.function.parameters"),
    )?;
    Ok(SeenTool {
        name: name.into(),
        parameters: Some(function["parameters"].clone()),
    })
}
