//! The tool `rewrite`: code that fits a pattern becomes other code, in all files at once, all or nothing.
//!
//! What a pattern means is the business of `syntax`; here are the files, the languages among them, and the answer.

use std::{
    collections::HashMap,
    fmt::Write,
    ops::ControlFlow,
    sync::atomic::{AtomicUsize, Ordering},
};

use ::text::Text;
use ::workspace::{CancellationFlag, SearchOptions, WalkOptions, WorkspaceSnapshot};
use schemars::JsonSchema;
use serde::Deserialize;
use syntax::{Language, ParseLimits, Pattern, QueryLimits, Template, parse};

use super::{
    function_tool::FunctionTool,
    many_files::{Edited, Run, Trouble, counted, line_of, plan},
    output::cut_line,
    parallel::parser_token,
    places::{files_under, shown},
};
use crate::{ToolContext, ToolOutput, tool::ToolEffect};

/// Rewrites code by its structure.
pub struct Rewrite;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The code to look for, a whole expression, statement or declaration.
    pattern: String,
    /// The code that takes its place.
    #[serde(alias = "replace", alias = "rewrite")]
    replacement: String,
    /// Only files that match, such as `*.rs` or `src/**/*.{ts,tsx}`. A glob or a path is needed.
    #[serde(default)]
    glob: Option<String>,
    /// The folder or file to rewrite in.
    #[serde(default)]
    path: Option<String>,
    /// The language of the pattern, such as `rust`; by the files' names if left out.
    #[serde(default)]
    language: Option<String>,
    /// Globs of files that stay as they are.
    #[serde(default)]
    exclude: Vec<String>,
    /// Whether only to show what would change.
    #[serde(default, alias = "dry_run")]
    preview: Option<bool>,
}

/// A preview shows so many places of one file.
const MOST_SAMPLES: usize = 5;

/// Longer code is cut in a preview, in bytes.
const LONGEST_SAMPLE: usize = 160;

/// The pattern in each language that is met, or why it is none there.
type Compiled = HashMap<Language, Result<(Pattern, Template), String>>;

impl FunctionTool for Rewrite {
    type Arguments = Arguments;

    const NAME: &'static str = "rewrite";

    const DESCRIPTION: &'static str = "Rewrites code by its structure in many files at once, with ast-grep patterns: `$NAME` stands for any \
expression or part, the same wherever it is repeated, `$$$NAME` for any number of arguments or statements. All files are changed \
or none. Example: pattern `assert_equal($A, $B)`, replacement `assert_eq!($B, $A)`. Look at a preview first: it counts the places, \
shows some before and after, and names files in which the replacement would be no valid code.";

    const EXAMPLE: &'static str = r#"{"pattern": "foo($A, $$$REST)", "replacement": "bar($A, $$$REST)", "glob": "src/**/*.py"}"#;

    const EFFECT: ToolEffect = ToolEffect::Acts;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        run(&arguments, context)
    }
}

fn run(arguments: &Arguments, context: &ToolContext<'_>) -> Result<ToolOutput, ToolOutput> {
    let (path, glob) = (arguments.path.as_deref(), arguments.glob.as_deref());
    let names_files = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    if !names_files(path) && !names_files(glob) {
        return Err(ToolOutput::failure(
            "Say where: give a glob such as `src/**/*.py`, or a path.",
        ));
    }
    let only = match &arguments.language {
        None => None,
        Some(name) => Some(language(name).map_err(ToolOutput::failure)?),
    };
    let snapshot = context.workspace.snapshot();
    let mut files = files_under(context, &snapshot, path, glob).map_err(ToolOutput::failure)?;
    let excluded = arguments.exclude.iter().map(|glob| glob.trim());
    let excluded = excluded.filter(|glob| !glob.is_empty());
    files.globs.extend(excluded.map(|glob| format!("!{glob}")));
    let run = match arguments.preview {
        Some(true) => Run::Dry,
        Some(false) | None => Run::Make,
    };
    let compiled = compile(arguments, only, &files, &snapshot)?;
    let lost_comments = AtomicUsize::new(0);
    let plan = plan(&files, &snapshot, context, |path, text| {
        let language =
            Language::for_path(path).filter(|language| only.is_none_or(|only| only == *language));
        let Some((pattern, template)) =
            language.and_then(|language| compiled.get(&language)?.as_ref().ok())
        else {
            return Ok(Edited::default());
        };
        let edited = rewrite(pattern, template, text, &lost_comments, context.cancel);
        match (edited, run) {
            // In a preview, all files where it does not go are told at once.
            (Err(Trouble::Refuse(reason)), Run::Dry) => Ok(Edited {
                remark: Some(reason),
                ..Edited::default()
            }),
            (edited, _) => edited,
        }
    })?;
    if plan.changes.is_empty() && plan.remarks.is_empty() {
        let near = near(&compiled, &files, &snapshot, context);
        let text = format!(
            "No code in {} fits `{}`.\n{near}",
            counted(plan.files, "file"),
            arguments.pattern
        );
        return Err(ToolOutput::failure(text + &plan.skipped_text(context)));
    }
    let notes = match lost_comments.into_inner() {
        0 => String::new(),
        count => format!(
            "{} stood within rewritten code and went with it; look at the differences.\n",
            counted(count, "comment")
        ),
    };
    let done = format!(
        "Rewrote {} to {}",
        cut_line(&arguments.pattern, 100),
        cut_line(&arguments.replacement, 100)
    );
    Ok(plan.carry_out(run, &done.replace('\n', " "), &notes, context))
}

