//! `ropewalk login` and `logout`: put the key of a model service into the system's keyring, and take it out again.
//!
//! The key is typed unseen or comes through standard input; it is never an argument, which other users could see, and
//! never shown.

use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};
use models::Key;
use models::catalogue::{self, Service};
use models::keys;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::cli::exec;
use crate::cli::terminal::Terminal;
use crate::config::layers::{self, EditorSettings};

/// Arguments of `ropewalk login`.
#[derive(Debug, clap::Args)]
pub(crate) struct LoginArguments {
    /// The service, for example `openai` or `anthropic`; `ropewalk models` lists them.
    provider: String,
}

/// Asks for the key and keeps it.
pub(crate) fn login(arguments: &LoginArguments) -> anyhow::Result<ExitCode> {
    let service = service(&arguments.provider)?;
    let Some(variable) = &service.key_variable else {
        bail!("{} needs no key", service.name);
    };
    let typed = read_key(&service.name).context("the key could not be read")?;
    let key = Key::new(&typed)?;
    keys::store(&service.name, &key).with_context(|| {
        format!("the key was not kept; set {variable} in your environment instead")
    })?;
    let mut terminal = Terminal::stdout();
    terminal.line(&format!(
        "The key of {} is in the system's keyring. `ropewalk models` shows what it opens.",
        service.name
    ));
    if keys::from_environment(variable).is_ok_and(|key| key.is_some()) {
        terminal.line(&format!(
            "Note: {variable} is set as well, and is used first."
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the key out of the keyring.
pub(crate) fn logout(arguments: &LoginArguments) -> anyhow::Result<ExitCode> {
    let service = service(&arguments.provider)?;
    let was_there = keys::remove(&service.name)?;
    let mut terminal = Terminal::stdout();
    terminal.line(&match was_there {
        true => format!(
            "The key of {} was removed from the system's keyring.",
            service.name
        ),
        false => format!("The system's keyring had no key of {}.", service.name),
    });
    let variable = service.key_variable.as_deref().unwrap_or_default();
    if keys::from_environment(variable).is_ok_and(|key| key.is_some()) {
        terminal.line(&format!(
            "Note: {variable} is still set in your environment."
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn service(name: &str) -> anyhow::Result<Service> {
    let folder = exec::working_folder(None)?;
    let loaded = layers::load(&[folder], &EditorSettings::default());
    let (services, _) = catalogue::services(&loaded.config.providers);
    let names: Vec<&str> = services
        .iter()
        .filter(|service| service.key_variable.is_some())
        .map(|service| service.name.as_str())
        .collect();
    let unknown = format!(
        "there is no provider \"{name}\"; those with a key are {}",
        names.join(", ")
    );
    services
        .into_iter()
        .find(|service| service.name == name)
        .context(unknown)
}

/// One line: from the terminal without showing it, or from a pipe.
fn read_key(service: &str) -> anyhow::Result<String> {
    let stdin = io::stdin();
    let mut line = String::new();
    if !stdin.is_terminal() {
        stdin.lock().read_line(&mut line)?;
        return Ok(line);
    }
    let mut terminal = Terminal::stderr();
    terminal.print(&format!("Key of {service} (it is not shown): "));
    let _hidden = HiddenInput::start()?;
    stdin.lock().read_line(&mut line)?;
    terminal.line("");
    Ok(line)
}

/// While it lives, the terminal does not show what is typed.
struct HiddenInput {
    before: rustix::termios::Termios,
}

impl HiddenInput {
    fn start() -> anyhow::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        // Whoever changes their mind must see again what they type.
        let restored = before.clone();
        ctrlc::set_handler(move || {
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &restored);
            std::process::exit(exec::INTERRUPTED.into());
        })?;
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self { before })
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        // Nothing better can be done when the terminal is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}
