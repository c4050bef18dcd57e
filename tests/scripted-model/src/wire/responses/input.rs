//! What Responses accepts as input items.

use serde_json::Value;

use crate::json::{Wrong, array, object, one_of, only, optional_text, text};
use crate::seal::unseal;
use crate::{SeenItem, SeenRole};

/// Items of tools that the service runs itself; taken in as they are.
const HOSTED: &[&str] = &[
    "apply_patch_call",
    "apply_patch_call_output",
    "code_interpreter_call",
    "computer_call",
    "computer_call_output",
    "file_search_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
    "program",
    "program_output",
    "shell_call",
    "shell_call_output",
    "tool_search_call",
    "tool_search_output",
    "web_search_call",
];

/// Reads the whole input.
pub(super) fn read(body: &Value) -> Result<Vec<SeenItem>, Wrong> {
    if let Some(text) = body["input"].as_str() {
        return Ok(vec![SeenItem::Message {
            role: SeenRole::User,
            text: text.into(),
            images: 0,
        }]);
    }
    let input = array(body, "input", "body")?;
    check_ids(input)?;
    let items = input.iter().enumerate();
    items
        .map(|(index, item)| {
            let at = format!("body.input[{index}]");
            follows_reasoning(item, input.get(index + 1), &at)?;
            read_item(item, &at)
        })
        .collect()
}

fn check_ids(input: &[Value]) -> Result<(), Wrong> {
    let mut ids: Vec<&str> = input
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("Duplicate item found with id {}.", pair[0])),
        None => Ok(()),
    }
}

/// Reasoning that is named by its id must be followed by what it led to.
fn follows_reasoning(item: &Value, next: Option<&Value>, at: &str) -> Result<(), Wrong> {
    if item["type"] != "reasoning" || item["id"].is_null() {
        return Ok(());
    }
    let is_models = |next: &Value| {
        let kind = next["type"].as_str().unwrap_or("message");
        !kind.ends_with("_output")
            && !matches!(next["role"].as_str(), Some("user" | "developer" | "system"))
    };
    if next.is_some_and(is_models) {
        return Ok(());
    }
    Err(format!(
        "{at}: item {} of type 'reasoning' was provided without its required following item.",
        item["id"]
    ))
}

fn read_item(item: &Value, at: &str) -> Result<SeenItem, Wrong> {
    object(item, at)?;
    let call_id = || text(item, "call_id", at).map(str::to_owned);
    match item["type"].as_str().unwrap_or("message") {
        "message" => read_message(item, at),
        "reasoning" => read_reasoning(item, at),
        "function_call" => {
            only(
                item,
                &[
                    "type",
                    "id",
                    "call_id",
                    "name",
                    "namespace",
                    "arguments",
                    "status",
                    "caller",
                ],
                at,
            )?;
            check_id(item, "fc", at)?;
            read_call(item, call_id()?, "arguments", at)
        }
        "custom_tool_call" => {
            only(
                item,
                &[
                    "type",
                    "id",
                    "call_id",
                    "name",
                    "namespace",
                    "input",
                    "status",
                    "caller",
                ],
                at,
            )?;
            check_id(item, "ctc", at)?;
            read_call(item, call_id()?, "input", at)
        }
        "function_call_output" | "custom_tool_call_output" => {
            only(
                item,
                &["type", "id", "call_id", "output", "status", "caller"],
                at,
            )?;
            let (text, images) = read_content(
                &item["output"],
                &["input_text", "input_image", "input_file"],
                at,
            )?;
            Ok(SeenItem::Output {
                call_id: call_id()?,
                text,
                images,
            })
        }
        "compaction" => {
            check_id(item, "cmp", at)?;
            let sealed = text(item, "encrypted_content", at)?;
            let note = unseal(sealed).ok_or_else(|| unverified(at))?;
            Ok(SeenItem::Compaction { note })
        }
        kind if HOSTED.contains(&kind) => Ok(SeenItem::Other { kind: kind.into() }),
        kind => Err(format!("{at}.type: invalid value '{kind}'")),
    }
}

