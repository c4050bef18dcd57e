//! The tool `edit_file`: replaces a piece of one file by another, for models that prefer it to patches.

mod replace;

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    ToolContext, ToolOutput,
    editable_text::EditableText,
    patch::READ_LIMIT,
    tool::ToolEffect,
    workspace::{FileEdit, FileError},
};

use super::{change_files::change_files, function_tool::FunctionTool};
use replace::{Count, Replacement, replace};

/// Replaces exact text.
pub struct EditFile;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The file, relative to the working directory or absolute.
    #[serde(alias = "file_path")]
    path: String,
    /// What stands there; empty to make a new file.
    old_string: String,
    /// What shall stand there.
    new_string: String,
    /// Whether to replace every occurrence.
    #[serde(default)]
    replace_all: Option<bool>,
}

impl FunctionTool for EditFile {
    type Arguments = Arguments;

    const NAME: &'static str = "edit_file";

    const DESCRIPTION: &'static str = "Replaces text in a file. `old_string` must stand in the file exactly as given, \
white space included, and only once, unless `replace_all` is true: give a few lines around the change. \
With an empty `old_string` a new file is made of `new_string`.";

    const EXAMPLE: &'static str =
        r#"{"path": "src/app.py", "old_string": "    return 1\n", "new_string": "    return 2\n"}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let path = ::workspace::normalize(&context.cwd.join(&arguments.path));
        let (change, message) = edit(&arguments, &path, context)
            .map_err(|message| ToolOutput::failure(refusal(&message)))?;
        Ok(change_files(&[change], context, message, |error| {
            refusal(error)
        }))
    }
}

fn refusal(error: &dyn std::fmt::Display) -> String {
    format!("edit_file failed: {error}\nNothing was changed.")
}

fn edit(
    arguments: &Arguments,
    path: &Path,
    context: &ToolContext<'_>,
) -> Result<(FileEdit, String), String> {
    let shown = &arguments.path;
    let before = match context.workspace.read(path, READ_LIMIT) {
        Ok(bytes) => Some(bytes),
        Err(FileError::Missing { .. }) => None,
        Err(error) => return Err(error.to_string()),
    };
    let (after, message) = match &before {
        None if arguments.old_string.is_empty() => {
            let after = arguments.new_string.clone().into_bytes();
            (after, format!("Created {shown}."))
        }
        None => {
            return Err(format!(
                "{shown} does not exist. To make it, give an empty `old_string`."
            ));
        }
        Some(before) => edited(arguments, before.clone())?,
    };
    let path = path.to_owned();
    let change = FileEdit::Write {
        path,
        before,
        after,
    };
    Ok((change, message))
}

fn edited(arguments: &Arguments, before: Vec<u8>) -> Result<(Vec<u8>, String), String> {
    let shown = &arguments.path;
    let problem = |error: &dyn std::fmt::Display| format!("{shown} cannot be edited: {error}.");
    let text = EditableText::decode(before).map_err(|error| problem(&error))?;
    let replacement = Replacement {
        old: &arguments.old_string,
        new: &arguments.new_string,
        count: match arguments.replace_all {
            Some(true) => Count::All,
            _ => Count::One,
        },
    };
    let replaced = replace(shown, text.text(), &replacement).map_err(|error| error.to_string())?;
    let after = text
        .encode(&replaced.text)
        .map_err(|error| problem(&error))?;
    let message = match replaced.line_numbers.as_slice() {
        [line_number] => format!("Updated {shown} at line {line_number}."),
        numbers => {
            let places = crate::patch::list(numbers);
            format!(
                "Updated {shown} in {} places, at lines {places}.",
                numbers.len()
            )
        }
    };
    Ok((after, message))
}

#[cfg(test)]
mod tests;
