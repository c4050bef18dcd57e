//! What Messages accepts as content blocks.

use serde_json::Value;

use crate::json::{Wrong, array, object, only, text, tool_name};
use crate::seal::unseal;
use crate::{SeenItem, SeenRole};

/// A content block that was understood.
pub(super) struct Block {
    pub(super) item: SeenItem,
    /// Whether it is a use of one of the service's own tools, which needs no answer of ours.
    pub(super) is_server_tool: bool,
}

/// Blocks that only the service makes; the assistant's alone.
const HOSTED: &[&str] = &[
    "bash_code_execution_tool_result",
    "code_execution_tool_result",
    "compaction",
    "container_upload",
    "fallback",
    "mcp_tool_result",
    "mcp_tool_use",
    "server_tool_use",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "web_fetch_tool_result",
    "web_search_tool_result",
    "advisor_tool_result",
];

impl Block {
    pub(super) fn call_id(&self) -> Option<&str> {
        match &self.item {
            SeenItem::Call { call_id, .. } => Some(call_id),
            _ => None,
        }
    }

    pub(super) fn answered_id(&self) -> Option<&str> {
        match &self.item {
            SeenItem::Output { call_id, .. } => Some(call_id),
            _ => None,
        }
    }
}

/// Reads a message's content.
pub(super) fn read(content: &Value, role: SeenRole, at: &str) -> Result<Vec<Block>, Wrong> {
    if let Some(text) = content.as_str() {
        return Ok(vec![said(role, text, at)?]);
    }
    let Some(blocks) = content.as_array() else {
        return Err(format!(
            "{at}.content: expected a string or an array of blocks"
        ));
    };
    if blocks.is_empty() {
        return Err(format!("{at}: all messages must have non-empty content"));
    }
    let blocks = blocks.iter().enumerate();
    blocks
        .map(|(index, block)| read_block(block, role, &format!("{at}.content.{index}")))
        .collect()
}

fn plain(item: SeenItem) -> Block {
    Block {
        item,
        is_server_tool: false,
    }
}

fn said(role: SeenRole, text: &str, at: &str) -> Result<Block, Wrong> {
    if text.is_empty() {
        return Err(format!("{at}: text content blocks must be non-empty"));
    }
    if text.trim().is_empty() {
        return Err(format!(
            "{at}: text content blocks must contain non-whitespace text"
        ));
    }
    let text = text.into();
    Ok(plain(SeenItem::Message {
        role,
        text,
        images: 0,
    }))
}

fn read_block(block: &Value, role: SeenRole, at: &str) -> Result<Block, Wrong> {
    let kind = text(block, "type", at)?;
    match (kind, role) {
        ("text", _) => {
            only(block, &["type", "text", "cache_control", "citations"], at)?;
            said(role, text(block, "text", at)?, at)
        }
        ("image", SeenRole::User) => {
            check_image(block, at)?;
            let text = String::new();
            Ok(plain(SeenItem::Message {
                role,
                text,
                images: 1,
            }))
        }
        ("tool_result", SeenRole::User) => read_result(block, at),
        ("tool_use", SeenRole::Assistant) => read_use(block, at),
        ("thinking", SeenRole::Assistant) => {
            only(block, &["type", "thinking", "signature"], at)?;
            let thinking = text(block, "thinking", at)?;
            if unseal(text(block, "signature", at)?).is_none_or(|sealed| sealed != thinking) {
                return Err(format!("{at}: Invalid `signature` in `thinking` block"));
            }
            let text = thinking.into();
            Ok(plain(SeenItem::Reasoning { text }))
        }
        ("redacted_thinking", SeenRole::Assistant) => {
            only(block, &["type", "data"], at)?;
            let text = text(block, "data", at)?.into();
            Ok(plain(SeenItem::Reasoning { text }))
        }
        (kind, SeenRole::Assistant) if HOSTED.contains(&kind) => Ok(Block {
            item: SeenItem::Other { kind: kind.into() },
            is_server_tool: kind == "server_tool_use",
        }),
        (kind, _) => Err(format!("{at}.type: '{kind}' is not expected here")),
    }
}

fn read_use(block: &Value, at: &str) -> Result<Block, Wrong> {
    only(
        block,
        &["type", "id", "name", "input", "cache_control", "caller"],
        at,
    )?;
    let id = text(block, "id", at)?;
    tool_name(id, 256, &format!("{at}.id"))?;
    let name = text(block, "name", at)?;
    tool_name(name, 200, at)?;
    object(&block["input"], &format!("{at}.input"))?;
    Ok(plain(SeenItem::Call {
        call_id: id.into(),
        name: name.into(),
        arguments: block["input"].to_string(),
    }))
}

fn read_result(block: &Value, at: &str) -> Result<Block, Wrong> {
    only(
        block,
        &[
            "type",
            "tool_use_id",
            "content",
            "is_error",
            "cache_control",
        ],
        at,
    )?;
    let call_id = text(block, "tool_use_id", at)?.to_owned();
    let (content, images) = match &block["content"] {
        Value::Null => (String::new(), 0),
        Value::String(text) => (text.clone(), 0),
        _ => read_parts(block, at)?,
    };
    if block["is_error"] == true && content.is_empty() {
        return Err(format!(
            "{at}: content cannot be empty if `is_error` is true"
        ));
    }
    Ok(plain(SeenItem::Output {
        call_id,
        text: content,
        images,
    }))
}

fn read_parts(block: &Value, at: &str) -> Result<(String, usize), Wrong> {
    let mut texts = Vec::new();
    let mut images = 0;
    for part in array(block, "content", at)? {
        match text(part, "type", at)? {
            "text" => {
                let text = text(part, "text", at)?;
                if text.is_empty() {
                    return Err(format!("{at}: text content blocks must be non-empty"));
                }
                texts.push(text);
            }
            "image" => {
                check_image(part, at)?;
                images += 1;
            }
            other => return Err(format!("{at}.content.type: '{other}' is not expected here")),
        }
    }
    if images > 0 && block["is_error"] == true {
        return Err(format!(
            "{at}: all content must be type \"text\" if \"is_error\" is true"
        ));
    }
    Ok((texts.join("\n"), images))
}

fn check_image(block: &Value, at: &str) -> Result<(), Wrong> {
    only(block, &["type", "source", "cache_control"], at)?;
    let source = &block["source"];
    match text(source, "type", at)? {
        "base64" => {
            only(source, &["type", "media_type", "data"], at)?;
            text(source, "data", at)?;
            let media_type = text(source, "media_type", at)?;
            let known = ["image/jpeg", "image/png", "image/gif", "image/webp"];
            if !known.contains(&media_type) {
                return Err(format!(
                    "{at}.source.base64.media_type: '{media_type}' is not supported"
                ));
            }
            Ok(())
        }
        "url" => text(source, "url", at).map(drop),
        other => Err(format!("{at}.source.type: invalid value '{other}'")),
    }
}
