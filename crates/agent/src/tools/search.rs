//! The tool `search`: lines that match a pattern, over the whole workspace, unsaved text included.
//!
//! The search itself is the workspace's (ripgrep's engine); this file is its arguments, its answer and what it leaves out.

use std::{collections::BTreeMap, fmt::Write, ops::ControlFlow};

use ::workspace::{
    CaseRule, End, FileMatches, PatternSyntax, SearchError, SearchOptions, SearchOutcome,
    WalkOptions, WorkspaceSnapshot,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    function_tool::FunctionTool,
    many_files::counted,
    output::{BYTES_PER_TOKEN, DEFAULT_TOKENS, cut_line},
    places::{files_under, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// How many lines (or files) are answered when the model asks for no other number.
const USUAL_RESULTS: usize = 100;

/// The most lines (or files) of one answer.
const MOST_RESULTS: usize = 1_000;

/// Of one file at most so many lines are shown, lest one file fill the answer.
const MOST_OF_ONE_FILE: usize = 50;

/// The most lines around a match.
const MOST_CONTEXT: usize = 20;

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 300;

/// Searches text.
pub struct Search;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// What to look for.
    #[serde(alias = "query", alias = "regex")]
    pattern: String,
    /// The folder or file to search; the whole workspace if left out.
    #[serde(default)]
    path: Option<String>,
    /// Only files that match, such as `*.rs` or `src/**/*.{ts,tsx}`; `!*.min.js` leaves out.
    #[serde(default)]
    glob: Option<String>,
    /// Whether upper and lower case differ: `sensitive` (usual), `insensitive`, or `smart` (only if the pattern has upper case).
    #[serde(default)]
    case: Option<Case>,
    /// Whether the pattern is plain text.
    #[serde(default)]
    literal: Option<bool>,
    /// How many lines to show before and after each match.
    #[serde(default)]
    context: Option<u64>,
    /// The most lines (or files) to answer with.
    #[serde(default)]
    limit: Option<u64>,
    /// What to answer with: `content` (usual), `files` or `count`.
    #[serde(default)]
    mode: Option<Mode>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Case {
    Sensitive,
    Insensitive,
    Smart,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Content,
    Files,
    Count,
}

impl FunctionTool for Search {
    type Arguments = Arguments;

    const NAME: &'static str = "search";

    const DESCRIPTION: &'static str = "Searches the text of the workspace's files with a regular expression (Rust syntax), line by line. \
Ignored, hidden and binary files are passed by. Answers with the matching lines, grouped by file; mode `files` names \
the files only, `count` counts.";

    const EXAMPLE: &'static str = r#"{"pattern": "fn \\w+_test", "glob": "*.rs", "context": 2}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        if arguments.pattern.is_empty() {
            return Err(ToolOutput::failure(
                "`pattern` is empty; it would match every line.",
            ));
        }
        let snapshot = context.workspace.snapshot();
        let (path, glob) = (arguments.path.as_deref(), arguments.glob.as_deref());
        let files = files_under(context, &snapshot, path, glob).map_err(ToolOutput::failure)?;
        Ok(search(&arguments, files, &snapshot, context))
    }
}

