//! Which model is used: the one that was asked for, else the first service that can be used without being told.
//!
//! The order without a wish: services whose key is in the environment, then in the keyring, then servers on this
//! machine, then the embedded provider. What a service needs is found out through [`Surroundings`].

use crate::Wire;
use crate::keys::{KeyError, KeyOrigin};

use super::EMBEDDED;
use super::facts;
use super::local::{LocalModel, LocalServer};
use super::services::Service;

/// What is used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A model of a service.
    Service(ServiceChoice),
    /// The embedded provider, which needs none.
    Embedded {
        /// Why, in a sentence for the user.
        why: String,
    },
}

/// A model of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceChoice {
    /// The service's name.
    pub service: String,
    /// The model's name there.
    pub model: String,
    /// Where the key is; `None` when none is needed.
    pub key_origin: Option<KeyOrigin>,
    /// The window that a local server has loaded, in tokens, where it says.
    pub loaded_window: Option<u64>,
    /// Why, in a sentence for the user.
    pub why: String,
}

/// Why the model that was asked for cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// Nobody knows the name.
    #[error(
        "no provider has a model named \"{wanted}\"; write it as PROVIDER/MODEL, the providers being {known}"
    )]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The names of all providers.
        known: String,
    },
    /// The service's key is missing.
    #[error("{service} needs a key: set {variable}, or run `ropewalk login {service}`")]
    NoKey {
        /// The service.
        service: String,
        /// The environment variable that would hold the key.
        variable: String,
    },
    /// The key could not be read.
    #[error("the key of {service} cannot be used: {source}")]
    BadKey {
        /// The service.
        service: String,
        /// Why.
        source: KeyError,
    },
    /// The service is named without a model, and it has no default.
    #[error(
        "say which model of {service} to use: `{service}/MODEL` (`ropewalk models {service}` lists them)"
    )]
    NoModel {
        /// The service.
        service: String,
    },
    /// A server on this machine that does not run.
    #[error("nothing answers at {url}: start {service}, or set `providers.{service}.base_url`")]
    NotRunning {
        /// The service.
        service: String,
        /// Where it was looked for.
        url: String,
    },
    /// It runs, but cannot hold a conversation.
    #[error(
        "{service} runs, but has no model that can work with tools; load one, for example a Qwen3-Coder or Devstral"
    )]
    NothingLoaded {
        /// The service.
        service: String,
    },
}

/// What the choice depends on besides the configuration.
pub(crate) trait Surroundings {
    /// Where the service's key is in the environment.
    fn environment_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError>;

    /// Where the service's key is in the keyring.
    fn keyring_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError>;

    /// What the server on this machine has, if it runs.
    fn running(&self, service: &Service) -> Option<LocalServer>;
}

/// Chooses among `services`, which are in the order in which they are tried.
pub(crate) fn choose(
    services: &[Service],
    wanted: Option<&str>,
    surroundings: &dyn Surroundings,
) -> Result<Choice, ChoiceError> {
    match wanted {
        Some(wanted) => choose_wanted(services, wanted, surroundings),
        None => Ok(choose_freely(services, surroundings)),
    }
}

