//! The tool `outline`: what a file defines, nested, with line ranges: a file's table of contents before it is read.

use std::{fmt::Write, path::Path};

use ::workspace::{ReadError, WorkspaceSnapshot};
use schemars::JsonSchema;
use serde::Deserialize;
use syntax::Language;

use super::{
    definitions::{Definition, definitions, kind_name},
    function_tool::FunctionTool,
    output::{BYTES_PER_TOKEN, DEFAULT_TOKENS},
    places::{Place, hidden, missing, place, resolve, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// Lists a file's definitions.
pub struct Outline;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The file, relative to the working directory or absolute.
    #[serde(alias = "file_path", alias = "file")]
    path: String,
}

impl FunctionTool for Outline {
    type Arguments = Arguments;

    const NAME: &'static str = "outline";

    const DESCRIPTION: &'static str = "Lists what a source file defines (types, functions, methods, fields, headings), nested, with line \
numbers. Cheaper than reading the file; read the lines you need afterwards.";

    const EXAMPLE: &'static str = r#"{"path": "src/main.rs"}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let snapshot = context.workspace.snapshot();
        let path = resolve(context, &snapshot, &arguments.path);
        let outline = outline(&path, &snapshot, context).map_err(ToolOutput::failure)?;
        Ok(ToolOutput::success(outline))
    }
}

fn outline(
    path: &Path,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> Result<String, String> {
    let name = shown(context, path);
    match place(snapshot, path) {
        Place::File => {}
        Place::Folder => {
            return Err(format!(
                "{name} is a folder. Name a file, or use find_symbol or list_files."
            ));
        }
        Place::Missing => return Err(missing(context, snapshot, path)),
        Place::Hidden(exclusion) => return Err(hidden(context, path, &exclusion)),
        Place::Unusable(reason) => return Err(format!("{name} cannot be read: {reason}.")),
    }
    let Some(language) = Language::for_path(path) else {
        return Err(format!(
            "{name} is in no language with a known structure. Use search or read_file."
        ));
    };
    let file = snapshot.read(path).map_err(|error| match error {
        ReadError::Binary { .. } => format!("{name} is a binary file."),
        error => format!("{error}."),
    })?;
    let found = definitions(language, &file.text, context.cancel)
        .map_err(|reason| format!("{name} has no outline: {reason}. Use search or read_file."))?;
    if found.is_empty() {
        return Ok(format!(
            "{name} ({}) defines nothing that has a name.",
            language.name()
        ));
    }
    Ok(format!("{name} ({})\n{}", language.name(), tree(&found)))
}

/// The definitions by their nesting, as many levels of them as fit.
fn tree(found: &[Definition]) -> String {
    let levels = levels(found);
    let deepest = levels.iter().copied().max().unwrap_or(0);
    let mut text = String::new();
    for depth in (0..=deepest).rev() {
        text = tree_to(found, &levels, depth);
        if text.len() <= DEFAULT_TOKENS * BYTES_PER_TOKEN {
            break;
        }
    }
    if text.len() <= DEFAULT_TOKENS * BYTES_PER_TOKEN {
        return text;
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut kept = String::new();
    for (shown, line) in lines.iter().enumerate() {
        if kept.len() + line.len() > DEFAULT_TOKENS * BYTES_PER_TOKEN {
            let _ = writeln!(
                kept,
                "[{} more definitions are not shown. Use find_symbol or search.]",
                lines.len() - shown
            );
            break;
        }
        let _ = writeln!(kept, "{line}");
    }
    kept
}

fn tree_to(found: &[Definition], levels: &[usize], depth: usize) -> String {
    let mut text = String::new();
    for (definition, level) in found
        .iter()
        .zip(levels)
        .filter(|(_, level)| **level <= depth)
    {
        let lines = match (definition.first_line, definition.last_line) {
            (first, last) if first == last => format!("{first}"),
            (first, last) => format!("{first}-{last}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}{lines} {} {}{}: {}",
            "  ".repeat(*level),
            kind_name(definition.kind),
            definition.name,
            owner_of(definition, *level),
            definition.line
        );
    }
    let hidden = levels.iter().filter(|level| **level > depth).count();
    if hidden > 0 {
        let _ = writeln!(
            text,
            "[{hidden} definitions within these are not shown. Read the lines you need.]"
        );
    }
    text
}

/// What a definition belongs to, where the tree does not show it: a method of an implementation elsewhere.
fn owner_of(definition: &Definition, level: usize) -> String {
    match &definition.owner {
        Some(owner) if level == 0 => format!(" of {owner}"),
        _ => String::new(),
    }
}

/// Within how many others each definition lies.
fn levels(found: &[Definition]) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    let mut levels = Vec::new();
    for definition in found {
        ends.retain(|end| definition.range.start < *end);
        levels.push(ends.len());
        ends.push(definition.range.end);
    }
    levels
}

#[cfg(test)]
mod tests;
