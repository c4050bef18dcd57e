//! The tool `report_findings`: what a review has found, line by line, for a surface that can show it beside the code.
//!
//! Offered to reviews by a surface that has an editor, through [`FindingsSink`]. A finding carries the text of its lines, so
//! that its place is found again when the user has typed meanwhile.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{function_tool::FunctionTool, places};
use crate::{ToolContext, ToolOutput, tool::ToolEffect, world::Severity};

/// The most findings of one call.
const MOST_FINDINGS: usize = 50;

/// The longest title and the longest text, in bytes.
const LONGEST_TITLE: usize = 300;
const LONGEST_TEXT: usize = 8 * 1024;

/// So many lines of a finding are kept to find its place again.
const MOST_ANCHOR_LINES: usize = 20;

/// Where findings go.
pub trait FindingsSink: fmt::Debug + Send + Sync {
    /// They have been found, besides those of earlier calls.
    fn report(&self, findings: Vec<Finding>);
}

/// Something that a review has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Absolute.
    pub path: PathBuf,
    /// The first line, counted from 1.
    pub line: usize,
    /// The last line, counted from 1; not before the first.
    pub end_line: usize,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a line.
    pub title: String,
    /// Why, and what follows from it, as Markdown.
    pub explanation: String,
    /// What should be done about it, as Markdown.
    pub suggested_fix: Option<String>,
    /// The text of its lines, or the beginning of them, without the last line break.
    pub code: String,
}

/// The tool.
pub struct ReportFindings {
    sink: Arc<dyn FindingsSink>,
}

impl ReportFindings {
    /// A tool that tells `sink`.
    pub fn new(sink: Arc<dyn FindingsSink>) -> Self {
        Self { sink }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// All that you want to report, the worst first.
    findings: Vec<Reported>,
}

#[derive(Deserialize, JsonSchema)]
struct Reported {
    /// The file, relative to the working directory or absolute.
    #[serde(alias = "file_path", alias = "file")]
    path: String,
    /// The first line of what has to change, counted from 1.
    #[serde(alias = "start_line")]
    line: usize,
    /// The last line of it; the same as `line` without it.
    end_line: Option<usize>,
    /// How bad it is.
    severity: Level,
    /// What is wrong, in a line.
    title: String,
    /// Which input or sequence of events leads to which wrong outcome, and why.
    explanation: String,
    /// What should be done about it.
    suggested_fix: Option<String>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    #[serde(alias = "info")]
    Information,
    Hint,
}

impl FunctionTool for ReportFindings {
    type Arguments = Arguments;

    const NAME: &'static str = "report_findings";

    const DESCRIPTION: &'static str = "Shows findings of a review to the user, at their lines in the editor. Each one states a defect that you have \
verified; lines are those of the files as you see them now.";

    const EXAMPLE: &'static str = r#"{"findings": [{"path": "src/main.rs", "line": 12, "end_line": 14, "severity": "warning", "title": "The file is never closed", "explanation": "When `parse` fails, …", "suggested_fix": "Close it before returning."}]}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let count = arguments.findings.len();
        if count > MOST_FINDINGS {
            return Err(ToolOutput::failure(format!(
                "Nothing was reported: {count} findings are more than anybody reads. Give the {MOST_FINDINGS} worst at most."
            )));
        }
        let read = |(number, reported)| finding(reported, number, context);
        let findings: Result<Vec<Finding>, String> = arguments
            .findings
            .into_iter()
            .enumerate()
            .map(read)
            .collect();
        let findings = findings.map_err(|problem| {
            ToolOutput::failure(format!(
                "Nothing was reported: {}.\nExample: {}",
                problem.trim_end_matches('.'),
                Self::EXAMPLE
            ))
        })?;
        self.sink.report(findings);
        Ok(ToolOutput::success(match count {
            0 => "There is nothing to report, then.".into(),
            1 => "The finding is shown to the user.".into(),
            count => format!("The {count} findings are shown to the user."),
        }))
    }
}

fn finding(
    reported: Reported,
    number: usize,
    context: &ToolContext<'_>,
) -> Result<Finding, String> {
    let name = format!("`findings[{number}]`");
    let (title, explanation) = (reported.title.trim(), reported.explanation.trim());
    let fix = reported.suggested_fix.as_deref().map(str::trim);
    if title.is_empty() || title.len() > LONGEST_TITLE {
        return Err(format!(
            "the title of {name} must have 1 to {LONGEST_TITLE} bytes"
        ));
    }
    if explanation.len().max(fix.map_or(0, str::len)) > LONGEST_TEXT {
        return Err(format!(
            "a text of {name} has more than {LONGEST_TEXT} bytes"
        ));
    }
    let snapshot = context.workspace.snapshot();
    let path = places::resolve(context, &snapshot, &reported.path);
    if let Some(exclusion) = snapshot.is_excluded(&path) {
        return Err(places::hidden(context, &path, &exclusion));
    }
    let text = snapshot
        .read(&path)
        .map_err(|error| format!("{name}: {error}"))?
        .text;
    let end_line = reported.end_line.unwrap_or(reported.line);
    let count = text.len_lines();
    if reported.line == 0 || end_line < reported.line || count < end_line {
        return Err(format!(
            "{name} is in lines {} to {end_line}, and {} has lines 1 to {count}",
            reported.line,
            places::shown(context, &path)
        ));
    }
    let last = end_line.min(reported.line + MOST_ANCHOR_LINES - 1);
    let code = text.slice(text.line_start(reported.line - 1)..text.line_end(last - 1));
    Ok(Finding {
        code: code.into_owned(),
        path,
        line: reported.line,
        end_line,
        severity: match reported.severity {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Information => Severity::Information,
            Level::Hint => Severity::Hint,
        },
        title: title.to_owned(),
        explanation: explanation.to_owned(),
        suggested_fix: fix.filter(|fix| !fix.is_empty()).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests;
