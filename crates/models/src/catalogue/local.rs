//! Model servers on this machine: whether one answers, what it has loaded, and which of its models can work with tools.
//!
//! Ollama, llama.cpp and LM Studio are asked at their usual addresses. The asking itself is done by the caller's
//! [`Asks`], so that this file only knows what the answers mean.

use serde_json::Value;

use crate::Wire;

use super::services::Service;

/// Asks a server on this machine.
pub(crate) trait Asks: Sync {
    /// The JSON at `url`; `None` when nobody answers, or something else than JSON.
    fn get(&self, url: &str) -> Option<Value>;

    /// The JSON that answers `body` at `url`.
    fn post(&self, url: &str, body: &Value) -> Option<Value>;
}

/// A server that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// The service's name.
    pub service: String,
    /// The models that can hold a conversation, the best for code first.
    pub models: Vec<LocalModel>,
}

/// A model of a local server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalModel {
    /// Its name there.
    pub name: String,
    /// The window that is loaded or configured, in tokens, where the server says.
    pub context_window: Option<u64>,
    /// Whether it can call tools; `None` where the server does not say.
    pub tools: Option<bool>,
}

/// Marks in names of models, the best for code first; what has none of them comes last.
const PREFERRED: [&str; 9] = [
    "qwen3-coder",
    "devstral",
    "coder",
    "gpt-oss",
    "glm",
    "qwen3",
    "codestral",
    "deepseek",
    "code",
];

/// Marks in names of models that hold no conversation.
const UNFIT: [&str; 5] = ["embed", "rerank", "whisper", "minilm", "bge-"];

/// Asks `service`; `None` when it does not run.
pub(crate) fn detect(service: &Service, server: &dyn Asks) -> Option<LocalServer> {
    let mut models = match service.wire {
        Wire::Ollama => ollama_models(service, server)?,
        _ => listed_models(service, server)?,
    };
    models.retain(|model| {
        !UNFIT
            .iter()
            .any(|mark| model.name.to_lowercase().contains(mark))
    });
    // A server says in its own order what was used last; within a rank that order stays.
    models.sort_by_key(|model| (model.tools == Some(false), rank(&model.name)));
    Some(LocalServer {
        service: service.name.clone(),
        models,
    })
}

fn rank(name: &str) -> usize {
    let name = name.to_lowercase();
    PREFERRED
        .iter()
        .position(|mark| name.contains(mark))
        .unwrap_or(PREFERRED.len())
}

/// `GET /api/tags` lists the models, `POST /api/show` says what one can do.
fn ollama_models(service: &Service, server: &dyn Asks) -> Option<Vec<LocalModel>> {
    let tags = server.get(&format!("{}/api/tags", service.base_url))?;
    let describe = |name: &str| {
        let url = format!("{}/api/show", service.base_url);
        let shown = server.post(&url, &serde_json::json!({ "model": name }));
        model(name, None, shown.and_then(|shown| can_call_tools(&shown)))
    };
    Some(names(tags.get("models")?, "name").map(describe).collect())
}

fn can_call_tools(shown: &Value) -> Option<bool> {
    let capabilities = shown.get("capabilities")?.as_array()?;
    Some(capabilities.iter().any(|capability| capability == "tools"))
}

/// `GET /models` of the OpenAI dialect, with what llama.cpp and LM Studio say elsewhere.
fn listed_models(service: &Service, server: &dyn Asks) -> Option<Vec<LocalModel>> {
    let listing = server.get(&format!("{}/models", service.base_url))?;
    let names = names(listing.get("data")?, "id");
    let root = service.base_url.trim_end_matches("/v1");
    Some(match service.name.as_str() {
        "llama.cpp" => {
            let window = llama_cpp_window(root, server);
            names.map(|name| model(name, window, None)).collect()
        }
        "lmstudio" => {
            let details = server.get(&format!("{root}/api/v0/models"));
            lmstudio_models(names, &details.unwrap_or_default())
        }
        _ => names.map(|name| model(name, None, None)).collect(),
    })
}

fn model(name: &str, context_window: Option<u64>, tools: Option<bool>) -> LocalModel {
    LocalModel {
        name: name.to_owned(),
        context_window,
        tools,
    }
}

/// The window that was loaded, from `GET /props`.
fn llama_cpp_window(root: &str, server: &dyn Asks) -> Option<u64> {
    let properties = server.get(&format!("{root}/props"))?;
    properties
        .pointer("/default_generation_settings/n_ctx")?
        .as_u64()
        .filter(|window| *window > 0)
}

