//! `ropewalk demo task`: a task in an editor, on real input, on the terminal.
//!
//! Copies a small real project to a temporary folder, starts this very binary as a language server on it, and is its
//! editor: starts a task by command, types while it runs, takes the edit that comes of it, and keeps and undoes hunks by
//! code action. The agent's part has the built-in provider `codemod`, which needs no model; all else is as it always is.

mod editor;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use super::{Cleaner, Watching, project};
use crate::cli::terminal::{Style, Terminal};
use editor::{Editor, Landed};

/// Long enough to read a line.
const READ_PAUSE: Duration = Duration::from_millis(900);

/// The file in which somebody types, and what is typed, at its end.
const BUSY_FILE: &str = "src/text.rs";
const TYPED: &str = "// Typed while the task was running.\n";

/// What the user wants.
const GOAL: &str = "rename line_start to start_of_line";

/// Runs the demonstration.
pub(super) fn run(watching: Watching, cleaner: &Cleaner) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::stdout();
    let project = project::copy()?;
    cleaner.add(project.whole_folder());
    let folder = project.path();
    let mut editor = Editor::start(&folder, project.whole_folder())?;
    editor.open(BUSY_FILE)?;
    introduce(&mut terminal, &folder);
    std::thread::sleep(watching.pause(READ_PAUSE));

    let landed = work(&mut terminal, &mut editor)?;
    std::thread::sleep(watching.pause(READ_PAUSE));
    judge(&mut terminal, &mut editor, watching)?;
    conclude(&mut terminal, &mut editor, &landed)?;
    editor.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn introduce(terminal: &mut Terminal, folder: &Path) {
    terminal.line(&format!(
        "A small real project is in {}. An editor has {BUSY_FILE} open, and a task shall change names everywhere.",
        folder.display()
    ));
    let offered = "Any LSP editor does this by code action, with any model; here `codemod` is the agent, which is built in.";
    terminal.line(offered);
    terminal.line("");
}

/// Starts the task, types meanwhile, and waits until its changes are in the documents.
fn work(terminal: &mut Terminal, editor: &mut Editor) -> anyhow::Result<Landed> {
    terminal.line(&terminal.style(Style::Bold, format!("Task: {GOAL}")));
    let began = Instant::now();
    editor.command("ropewalk.task", json!([GOAL]))?;
    editor.type_at_end(BUSY_FILE, TYPED)?;
    let line = format!("  typed meanwhile into {BUSY_FILE}: {}", TYPED.trim_end());
    terminal.line(&terminal.style(Style::Ghost, line));
    let landed = editor.wait_for_landing(&mut |progress| {
        terminal.line(&terminal.style(Style::Ghost, format!("  {progress}")));
    })?;
    if !editor.text(BUSY_FILE)?.ends_with(TYPED) {
        bail!("what was typed meanwhile is lost");
    }
    terminal.line(&format!(
        "  {} edits in {} files, in one step of the editor's undo, {:.0} ms after the command. What was typed is still there.",
        landed.edits,
        landed.files.len(),
        began.elapsed().as_secs_f64() * 1e3
    ));
    Ok(landed)
}

/// Undoes one hunk, and keeps the rest.
fn judge(terminal: &mut Terminal, editor: &mut Editor, watching: Watching) -> anyhow::Result<()> {
    let hunks = editor.wait_for_hunks()?;
    let total: usize = hunks.values().map(Vec::len).sum();
    terminal.line("");
    terminal.line(&terminal.style(Style::Bold, format!("Review: {total} hunks")));
    for (file, hunks) in &hunks {
        for hunk in hunks.iter().take(2) {
            terminal.line(&format!("  {file}:{}  {}", hunk.line + 1, hunk.message));
        }
        if hunks.len() > 2 {
            terminal.line(&format!("  {file}  and {} more", hunks.len() - 2));
        }
    }
    std::thread::sleep(watching.pause(READ_PAUSE));
    let (file, first) = hunks
        .iter()
        .find_map(|(file, hunks)| Some((file, hunks.first()?)))
        .context("there is nothing to judge")?;
    editor.act(file, first.line, "Undo")?;
    editor.wait_for_hunk_count(total - 1)?;
    terminal.line(&format!(
        "  undone: {file}:{}, {} hunks left",
        first.line + 1,
        total - 1
    ));
    let (file, next) = editor.any_hunk().context("no hunk is left")?;
    editor.act(&file, next, "Keep changes everywhere")?;
    editor.wait_for_hunk_count(0)?;
    terminal.line("  kept: all others");
    Ok(())
}

fn conclude(terminal: &mut Terminal, editor: &mut Editor, landed: &Landed) -> anyhow::Result<()> {
    editor.save_all()?;
    terminal.line("");
    let files: Vec<&str> = landed.files.iter().map(String::as_str).collect();
    terminal.line(&terminal.style(Style::Bold, format!("Saved: {}", files.join(", "))));
    if let Some(memory) = editor.memory_megabytes() {
        terminal.line(&format!("The server takes {memory:.0} MB of memory."));
    }
    terminal.line("In your editor: the lightbulb, or the commands that docs/tasks.md lists.");
    Ok(())
}
