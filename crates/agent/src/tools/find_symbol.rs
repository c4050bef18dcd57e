//! The tool `find_symbol`: where a name is defined, by syntax, in the whole workspace.
//!
//! A text search finds the files that have the name; only these are parsed. A name that is defined nowhere is looked for
//! in another case, as a beginning and as a part of a name, before the answer is that there is none.

use std::{fmt::Write, ops::ControlFlow, path::PathBuf};

use ::workspace::{Boundary, CaseRule, SearchOptions, WalkOptions, WorkspaceSnapshot};
use schemars::JsonSchema;
use serde::Deserialize;
use syntax::{Language, SymbolKind};

use super::{
    definitions::{Definition, KINDS, definitions, kind_name, kind_of},
    function_tool::FunctionTool,
    output::cut_line,
    parallel,
    places::{files_under, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// The most definitions of one answer.
const MOST_DEFINITIONS: usize = 60;

/// The most lines with references of one answer.
const MOST_REFERENCES: usize = 100;

/// Files with the name beyond these are not parsed.
const MOST_FILES: usize = 3_000;

/// Larger files are not looked into, in bytes; the parser would refuse them.
const LARGEST: u64 = 2 << 20;

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 160;

/// Finds definitions.
pub struct FindSymbol;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The name, perhaps with what it belongs to: `Config.load`, `Config::load`.
    #[serde(alias = "symbol", alias = "query")]
    name: String,
    /// Only definitions of this kind: class, constant, enum, field, function, interface, macro, member, method, module, section, struct, type, variable.
    #[serde(default)]
    kind: Option<String>,
    /// The folder or file to look in; the whole workspace if left out.
    #[serde(default)]
    path: Option<String>,
    /// Only files that match, such as `*.rs`.
    #[serde(default)]
    glob: Option<String>,
    /// Whether to list the lines that use the name.
    #[serde(default)]
    references: Option<bool>,
}

/// What is looked for.
struct Wanted {
    owner: Option<String>,
    name: String,
    kind: Option<SymbolKind>,
}

/// A definition and its file.
struct Found {
    path: PathBuf,
    definition: Definition,
}

/// Definitions in the files that were looked into.
struct Looked {
    found: Vec<Found>,
    /// Files that have the name but no tree, with the reason.
    unparsed: Vec<(PathBuf, String)>,
    /// Whether there were more files than are parsed.
    is_cut: bool,
}

impl FunctionTool for FindSymbol {
    type Arguments = Arguments;

    const NAME: &'static str = "find_symbol";

    const DESCRIPTION: &'static str = "Finds where a function, type, method, constant or other name is defined, anywhere in the workspace, \
by syntax: exact names first, else names that are alike. `Type.method` finds a method of one type. With `references` it also \
lists the lines that use the name.";

    const EXAMPLE: &'static str =
        r#"{"name": "parse_config", "kind": "function", "references": true}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let wanted = Wanted::of(&arguments).map_err(ToolOutput::failure)?;
        let snapshot = context.workspace.snapshot();
        let (path, glob) = (arguments.path.as_deref(), arguments.glob.as_deref());
        let files = files_under(context, &snapshot, path, glob).map_err(ToolOutput::failure)?;
        let mut answer =
            answer(&wanted, &files, &snapshot, context).map_err(ToolOutput::failure)?;
        if arguments.references == Some(true) {
            answer += &references(&wanted, files, &snapshot, context);
        }
        if context.cancel.is_set() {
            return Err(ToolOutput::interrupted(
                "Interrupted while looking for the name.",
            ));
        }
        Ok(ToolOutput::success(answer))
    }
}

impl Wanted {
    fn of(arguments: &Arguments) -> Result<Self, String> {
        let kind = match &arguments.kind {
            None => None,
            Some(name) => Some(kind_of(name).ok_or_else(|| {
                let kinds: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
                format!("There is no kind `{name}`. Kinds are {}.", kinds.join(", "))
            })?),
        };
        let full = arguments.name.trim().trim_end_matches("()");
        let start = ["::", ".", "#", "->"]
            .iter()
            .filter_map(|mark| Some(full.rfind(mark)? + mark.len()))
            .max();
        let (owner, name) = full.split_at(start.unwrap_or(0));
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!(
                "`{full}` is no name. Give one name, such as parse or Config.parse; use search for other text."
            ));
        }
        let owner = owner.trim_end_matches([':', '.', '#', '-', '>']);
        let owner = owner
            .rsplit([':', '.', '#', '>'])
            .next()
            .filter(|owner| !owner.is_empty());
        Ok(Self {
            owner: owner.map(str::to_owned),
            name: name.to_owned(),
            kind,
        })
    }

    /// How well a definition fits: 0 is best, `None` not at all.
    fn rank(&self, definition: &Definition) -> Option<usize> {
        if self.kind.is_some_and(|kind| kind != definition.kind) {
            return None;
        }
        if let Some(wanted) = &self.owner {
            let owner = definition.owner.as_deref().unwrap_or_default();
            let mut words = owner.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            if !words.any(|word| word == wanted) {
                return None;
            }
        }
        if definition.name == self.name {
            return Some(0);
        }
        let (name, wanted) = (definition.name.to_lowercase(), self.name.to_lowercase());
        if name == wanted {
            return Some(1);
        }
        match name.find(&wanted)? {
            0 => Some(2),
            _ => Some(3),
        }
    }
}

