//! What Messages accepts: the request as a whole, its turns and tools. `blocks` reads what turns consist of.

use serde_json::Value;

use super::blocks::{self, Block};
use crate::json::{Wrong, array, at_least, object_schema, one_of, only, text, tool_name};
use crate::{Conversation, SeenItem, SeenRole, SeenTool, pairing};

const KNOWN: &[&str] = &[
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// The service takes at most so many cache breakpoints.
const MOST_BREAKPOINTS: usize = 4;

/// A run of messages of one role, which the service joins.
struct Turn {
    role: SeenRole,
    blocks: Vec<Block>,
}

pub(crate) fn read(body: &Value) -> Result<Conversation, Wrong> {
    only(body, KNOWN, "body")?;
    text(body, "model", "body")?;
    at_least(body, "max_tokens", 1, "body")?;
    if body["max_tokens"].is_null() {
        return Err("max_tokens: Field required".into());
    }
    if body["stream"] != true {
        return Err("stream: this server only streams; set it to true".into());
    }
    check_thinking(body)?;
    check_breakpoints(body)?;
    let turns = read_turns(body)?;
    check_turns(&turns)?;
    let conversation = Conversation {
        instructions: read_system(body)?,
        items: turns.into_iter().flat_map(Turn::into_items).collect(),
        tools: read_tools(body)?,
    };
    pairing::check_tools(&conversation.tools)?;
    Ok(conversation)
}

fn check_thinking(body: &Value) -> Result<(), Wrong> {
    let thinking = &body["thinking"];
    if thinking.is_null() {
        return Ok(());
    }
    only(thinking, &["type", "budget_tokens", "display"], "thinking")?;
    match text(thinking, "type", "thinking")? {
        "enabled" => {
            let budget = thinking["budget_tokens"].as_u64().unwrap_or_default();
            if budget < 1024 {
                return Err(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
                        .into(),
                );
            }
            if Some(budget) >= body["max_tokens"].as_u64() {
                return Err("`max_tokens` must be greater than `thinking.budget_tokens`".into());
            }
            Ok(())
        }
        "adaptive" | "disabled" => Ok(()),
        other => Err(format!("thinking.type: invalid value '{other}'")),
    }
}

fn check_breakpoints(body: &Value) -> Result<(), Wrong> {
    let count = breakpoints(body)?;
    if count > MOST_BREAKPOINTS {
        return Err(format!(
            "A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. Found {count}."
        ));
    }
    Ok(())
}

fn breakpoints(value: &Value) -> Result<usize, Wrong> {
    match value {
        Value::Array(values) => values.iter().map(breakpoints).sum(),
        Value::Object(fields) => {
            let mut count = 0;
            for (key, value) in fields {
                // What a tool is called with, or takes, is the model's business.
                if key == "input" || key == "input_schema" {
                    continue;
                }
                if key != "cache_control" {
                    count += breakpoints(value)?;
                } else if !value.is_null() {
                    only(value, &["type", "ttl"], "cache_control")?;
                    one_of(value, "type", &["ephemeral"], "cache_control")?;
                    one_of(value, "ttl", &["5m", "1h"], "cache_control")?;
                    count += 1;
                }
            }
            Ok(count)
        }
        _ => Ok(0),
    }
}

fn read_system(body: &Value) -> Result<String, Wrong> {
    match &body["system"] {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        _ => {
            let mut texts = Vec::new();
            for block in array(body, "system", "body")? {
                only(
                    block,
                    &["type", "text", "cache_control", "citations"],
                    "system",
                )?;
                one_of(block, "type", &["text"], "system")?;
                let text = text(block, "text", "system")?;
                if text.is_empty() {
                    return Err("system: text content blocks must be non-empty".into());
                }
                texts.push(text);
            }
            Ok(texts.join("\n"))
        }
    }
}

fn read_tools(body: &Value) -> Result<Vec<SeenTool>, Wrong> {
    if body["tools"].is_null() {
        return Ok(Vec::new());
    }
    let known = [
        "type",
        "name",
        "description",
        "input_schema",
        "cache_control",
        "strict",
        "eager_input_streaming",
        "input_examples",
        "defer_loading",
        "allowed_callers",
    ];
    let mut tools = Vec::new();
    for (index, tool) in array(body, "tools", "body")?.iter().enumerate() {
        let at = format!("tools.{index}");
        let name = text(tool, "name", &at)?;
        let is_ours = matches!(tool["type"].as_str(), None | Some("custom"));
        if is_ours {
            only(tool, &known, &at)?;
            tool_name(name, 128, &at)?;
            object_schema(&tool["input_schema"], &format!("{at}.input_schema"))?;
        }
        tools.push(SeenTool {
            name: name.into(),
            parameters: is_ours.then(|| tool["input_schema"].clone()),
        });
    }
    Ok(tools)
}

fn read_turns(body: &Value) -> Result<Vec<Turn>, Wrong> {
    let messages = array(body, "messages", "body")?;
    let mut turns: Vec<Turn> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages.{index}");
        only(message, &["role", "content"], &at)?;
        let role = match text(message, "role", &at)? {
            "user" => SeenRole::User,
            "assistant" => SeenRole::Assistant,
            other => {
                return Err(format!(
                    "{at}.role: unexpected role \"{other}\"; use the top-level `system` parameter"
                ));
            }
        };
        let blocks = blocks::read(&message["content"], role, &at)?;
        match turns.last_mut() {
            Some(turn) if turn.role == role => turn.blocks.extend(blocks),
            _ => turns.push(Turn { role, blocks }),
        }
    }
    Ok(turns)
}

