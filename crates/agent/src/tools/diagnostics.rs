//! The tool `diagnostics`: what compilers and linters report in the user's editor.
//!
//! A surface that has an editor offers it, through [`DiagnosticsSource`]. The editor shows the user's files, not the task's:
//! where the two differ the answer says so.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use text::Text;

use super::{function_tool::FunctionTool, output, places};
use crate::{
    ToolContext, ToolOutput,
    tool::ToolEffect,
    world::{Diagnostic, diagnostic_line},
};

/// What the editor's other servers have reported.
pub trait DiagnosticsSource: fmt::Debug + Send + Sync {
    /// The newest reports, of one file or of all; in any order.
    fn reports(&self, path: Option<&Path>) -> Vec<FileDiagnostics>;
}

/// What is reported on one file.
#[derive(Clone, Debug)]
pub struct FileDiagnostics {
    /// Absolute.
    pub path: PathBuf,
    /// The text that they speak of, where it is known.
    pub text: Option<Text>,
    /// Whether there may be others that were not heard of.
    pub completeness: Completeness,
    /// The reports.
    pub diagnostics: Vec<Diagnostic>,
}

/// How much is known of a file's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// Everything that is reported.
    All,
    /// What was seen in passing, where the user has looked.
    Some,
}

/// The tool.
pub struct Diagnostics {
    source: Arc<dyn DiagnosticsSource>,
}

impl Diagnostics {
    /// A tool that answers from `source`.
    pub fn new(source: Arc<dyn DiagnosticsSource>) -> Self {
        Self { source }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The file, relative to the working directory or absolute; all files without it.
    #[serde(alias = "file_path", alias = "file")]
    path: Option<String>,
}

impl FunctionTool for Diagnostics {
    type Arguments = Arguments;

    const NAME: &'static str = "diagnostics";

    const DESCRIPTION: &'static str = "Lists what compilers and linters report in the user's editor: errors and warnings by file and \
line, the worst first. They speak of the user's files as the editor shows them, not of your changes; run the project's own checks for those.";

    const EXAMPLE: &'static str = r#"{"path": "src/main.rs"}"#;

    const EFFECT: ToolEffect = ToolEffect::Reads;

    fn answer(
        &self,
        arguments: Arguments,
        context: &ToolContext<'_>,
    ) -> Result<ToolOutput, ToolOutput> {
        let snapshot = context.workspace.snapshot();
        let wanted = arguments
            .path
            .filter(|path| !path.trim().is_empty())
            .map(|path| places::resolve(context, &snapshot, &path));
        let mut files: BTreeMap<PathBuf, FileDiagnostics> = BTreeMap::new();
        for file in self.source.reports(wanted.as_deref()) {
            if snapshot.is_excluded(&file.path).is_none() {
                files.insert(file.path.clone(), file);
            }
        }
        let mut text = String::new();
        for file in files.values() {
            let now = snapshot.read(&file.path).ok().map(|file| file.text);
            describe(file, now.as_ref(), context, &mut text);
        }
        if text.is_empty() {
            text = nothing(wanted.as_deref(), context);
        }
        let shown = output::without_middle(&text, output::DEFAULT_TOKENS).text;
        Ok(ToolOutput::success(shown))
    }
}

fn describe(
    file: &FileDiagnostics,
    now: Option<&Text>,
    context: &ToolContext<'_>,
    text: &mut String,
) {
    let mut sorted: Vec<&Diagnostic> = file.diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.place));
    let _ = writeln!(text, "{}", places::shown(context, &file.path));
    match (&file.text, now) {
        (_, None) => text.push_str("  [You have removed this file; this was reported before.]\n"),
        (Some(then), Some(now)) if then != now => text.push_str(
            "  [The text was another one when this was reported: lines may have moved, and some of it may be mended.]\n",
        ),
        _ => {}
    }
    if file.completeness == Completeness::Some {
        text.push_str("  [There may be more in this file than was heard of.]\n");
    }
    if sorted.is_empty() {
        text.push_str("  nothing is reported\n");
    }
    for diagnostic in sorted {
        let line = diagnostic_line(diagnostic).replace('\n', "\n  ");
        let _ = writeln!(text, "  {line}");
    }
}

fn nothing(wanted: Option<&Path>, context: &ToolContext<'_>) -> String {
    let place = wanted.map_or_else(|| "any file".into(), |path| places::shown(context, path));
    format!(
        "The editor has told of no diagnostics in {place}. That does not mean that there are none: run the project's own \
         checks to be sure."
    )
}

#[cfg(test)]
mod tests;
