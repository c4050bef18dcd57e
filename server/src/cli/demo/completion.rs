//! `ropewalk demo completion`: tab-completion on real input, on the terminal.
//!
//! Copies a small real project (a crate of our own) to a temporary folder, starts this very binary as a language server
//! on it, and types new code into it as a person would: a suggestion that is right is accepted with one key, everything
//! else is typed. What is shown and counted is what the server answered, nothing is prepared.

mod script;
mod typist;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{Client, ClientOptions};
use super::{Cleaner, Watching, project};
use crate::cli::terminal::{Style, Terminal};
use typist::{Tally, Typist};

/// A quick typist's pause between two keys.
const KEY_PAUSE: Duration = Duration::from_millis(35);
/// Long enough to see a suggestion before it is accepted.
const LOOK_PAUSE: Duration = Duration::from_millis(350);

/// Runs the demonstration.
pub(super) fn run(watching: Watching, cleaner: &Cleaner) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::stdout();
    let project = project::copy()?;
    cleaner.add(project.whole_folder());
    let folder = project.path();
    let started = Instant::now();
    let mut client = Client::start(&ClientOptions {
        folder: &folder,
        state: &project.whole_folder().join("state"),
        configuration: None,
        capabilities: json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "inlineCompletion": {} },
        }),
        // The folder is gone after the demonstration, so its index is not worth keeping.
        settings: json!({ "index": { "persist": false } }),
    })?;
    let ready = started.elapsed();
    client.wait_until_learned()?;
    let learned = started.elapsed();
    let files = client.status()?.learning.files;
    introduce(&mut terminal, &folder, ready, learned, files);

    let mut tally = Tally::default();
    for scene in script::SCENES {
        terminal.line("");
        terminal.line(&terminal.style(Style::Bold, format!("{}: {}", scene.file, scene.intent)));
        let mut typist = Typist {
            terminal: &mut terminal,
            client: &mut client,
            tally: &mut tally,
            key_pause: watching.pause(KEY_PAUSE),
            look_pause: watching.pause(LOOK_PAUSE),
        };
        typist.play(&folder, &scene)?;
    }
    conclude(&mut terminal, &mut tally, client.memory_megabytes());
    client.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn introduce(
    terminal: &mut Terminal,
    folder: &Path,
    ready: Duration,
    learned: Duration,
    files: usize,
) {
    terminal.line(&format!(
        "A small real project is in {}. The server was ready after {:.0} ms and had learned its {files} files after {:.0} ms.",
        folder.display(),
        ready.as_secs_f64() * 1e3,
        learned.as_secs_f64() * 1e3,
    ));
    let offered = terminal.style(Style::Ghost, "offered");
    let accepted = terminal.style(Style::Good, "accepted with one key");
    terminal.line(&format!(
        "No key, no network, no model. Typed text is plain, suggestions are {offered}, then {accepted}."
    ));
    if !terminal.can_redraw() {
        terminal.line("Accepted parts stand in ⟦ ⟧.");
    }
}

fn conclude(terminal: &mut Terminal, tally: &mut Tally, memory: Option<f64>) {
    terminal.line("");
    let saved = 100.0 - 100.0 * tally.keys as f64 / tally.characters as f64;
    terminal.line(&terminal.style(
        Style::Bold,
        format!(
            "{} characters with {} keys: {saved:.0} % of the keystrokes saved.",
            tally.characters, tally.keys
        ),
    ));
    terminal.line(&format!(
        "{} suggestions were shown, {} of them right and accepted.",
        tally.shown, tally.accepted
    ));
    terminal.line(&format!(
        "From key to suggestion, as the editor sees it: half within {:.2} ms, 99 % within {:.2} ms, all {} within {:.2} ms.",
        tally.percentile(0.5),
        tally.percentile(0.99),
        tally.latencies.len(),
        tally.percentile(1.0),
    ));
    if let Some(memory) = memory {
        terminal.line(&format!("The server takes {memory:.0} MB of memory."));
    }
    terminal.line("Your own editor is next: `ropewalk setup nvim` or `ropewalk setup helix`.");
}
