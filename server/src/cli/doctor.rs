//! `ropewalk doctor`: what was found on this machine, what is used and why.

mod agent;
mod twins;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cli::terminal::{Style, Terminal};
use crate::config::layers::{self, Loaded};
use crate::config::paths;
use crate::logging;

/// Arguments of `ropewalk doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArguments {
    /// The workspace folder to look at.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// One line of the report.
enum Finding {
    Good(String),
    Note(String),
    Problem(String),
}

/// Prints the report; the exit code is 1 when something needs the user.
pub(crate) fn run(arguments: &DoctorArguments) -> anyhow::Result<ExitCode> {
    let folder = std::path::absolute(&arguments.folder)?;
    let settings = layers::load(
        std::slice::from_ref(&folder),
        &layers::EditorSettings::default(),
    );
    let mut terminal = Terminal::stdout();
    let mut problems = 0;
    let sections = [
        ("Ropewalk", program()),
        ("Settings", settings_findings(&settings)),
        ("Tab-completion", completion(&settings)),
        ("Agent", agent::findings(&folder, &settings)),
        ("Twins", twins::findings(&folder, &settings)),
        ("Workspace", workspace_findings(&folder)),
        ("Editors", editors()),
    ];
    for (heading, findings) in sections {
        terminal.line(&terminal.style(Style::Bold, heading));
        for finding in findings {
            problems += usize::from(matches!(finding, Finding::Problem(_)));
            print(&mut terminal, &finding);
        }
    }
    Ok(if problems == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(terminal: &mut Terminal, finding: &Finding) {
    let (mark, text) = match finding {
        Finding::Good(text) => (terminal.style(Style::Good, "ok"), text),
        Finding::Note(text) => ("--".to_string(), text),
        Finding::Problem(text) => (terminal.style(Style::Warning, "!!"), text),
    };
    terminal.line(&format!("  {mark}  {text}"));
}

fn program() -> Vec<Finding> {
    let mut findings = vec![Finding::Good(format!(
        "version {}",
        env!("CARGO_PKG_VERSION")
    ))];
    findings.push(match logging::log_path() {
        Some(path) => match can_write(&path) {
            true => Finding::Good(format!("log: {}", path.display())),
            false => Finding::Problem(format!(
                "no log: {} cannot be written. Make its folder writable or set XDG_STATE_HOME.",
                path.display()
            )),
        },
        None => Finding::Problem("no log: neither XDG_STATE_HOME nor HOME is set.".into()),
    });
    findings
}

fn settings_findings(settings: &Loaded) -> Vec<Finding> {
    let mut findings: Vec<Finding> = settings
        .files
        .iter()
        .map(|path| Finding::Good(format!("read: {}", path.display())))
        .collect();
    if settings.files.is_empty() {
        let place = paths::user_config_file()
            .map_or_else(|| "config.toml".into(), |path| path.display().to_string());
        findings.push(Finding::Note(format!(
            "no settings file; everything is at its default. It would be {place}."
        )));
    }
    findings.extend(settings.problems.iter().cloned().map(Finding::Problem));
    findings
}

fn completion(settings: &Loaded) -> Vec<Finding> {
    let config = &settings.config;
    if !config.completion.enabled {
        return vec![Finding::Note(
            "switched off by `completion.enabled = false`.".into(),
        )];
    }
    let mut findings = vec![Finding::Good(format!(
        "embedded engine, preset {:?}: learns from your workspace, needs no key and no network.",
        config.completion.preset
    ))];
    findings.push(match (config.index.enabled, config.index.persist) {
        (false, _) => Finding::Note("learns from open documents only (`index.enabled = false`).".into()),
        (true, false) => Finding::Note("the index is not kept between runs (`index.persist = false`).".into()),
        (true, true) => match paths::cache_folder() {
            Some(path) if can_write(&path.join("index")) => Finding::Good(format!(
                "the index is kept in {}",
                path.display()
            )),
            _ => Finding::Problem(
                "the index is built anew at each start because the cache folder cannot be written; set XDG_CACHE_HOME."
                    .into(),
            ),
        },
    });
    findings
}

fn workspace_findings(folder: &Path) -> Vec<Finding> {
    if !folder.is_dir() {
        return vec![Finding::Problem(format!(
            "{} is not a folder.",
            folder.display()
        ))];
    }
    let mut findings = vec![Finding::Good(folder.display().to_string())];
    for name in [".gitignore", ".ropewalkignore", ".aiexclude"] {
        if folder.join(name).exists() {
            findings.push(Finding::Good(format!("{name} is honoured.")));
        }
    }
    findings
}

fn editors() -> Vec<Finding> {
    [("nvim", "Neovim"), ("hx", "Helix"), ("helix", "Helix")]
        .iter()
        .filter_map(|(program, name)| {
            let output = Command::new(program).arg("--version").output().ok()?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let version = text.lines().next()?.to_string();
            Some(Finding::Good(format!(
                "{name}: {version}; `ropewalk setup {}`",
                if *program == "nvim" { "nvim" } else { "helix" }
            )))
        })
        .chain(std::iter::once(Finding::Note(
            "any other editor that speaks LSP: let it start `ropewalk lsp`.".into(),
        )))
        .collect()
}

/// Whether a file at `path` could be written, without leaving one behind.
fn can_write(path: &Path) -> bool {
    let Some(folder) = path.parent() else {
        return false;
    };
    if std::fs::create_dir_all(folder).is_err() {
        return false;
    }
    let probe = folder.join(format!(".ropewalk-probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"").is_ok();
    drop(std::fs::remove_file(&probe));
    written
}
