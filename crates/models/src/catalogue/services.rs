//! The services that models are reached at: those built in, and those that the configuration adds or changes.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Quirks, Wire};

/// A service, ready for use but for its key.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Service {
    /// How the user names it.
    pub name: String,
    /// The dialect that it speaks.
    pub wire: Wire,
    /// Where its paths begin, without a final slash.
    pub base_url: String,
    /// The environment variable that holds its key; services without one need no key.
    #[serde(default)]
    pub key_variable: Option<String>,
    /// Further headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Whether the wire `responses` goes over a WebSocket.
    #[serde(default)]
    pub websocket: bool,
    /// Whether it compacts a history itself.
    #[serde(default)]
    pub remote_compaction: bool,
    /// The model to use when the user names only the service, or nothing.
    #[serde(default)]
    pub default_model: Option<String>,
    /// A pattern of the models that belong to it, so that their names are enough.
    #[serde(default)]
    pub own_models: Option<String>,
    /// Whether it runs on this machine.
    #[serde(default)]
    pub local: bool,
    /// Where it departs from its wire.
    #[serde(default)]
    pub quirks: Quirks,
}

/// `[providers.NAME]` in the configuration: a new service, or changes to one that is built in.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ProviderSettings {
    /// Where its paths begin.
    pub base_url: Option<String>,
    /// The dialect that it speaks; `chat_completions` unless it says otherwise.
    pub wire: Option<Wire>,
    /// The environment variable that holds its key; an empty one says that it needs none.
    pub key_variable: Option<String>,
    /// Further headers of every request.
    pub headers: BTreeMap<String, String>,
    /// Whether the wire `responses` goes over a WebSocket.
    pub websocket: Option<bool>,
    /// Whether it compacts a history itself (`/responses/compact`).
    pub remote_compaction: Option<bool>,
    /// The model to use when none is named.
    pub default_model: Option<String>,
    /// Where it departs from its wire; what is left out, or at its default, stays as it was.
    pub quirks: Quirks,
}

/// Why the configuration of a service cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// Nothing says where it is.
    #[error("`providers.{0}` needs a `base_url`, for example \"http://127.0.0.1:8000/v1\"")]
    NoAddress(String),
    /// Not an address of a web service.
    #[error(
        "`providers.{name}.base_url` is \"{url}\", which is not an http:// or https:// address: {reason}"
    )]
    BadAddress {
        /// The service.
        name: String,
        /// What the configuration says.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that could not be written before a model's.
    #[error(
        "`providers.\"{0}\"` is no name for a provider: it must not be empty and not contain `/`"
    )]
    BadName(String),
    /// The embedded engine is no service.
    #[error("`providers.{0}`: the name belongs to the provider that is built in; choose another")]
    ReservedName(String),
}

/// The services that need no configuration, in the order in which they are tried.
pub(crate) fn built_in() -> Vec<Service> {
    #[derive(Deserialize)]
    struct Table {
        provider: Vec<Service>,
    }
    let table: Table =
        toml::from_str(include_str!("providers.toml")).expect("the built-in table is tested");
    table.provider
}

/// The services in the order in which they are tried: those that the configuration adds come first.
///
/// What cannot be used is left out and reported.
pub fn configured(
    settings: &BTreeMap<String, ProviderSettings>,
) -> (Vec<Service>, Vec<ServiceError>) {
    let mut services = built_in();
    let mut added = Vec::new();
    let mut errors = Vec::new();
    for (name, settings) in settings {
        let known = services.iter_mut().find(|service| service.name == *name);
        let result = match known {
            Some(service) => change(service, settings),
            None => add(name, settings).map(|service| added.push(service)),
        };
        errors.extend(result.err());
    }
    added.append(&mut services);
    (added, errors)
}

fn change(service: &mut Service, settings: &ProviderSettings) -> Result<(), ServiceError> {
    let mut changed = service.clone();
    if let Some(url) = &settings.base_url {
        changed.base_url = address(&service.name, url)?;
        // Whoever moves a service elsewhere moves away from its particular abilities, unless the settings say they are there.
        changed.websocket = false;
        changed.remote_compaction = false;
    }
    changed.wire = settings.wire.unwrap_or(changed.wire);
    if let Some(variable) = &settings.key_variable {
        changed.key_variable = Some(variable.clone()).filter(|variable| !variable.is_empty());
    }
    changed.headers.extend(settings.headers.clone());
    changed.websocket = settings.websocket.unwrap_or(changed.websocket);
    changed.remote_compaction = settings
        .remote_compaction
        .unwrap_or(changed.remote_compaction);
    changed.default_model = settings.default_model.clone().or(changed.default_model);
    *service = changed;
    Ok(())
}