/// With what `GET /api/v0/models` says of each, the loaded ones first: only they have a window that is known, and
/// models are mostly loaded with less of it than they could have.
fn lmstudio_models<'a>(names: impl Iterator<Item = &'a str>, details: &Value) -> Vec<LocalModel> {
    let entries = details["data"].as_array().map_or(&[][..], Vec::as_slice);
    let entry = |name: &str| entries.iter().find(|entry| entry["id"] == name);
    let describe = |name| {
        let entry = entry(name).unwrap_or(&Value::Null);
        let capabilities = entry["capabilities"].as_array();
        let tools = capabilities.map(|capabilities| capabilities.contains(&"tool_use".into()));
        model(name, entry["loaded_context_length"].as_u64(), tools)
    };
    let mut models: Vec<LocalModel> = names.map(describe).collect();
    models.sort_by_key(|model| model.context_window.is_none());
    models
}

fn names<'a>(list: &'a Value, key: &'a str) -> impl Iterator<Item = &'a str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(move |entry| entry.get(key)?.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;
    use crate::catalogue::services;

    /// Answers as the real servers' documentation shows; `POST` answers are filed under URL and model.
    struct Answers(HashMap<String, Value>);

    impl Asks for Answers {
        fn get(&self, url: &str) -> Option<Value> {
            self.0.get(url).cloned()
        }

        fn post(&self, url: &str, body: &Value) -> Option<Value> {
            self.0
                .get(&format!("{url} {}", body["model"].as_str()?))
                .cloned()
        }
    }

    fn detected(service: &str, answers: &[(&str, Value)]) -> Option<LocalServer> {
        let services = services::built_in();
        let service = services.iter().find(|found| found.name == service).unwrap();
        let answers = answers
            .iter()
            .map(|(url, answer)| ((*url).to_owned(), answer.clone()));
        detect(service, &Answers(answers.collect()))
    }

    #[test]
    fn ollama_offers_its_code_model_first_and_what_cannot_call_tools_last() {
        let found = detected(
            "ollama",
            &[
                (
                    "http://127.0.0.1:11434/api/tags",
                    json!({"models": [
                        {"name": "starcoder2:3b"}, {"name": "llama3.2:3b"},
                        {"name": "nomic-embed-text:latest"}, {"name": "Qwen3-Coder:30b"},
                    ]}),
                ),
                (
                    "http://127.0.0.1:11434/api/show starcoder2:3b",
                    json!({"capabilities": ["completion", "insert"]}),
                ),
                (
                    "http://127.0.0.1:11434/api/show Qwen3-Coder:30b",
                    json!({"capabilities": ["completion", "tools"]}),
                ),
            ],
        );
        assert_eq!(
            found.unwrap().models,
            [
                model("Qwen3-Coder:30b", None, Some(true)),
                model("llama3.2:3b", None, None),
                model("starcoder2:3b", None, Some(false)),
            ]
        );
    }

    #[test]
    fn llama_cpp_says_how_large_its_window_is() {
        let found = detected(
            "llama.cpp",
            &[
                (
                    "http://127.0.0.1:8080/v1/models",
                    json!({"object": "list", "data": [{"id": "devstral-small.gguf"}]}),
                ),
                (
                    "http://127.0.0.1:8080/props",
                    json!({"default_generation_settings": {"n_ctx": 16384}}),
                ),
            ],
        );
        assert_eq!(
            found.unwrap().models,
            [model("devstral-small.gguf", Some(16384), None)]
        );
    }

    #[test]
    fn lm_studio_says_what_is_loaded_and_how_large() {
        let found = detected(
            "lmstudio",
            &[
                (
                    "http://127.0.0.1:1234/v1/models",
                    json!({"data": [{"id": "phi-4"}, {"id": "qwen3-8b"}, {"id": "qwen3-4b"}, {"id": "gemma"}]}),
                ),
                (
                    "http://127.0.0.1:1234/api/v0/models",
                    json!({"object": "list", "data": [
                        {"id": "phi-4", "type": "llm", "state": "not-loaded", "max_context_length": 16384},
                        {"id": "qwen3-8b", "type": "llm", "state": "not-loaded", "capabilities": ["tool_use"]},
                        {"id": "qwen3-4b", "type": "llm", "state": "loaded", "max_context_length": 262_144,
                         "loaded_context_length": 4096, "capabilities": ["tool_use"]},
                        {"id": "gemma", "type": "vlm", "state": "not-loaded", "capabilities": []},
                    ]}),
                ),
            ],
        );
        assert_eq!(
            found.unwrap().models,
            [
                model("qwen3-4b", Some(4096), Some(true)),
                model("qwen3-8b", None, Some(true)),
                model("phi-4", None, None),
                model("gemma", None, Some(false)),
            ]
        );
    }

    #[test]
    fn some_other_program_at_the_address_is_no_model_server() {
        let nobody = detected("lmstudio", &[]);
        let web_page = detected(
            "lmstudio",
            &[("http://127.0.0.1:1234/v1/models", json!({"hello": "world"}))],
        );
        assert_eq!((nobody, web_page), (None, None));
    }
}