fn choose_wanted(
    services: &[Service],
    wanted: &str,
    surroundings: &dyn Surroundings,
) -> Result<Choice, ChoiceError> {
    if wanted == EMBEDDED {
        let why = "it was asked for".into();
        return Ok(Choice::Embedded { why });
    }
    let (service, model) = resolve(services, wanted).ok_or_else(|| ChoiceError::Unknown {
        wanted: wanted.into(),
        known: services
            .iter()
            .map(|service| service.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    let key_origin = needed_key(service, surroundings)?;
    let why = "it was asked for".to_owned();
    let mut choice = ServiceChoice {
        service: service.name.clone(),
        model: String::new(),
        key_origin,
        loaded_window: None,
        why,
    };
    match model.or(service.default_model.as_deref()) {
        Some(model) => {
            choice.model = model.to_owned();
            choice.loaded_window = loaded_window(service, model, surroundings);
        }
        None if service.local => {
            let found = best_local(service, surroundings)?;
            choice.model = found.name;
            choice.loaded_window = found.context_window;
        }
        None => {
            return Err(ChoiceError::NoModel {
                service: service.name.clone(),
            });
        }
    }
    Ok(Choice::Service(choice))
}

/// Reads `SERVICE`, `SERVICE/MODEL`, or the name of a model that belongs to one service.
fn resolve<'a>(services: &'a [Service], wanted: &'a str) -> Option<(&'a Service, Option<&'a str>)> {
    let named = |name: &str| services.iter().find(|service| service.name == name);
    if let Some(service) = named(wanted) {
        return Some((service, None));
    }
    if let Some((service, model)) = wanted.split_once('/')
        && let Some(service) = named(service)
        && !model.is_empty()
    {
        return Some((service, Some(model)));
    }
    let owner = services.iter().find(|service| {
        let pattern = service.own_models.as_deref();
        pattern.is_some_and(|pattern| facts::fits(pattern, wanted))
    });
    owner.map(|service| (service, Some(wanted)))
}

pub(crate) fn needed_key(
    service: &Service,
    surroundings: &dyn Surroundings,
) -> Result<Option<KeyOrigin>, ChoiceError> {
    let Some(variable) = &service.key_variable else {
        return Ok(None);
    };
    let bad = |source| ChoiceError::BadKey {
        service: service.name.clone(),
        source,
    };
    if let Some(origin) = surroundings.environment_key(service).map_err(bad)? {
        return Ok(Some(origin));
    }
    // A machine without a keyring is no news to someone who has not put a key there.
    match surroundings.keyring_key(service) {
        Ok(Some(origin)) => Ok(Some(origin)),
        Ok(None) | Err(KeyError::Keyring(_)) => Err(ChoiceError::NoKey {
            service: service.name.clone(),
            variable: variable.clone(),
        }),
        Err(source) => Err(bad(source)),
    }
}

fn best_local(
    service: &Service,
    surroundings: &dyn Surroundings,
) -> Result<LocalModel, ChoiceError> {
    let server = surroundings
        .running(service)
        .ok_or_else(|| ChoiceError::NotRunning {
            service: service.name.clone(),
            url: service.base_url.clone(),
        })?;
    server
        .models
        .into_iter()
        .find(|model| model.tools != Some(false))
        .ok_or_else(|| ChoiceError::NothingLoaded {
            service: service.name.clone(),
        })
}

/// The window of `model` where a server on this machine has loaded it and says so; Ollama loads what it is asked for.
fn loaded_window(service: &Service, model: &str, surroundings: &dyn Surroundings) -> Option<u64> {
    if !service.local || service.wire == Wire::Ollama {
        return None;
    }
    let server = surroundings.running(service)?;
    let found = server.models.into_iter().find(|found| found.name == model);
    found?.context_window
}

fn choose_freely(services: &[Service], surroundings: &dyn Surroundings) -> Choice {
    let by_key = |find: fn(&dyn Surroundings, &Service) -> Result<Option<KeyOrigin>, KeyError>| {
        services.iter().find_map(|service| {
            let model = service.default_model.clone()?;
            service.key_variable.as_ref()?;
            let origin = find(surroundings, service).ok().flatten()?;
            Some(ServiceChoice {
                service: service.name.clone(),
                model,
                why: format!("its key is in {origin}"),
                key_origin: Some(origin),
                loaded_window: None,
            })
        })
    };
    let configured = || services.iter().find_map(keyless);
    let local = || {
        services
            .iter()
            .find_map(|service| running(service, surroundings))
    };
    by_key(|surroundings, service| surroundings.environment_key(service))
        .or_else(configured)
        .or_else(|| by_key(|surroundings, service| surroundings.keyring_key(service)))
        .or_else(local)
        .map_or_else(nothing_found, Choice::Service)
}

/// A service of the user's own that needs no key and names its model.
fn keyless(service: &Service) -> Option<ServiceChoice> {
    let model = service.default_model.clone()?;
    service.key_variable.is_none().then(|| ServiceChoice {
        service: service.name.clone(),
        model,
        key_origin: None,
        loaded_window: None,
        why: format!("`providers.{}` names it", service.name),
    })
}

fn running(service: &Service, surroundings: &dyn Surroundings) -> Option<ServiceChoice> {
    if !service.local || service.default_model.is_some() {
        return None;
    }
    let model = best_local(service, surroundings).ok()?;
    Some(ServiceChoice {
        service: service.name.clone(),
        model: model.name,
        key_origin: None,
        loaded_window: model.context_window,
        why: format!("it runs on this machine, at {}", service.base_url),
    })
}

fn nothing_found() -> Choice {
    Choice::Embedded {
        why: "no key is set and no model server runs on this machine".into(),
    }
}

#[cfg(test)]
mod tests;