fn add(name: &str, settings: &ProviderSettings) -> Result<Service, ServiceError> {
    if name.is_empty() || name.contains('/') {
        return Err(ServiceError::BadName(name.into()));
    }
    if name == super::EMBEDDED {
        return Err(ServiceError::ReservedName(name.into()));
    }
    let url = settings
        .base_url
        .as_deref()
        .ok_or_else(|| ServiceError::NoAddress(name.into()))?;
    let base_url = address(name, url)?;
    let local = is_loopback(&base_url);
    // People's own servers mostly do not know the templates of the models that they run.
    let usual = Quirks {
        think_tags: local,
        ..Quirks::default()
    };
    Ok(Service {
        name: name.into(),
        wire: settings.wire.unwrap_or(Wire::ChatCompletions),
        local,
        base_url,
        key_variable: settings
            .key_variable
            .clone()
            .filter(|variable| !variable.is_empty()),
        headers: settings.headers.clone(),
        websocket: settings.websocket.unwrap_or(false),
        remote_compaction: settings.remote_compaction.unwrap_or(false),
        default_model: settings.default_model.clone(),
        own_models: None,
        quirks: settings.quirks.over(usual),
    })
}

fn address(name: &str, url: &str) -> Result<String, ServiceError> {
    let bad = |reason: String| ServiceError::BadAddress {
        name: name.into(),
        url: url.into(),
        reason,
    };
    let parsed = url::Url::parse(url).map_err(|error| bad(error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(bad(format!("it begins with {}:", parsed.scheme())));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn is_loopback(url: &str) -> bool {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host().map(|host| host.to_owned()));
    match host {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> BTreeMap<String, ProviderSettings> {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn a_service_of_ones_own_comes_first_and_speaks_chat_completions() {
        let (services, errors) = configured(&settings(
            "[house]\nbase_url = \"http://127.0.0.1:8000/v1/\"\n",
        ));
        assert_eq!(errors, []);
        assert_eq!(
            services[0],
            Service {
                name: "house".into(),
                wire: Wire::ChatCompletions,
                base_url: "http://127.0.0.1:8000/v1".into(),
                key_variable: None,
                headers: BTreeMap::new(),
                websocket: false,
                remote_compaction: false,
                default_model: None,
                own_models: None,
                local: true,
                quirks: Quirks {
                    think_tags: true,
                    ..Quirks::default()
                },
            }
        );
        assert_eq!(services[1].name, "openai");
    }

    #[test]
    fn a_service_that_was_moved_has_the_abilities_that_are_named() {
        let (services, _) = configured(&settings(
            "[openai]\nbase_url = \"https://gateway.example/v1\"\nremote_compaction = true\n",
        ));
        let openai = services
            .iter()
            .find(|service| service.name == "openai")
            .unwrap();
        assert_eq!(
            (
                openai.base_url.as_str(),
                openai.websocket,
                openai.remote_compaction,
                openai.key_variable.as_deref()
            ),
            (
                "https://gateway.example/v1",
                false,
                true,
                Some("OPENAI_API_KEY")
            )
        );
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let (_, errors) = configured(&settings(
            "[a]\n[b]\nbase_url = \"ftp://x\"\n[c]\nbase_url = \"nonsense\"\n[\"x/y\"]\n[codemod]\nbase_url = \"http://x\"\n",
        ));
        let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
        expect_test::expect![[r#"
            `providers.a` needs a `base_url`, for example "http://127.0.0.1:8000/v1"
            `providers.b.base_url` is "ftp://x", which is not an http:// or https:// address: it begins with ftp:
            `providers.c.base_url` is "nonsense", which is not an http:// or https:// address: relative URL without a base
            `providers.codemod`: the name belongs to the provider that is built in; choose another
            `providers."x/y"` is no name for a provider: it must not be empty and not contain `/`"#]]
        .assert_eq(&messages.join("\n"));
    }
}
