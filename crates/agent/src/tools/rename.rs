//! The tool `rename`: one name becomes another wherever it stands as a name, in the whole workspace, all or nothing.
//!
//! Goes by spelling, not by what a name is bound to: every identifier spelled so is renamed. Comments, strings and files
//! without a known grammar are left and counted, unless the call asks for them too.

use std::{collections::BTreeSet, fmt::Write, ops::Range, path::Path};

use ::text::Text;
use ::workspace::{CancellationFlag, WalkOptions, WorkspaceSnapshot};
use schemars::JsonSchema;
use serde::Deserialize;
use syntax::{Language, ParseLimits, QueryLimits, SyntaxTree, parse};

use super::{
    function_tool::FunctionTool,
    many_files::{Edited, Plan, Run, Trouble, counted, line_of, plan},
    nearest::nearest,
    parallel::parser_token,
    places::{files_under, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// Renames identifiers.
pub struct Rename;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The name as it is.
    #[serde(alias = "from", alias = "old_name")]
    old: String,
    /// The name as it shall be.
    #[serde(alias = "to", alias = "new_name")]
    new: String,
    /// The folder or file to rename in; the whole workspace if left out.
    #[serde(default)]
    path: Option<String>,
    /// Only files that match, such as `*.rs` or `src/**/*.{ts,tsx}`.
    #[serde(default)]
    glob: Option<String>,
    /// Whether to replace the word in comments, strings and files of unknown languages too.
    #[serde(default)]
    include_text: Option<bool>,
    /// Whether only to show what would change.
    #[serde(default)]
    dry_run: Option<bool>,
}

/// A renaming.
struct Renaming<'a> {
    old: &'a str,
    new: &'a str,
    words: Words,
}

/// What becomes of the name where it is only a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    Stay,
    Change,
}

impl FunctionTool for Rename {
    type Arguments = Arguments;

    const NAME: &'static str = "rename";

    const DESCRIPTION: &'static str = "Renames an identifier in every file at once: functions, types, variables, fields, whatever is spelled \
`old`, by syntax and not in comments or strings. All files are changed or none. It does not know scopes: names that merely \
look the same are renamed too, so give a path or glob for common names.";

    const EXAMPLE: &'static str =
        r#"{"old": "parse_cfg", "new": "parse_config", "glob": "src/**/*.rs"}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let renaming = Renaming::of(&arguments).map_err(ToolOutput::failure)?;
        let snapshot = context.workspace.snapshot();
        let (path, glob) = (arguments.path.as_deref(), arguments.glob.as_deref());
        let files = files_under(context, &snapshot, path, glob).map_err(ToolOutput::failure)?;
        let run = if arguments.dry_run == Some(true) {
            Run::Dry
        } else {
            Run::Make
        };
        Ok(renaming.run(&files, run, &snapshot, context))
    }
}

impl<'a> Renaming<'a> {
    fn of(arguments: &'a Arguments) -> Result<Self, String> {
        let (old, new) = (arguments.old.trim(), arguments.new.trim());
        for name in [old, new] {
            let is_name = name.chars().all(|letter| {
                is_word(letter) || matches!(letter, '$' | '@' | '-' | '#' | '?' | '!' | '\'')
            });
            if name.is_empty() || !is_name {
                return Err(format!(
                    "`{name}` is not one name. Use rewrite to change code, or edit the files."
                ));
            }
        }
        if old == new {
            return Err(format!(
                "The old and the new name are both `{old}`; there is nothing to do."
            ));
        }
        let words = if arguments.include_text == Some(true) {
            Words::Change
        } else {
            Words::Stay
        };
        Ok(Self { old, new, words })
    }

    fn run(
        &self,
        files: &WalkOptions,
        run: Run,
        snapshot: &WorkspaceSnapshot,
        context: &ToolContext<'_>,
    ) -> ToolOutput {
        let plan = match plan(files, snapshot, context, |path, text| {
            self.rename(path, text, context.cancel)
        }) {
            Ok(plan) => plan,
            Err(answer) => return answer,
        };
        let left = self.left_text(&plan, context);
        if plan.changes.is_empty() {
            let near = self.near(files, snapshot, context);
            let mut text = format!(
                "`{}` is no identifier in {}.\n{left}",
                self.old,
                counted(plan.files, "file")
            );
            if !near.is_empty() {
                let _ = writeln!(text, "Similar names: {}", near.join(", "));
            }
            return ToolOutput::failure(text + &plan.skipped_text(context));
        }
        plan.carry_out(
            run,
            &format!("Renamed {} to {}", self.old, self.new),
            &left,
            context,
        )
    }

    fn rename(
        &self,
        path: &Path,
        text: &str,
        cancel: &CancellationFlag,
    ) -> Result<Edited, Trouble> {
        if !text.contains(self.old) {
            return Ok(Edited::default());
        }
        let words = words(text, self.old);
        let language = Language::for_path(path).filter(|language| language.has_identifiers());
        let (ranges, remark) = match language {
            Some(language) => self.identifiers(language, text, cancel)?,
            None => (Vec::new(), None),
        };
        let ranges: BTreeSet<(usize, usize)> = match self.words {
            Words::Stay => ranges
                .into_iter()
                .map(|range| (range.start, range.end))
                .collect(),
            Words::Change => ranges
                .iter()
                .chain(&words)
                .map(|range| (range.start, range.end))
                .collect(),
        };
        let left = words
            .iter()
            .filter(|word| !ranges.contains(&(word.start, word.end)))
            .count();
        if ranges.is_empty() {
            return Ok(Edited {
                left,
                ..Edited::default()
            });
        }
        let after = replaced(text, &ranges, self.new);
        if let Some(language) = language {
            self.check(language, text, &after, cancel)?;
        }
        Ok(Edited {
            after: Some(after),
            places: ranges.len(),
            left,
            remark,
            samples: Vec::new(),
        })
    }

