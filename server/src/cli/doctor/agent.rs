//! What the doctor says of the agent: the model, keys, the keyring, threads, the shell, and AGENTS.md.
//!
//! Asks nothing of the network but whether model servers run on this machine. No key is shown.

use std::path::Path;

use agent::agents_md;
use agent::machine::Entry;
use agent::store::{ListOptions, ListedThread, Shelf, ThreadState, ThreadStore};
use models::catalogue::{Catalogue, Choice, ServiceReport, ServiceState};
use models::keys;

use super::{Finding, can_write};
use crate::agent_host::{AgentHost, HostOptions};
use crate::config::layers::Loaded;
use crate::config::{self, paths};
use crate::model_choice;

/// How many unfinished threads are named.
const NAMED_THREADS: usize = 3;

/// The findings for threads that would work in `folder`, which is absolute.
pub(super) fn findings(folder: &Path, settings: &Loaded) -> Vec<Finding> {
    let host = HostOptions::of_this_user(settings.config.clone())
        .and_then(|options| AgentHost::with(folder, options));
    let host = match host {
        Ok(host) => host,
        Err(error) => return vec![Finding::Problem(format!("{error:#}."))],
    };
    let mut findings: Vec<Finding> = host
        .problems
        .iter()
        .cloned()
        .map(Finding::Problem)
        .collect();
    findings.push(model(host.catalogue(), settings.config.model.as_deref()));
    let reports = host.catalogue().survey();
    findings.extend(keys_and_servers(&reports));
    findings.push(keyring(&reports));
    findings.extend(threads(host.store()));
    findings.push(Finding::Good(format!(
        "commands run in {}",
        sandbox::shell().display()
    )));
    findings.extend(rules(folder, settings));
    findings.extend(instructions(&host));
    findings
}

/// Nothing where there are none.
fn rules(folder: &Path, settings: &Loaded) -> Vec<Finding> {
    let (rules, unused) = match config::rules::load(&[folder.to_path_buf()], &settings.config) {
        Ok(loaded) => loaded,
        Err(error) => return vec![Finding::Problem(format!("{error}."))],
    };
    let count = rules.count();
    let counted =
        (count > 0).then(|| Finding::Good(format!("{count} rules about commands count here")));
    counted
        .into_iter()
        .chain(unused.into_iter().map(Finding::Note))
        .collect()
}

fn model(catalogue: &Catalogue, wanted: Option<&str>) -> Finding {
    match catalogue.choose(wanted) {
        Ok(choice @ Choice::Service(_)) => Finding::Good(model_choice::sentence(&choice)),
        Ok(choice @ Choice::Embedded { .. }) => Finding::Note(format!(
            "{} `ropewalk models` says what could be used.",
            model_choice::sentence(&choice)
        )),
        Err(error) => Finding::Problem(format!("the configured model cannot be used: {error}.")),
    }
}

/// What there is; what is missing is in the sentence of [`model`] and in `ropewalk models`.
fn keys_and_servers(reports: &[ServiceReport]) -> Vec<Finding> {
    let of_service = |report: &ServiceReport| {
        let service = &report.service;
        Some(match &report.state {
            ServiceState::HasKey(origin) => {
                Finding::Good(format!("the key of {} is in {origin}", service.name))
            }
            ServiceState::NeedsNoKey => Finding::Good(format!(
                "{} at {} needs no key",
                service.name, service.base_url
            )),
            ServiceState::BadKey(error) => Finding::Problem(format!(
                "the key of {} cannot be used: {error}. Set {} anew, or run `ropewalk login {}`.",
                service.name,
                service.key_variable.as_deref().unwrap_or_default(),
                service.name
            )),
            ServiceState::Running(server) => Finding::Good(format!(
                "{} runs at {}, models: {}",
                service.name,
                service.base_url,
                server.models.len()
            )),
            ServiceState::NoKey | ServiceState::NotRunning => return None,
        })
    };
    reports.iter().filter_map(of_service).collect()
}

/// Asks the keyring for a key that services may have there; the answer itself is not looked at.
fn keyring(reports: &[ServiceReport]) -> Finding {
    let keyed = reports
        .iter()
        .find(|report| report.service.key_variable.is_some());
    let service = keyed.map_or("openai", |report| report.service.name.as_str());
    match keys::from_keyring(service) {
        Err(keys::KeyError::Keyring(reason)) => Finding::Note(format!(
            "no keyring for `ropewalk login`, so keys come from the environment: {reason}"
        )),
        Ok(_) | Err(keys::KeyError::Malformed(_)) => {
            Finding::Good("the system's keyring can be used: `ropewalk login PROVIDER`".into())
        }
    }
}

fn threads(store: &ThreadStore) -> Vec<Finding> {
    let Some(folder) = paths::state_folder().map(|folder| folder.join("threads")) else {
        return Vec::new();
    };
    if !can_write(&folder.join("thread")) {
        return vec![Finding::Problem(format!(
            "threads cannot be kept, so the agent cannot work: {} cannot be written. Make it writable or set \
             XDG_STATE_HOME.",
            folder.display()
        ))];
    }
    match all_threads(store) {
        Ok(threads) => told(&folder, &threads),
        Err(error) => vec![Finding::Problem(format!("{error}."))],
    }
}

fn all_threads(store: &ThreadStore) -> Result<Vec<ListedThread>, agent::store::StoreError> {
    let mut threads = Vec::new();
    for shelf in [Shelf::Current, Shelf::Archived] {
        threads.extend(store.list::<Entry>(&ListOptions { cwd: None, shelf })?);
    }
    Ok(threads)
}

fn told(folder: &Path, threads: &[ListedThread]) -> Vec<Finding> {
    let unfinished: Vec<&ListedThread> = threads
        .iter()
        .filter(|thread| thread.problem.is_none())
        .filter(|thread| {
            thread.summary.state == ThreadState::Unfinished && !thread.summary.title.is_empty()
        })
        .collect();
    let mut findings = vec![Finding::Good(format!(
        "threads: {}, {} of them unfinished, in {}",
        threads.len(),
        unfinished.len(),
        folder.display()
    ))];
    findings.extend(unfinished.iter().take(NAMED_THREADS).map(|thread| {
        Finding::Note(format!(
            "unfinished, unless it is at work now: \"{}\"; `ropewalk exec --resume {}`",
            thread.summary.title, thread.id
        ))
    }));
    findings.extend(threads.iter().filter_map(|thread| {
        let problem = thread.problem.as_ref()?;
        Some(Finding::Problem(format!(
            "the thread {} cannot be read: {problem}. `ropewalk threads delete {}` removes it.",
            thread.id, thread.id
        )))
    }));
    findings
}

fn instructions(host: &AgentHost) -> Vec<Finding> {
    let parts = host.project_instructions();
    if parts.is_empty() {
        return vec![Finding::Note(
            "no AGENTS.md: what the agent should know of this project can stand there".into(),
        )];
    }
    let finding = |part| match agents_md::why_not_used(part) {
        None => Finding::Good(format!(
            "{} is told to the model, {} bytes",
            part.name,
            part.text.len()
        )),
        Some(reason) => Finding::Problem(format!("{} is not used: {reason}.", part.name)),
    };
    parts.iter().map(finding).collect()
}
