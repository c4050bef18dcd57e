//! What Responses accepts in a request besides its input items.

use serde_json::Value;

use super::input;
use crate::json::{
    Wrong, array, at_least, object, object_schema, one_of, only, optional_text, text, tool_name,
};
use crate::{Conversation, SeenTool, pairing};

const KNOWN: &[&str] = &[
    "background",
    "client_metadata",
    "context_management",
    "generate",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "type",
    "user",
];

const COMPACTION_KNOWN: &[&str] = &[
    "input",
    "instructions",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "service_tier",
    "text",
    "tools",
];

const INCLUDABLE: &[&str] = &[
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "message.output_text.logprobs",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
];

const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh"];

/// The longest key of the prompt cache that the service takes.
const LONGEST_CACHE_KEY: usize = 64;

/// Reads a request for an answer; its input is whole.
pub(crate) fn read(body: &Value) -> Result<Conversation, Wrong> {
    only(body, KNOWN, "body")?;
    if body["type"].is_null() && body["stream"] != true {
        return Err("body.stream: this server only streams; set it to true".into());
    }
    at_least(body, "max_output_tokens", 16, "body")?;
    check_includes(body)?;
    read_common(body)
}

/// Reads a request for a compaction.
pub(crate) fn read_compaction(body: &Value) -> Result<Conversation, Wrong> {
    only(body, COMPACTION_KNOWN, "body")?;
    read_common(body)
}

fn read_common(body: &Value) -> Result<Conversation, Wrong> {
    text(body, "model", "body")?;
    check_cache_key(body)?;
    check_reasoning(body)?;
    let items = input::read(body)?;
    pairing::check(&items)?;
    let tools = read_tools(body)?;
    pairing::check_tools(&tools)?;
    Ok(Conversation {
        instructions: optional_text(body, "instructions", "body")?
            .unwrap_or_default()
            .into(),
        items,
        tools,
    })
}

fn check_includes(body: &Value) -> Result<(), Wrong> {
    let includes = match &body["include"] {
        Value::Null => &[][..],
        _ => array(body, "include", "body")?,
    };
    let is_known = |include: &&Value| INCLUDABLE.contains(&include.as_str().unwrap_or_default());
    match includes.iter().find(|include| !is_known(include)) {
        Some(unknown) => Err(format!("body.include: invalid value {unknown}")),
        None => Ok(()),
    }
}

fn check_cache_key(body: &Value) -> Result<(), Wrong> {
    let key = optional_text(body, "prompt_cache_key", "body")?.unwrap_or_default();
    if key.len() > LONGEST_CACHE_KEY {
        return Err(format!(
            "body.prompt_cache_key: string too long, at most {LONGEST_CACHE_KEY} characters"
        ));
    }
    Ok(())
}

fn check_reasoning(body: &Value) -> Result<(), Wrong> {
    let reasoning = &body["reasoning"];
    if reasoning.is_null() {
        return Ok(());
    }
    only(
        reasoning,
        &["effort", "summary", "context", "generate_summary"],
        "body.reasoning",
    )?;
    one_of(reasoning, "effort", EFFORTS, "body.reasoning")?;
    one_of(
        reasoning,
        "summary",
        &["auto", "concise", "detailed"],
        "body.reasoning",
    )
}

fn read_tools(body: &Value) -> Result<Vec<SeenTool>, Wrong> {
    if body["tools"].is_null() {
        return Ok(Vec::new());
    }
    let tools = array(body, "tools", "body")?;
    tools.iter().enumerate().map(read_tool).collect()
}

fn read_tool((index, tool): (usize, &Value)) -> Result<SeenTool, Wrong> {
    let at = format!("body.tools[{index}]");
    object(tool, &at)?;
    match text(tool, "type", &at)? {
        "function" => {
            only(
                tool,
                &["type", "name", "description", "parameters", "strict"],
                &at,
            )?;
            let name = text(tool, "name", &at)?;
            tool_name(name, 64, &at)?;
            object_schema(&tool["parameters"], &format!("{at}.parameters"))?;
            Ok(SeenTool {
                name: name.into(),
                parameters: Some(tool["parameters"].clone()),
            })
        }
        "custom" => {
            only(tool, &["type", "name", "description", "format"], &at)?;
            let name = text(tool, "name", &at)?;
            tool_name(name, 64, &at)?;
            check_format(&tool["format"], &format!("{at}.format"))?;
            Ok(SeenTool {
                name: name.into(),
                parameters: None,
            })
        }
        hosted => Ok(SeenTool {
            name: hosted.into(),
            parameters: None,
        }),
    }
}

fn check_format(format: &Value, at: &str) -> Result<(), Wrong> {
    if format.is_null() {
        return Ok(());
    }
    match text(format, "type", at)? {
        "text" => Ok(()),
        "grammar" => {
            one_of(format, "syntax", &["lark", "regex"], at)?;
            text(format, "syntax", at)?;
            text(format, "definition", at).map(drop)
        }
        other => Err(format!("{at}.type: invalid value '{other}'")),
    }
}
