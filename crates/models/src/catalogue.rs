//! Which services and models there are, what is known of them, and which one is used.
//!
//! Surfaces make a [`Catalogue`] from the configuration, let it choose, and open what was chosen.

mod choice;
mod facts;
mod local;
mod services;
mod survey;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::keys::{self, KeyError, KeyOrigin};
use crate::{Client, Endpoint, EndpointError, EndpointOptions, Key, ModelFacts, Transport};

pub use choice::{Choice, ChoiceError, ServiceChoice};
pub use facts::{FactsOverride, PriceSettings};
pub use local::{LocalModel, LocalServer};
pub use services::{ProviderSettings, Service, ServiceError, configured as services};
pub use survey::{ServiceReport, ServiceState};

use choice::Surroundings;
use local::Asks;

/// The name of the provider that is built in and needs no model; it lives in the agent.
pub const EMBEDDED: &str = "codemod";

/// How long a server on this machine may take to say that it is there.
const LOCAL_PATIENCE: Duration = Duration::from_millis(500);

/// How long a service may take to list its models.
const LISTING_PATIENCE: Duration = Duration::from_secs(15);

/// Services and models as they are configured.
pub struct Catalogue {
    client: Client,
    services: Vec<Service>,
    overrides: Arc<BTreeMap<String, FactsOverride>>,
}

/// Why a chosen service cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its address or headers are wrong.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Its key has gone since it was chosen.
    #[error("the key of {service} cannot be used: {source}")]
    Key {
        /// The service.
        service: String,
        /// Why.
        source: KeyError,
    },
    /// It is not, or no longer, configured.
    #[error("there is no provider \"{0}\"; `ropewalk models` lists those that there are")]
    Unknown(String),
}

impl Catalogue {
    /// The built-in services and models with the configuration over them, and what is wrong with the configuration.
    pub fn new(
        client: Client,
        providers: &BTreeMap<String, ProviderSettings>,
        models: BTreeMap<String, FactsOverride>,
    ) -> (Self, Vec<ServiceError>) {
        let (services, errors) = services(providers);
        let catalogue = Self {
            client,
            services,
            overrides: Arc::new(models),
        };
        (catalogue, errors)
    }

    /// The services, in the order in which they are tried.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The model to use: `wanted` (`PROVIDER/MODEL`, `PROVIDER` or a model's name), else the first that can be used.
    ///
    /// Without a wish and a key, servers on this machine are asked, which takes up to half a second where one hangs.
    ///
    /// # Errors
    /// When `wanted` cannot be used.
    pub fn choose(&self, wanted: Option<&str>) -> Result<Choice, ChoiceError> {
        choice::choose(
            &self.services,
            wanted,
            &Here {
                client: &self.client,
            },
        )
    }

    /// The provider that was chosen.
    ///
    /// # Errors
    /// When its configuration or its key cannot be used.
    pub fn open(&self, choice: &ServiceChoice) -> Result<Endpoint, OpenError> {
        let service = self
            .service(&choice.service)
            .ok_or_else(|| OpenError::Unknown(choice.service.clone()))?;
        let key = key(service, choice.key_origin.as_ref()).map_err(|source| OpenError::Key {
            service: service.name.clone(),
            source,
        })?;
        self.endpoint(service, key, choice.loaded_window)
            .map_err(OpenError::from)
    }

    /// The environment variables that hold keys.
    pub fn key_variables(&self) -> Vec<String> {
        let variables = self
            .services
            .iter()
            .filter_map(|service| service.key_variable.clone());
        variables.collect()
    }

    /// The keys that must not be seen by a model: those in the environment, and that of `choice`.
    pub fn secrets(&self, choice: Option<&ServiceChoice>) -> Vec<Key> {
        let in_environment = self.key_variables();
        let in_environment = in_environment
            .iter()
            .filter_map(|variable| keys::from_environment(variable).ok().flatten());
        let chosen = choice.and_then(|choice| {
            key(self.service(&choice.service)?, choice.key_origin.as_ref())
                .ok()
                .flatten()
        });
        in_environment.chain(chosen).collect()
    }

