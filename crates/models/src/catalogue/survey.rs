//! The state of every service, for `ropewalk models` and `ropewalk doctor`: whether it can be used, and why not.

use serde_json::Value;

use crate::keys::{KeyError, KeyOrigin};

use super::choice::Surroundings;
use super::local::LocalServer;
use super::services::Service;

/// A service and its state.
#[derive(Debug)]
pub struct ServiceReport {
    /// The service.
    pub service: Service,
    /// Whether it can be used.
    pub state: ServiceState,
}

/// Whether a service can be used.
#[derive(Debug)]
pub enum ServiceState {
    /// Its key is there. Whether the service takes it shows when it is used.
    HasKey(KeyOrigin),
    /// It needs no key.
    NeedsNoKey,
    /// Its key is missing.
    NoKey,
    /// Its key cannot be used.
    BadKey(KeyError),
    /// A server on this machine, which answers.
    Running(LocalServer),
    /// A server on this machine, which does not.
    NotRunning,
}

/// Looks at every service; those on this machine are asked at the same time.
pub(crate) fn survey<S: Surroundings + Sync>(
    services: &[Service],
    surroundings: &S,
) -> Vec<ServiceReport> {
    std::thread::scope(|scope| {
        let states: Vec<_> = services
            .iter()
            .map(|service| {
                service
                    .local
                    .then(|| scope.spawn(|| running(service, surroundings)))
            })
            .collect();
        let report = |(service, asked): (
            &Service,
            Option<std::thread::ScopedJoinHandle<'_, ServiceState>>,
        )| ServiceReport {
            state: match asked {
                Some(asked) => asked.join().unwrap_or(ServiceState::NotRunning),
                None => keyed(service, surroundings),
            },
            service: service.clone(),
        };
        services.iter().zip(states).map(report).collect()
    })
}

fn running(service: &Service, surroundings: &dyn Surroundings) -> ServiceState {
    match surroundings.running(service) {
        Some(server) => ServiceState::Running(server),
        None => ServiceState::NotRunning,
    }
}

fn keyed(service: &Service, surroundings: &dyn Surroundings) -> ServiceState {
    if service.key_variable.is_none() {
        return ServiceState::NeedsNoKey;
    }
    match surroundings.environment_key(service) {
        Ok(Some(origin)) => return ServiceState::HasKey(origin),
        Err(error) => return ServiceState::BadKey(error),
        Ok(None) => {}
    }
    match surroundings.keyring_key(service) {
        Ok(Some(origin)) => ServiceState::HasKey(origin),
        Ok(None) | Err(KeyError::Keyring(_)) => ServiceState::NoKey,
        Err(error) => ServiceState::BadKey(error),
    }
}

/// The names in a service's listing: `data[].id` in the OpenAI dialect and Anthropic's, sorted.
pub(crate) fn listed(listing: &Value) -> Vec<String> {
    let entries = listing.get("data").and_then(Value::as_array);
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.get("id")?.as_str()?.to_owned()))
        .collect();
    names.sort();
    names
}