fn answer(
    wanted: &Wanted,
    files: &WalkOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> Result<String, String> {
    let exact = SearchOptions {
        files: files.clone(),
        ..SearchOptions::literal(&wanted.name)
    };
    let looked = look(wanted, &exact, snapshot, context)?;
    let is_exact = |found: &&Found| wanted.rank(&found.definition) == Some(0);
    if looked.found.iter().any(|found| is_exact(&found)) {
        let exact: Vec<&Found> = looked.found.iter().filter(is_exact).collect();
        return Ok(list(&exact, context) + &notes(&looked, context));
    }
    let similar = SearchOptions {
        case: CaseRule::Insensitive,
        ..exact
    };
    let looked = look(wanted, &similar, snapshot, context)?;
    let mut ranked: Vec<(usize, &Found)> = looked
        .found
        .iter()
        .filter_map(|found| Some((wanted.rank(&found.definition)?, found)))
        .collect();
    // Files stay in order among those that fit equally well.
    ranked.sort_by_key(|(rank, found)| (*rank, found.definition.name.len()));
    let found: Vec<&Found> = ranked.into_iter().map(|(_, found)| found).collect();
    let what = wanted.describe();
    if found.is_empty() {
        let advice =
            "Try a part of the name, leave out the kind or what it belongs to, or use search.";
        return Ok(format!(
            "No definition of {what} was found. {advice}\n{}",
            notes(&looked, context)
        ));
    }
    Ok(format!(
        "No definition of {what}; similar names:\n{}{}",
        list(&found, context),
        notes(&looked, context)
    ))
}

impl Wanted {
    fn describe(&self) -> String {
        let kind = self
            .kind
            .map(|kind| format!("the {} ", kind_name(kind)))
            .unwrap_or_default();
        let owner = self
            .owner
            .as_ref()
            .map(|owner| format!(" in {owner}"))
            .unwrap_or_default();
        format!("{kind}`{}`{owner}", self.name)
    }
}

/// The definitions that fit in any way, in the files that the search finds.
fn look(
    wanted: &Wanted,
    search: &SearchOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> Result<Looked, String> {
    let search = SearchOptions {
        max_lines_per_file: 1,
        ..search.clone()
    };
    let mut files: Vec<(PathBuf, Language)> = Vec::new();
    let found = snapshot.search(&search, context.cancel, |file| {
        if let Some(language) = Language::for_path(&file.path) {
            files.push((file.path, language));
        }
        if files.len() > MOST_FILES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    found.map_err(|error| format!("{error}."))?;
    let is_cut = files.len() > MOST_FILES;
    files.truncate(MOST_FILES);
    let parsed = parallel::map(&files, context.cancel, |(path, language)| {
        let file = snapshot
            .read_up_to(path, LARGEST)
            .map_err(|error| error.to_string())?;
        definitions(*language, &file.text, context.cancel)
    });
    let mut looked = Looked {
        found: Vec::new(),
        unparsed: Vec::new(),
        is_cut,
    };
    for ((path, _), parsed) in files.iter().zip(parsed.unwrap_or_default()) {
        match parsed {
            Ok(all) => {
                let fitting = all
                    .into_iter()
                    .filter(|definition| wanted.rank(definition).is_some());
                looked.found.extend(fitting.map(|definition| Found {
                    path: path.clone(),
                    definition,
                }));
            }
            Err(reason) => looked.unparsed.push((path.clone(), reason)),
        }
    }
    Ok(looked)
}

fn list(found: &[&Found], context: &ToolContext<'_>) -> String {
    let mut text = String::new();
    for Found { path, definition } in found.iter().take(MOST_DEFINITIONS) {
        let lines = match (definition.first_line, definition.last_line) {
            (first, last) if first == last => format!("{first}"),
            (first, last) => format!("{first}-{last}"),
        };
        let owner = definition
            .owner
            .as_ref()
            .map(|owner| format!(" of {owner}"))
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}:{lines} {} {}{owner}: {}",
            shown(context, path),
            kind_name(definition.kind),
            definition.name,
            definition.line
        );
    }
    if found.len() > MOST_DEFINITIONS {
        let left_out = found.len() - MOST_DEFINITIONS;
        let _ = writeln!(
            text,
            "[{left_out} more are not shown. Give a kind, a path or a glob.]"
        );
    }
    text
}

fn notes(looked: &Looked, context: &ToolContext<'_>) -> String {
    let mut text = String::new();
    for (path, reason) in looked.unparsed.iter().take(5) {
        let _ = writeln!(
            text,
            "[{} has the name but was not looked into: {reason}]",
            shown(context, path)
        );
    }
    if looked.is_cut {
        let _ = writeln!(
            text,
            "[Only the first {MOST_FILES} files with the name were looked into. Give a path or a glob.]"
        );
    }
    text
}

/// The lines in which the name stands as a word.
fn references(
    wanted: &Wanted,
    files: WalkOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> String {
    let options = SearchOptions {
        boundary: Boundary::Word,
        files,
        max_lines: MOST_REFERENCES + 1,
        ..SearchOptions::literal(&wanted.name)
    };
    let mut text = String::new();
    let mut count = 0;
    let searched = snapshot.search(&options, context.cancel, |file| {
        let _ = writeln!(text, "{}", shown(context, &file.path));
        for found in file.lines.iter().take(MOST_REFERENCES - count) {
            let _ = writeln!(
                text,
                "{}: {}",
                found.line + 1,
                cut_line(found.text.trim(), LONGEST_LINE)
            );
        }
        count += file.lines.len();
        if count > MOST_REFERENCES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    if searched.is_err() || count == 0 {
        return format!("No line has `{}` as a word.\n", wanted.name);
    }
    if count > MOST_REFERENCES {
        text += "[There are more lines. Use search with a path or a glob.]\n";
    }
    format!(
        "\nLines with `{}` as a word, definitions, comments and strings included:\n{text}",
        wanted.name
    )
}

#[cfg(test)]
mod tests;
