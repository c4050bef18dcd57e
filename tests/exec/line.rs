//! The lines to a model: each wire, and each way in which it travels.

use scripted_model::Wire;

/// A way to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    ResponsesHttp,
    ResponsesWebSocket,
    ChatCompletions,
    Messages,
    Ollama,
}

/// The environment variable with the key, and a key that is easily found wherever it should not be.
pub(crate) const KEY_VARIABLE: &str = "SCRIPTED_KEY";
pub(crate) const KEY: &str = "sk-scripted-0123456789-never-write-this-down";

impl Line {
    pub(crate) const ALL: [Self; 5] = [
        Self::ResponsesHttp,
        Self::ResponsesWebSocket,
        Self::ChatCompletions,
        Self::Messages,
        Self::Ollama,
    ];

    pub(crate) fn wire(self) -> Wire {
        match self {
            Self::ResponsesHttp | Self::ResponsesWebSocket => Wire::Responses,
            Self::ChatCompletions => Wire::ChatCompletions,
            Self::Messages => Wire::Messages,
            Self::Ollama => Wire::Ollama,
        }
    }

    /// The user's settings for a server at `url`.
    pub(crate) fn settings(self, url: &str) -> String {
        let wire = match self.wire() {
            Wire::Responses => "responses",
            Wire::ChatCompletions => "chat_completions",
            Wire::Messages => "messages",
            Wire::Ollama => "ollama",
        };
        // The addresses of all services but Ollama end with the version of their interface.
        let base = if self == Self::Ollama { "" } else { "/v1" };
        let websocket = self == Self::ResponsesWebSocket;
        format!(
            "model = \"scripted/m\"\n\
             [providers.scripted]\n\
             base_url = \"{url}{base}\"\nwire = \"{wire}\"\nwebsocket = {websocket}\nkey_variable = \"{KEY_VARIABLE}\"\n"
        )
    }
}