fn unverified(at: &str) -> Wrong {
    format!("{at}.encrypted_content: the encrypted content could not be verified")
}

fn check_id(item: &Value, prefix: &str, at: &str) -> Result<(), Wrong> {
    match optional_text(item, "id", at)? {
        Some(id) if !id.starts_with(prefix) => Err(format!(
            "{at}.id: invalid '{id}', expected an ID that begins with '{prefix}'"
        )),
        _ => Ok(()),
    }
}

fn read_call(item: &Value, call_id: String, arguments: &str, at: &str) -> Result<SeenItem, Wrong> {
    one_of(
        item,
        "status",
        &["in_progress", "completed", "incomplete"],
        at,
    )?;
    Ok(SeenItem::Call {
        call_id,
        name: text(item, "name", at)?.into(),
        arguments: text(item, arguments, at)?.into(),
    })
}

fn read_message(item: &Value, at: &str) -> Result<SeenItem, Wrong> {
    only(
        item,
        &["type", "id", "role", "content", "status", "phase"],
        at,
    )?;
    let role = match text(item, "role", at)? {
        "user" => SeenRole::User,
        "developer" | "system" => SeenRole::Developer,
        "assistant" => SeenRole::Assistant,
        other => return Err(format!("{at}.role: invalid value '{other}'")),
    };
    let parts: &[&str] = match role {
        SeenRole::Assistant => &["output_text", "refusal"],
        _ => &["input_text", "input_image", "input_file"],
    };
    check_id(item, "msg", at)?;
    one_of(item, "phase", &["commentary", "final_answer"], at)?;
    let (text, images) = read_content(&item["content"], parts, at)?;
    Ok(SeenItem::Message { role, text, images })
}

fn read_reasoning(item: &Value, at: &str) -> Result<SeenItem, Wrong> {
    only(
        item,
        &[
            "type",
            "id",
            "summary",
            "content",
            "encrypted_content",
            "status",
        ],
        at,
    )?;
    check_id(item, "rs", at)?;
    let mut texts = Vec::new();
    for part in array(item, "summary", at)? {
        texts.push(text(part, "text", &format!("{at}.summary"))?);
    }
    match optional_text(item, "encrypted_content", at)? {
        Some(sealed) if unseal(sealed).is_none() => Err(unverified(at)),
        None if !item["id"].is_null() => Err(format!(
            "{at}: item with id {} not found. Items are not persisted when `store` is set to false.",
            item["id"]
        )),
        _ => Ok(SeenItem::Reasoning {
            text: texts.join("\n"),
        }),
    }
}

/// Text and number of pictures of a content that is a string or parts.
fn read_content(content: &Value, kinds: &[&str], at: &str) -> Result<(String, usize), Wrong> {
    if let Some(text) = content.as_str() {
        return Ok((text.into(), 0));
    }
    let Some(parts) = content.as_array() else {
        return Err(format!(
            "{at}: the content must be a string or an array of parts"
        ));
    };
    let mut texts = Vec::new();
    let mut images = 0;
    for (index, part) in parts.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let kind = text(part, "type", &at)?;
        if !kinds.contains(&kind) {
            return Err(format!(
                "{at}.type: invalid value '{kind}'; supported are {}",
                kinds.join(", ")
            ));
        }
        match kind {
            "input_image" => images += check_image(part, &at)?,
            "input_file" => {}
            "refusal" => texts.push(text(part, "refusal", &at)?),
            _ => texts.push(text(part, "text", &at)?),
        }
    }
    Ok((texts.join("\n"), images))
}

fn check_image(part: &Value, at: &str) -> Result<usize, Wrong> {
    let url = text(part, "image_url", at)?;
    let is_data = url.starts_with("data:image/") && url.contains(";base64,");
    if is_data || url.starts_with("https://") {
        return Ok(1);
    }
    Err(format!(
        "{at}.image_url: expected a data URL of an image or an https URL"
    ))
}
