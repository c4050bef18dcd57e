//! `ropewalk setup nvim|helix`: prints an editor's configuration, or writes it where that destroys nothing.

mod helix;
mod nvim;
mod place;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::terminal::{Style, Terminal};
use place::{Existing, Outcome, place};

/// Arguments of `ropewalk setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct SetupArguments {
    /// The editor.
    editor: Editor,
    /// Write the files instead of printing them; files that are there already and differ are kept.
    #[arg(long)]
    write: bool,
    /// With --write: replace files that differ; the old ones are kept beside them with the ending `.before-ropewalk`,
    /// numbered from the second on.
    #[arg(long, requires = "write")]
    force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Editor {
    /// Neovim 0.12 or newer.
    Nvim,
    /// Helix.
    Helix,
}

/// A file that belongs to an editor's configuration.
struct SetupFile {
    path: PathBuf,
    text: String,
}

/// Prints or writes.
pub(crate) fn run(arguments: &SetupArguments) -> anyhow::Result<ExitCode> {
    let binary = std::env::current_exe().context("the path of this program cannot be told")?;
    let files = match arguments.editor {
        Editor::Nvim => nvim::files(&binary)?,
        Editor::Helix => helix::files(&binary)?,
    };
    let mut terminal = Terminal::stdout();
    if !arguments.write {
        match arguments.editor {
            Editor::Nvim => nvim::explain(&mut terminal, &files),
            Editor::Helix => helix::explain(&mut terminal, &files),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let existing = if arguments.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let kept = write_all(&files, existing, &mut terminal)?;
    if 0 < kept {
        bail!(
            "{kept} file(s) differ from ours and were kept. Merge them by hand with what `ropewalk setup` prints, or \
             use --force, which keeps the old ones beside the new."
        );
    }
    match arguments.editor {
        Editor::Nvim => nvim::next_steps(&mut terminal),
        Editor::Helix => helix::next_steps(&mut terminal),
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts each file in its place; says how many it kept because they differ.
fn write_all(
    files: &[SetupFile],
    existing: Existing,
    terminal: &mut Terminal,
) -> anyhow::Result<usize> {
    let mut kept = 0;
    for file in files {
        let shown = file.path.display();
        let (style, word, remark) = match place(file, existing)? {
            Outcome::Written => (Style::Good, "written", String::new()),
            Outcome::AlreadyThere => (Style::Good, "is there already", String::new()),
            Outcome::Kept => {
                kept += 1;
                (Style::Warning, "kept", " (it differs)".to_string())
            }
            Outcome::Replaced { backup } => {
                let remark = format!(" (the old one is {})", backup.display());
                (Style::Good, "replaced", remark)
            }
        };
        let word = terminal.style(style, word);
        terminal.line(&format!("{word}  {shown}{remark}"));
    }
    Ok(kept)
}