    /// What is known of `model` at `service`.
    pub fn facts(&self, service: &Service, model: &str) -> ModelFacts {
        facts_of(service, model, None, &self.overrides)
    }

    /// The state of every service: whether it can be used and why not. Servers on this machine are asked, in parallel.
    pub fn survey(&self) -> Vec<ServiceReport> {
        survey::survey(
            &self.services,
            &Here {
                client: &self.client,
            },
        )
    }

    /// The names of a service's models, as the service lists them; asked for over the network.
    ///
    /// # Errors
    /// When the service cannot be used or does not answer; the message says why.
    pub fn list_models(&self, service: &str) -> Result<Vec<String>, ListError> {
        let service = self
            .service(service)
            .ok_or_else(|| OpenError::Unknown(service.to_owned()))?;
        let here = Here {
            client: &self.client,
        };
        if service.local {
            let server = local::detect(service, &here).ok_or_else(|| ChoiceError::NotRunning {
                service: service.name.clone(),
                url: service.base_url.clone(),
            })?;
            return Ok(server.models.into_iter().map(|model| model.name).collect());
        }
        let origin = choice::needed_key(service, &here)?;
        let key = key(service, origin.as_ref()).map_err(|source| OpenError::Key {
            service: service.name.clone(),
            source,
        })?;
        let endpoint = self.endpoint(service, key, None).map_err(OpenError::from)?;
        let listing = endpoint.get_json("/models", LISTING_PATIENCE)?;
        Ok(survey::listed(&listing))
    }

    fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    fn endpoint(
        &self,
        service: &Service,
        key: Option<Key>,
        loaded_window: Option<u64>,
    ) -> Result<Endpoint, EndpointError> {
        let overrides = Arc::clone(&self.overrides);
        let facts_service = service.clone();
        let options = EndpointOptions {
            name: service.name.clone(),
            base_url: service.base_url.clone(),
            wire: service.wire,
            transport: if service.websocket {
                Transport::WebSocket
            } else {
                Transport::Http
            },
            headers: service.headers.clone().into_iter().collect(),
            key,
            facts: Arc::new(move |model| {
                facts_of(&facts_service, model, loaded_window, &overrides)
            }),
        };
        Endpoint::new(&self.client, options)
    }
}

/// Why a service's models cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be used.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It did not answer.
    #[error(transparent)]
    Model(#[from] crate::ModelError),
}

fn facts_of(
    service: &Service,
    model: &str,
    loaded_window: Option<u64>,
    overrides: &BTreeMap<String, FactsOverride>,
) -> ModelFacts {
    let loaded = FactsOverride {
        context_window: loaded_window,
        ..FactsOverride::default()
    };
    let qualified = format!("{}/{model}", service.name);
    let layers = [
        Some(&loaded),
        overrides.get(model),
        overrides.get(&qualified),
    ];
    let layers: Vec<&FactsOverride> = layers.into_iter().flatten().collect();
    facts::facts(service, model, &layers)
}

fn key(service: &Service, origin: Option<&KeyOrigin>) -> Result<Option<Key>, KeyError> {
    match origin {
        None => Ok(None),
        Some(KeyOrigin::Environment(variable)) => keys::from_environment(variable),
        Some(KeyOrigin::Keyring) => keys::from_keyring(&service.name),
    }
}

/// This machine: its environment, its keyring, its servers.
struct Here<'a> {
    client: &'a Client,
}

impl Surroundings for Here<'_> {
    fn environment_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError> {
        let variable = service.key_variable.clone().unwrap_or_default();
        let key = keys::from_environment(&variable)?;
        Ok(key.map(|_| KeyOrigin::Environment(variable)))
    }

    fn keyring_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError> {
        let key = keys::from_keyring(&service.name)?;
        Ok(key.map(|_| KeyOrigin::Keyring))
    }

    fn running(&self, service: &Service) -> Option<LocalServer> {
        local::detect(service, self)
    }
}

impl Asks for Here<'_> {
    fn get(&self, url: &str) -> Option<Value> {
        self.client.get_json(url, LOCAL_PATIENCE).ok()
    }

    fn post(&self, url: &str, body: &Value) -> Option<Value> {
        self.client.post_json(url, body, LOCAL_PATIENCE).ok()
    }
}