fn language(name: &str) -> Result<Language, String> {
    let wanted = name.trim().to_lowercase();
    let by_name = || Language::all().find(|language| language.name().to_lowercase() == wanted);
    Language::from_id(&wanted).or_else(by_name).ok_or_else(|| {
        let known: Vec<&str> = Language::all().map(Language::id).collect();
        format!(
            "There is no language `{name}`. Known are {}.",
            known.join(", ")
        )
    })
}

/// The pattern in every language among the files.
fn compile(
    arguments: &Arguments,
    only: Option<Language>,
    files: &WalkOptions,
    snapshot: &WorkspaceSnapshot,
) -> Result<Compiled, ToolOutput> {
    let mut compiled = Compiled::new();
    let walk = snapshot
        .walk(files)
        .map_err(|error| ToolOutput::failure(format!("{error}.")))?;
    let mut count = 0;
    for entry in walk {
        count += 1;
        let Some(language) = Language::for_path(&entry.path) else {
            continue;
        };
        if only.is_none_or(|only| only == language) {
            compiled
                .entry(language)
                .or_insert_with(|| compile_in(language, arguments));
        }
    }
    if compiled.values().any(Result::is_ok) {
        return Ok(compiled);
    }
    let mut reasons: Vec<&str> = compiled
        .values()
        .filter_map(|result| result.as_ref().err())
        .map(String::as_str)
        .collect();
    reasons.sort_unstable();
    Err(ToolOutput::failure(match (count, reasons.is_empty()) {
        (0, _) => "No file matches. Look at the path and the glob with list_files.".to_owned(),
        (_, true) => format!(
            "There is no language with a known structure in {}.",
            counted(count, "file")
        ),
        (_, false) => format!("{}.", reasons.join(".\n")),
    }))
}

fn compile_in(language: Language, arguments: &Arguments) -> Result<(Pattern, Template), String> {
    let pattern = Pattern::new(language, &arguments.pattern).map_err(|error| error.to_string())?;
    let template =
        Template::new(&arguments.replacement, &pattern).map_err(|error| error.to_string())?;
    Ok((pattern, template))
}

fn rewrite(
    pattern: &Pattern,
    template: &Template,
    text: &str,
    lost_comments: &AtomicUsize,
    cancel: &CancellationFlag,
) -> Result<Edited, Trouble> {
    if !pattern.may_match(text) {
        return Ok(Edited::default());
    }
    let (cancel, _subscription) = parser_token(cancel);
    let parse = |text: &str| {
        let tree = parse(
            pattern.language(),
            &Text::from(text),
            None,
            &ParseLimits::default(),
            &cancel,
        );
        tree.map_err(|error| Trouble::Skip(error.to_string()))
    };
    let tree = parse(text)?;
    let rewrite = pattern
        .rewrite(template, &tree, &QueryLimits::default(), &cancel)
        .map_err(|error| Trouble::Skip(error.to_string()))?;
    let after = rewrite.apply(text);
    if after == text {
        return Ok(Edited::default());
    }
    if !tree.has_errors()
        && let Some(offset) = parse(&after)?.first_error()
    {
        let line = line_of(&after, offset);
        let wrong = after.lines().nth(line - 1).unwrap_or_default().trim();
        let wrong = cut_line(wrong, 200);
        return Err(Trouble::Refuse(format!(
            "the replacement would make a syntax error on line {line}: `{wrong}`."
        )));
    }
    lost_comments.fetch_add(rewrite.lost_comments, Ordering::Relaxed);
    Ok(Edited {
        after: Some(after),
        places: rewrite.places,
        samples: samples(&rewrite, text),
        ..Edited::default()
    })
}

/// The first places, before and after, a line each.
fn samples(rewrite: &syntax::Rewrite, text: &str) -> Vec<String> {
    let on_one_line = |code: &str| {
        let words: Vec<&str> = code.split_whitespace().collect();
        cut_line(&words.join(" "), LONGEST_SAMPLE).into_owned()
    };
    let edits = rewrite.edits.iter().take(MOST_SAMPLES);
    let samples = edits.map(|edit| {
        let (line, before) = (line_of(text, edit.range.start), &text[edit.range.clone()]);
        format!(
            "{line}: {} → {}",
            on_one_line(before),
            on_one_line(&edit.text)
        )
    });
    samples.collect()
}

/// Where the pattern's longest name stands, in code of another shape.
fn near(
    compiled: &Compiled,
    files: &WalkOptions,
    snapshot: &WorkspaceSnapshot,
    context: &ToolContext<'_>,
) -> String {
    let patterns = compiled.values().filter_map(|result| result.as_ref().ok());
    let Some(name) = patterns.filter_map(|(pattern, _)| pattern.name()).max() else {
        return String::new();
    };
    if name.contains('\n') {
        return String::new();
    }
    let options = SearchOptions {
        files: files.clone(),
        max_lines: 5,
        max_lines_per_file: 2,
        ..SearchOptions::literal(name)
    };
    let mut lines = String::new();
    let _ = snapshot.search(&options, context.cancel, |file| {
        for found in &file.lines {
            let line = cut_line(found.text.trim(), 160);
            // Writing to a string cannot fail.
            let _ = writeln!(
                lines,
                "{}:{}: {line}",
                shown(context, &file.path),
                found.line + 1
            );
        }
        ControlFlow::Continue(())
    });
    if lines.is_empty() {
        return format!("`{name}` stands in none of these files.\n");
    }
    format!("`{name}` stands in code of another shape:\n{lines}")
}

#[cfg(test)]
mod tests;