    /// Where the old name stands, and a remark if the new one is a name there already.
    fn identifiers(
        &self,
        language: Language,
        text: &str,
        cancel: &CancellationFlag,
    ) -> Result<(Vec<Range<usize>>, Option<String>), Trouble> {
        let tree = tree(language, text, cancel)?;
        let (cancel, _subscription) = parser_token(cancel);
        let limits = QueryLimits::default();
        let stopped = |error: syntax::Stopped| Trouble::Skip(error.to_string());
        let old = tree
            .identifiers(self.old, &limits, &cancel)
            .map_err(stopped)?;
        let new = tree
            .identifiers(self.new, &limits, &cancel)
            .map_err(stopped)?;
        let collides = !old.is_empty() && !new.is_empty();
        let remark = collides.then(|| {
            let line = line_of(text, new[0].start);
            format!(
                "{} was a name there already (line {line}); check that the two do not collide",
                self.new
            )
        });
        Ok((old, remark))
    }

    /// Refuses a new name that is none in the language.
    fn check(
        &self,
        language: Language,
        before: &str,
        after: &str,
        cancel: &CancellationFlag,
    ) -> Result<(), Trouble> {
        if tree(language, before, cancel)?.has_errors() {
            return Ok(());
        }
        match tree(language, after, cancel)?.first_error() {
            None => Ok(()),
            Some(offset) => Err(Trouble::Refuse(format!(
                "with `{}` there would be a syntax error on line {}; it seems to be no name in {}.",
                self.new,
                line_of(after, offset),
                language.name()
            ))),
        }
    }

    fn left_text(&self, plan: &Plan, context: &ToolContext<'_>) -> String {
        let total: usize = plan.left.iter().map(|(_, count)| count).sum();
        if total == 0 {
            return String::new();
        }
        let named = plan
            .left
            .iter()
            .take(10)
            .map(|(path, count)| format!("{}: {count}", shown(context, path)));
        let named: Vec<String> = named.collect();
        let more = if plan.left.len() > 10 { ", …" } else { "" };
        format!(
            "Left as it is where it is only a word in a comment, a string or other text: {} ({}{more}). include_text changes these too.\n",
            counted(total, "time"),
            named.join(", ")
        )
    }

    /// Names in the files that are like the old one.
    fn near(
        &self,
        files: &WalkOptions,
        snapshot: &WorkspaceSnapshot,
        context: &ToolContext<'_>,
    ) -> Vec<String> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let code = snapshot
            .walk(files)
            .into_iter()
            .flatten()
            .filter(|entry| Language::for_path(&entry.path).is_some());
        for entry in code.take(MOST_LOOKED_AT) {
            if context.cancel.is_set() {
                break;
            }
            let Ok(file) = snapshot.read_up_to(&entry.path, ::workspace::INDEXING_LIMIT) else {
                continue;
            };
            let text = file.text.to_string();
            names.extend(
                text.split(|letter| !is_word(letter))
                    .filter(|word| word.len() > 1)
                    .map(str::to_owned),
            );
        }
        names.remove(self.old);
        nearest(self.old, names.into_iter(), 5)
    }
}

/// So many files are looked through for similar names.
const MOST_LOOKED_AT: usize = 2_000;

fn tree(language: Language, text: &str, cancel: &CancellationFlag) -> Result<SyntaxTree, Trouble> {
    let (cancel, _subscription) = parser_token(cancel);
    parse(
        language,
        &Text::from(text),
        None,
        &ParseLimits::default(),
        &cancel,
    )
    .map_err(|error| Trouble::Skip(error.to_string()))
}

/// Where `name` stands as a whole word.
fn words(text: &str, name: &str) -> Vec<Range<usize>> {
    let begins_word = name.starts_with(is_word);
    let ends_word = name.ends_with(is_word);
    let found = text
        .match_indices(name)
        .map(|(start, found)| start..start + found.len());
    let is_whole = |range: &Range<usize>| {
        let before = text[..range.start].chars().next_back().is_some_and(is_word);
        let after = text[range.end..].chars().next().is_some_and(is_word);
        !(begins_word && before || ends_word && after)
    };
    found.filter(is_whole).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn replaced(text: &str, ranges: &BTreeSet<(usize, usize)>, new: &str) -> String {
    let mut after = String::with_capacity(text.len());
    let mut reached = 0;
    for (start, end) in ranges {
        // A name within a name with its mark, such as `x` in `$x`, is replaced once.
        if *start < reached {
            continue;
        }
        after.push_str(&text[reached..*start]);
        after.push_str(new);
        reached = *end;
    }
    after + &text[reached..]
}

#[cfg(test)]
mod tests;
