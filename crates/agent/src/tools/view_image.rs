//! `view_image`: shows the model a picture of the workspace.

use base64::{Engine, engine::general_purpose::STANDARD};
use models::{Content, ModelFacts};
use schemars::JsonSchema;
use serde::Deserialize;

use super::function_tool::FunctionTool;
use crate::{
    ToolContext, ToolOutput, picture,
    tool::{ToolEffect, ToolStatus},
};

/// The largest file in bytes: no service takes more.
const LARGEST: u64 = 5 * 1024 * 1024;

/// The tool.
pub struct ViewImage;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The file; relative to the current folder.
    path: String,
}

impl FunctionTool for ViewImage {
    type Arguments = Arguments;

    const NAME: &'static str = "view_image";

    const DESCRIPTION: &'static str =
        "Shows you a picture from a file: PNG, JPEG, GIF or WebP, up to 5 MB.";

    const EXAMPLE: &'static str = r#"{"path": "docs/screenshot.png"}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn is_for(&self, facts: &ModelFacts) -> bool {
        facts.images
    }

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let path = arguments.path;
        if !context.facts.images {
            return Err(ToolOutput::failure(
                "This model takes no pictures. Work from the text around it, or ask the user what it shows.",
            ));
        }
        let full_path = ::workspace::normalize(&context.cwd.join(&path));
        let bytes = context.workspace.read(&full_path, LARGEST);
        let bytes = bytes.map_err(|error| ToolOutput::failure(format!("{error}.")))?;
        Ok(shown(&path, &bytes))
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
