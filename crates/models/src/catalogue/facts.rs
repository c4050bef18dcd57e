//! What is known of models: the built-in table, and what the configuration adds to it.
//!
//! Used by the catalogue when it opens a provider. Says nothing about services; see `services.rs` for those.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{ModelFacts, Price, Quirks};

use super::services::Service;

/// Assumed of a remote model that nothing is known of, in tokens.
const UNKNOWN_WINDOW: u64 = 128_000;

/// Assumed of a model on this machine that nothing is known of, in tokens: more would cost memory that may not be there.
const UNKNOWN_LOCAL_WINDOW: u64 = 32_768;

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        model: Vec<Entry>,
    }
    let table: Table =
        toml::from_str(include_str!("models.toml")).expect("the built-in table is tested");
    table.model
});

/// What the configuration says of a model; what it leaves out stays as the table has it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FactsOverride {
    /// How much it can read and write at once, in tokens.
    pub context_window: Option<u64>,
    /// How much it can write at once, in tokens.
    pub max_output_tokens: Option<u64>,
    /// Whether it takes pictures.
    pub images: Option<bool>,
    /// Whether it reasons and takes an effort.
    pub reasoning: Option<bool>,
    /// Whether it takes tools in free text; only the wire `responses` has them.
    pub freeform_tools: Option<bool>,
    /// What it costs.
    pub price: Option<PriceSettings>,
    /// Where its service departs from the wire; what is left out, or at its default, stays as it was.
    pub quirks: Quirks,
}

/// A price in dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct PriceSettings {
    /// Input that was not cached.
    pub input: f64,
    /// Input from the cache; as `input` when left out.
    pub cached_input: Option<f64>,
    /// Output.
    pub output: f64,
}

/// An entry of the built-in table.
#[derive(Debug, Deserialize)]
struct Entry {
    pattern: String,
    #[serde(flatten)]
    facts: FactsOverride,
}

/// What is known of `model` at `service`, with `overrides` from the configuration laid over it, weakest first.
pub(crate) fn facts(service: &Service, model: &str, overrides: &[&FactsOverride]) -> ModelFacts {
    let mut facts = ModelFacts {
        wire: service.wire,
        context_window: if service.local {
            UNKNOWN_LOCAL_WINDOW
        } else {
            UNKNOWN_WINDOW
        },
        max_output_tokens: None,
        images: false,
        reasoning: false,
        freeform_tools: false,
        remote_compaction: service.remote_compaction,
        price: None,
        quirks: service.quirks,
    };
    // A local server loads as much of a window as it was told to, whatever the model could take.
    let built_in = lookup(model).map(|entry| FactsOverride {
        context_window: entry.facts.context_window.filter(|_| !service.local),
        price: entry.facts.price.filter(|_| !service.local),
        ..entry.facts.clone()
    });
    for layer in built_in.iter().chain(overrides.iter().copied()) {
        overlay(&mut facts, layer);
    }
    facts.freeform_tools &= service.wire == crate::Wire::Responses;
    facts
}

fn overlay(facts: &mut ModelFacts, layer: &FactsOverride) {
    let FactsOverride {
        context_window,
        max_output_tokens,
        images,
        reasoning,
        freeform_tools,
        price,
        quirks,
    } = layer;
    facts.context_window = context_window.unwrap_or(facts.context_window);
    facts.max_output_tokens = max_output_tokens.or(facts.max_output_tokens);
    facts.images = images.unwrap_or(facts.images);
    facts.reasoning = reasoning.unwrap_or(facts.reasoning);
    facts.freeform_tools = freeform_tools.unwrap_or(facts.freeform_tools);
    facts.price = price.map(Price::from).or(facts.price);
    facts.quirks = quirks.over(facts.quirks);
}

impl From<PriceSettings> for Price {
    fn from(price: PriceSettings) -> Self {
        let micro_dollars_per_thousand =
            |dollars_per_million: f64| (dollars_per_million.max(0.0) * 1000.0).round() as u64;
        Self {
            input: micro_dollars_per_thousand(price.input),
            cached_input: micro_dollars_per_thousand(price.cached_input.unwrap_or(price.input)),
            output: micro_dollars_per_thousand(price.output),
        }
    }
}

