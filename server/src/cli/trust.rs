//! `ropewalk trust`: says which folders' own `.ropewalk/` configuration counts, and takes that back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::config::layers::{self, EditorSettings};
use crate::config::trust::{TrustList, covering};

use super::printable::{exact, readable};
use super::terminal::{Style, Terminal};

/// Arguments of `ropewalk trust`.
#[derive(Debug, clap::Args)]
pub(crate) struct TrustArguments {
    /// The folder, with all below it.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Trust it no longer.
    #[arg(long, conflicts_with = "list")]
    revoke: bool,
    /// List the folders that are trusted.
    #[arg(long)]
    list: bool,
}

/// Does what was asked for.
pub(crate) fn run(arguments: &TrustArguments) -> anyhow::Result<ExitCode> {
    let list = TrustList::of_this_user()?;
    let mut terminal = Terminal::stdout();
    if arguments.list {
        list_all(&list, &mut terminal)?;
        return Ok(ExitCode::SUCCESS);
    }
    match arguments.revoke {
        true => revoke(&list, &arguments.folder, &mut terminal)?,
        false => trust(&list, &arguments.folder, &mut terminal)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list_all(list: &TrustList, terminal: &mut Terminal) -> anyhow::Result<()> {
    let own = list.folders()?;
    let all = layers::load(&[], &EditorSettings::default());
    if all.config.trusted_folders.is_empty() {
        Terminal::stderr()
            .line("No folder is trusted; `ropewalk trust FOLDER` trusts one with all below it.");
    }
    for folder in &all.config.trusted_folders {
        let folder_name = exact(&folder.display().to_string());
        match own.contains(folder) {
            true => terminal.line(&folder_name),
            false => terminal.line(&format!("{folder_name}  (config.toml)")),
        }
    }
    Ok(())
}

fn trust(list: &TrustList, folder: &Path, terminal: &mut Terminal) -> anyhow::Result<()> {
    let folder = real(folder)?;
    let name = exact(&folder.display().to_string());
    if folder.parent().is_none() {
        bail!("{name} holds everything there is; trust the folders of your projects");
    }
    match list.add(&folder)? {
        true => terminal.line(&format!("{name} is trusted, with all below it.")),
        false => terminal.line(&format!("{name} was trusted already.")),
    }
    for obeyed in obeyed_files(&folder) {
        let obeyed = readable(&exact(&obeyed));
        terminal.line(&terminal.style(Style::Warning, format!("  {obeyed} counts from now on")));
    }
    Ok(())
}

fn revoke(list: &TrustList, folder: &Path, terminal: &mut Terminal) -> anyhow::Result<()> {
    // What is gone can be taken out all the same.
    let folder = folder
        .canonicalize()
        .or_else(|_| std::path::absolute(folder))?;
    let name = exact(&folder.display().to_string());
    let was_trusted = list.remove(&folder)?;
    if was_trusted {
        terminal.line(&format!("{name} is not trusted any more."));
    }
    let rest = layers::load(&[], &EditorSettings::default())
        .config
        .trusted_folders;
    match covering(&rest, &folder) {
        Some(above) if *above == folder => {
            bail!("config.toml trusts {name}; take it out of `trusted_folders` there")
        }
        Some(above) => bail!(
            "{name} is still trusted, because {} is; `ropewalk trust --revoke` that one",
            exact(&above.display().to_string())
        ),
        None if was_trusted => Ok(()),
        None => {
            terminal.line(&format!("{name} was not trusted."));
            Ok(())
        }
    }
}

fn real(folder: &Path) -> anyhow::Result<PathBuf> {
    let real = folder
        .canonicalize()
        .with_context(|| format!("{} cannot be trusted", folder.display()))?;
    if !real.is_dir() {
        bail!("{} is not a folder", real.display());
    }
    Ok(real)
}

/// What stands in the folder's own `.ropewalk/`, by name, in order.
fn obeyed_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(".ropewalk"));
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| format!(".ropewalk/{}", entry.file_name().to_string_lossy()))
        .collect();
    names.sort();
    names
}
