//! `ropewalk models`: which models can be used, which one would be, and why the others cannot.

use std::process::ExitCode;

use models::catalogue::{Catalogue, Choice, ServiceReport, ServiceState};
use serde_json::{Value, json};

use crate::cli::exec;
use crate::cli::printable::readable;
use crate::cli::terminal::{Style, Terminal};
use crate::config::layers::{self, EditorSettings, Loaded};
use crate::model_choice;

/// Arguments of `ropewalk models`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelsArguments {
    /// List the models of this provider, as it names them itself.
    provider: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the list.
pub(crate) fn run(arguments: &ModelsArguments) -> anyhow::Result<ExitCode> {
    let folder = exec::working_folder(None)?;
    let settings = layers::load(&[folder], &EditorSettings::default());
    let (catalogue, problems) = model_choice::catalogue(&settings.config)?;
    let mut stderr = Terminal::stderr();
    for problem in problems.iter().chain(&settings.problems) {
        stderr.line(&stderr.style(Style::Warning, problem));
    }
    let mut terminal = Terminal::stdout();
    match (&arguments.provider, arguments.json) {
        (Some(provider), is_json) => list(
            &mut terminal,
            &catalogue.list_models(provider)?,
            provider,
            is_json,
        ),
        (None, true) => terminal.line(&format!("{:#}", as_json(&catalogue, &settings))),
        (None, false) => print(&mut terminal, &catalogue, &settings),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(terminal: &mut Terminal, models: &[String], provider: &str, is_json: bool) {
    if is_json {
        return terminal.line(&json!(models).to_string());
    }
    for model in models {
        terminal.line(&readable(&format!("{provider}/{model}")));
    }
}

fn print(terminal: &mut Terminal, catalogue: &Catalogue, settings: &Loaded) {
    let chosen = match catalogue.choose(settings.config.model.as_deref()) {
        Ok(choice) => model_choice::sentence(&choice),
        Err(error) => format!("The configured model cannot be used: {error}."),
    };
    terminal.line(&terminal.style(Style::Bold, chosen));
    terminal.line("");
    let reports = catalogue.survey();
    let width = reports
        .iter()
        .map(|report| report.service.name.len())
        .max()
        .unwrap_or(0);
    for report in &reports {
        let name = format!("{:width$}", report.service.name);
        let (style, text) = describe(report);
        terminal.line(&format!("  {}  {text}", terminal.style(style, name)));
    }
    let name = format!("{:width$}", models::catalogue::EMBEDDED);
    terminal.line(&format!(
        "  {}  built in: renames, structural rewrites and commands, with no model and no network",
        terminal.style(Style::Good, name)
    ));
    terminal.line("");
    terminal.line(
        "Choose with `model = \"PROVIDER/MODEL\"` in config.toml or `--model PROVIDER/MODEL`.",
    );
    terminal.line("`ropewalk models PROVIDER` lists a provider's models.");
}

fn describe(report: &ServiceReport) -> (Style, String) {
    let service = &report.service;
    let model = service.default_model.as_deref().map_or_else(
        || format!("name a model: {}/MODEL", service.name),
        |model| format!("{}/{model} unless you name another", service.name),
    );
    match &report.state {
        ServiceState::HasKey(origin) => (Style::Good, format!("{model}; the key is in {origin}")),
        ServiceState::NeedsNoKey => (Style::Good, format!("{model}; needs no key")),
        ServiceState::NoKey => (
            Style::Ghost,
            format!(
                "no key: set {} or run `ropewalk login {}`",
                service.key_variable.as_deref().unwrap_or_default(),
                service.name
            ),
        ),
        ServiceState::BadKey(error) => (Style::Warning, error.to_string()),
        ServiceState::Running(server) if server.models.is_empty() => (
            Style::Warning,
            format!("runs at {}, but has no model loaded", service.base_url),
        ),
        ServiceState::Running(server) => {
            let names: Vec<&str> = server
                .models
                .iter()
                .map(|model| model.name.as_str())
                .collect();
            (
                Style::Good,
                readable(&format!("runs: {}", names.join(", "))),
            )
        }
        ServiceState::NotRunning => (
            Style::Ghost,
            format!("nothing answers at {}", service.base_url),
        ),
    }
}

fn as_json(catalogue: &Catalogue, settings: &Loaded) -> Value {
    let chosen = match catalogue.choose(settings.config.model.as_deref()) {
        Ok(Choice::Service(choice)) => {
            json!({"provider": choice.service, "model": choice.model, "why": choice.why})
        }
        Ok(Choice::Embedded { why }) => {
            json!({"provider": models::catalogue::EMBEDDED, "why": why})
        }
        Err(error) => json!({"error": error.to_string()}),
    };
    let providers: Vec<Value> = catalogue.survey().iter().map(report_as_json).collect();
    json!({"chosen": chosen, "providers": providers})
}

fn report_as_json(report: &ServiceReport) -> Value {
    let service = &report.service;
    let (usable, models) = match &report.state {
        ServiceState::HasKey(_) | ServiceState::NeedsNoKey => (true, Vec::new()),
        ServiceState::Running(server) => {
            let names: Vec<&str> = server
                .models
                .iter()
                .map(|model| model.name.as_str())
                .collect();
            (!names.is_empty(), names)
        }
        ServiceState::NoKey | ServiceState::BadKey(_) | ServiceState::NotRunning => {
            (false, Vec::new())
        }
    };
    json!({
        "name": service.name,
        "wire": service.wire,
        "base_url": service.base_url,
        "default_model": service.default_model,
        "usable": usable,
        "state": describe(report).1,
        "models": models,
    })
}