fn search(
    arguments: &Arguments,
    files: WalkOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> ToolOutput {
    let options = options(arguments, files);
    let mut answer = Answer::new(arguments);
    let searched = snapshot.search(&options, context.cancel, |file| {
        let name = shown(context, &file.path);
        answer.take(&name, &file)
    });
    let outcome = match searched {
        Ok(outcome) => outcome,
        Err(error) => return ToolOutput::failure(explain(&error)),
    };
    if context.cancel.is_set() {
        return ToolOutput::interrupted(format!(
            "Interrupted while searching. Found so far:\n{}",
            answer.text
        ));
    }
    if answer.lines == 0 {
        return ToolOutput::success(nothing(&options, outcome, snapshot, context));
    }
    ToolOutput::success(answer.finish(outcome))
}

fn options(arguments: &Arguments, files: WalkOptions) -> SearchOptions {
    let mode = arguments.mode.unwrap_or_default();
    let context = match mode {
        Mode::Content => arguments
            .context
            .map_or(0, |lines| as_number(lines).min(MOST_CONTEXT)),
        Mode::Files | Mode::Count => 0,
    };
    SearchOptions {
        syntax: if arguments.literal == Some(true) {
            PatternSyntax::Literal
        } else {
            PatternSyntax::Regex
        },
        case: match arguments.case.unwrap_or(Case::Sensitive) {
            Case::Sensitive => CaseRule::Sensitive,
            Case::Insensitive => CaseRule::Insensitive,
            Case::Smart => CaseRule::Smart,
        },
        files,
        max_lines_per_file: match mode {
            // One more, to know that there is more.
            Mode::Content => MOST_OF_ONE_FILE + 1,
            Mode::Files => 1,
            Mode::Count => usize::MAX,
        },
        context_before: context,
        context_after: context,
        ..SearchOptions::literal(arguments.pattern.clone())
    }
}

/// The answer as it grows.
struct Answer {
    mode: Mode,
    limit: usize,
    text: String,
    /// Matching lines found, shown or not.
    lines: usize,
    files: usize,
    /// What stopped the search early.
    full: Option<&'static str>,
}

impl Answer {
    fn new(arguments: &Arguments) -> Self {
        let limit = arguments.limit.map_or(USUAL_RESULTS, as_number);
        Self {
            mode: arguments.mode.unwrap_or_default(),
            limit: limit.clamp(1, MOST_RESULTS),
            text: String::new(),
            lines: 0,
            files: 0,
            full: None,
        }
    }

    fn take(&mut self, name: &str, file: &FileMatches) -> ControlFlow<()> {
        let results = if self.mode == Mode::Content {
            self.lines
        } else {
            self.files
        };
        if results >= self.limit {
            return self.stop("the limit is reached");
        }
        if self.text.len() >= DEFAULT_TOKENS * BYTES_PER_TOKEN {
            return self.stop("the answer is full");
        }
        self.files += 1;
        // Writing to a string cannot fail.
        match self.mode {
            Mode::Files => _ = writeln!(self.text, "{name}"),
            Mode::Count => _ = writeln!(self.text, "{name}: {}", file.lines.len()),
            Mode::Content => self.take_lines(name, file),
        }
        if self.mode != Mode::Content {
            self.lines += file.lines.len();
        }
        ControlFlow::Continue(())
    }

    fn take_lines(&mut self, name: &str, file: &FileMatches) {
        let wanted = file
            .lines
            .len()
            .min(MOST_OF_ONE_FILE)
            .min(self.limit - self.lines);
        let mut lines: BTreeMap<usize, (char, &str)> = BTreeMap::new();
        for found in &file.lines[..wanted] {
            let before = found.line - found.before.len();
            for (offset, line) in found.before.iter().enumerate() {
                lines.entry(before + offset).or_insert(('-', line));
            }
            for (offset, line) in found.after.iter().enumerate() {
                lines.entry(found.line + 1 + offset).or_insert(('-', line));
            }
            lines.insert(found.line, (':', &found.text));
        }
        let _ = writeln!(self.text, "{name}");
        let mut expected = lines.keys().next().copied();
        let has_context = lines.len() > wanted;
        for (line, (mark, text)) in lines {
            if has_context && expected != Some(line) {
                self.text += "  ⋮\n";
            }
            let _ = writeln!(
                self.text,
                "{}{mark} {}",
                line + 1,
                cut_line(text, LONGEST_LINE)
            );
            expected = Some(line + 1);
        }
        if wanted < file.lines.len() {
            self.text +=
                "  [more in this file: search it alone with a narrower pattern, or read it]\n";
        }
        self.lines += wanted;
    }

    fn stop(&mut self, reason: &'static str) -> ControlFlow<()> {
        self.full = Some(reason);
        ControlFlow::Break(())
    }

    fn finish(self, outcome: SearchOutcome) -> String {
        let Self {
            mut text,
            lines,
            files,
            ..
        } = self;
        let _ = match (self.full, self.mode) {
            (Some(reason), _) => writeln!(
                text,
                "[There is more: {reason} after {} in {}. Narrow the pattern, give a path or a glob, or ask for a larger limit.]",
                counted(lines, "line"),
                counted(files, "file")
            ),
            (None, Mode::Count) => writeln!(
                text,
                "[{} in {}]",
                counted(lines, "line"),
                counted(files, "file")
            ),
            (None, Mode::Files) => writeln!(text, "[{}]", counted(files, "file")),
            (None, Mode::Content) => Ok(()),
        };
        text + &passed_by(outcome)
    }
}

fn passed_by(outcome: SearchOutcome) -> String {
    match (outcome.end, outcome.files_passed_by) {
        (End::Complete, count) if count > 0 => {
            format!(
                "[{} not searched: binary, too large or not readable]\n",
                counted(count, "file")
            )
        }
        _ => String::new(),
    }
}

/// That there is no match, and whether there would be one if less were asked.
fn nothing(
    options: &SearchOptions,
    outcome: SearchOutcome,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> String {
    let mut text = format!(
        "No match for `{}` in {} files.\n",
        options.pattern, outcome.files_searched
    );
    if options.case == CaseRule::Sensitive {
        let insensitive = SearchOptions {
            case: CaseRule::Insensitive,
            max_lines: 1,
            ..options.clone()
        };
        let mut other = None;
        let _ = snapshot.search(&insensitive, context.cancel, |file| {
            other = Some(shown(context, &file.path));
            ControlFlow::Break(())
        });
        if let Some(file) = other {
            let _ = writeln!(
                text,
                "With case `insensitive` there are matches, for example in {file}."
            );
        }
    }
    if outcome.files_searched == 0 {
        text += "No file was searched: look at the path and the glob. Ignored and hidden files are passed by.\n";
    }
    text + &passed_by(outcome)
}

fn explain(error: &SearchError) -> String {
    let SearchError::Pattern { pattern, reason } = error else {
        return format!("{error}.");
    };
    if reason.contains("line break") || reason.contains("\\n") {
        return format!("{error}.\nLook for a part that stands on one line.");
    }
    // The engine puts the pattern into a group of its own and shows where that is wrong; this shows the pattern.
    let reason = match regex::Regex::new(pattern) {
        Err(regex::Error::Syntax(reason)) => reason,
        _ => reason.clone(),
    };
    format!(
        "The pattern cannot be searched for: {reason}\nTo look for it as plain text, set literal to true; in an expression, \
         put \\ before . ( ) [ ] {{ }} * + ? | ^ $ \\"
    )
}

fn as_number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
