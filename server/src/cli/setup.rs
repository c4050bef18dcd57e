//! `ropewalk setup nvim|helix`: prints an editor's configuration, or writes it where that destroys nothing.

mod helix;
mod nvim;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::terminal::{Style, Terminal};

/// Arguments of `ropewalk setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct SetupArguments {
    /// The editor.
    editor: Editor,
    /// Write the files instead of printing them; files that are there already and differ are kept.
    #[arg(long)]
    write: bool,
    /// With --write: replace files that differ; the old ones are kept beside them with the ending `.before-ropewalk`.
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
    let kept = write_all(&files, arguments, &mut terminal)?;
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

/// Writes what is missing; says how many files it kept because they differ.
fn write_all(
    files: &[SetupFile],
    arguments: &SetupArguments,
    terminal: &mut Terminal,
) -> anyhow::Result<usize> {
    let mut kept = 0;
    for file in files {
        let shown = file.path.display();
        let outcome = match fs::read_to_string(&file.path) {
            Ok(text) if text == file.text => "is there already",
            Ok(_) if !arguments.force => {
                kept += 1;
                let word = terminal.style(Style::Warning, "kept");
                terminal.line(&format!("{word}     {shown} (it differs)"));
                continue;
            }
            Ok(_) => {
                keep_aside(&file.path)?;
                write(file)?;
                "replaced"
            }
            Err(_) => {
                write(file)?;
                "written"
            }
        };
        let word = terminal.style(Style::Good, outcome);
        terminal.line(&format!("{word}  {shown}"));
    }
    Ok(kept)
}

fn keep_aside(path: &Path) -> anyhow::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".before-ropewalk");
    fs::rename(path, &aside).with_context(|| {
        format!(
            "{} cannot be put aside; nothing was changed",
            path.display()
        )
    })
}

fn write(file: &SetupFile) -> anyhow::Result<()> {
    let create = || {
        if let Some(folder) = file.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file.path, &file.text)
    };
    create().with_context(|| {
        format!(
            "{} cannot be written; without --write the text is printed",
            file.path.display()
        )
    })
}
