//! `ropewalk complete FILE:LINE:COL`: what would be suggested at a place, without an editor.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use predict::{Engine, EngineOptions, Index, Outcome, SuggestQuery, Suggestion};
use text::{Position, PositionEncoding, Text};
use workspace::{ExclusionOptions, Workspace, default_git_excludes_file};

use crate::config::layers::{self, Loaded};
use crate::indexer::{self, LearnJob};
use crate::predictor::SuggestSettings;

use super::terminal::{Style, Terminal};

/// Arguments of `ropewalk complete`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompleteArguments {
    /// The place: a file, its line and its column, both counted from 1, the column in characters.
    #[arg(value_name = "FILE:LINE:COL")]
    place: Place,
    /// Learn from this folder; by default the repository that the file is in, else its folder.
    #[arg(long, value_name = "FOLDER")]
    workspace: Option<PathBuf>,
}

/// A place in a file as compilers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    file: PathBuf,
    line: u32,
    column: u32,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(place: &str) -> Result<Self, Self::Err> {
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next().and_then(parse_count);
        let line = parts.next().and_then(parse_count);
        match (parts.next(), line, column) {
            (Some(file), Some(line), Some(column)) if !file.is_empty() => Ok(Self {
                file: file.into(),
                line,
                column,
            }),
            _ => Err(
                "a place looks like src/main.rs:12:5, with line and column counted from 1".into(),
            ),
        }
    }
}

fn parse_count(text: &str) -> Option<u32> {
    text.parse().ok().filter(|&count| 1 <= count)
}

/// Prints the line with the suggestion in it, or why there is none; then the exit code is 1.
pub(crate) fn run(arguments: &CompleteArguments) -> anyhow::Result<ExitCode> {
    let file = std::path::absolute(&arguments.place.file)?;
    let folder = match &arguments.workspace {
        Some(folder) => std::path::absolute(folder)?,
        None => find_workspace(&file),
    };
    let settings = layers::load(
        std::slice::from_ref(&folder),
        &layers::EditorSettings::default(),
    );
    let mut workspace = open_workspace(&folder, &settings)?;
    let text = workspace
        .snapshot()
        .read(&file)
        .with_context(|| format!("nothing can be suggested in {}", file.display()))?
        .text;
    let offset = find_offset(&text, &arguments.place)?;
    let started = Instant::now();
    let index = learn(&mut workspace, &settings, &file)?;
    let learned = started.elapsed();
    let mut engine = Engine::new(EngineOptions::default());
    engine.set_index(Arc::clone(&index));
    engine.open(&file, &text);
    let options = SuggestSettings::from(&settings.config.completion).options();
    let started = Instant::now();
    let query = SuggestQuery {
        path: &file,
        text: &text,
        offset,
        options: &options,
    };
    let outcome = engine.suggest(&query, &|| false);
    let answered = started.elapsed();
    let code = show(&text, offset, &outcome);
    let statistics = index.statistics();
    Terminal::stderr().line(&format!(
        "answered in {:.2} ms; learned from {} files, {:.1} MB, in {:.0} ms",
        answered.as_secs_f64() * 1e3,
        statistics.files,
        statistics.source_bytes as f64 / 1e6,
        learned.as_secs_f64() * 1e3,
    ));
    Ok(code)
}

/// The nearest folder above the file that is a repository, else the file's own folder.
fn find_workspace(file: &Path) -> PathBuf {
    file.ancestors()
        .skip(1)
        .find(|folder| folder.join(".git").exists())
        .or_else(|| file.parent())
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

fn open_workspace(folder: &Path, settings: &Loaded) -> anyhow::Result<Workspace> {
    let mut workspace = Workspace::new(&ExclusionOptions {
        patterns: settings.config.exclude.patterns.clone(),
        git_excludes_file: default_git_excludes_file(),
    })?;
    workspace.add_folder(folder)?;
    Ok(workspace)
}

fn find_offset(text: &Text, place: &Place) -> anyhow::Result<usize> {
    let lines = text.len_lines();
    if lines < place.line as usize {
        bail!(
            "{} has {lines} lines; there is no line {}",
            place.file.display(),
            place.line
        );
    }
    let position = Position::new(place.line - 1, place.column - 1);
    Ok(text.offset(position, PositionEncoding::Utf32))
}

fn learn(workspace: &mut Workspace, settings: &Loaded, file: &Path) -> anyhow::Result<Arc<Index>> {
    if !settings.config.index.enabled {
        return Ok(Arc::new(Index::empty()));
    }
    let job = LearnJob {
        snapshot: workspace.snapshot().on_disk(),
        config: settings.config.index.clone(),
        focus: vec![file.to_path_buf()],
    };
    let built = indexer::build(&job, None, &|| false, &|_| {}, &|_| {});
    built
        .map(|built| built.index)
        .map_err(|_| anyhow::anyhow!("learning was interrupted"))
}

fn show(text: &Text, offset: usize, outcome: &Outcome) -> ExitCode {
    match outcome {
        Outcome::Suggestion(suggestion) => {
            show_suggestion(text, offset, suggestion);
            ExitCode::SUCCESS
        }
        Outcome::Silent(reason) => {
            Terminal::stderr().line(&format!("no suggestion: {reason}"));
            ExitCode::FAILURE
        }
    }
}

fn show_suggestion(text: &Text, offset: usize, suggestion: &Suggestion) {
    let mut terminal = Terminal::stdout();
    let line = text.line_of(offset);
    let before = text.slice(text.line_start(line)..suggestion.replace.start);
    let after = text.slice(suggestion.replace.end..text.line_end(line));
    // Without colours, marks show where the suggestion begins and ends.
    let offered = if terminal.can_redraw() {
        terminal.style(Style::Ghost, &suggestion.text)
    } else {
        format!("⟦{}⟧", suggestion.text)
    };
    terminal.line(&format!("{before}{offered}{after}"));
    terminal.line(&format!(
        "confidence {:.0} %",
        suggestion.confidence * 100.0
    ));
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_are_read_from_the_right() {
        let place = |file: &str, line, column| Place {
            file: file.into(),
            line,
            column,
        };
        assert_eq!("a.rs:3:7".parse(), Ok(place("a.rs", 3, 7)));
        assert_eq!("odd:name.rs:1:1".parse(), Ok(place("odd:name.rs", 1, 1)));
        for wrong in [
            "a.rs",
            "a.rs:3",
            "a.rs:0:1",
            "a.rs:x:1",
            ":1:1",
            "a.rs:1:-1",
        ] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