fn lookup(model: &str) -> Option<&'static Entry> {
    let name = model.rsplit('/').next().unwrap_or(model);
    TABLE
        .iter()
        .filter(|entry| fits(&entry.pattern, name))
        .max_by_key(|entry| entry.pattern.len())
}

/// Whether `name` fits `pattern`: `*` stands for anything, `?` for one character; letter case does not matter.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let mut characters = pattern.chars();
    match characters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = characters.as_str();
            fits(rest, name)
                || name
                    .char_indices()
                    .any(|(at, character)| fits(rest, &name[at + character.len_utf8()..]))
        }
        Some(expected) => {
            let mut name = name.chars();
            name.next().is_some_and(|found| {
                (expected == '?' || expected.eq_ignore_ascii_case(&found))
                    && fits(characters.as_str(), name.as_str())
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::services;
    use crate::{EffortField, ThinkingControl, Wire};

    fn built_in(service: &str, model: &str, overrides: &[&FactsOverride]) -> ModelFacts {
        let services = services::built_in();
        let service = services.iter().find(|found| found.name == service).unwrap();
        facts(service, model, overrides)
    }

    #[test]
    fn the_longest_pattern_counts() {
        let found = |model: &str| lookup(model).map(|entry| entry.pattern.as_str());
        assert_eq!(
            [
                found("claude-opus-5-5"),
                found("anthropic/claude-opus-5.5"),
                found("claude-opus-5"),
                found("claude-3-opus"),
                found("GPT-6.1-Sol"),
                found("something-else"),
            ],
            [
                Some("claude-opus-5?5*"),
                Some("claude-opus-5?5*"),
                Some("claude-opus-5*"),
                Some("claude*"),
                Some("gpt-6.1-sol*"),
                None,
            ]
        );
    }

    #[test]
    fn the_configuration_is_laid_over_the_table() {
        let general = FactsOverride {
            context_window: Some(1000),
            images: Some(false),
            ..FactsOverride::default()
        };
        let particular = FactsOverride {
            context_window: Some(2000),
            price: Some(PriceSettings {
                input: 0.5,
                cached_input: None,
                output: 1.5,
            }),
            ..FactsOverride::default()
        };
        assert_eq!(
            built_in("openai", "gpt-6.1-sol", &[&general, &particular]),
            ModelFacts {
                wire: Wire::Responses,
                context_window: 2000,
                max_output_tokens: Some(128_000),
                images: false,
                reasoning: true,
                freeform_tools: true,
                remote_compaction: true,
                price: Some(Price {
                    input: 500,
                    cached_input: 500,
                    output: 1500
                }),
                quirks: Quirks::default(),
            }
        );
    }

    #[test]
    fn free_text_tools_are_for_the_one_wire_that_has_them() {
        assert!(!built_in("openrouter", "openai/gpt-6.1-sol", &[]).freeform_tools);
    }

    #[test]
    fn a_local_model_costs_nothing_and_has_the_window_that_was_loaded() {
        let facts = built_in("ollama", "qwen3-coder:30b", &[]);
        assert_eq!(
            (facts.context_window, facts.price),
            (UNKNOWN_LOCAL_WINDOW, None)
        );
    }

    #[test]
    fn quirks_of_the_service_and_of_the_model_add_up() {
        let quirks: Quirks = toml::from_str("no_automatic_cache = true").unwrap();
        let particular = FactsOverride {
            quirks,
            ..FactsOverride::default()
        };
        assert_eq!(
            built_in("anthropic", "claude-haiku-4-5", &[&particular]).quirks,
            Quirks {
                thinking: ThinkingControl::Budget,
                no_automatic_cache: true,
                ..Quirks::default()
            }
        );
        assert_eq!(
            built_in("openrouter", "anthropic/claude-haiku-4.5", &[])
                .quirks
                .effort,
            EffortField::ReasoningObject
        );
    }

    #[test]
    fn a_star_stands_for_anything() {
        let cases = [
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*", "", true),
            ("é*", "éa", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
