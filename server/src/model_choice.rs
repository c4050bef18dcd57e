//! From the settings to a model: the client with its proxy and certificates, the catalogue, and the choice in words.

use std::time::Duration;

use models::catalogue::{Catalogue, Choice};
use models::{Client, ClientOptions};

use crate::config::Config;

/// The services and models as `config` has them, and a sentence for each thing that is wrong.
///
/// # Errors
/// When `network` in the settings cannot be used.
pub(crate) fn catalogue(config: &Config) -> anyhow::Result<(Catalogue, Vec<String>)> {
    let client = Client::new(ClientOptions {
        proxy: config.network.proxy.clone(),
        ca_file: config.network.ca_file.clone(),
        idle_timeout: Duration::from_secs(config.network.idle_seconds),
        ..ClientOptions::default()
    })?;
    let (catalogue, errors) = Catalogue::new(client, &config.providers, config.models.clone());
    let problems = errors.iter().map(|error| format!("{error}.")).collect();
    Ok((catalogue, problems))
}

/// What is used and why, as one sentence.
pub(crate) fn sentence(choice: &Choice) -> String {
    match choice {
        Choice::Service(choice) => {
            format!("Uses {}/{}: {}.", choice.service, choice.model, choice.why)
        }
        Choice::Embedded { why } => format!(
            "Uses {}, which is built in and needs no model: {why}.",
            models::catalogue::EMBEDDED
        ),
    }
}