fn check_turns(turns: &[Turn]) -> Result<(), Wrong> {
    let Some(first) = turns.first() else {
        return Err("messages: at least one message is required".into());
    };
    if first.role != SeenRole::User {
        return Err("messages: first message must use the \"user\" role".into());
    }
    check_last(&turns[turns.len() - 1])?;
    let nothing = Turn {
        role: SeenRole::User,
        blocks: Vec::new(),
    };
    check_answers(&nothing, first)?;
    for pair in turns.windows(2) {
        check_answers(&pair[0], &pair[1])?;
    }
    let items: Vec<SeenItem> = turns.iter().flat_map(Turn::items).collect();
    pairing::check(&items)
}

/// A conversation ends with the user, unless the service itself broke off to use one of its tools.
fn check_last(last: &Turn) -> Result<(), Wrong> {
    let is_paused = last.blocks.last().is_some_and(|block| block.is_server_tool);
    if last.role == SeenRole::Assistant && !is_paused {
        return Err("This model does not support assistant message prefill. \
                    The conversation must end with a user message."
            .into());
    }
    Ok(())
}

/// All calls of a turn are answered at the very beginning of the next one, and nothing else is.
fn check_answers(turn: &Turn, next: &Turn) -> Result<(), Wrong> {
    let mut calls: Vec<&str> = turn.blocks.iter().filter_map(Block::call_id).collect();
    let mut has_other = false;
    for block in &next.blocks {
        let Some(answered) = block.answered_id() else {
            has_other = true;
            continue;
        };
        let Some(place) = calls.iter().position(|call| *call == answered) else {
            return Err(format!(
                "unexpected `tool_use_id` found in `tool_result` blocks: {answered}. Each `tool_result` block \
                 must have a corresponding `tool_use` block in the previous message."
            ));
        };
        if has_other {
            return Err(format!(
                "`tool_result` blocks must come first in a message: {answered}"
            ));
        }
        calls.remove(place);
    }
    if calls.is_empty() {
        return Ok(());
    }
    Err(format!(
        "`tool_use` ids were found without `tool_result` blocks immediately after: {}",
        calls.join(", ")
    ))
}

impl Turn {
    fn items(&self) -> impl Iterator<Item = SeenItem> + '_ {
        self.blocks.iter().map(|block| block.item.clone())
    }

    fn into_items(self) -> impl Iterator<Item = SeenItem> {
        self.blocks.into_iter().map(|block| block.item)
    }
}
