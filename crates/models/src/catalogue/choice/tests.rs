//! Which model is chosen in which surroundings.

use std::collections::{BTreeMap, HashMap};

use expect_test::{Expect, expect};

use super::*;
use crate::catalogue::services;

/// A machine as a test describes it.
#[derive(Default)]
struct Machine {
    environment: Vec<&'static str>,
    keyring: Vec<&'static str>,
    servers: HashMap<&'static str, Vec<LocalModel>>,
}

impl Surroundings for Machine {
    fn environment_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError> {
        let variable = service.key_variable.clone().unwrap_or_default();
        let is_set = self.environment.contains(&variable.as_str());
        Ok(is_set.then_some(KeyOrigin::Environment(variable)))
    }

    fn keyring_key(&self, service: &Service) -> Result<Option<KeyOrigin>, KeyError> {
        if self.keyring.is_empty() {
            return Err(KeyError::Keyring("there is none".into()));
        }
        let is_kept = self.keyring.contains(&service.name.as_str());
        Ok(is_kept.then_some(KeyOrigin::Keyring))
    }

    fn running(&self, service: &Service) -> Option<LocalServer> {
        let models = self.servers.get(service.name.as_str())?.clone();
        Some(LocalServer {
            service: service.name.clone(),
            models,
        })
    }
}

fn local(name: &str, tools: Option<bool>) -> LocalModel {
    LocalModel {
        name: name.into(),
        context_window: Some(8192),
        tools,
    }
}

fn check(machine: &Machine, settings: &str, wanted: Option<&str>, expected: Expect) {
    let settings: BTreeMap<_, _> = toml::from_str(settings).unwrap();
    let (services, errors) = services::configured(&settings);
    assert_eq!(errors, []);
    let told = match choose(&services, wanted, machine) {
        Ok(Choice::Service(choice)) => {
            format!(
                "{}/{} window {:?}: {}",
                choice.service, choice.model, choice.loaded_window, choice.why
            )
        }
        Ok(Choice::Embedded { why }) => format!("embedded: {why}"),
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&told);
}

#[test]
fn without_anything_the_embedded_provider_works() {
    check(
        &Machine::default(),
        "",
        None,
        expect!["embedded: no key is set and no model server runs on this machine"],
    );
}

#[test]
fn a_key_in_the_environment_decides() {
    let machine = Machine {
        environment: vec!["ANTHROPIC_API_KEY", "GROQ_API_KEY"],
        keyring: vec!["openai"],
        servers: HashMap::from([("ollama", vec![local("qwen3-coder:30b", None)])]),
    };
    check(
        &machine,
        "",
        None,
        expect![
            "anthropic/claude-sonnet-5-5 window None: its key is in the environment variable ANTHROPIC_API_KEY"
        ],
    );
}

#[test]
fn then_the_keyring_then_a_server_on_this_machine() {
    let servers = HashMap::from([
        ("ollama", vec![local("tiny", Some(false))]),
        ("lmstudio", vec![local("devstral", None)]),
    ]);
    let with_keyring = Machine {
        keyring: vec!["openai"],
        servers: servers.clone(),
        ..Machine::default()
    };
    check(
        &with_keyring,
        "",
        None,
        expect!["openai/gpt-6.1-sol window None: its key is in the system's keyring"],
    );
    let without = Machine {
        servers,
        ..Machine::default()
    };
    check(
        &without,
        "",
        None,
        expect![
            "lmstudio/devstral window Some(8192): it runs on this machine, at http://127.0.0.1:1234/v1"
        ],
    );
}

#[test]
fn a_service_of_ones_own_needs_no_key_unless_it_says_so() {
    let settings = "[house]\nbase_url = \"http://10.0.0.5/v1\"\ndefault_model = \"big\"\n";
    check(
        &Machine::default(),
        settings,
        None,
        expect!["house/big window None: `providers.house` names it"],
    );
}

#[test]
fn a_wish_is_a_service_a_model_or_both() {
    let machine = Machine {
        environment: vec!["OPENAI_API_KEY", "OPENROUTER_API_KEY"],
        ..Machine::default()
    };
    check(
        &machine,
        "",
        Some("openai"),
        expect!["openai/gpt-6.1-sol window None: it was asked for"],
    );
    check(
        &machine,
        "",
        Some("gpt-6-astra"),
        expect!["openai/gpt-6-astra window None: it was asked for"],
    );
    check(
        &machine,
        "",
        Some("openrouter/anthropic/claude-sonnet-5.5"),
        expect!["openrouter/anthropic/claude-sonnet-5.5 window None: it was asked for"],
    );
    check(
        &machine,
        "",
        Some("codemod"),
        expect!["embedded: it was asked for"],
    );
}

#[test]
fn a_wish_that_cannot_be_met_says_what_to_do() {
    let machine = Machine {
        environment: vec!["XAI_API_KEY"],
        ..Machine::default()
    };
    check(
        &machine,
        "",
        Some("claude-opus-5-5"),
        expect![
            "error: anthropic needs a key: set ANTHROPIC_API_KEY, or run `ropewalk login anthropic`"
        ],
    );
    check(
        &machine,
        "",
        Some("xai"),
        expect![
            "error: say which model of xai to use: `xai/MODEL` (`ropewalk models xai` lists them)"
        ],
    );
    check(
        &machine,
        "",
        Some("ollama"),
        expect![
            "error: nothing answers at http://127.0.0.1:11434: start ollama, or set `providers.ollama.base_url`"
        ],
    );
    check(
        &machine,
        "",
        Some("mystery"),
        expect![[
            r#"error: no provider has a model named "mystery"; write it as PROVIDER/MODEL, the providers being openai, anthropic, openrouter, gemini, mistral, xai, deepseek, groq, ollama, llama.cpp, lmstudio"#
        ]],
    );
    let powerless = Machine {
        servers: HashMap::from([("ollama", vec![local("tiny", Some(false))])]),
        ..Machine::default()
    };
    check(
        &powerless,
        "",
        Some("ollama"),
        expect![
            "error: ollama runs, but has no model that can work with tools; load one, for example a Qwen3-Coder or Devstral"
        ],
    );
    check(
        &powerless,
        "",
        Some("ollama/tiny"),
        expect!["ollama/tiny window None: it was asked for"],
    );
}
