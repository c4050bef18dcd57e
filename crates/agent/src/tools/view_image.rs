//! `view_image`: shows the model a picture of the workspace.

use base64::{Engine, engine::general_purpose::STANDARD};
use models::{Content, ModelFacts, ToolCall, ToolSpec};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments;
use crate::{
    Tool, ToolContext, ToolOutput, picture,
    tool::{ToolEffect, ToolStatus},
};

const DESCRIPTION: &str = "Shows you a picture from a file: PNG, JPEG, GIF or WebP, up to 5 MB.";

const EXAMPLE: &str = r#"{"path": "docs/screenshot.png"}"#;

/// The largest file in bytes: no service takes more.
const LARGEST: u64 = 5 * 1024 * 1024;

/// The tool.
pub struct ViewImage;

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The file; relative to the current folder.
    path: String,
}

impl Tool for ViewImage {
    fn name(&self) -> &'static str {
        "view_image"
    }

    fn spec(&self, facts: &ModelFacts) -> Option<ToolSpec> {
        facts
            .images
            .then(|| arguments::function::<Arguments>(self.name(), DESCRIPTION))
    }

    fn effect(&self) -> ToolEffect {
        ToolEffect::Reads
    }

    fn run(&self, call: &ToolCall, context: &ToolContext<'_>) -> ToolOutput {
        let Arguments { path } = match arguments::parse(call, EXAMPLE) {
            Ok(arguments) => arguments,
            Err(answer) => return answer,
        };
        if !context.facts.images {
            return ToolOutput::failure(
                "This model takes no pictures. Work from the text around it, or ask the user what it shows.",
            );
        }
        let full_path = ::workspace::normalize(&context.cwd.join(&path));
        match context.workspace.read(&full_path, LARGEST) {
            Ok(bytes) => shown(&path, &bytes),
            Err(error) => ToolOutput::failure(format!("{error}.")),
        }
    }
}

fn shown(path: &str, bytes: &[u8]) -> ToolOutput {
    let Some(recognized) = picture::recognize(bytes) else {
        return ToolOutput::failure(format!(
            "{path} is no PNG, JPEG, GIF or WebP picture, or a damaged one. Convert it with a command, or read it as text."
        ));
    };
    let picture::Picture {
        media_type,
        width,
        height,
    } = recognized;
    let text = format!(
        "{path}: {media_type}, {width} × {height} pixels, {} bytes",
        bytes.len()
    );
    let image = Content::Image {
        media_type: media_type.into(),
        data: STANDARD.encode(bytes),
    };
    ToolOutput {
        content: vec![Content::text(text), image],
        status: ToolStatus::Succeeded,
        presentation: None,
    }
}

#[cfg(test)]
mod tests;
