//! The servers that are measured, and what each wants to hear: its arguments, its options, its way to ask for a suggestion.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::client::Client;
use super::wire::uri;

/// A server to measure.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
}

/// The servers whose ways are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ours.
    Ropewalk,
    /// huggingface/llm-ls.
    LlmLs,
    /// SilasMarvin/lsp-ai.
    LspAi,
    /// `@github/copilot-language-server`, not signed in.
    Copilot,
}

impl Kind {
    /// The name by which it is given on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ropewalk => "ropewalk",
            Self::LlmLs => "llm-ls",
            Self::LspAi => "lsp-ai",
            Self::Copilot => "copilot",
        }
    }
}

impl Peer {
    /// Ours.
    pub(super) fn ropewalk(path: PathBuf) -> Self {
        Self {
            kind: Kind::Ropewalk,
            path,
        }
    }

    /// Reads `NAME=PATH`.
    pub(super) fn parse(argument: &str) -> anyhow::Result<Self> {
        let (name, path) = argument
            .split_once('=')
            .context("a server is given as NAME=PATH")?;
        let kinds = [Kind::Ropewalk, Kind::LlmLs, Kind::LspAi, Kind::Copilot];
        let Some(kind) = kinds.into_iter().find(|kind| kind.name() == name) else {
            bail!("`{name}` is not known; there are ropewalk, llm-ls, lsp-ai and copilot");
        };
        let path = PathBuf::from(path);
        if !path.is_file() {
            bail!("{} is not a file", path.display());
        }
        Ok(Self { kind, path })
    }

    /// The command that starts it, with a home of its own so that no user's settings play a part.
    pub(super) fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.path);
        match self.kind {
            Kind::Ropewalk => command.arg("lsp"),
            Kind::Copilot => command.arg("--stdio"),
            Kind::LlmLs | Kind::LspAi => &mut command,
        };
        for variable in [
            "HOME",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_STATE_HOME",
        ] {
            command.env(variable, home);
        }
        command.current_dir(home);
        command
    }

    /// Starts it in a workspace and waits until it has answered `initialize`.
    ///
    /// `model` is the address of a model server for those that need one.
    pub(super) fn initialize(
        &self,
        workspace: &Path,
        home: &Path,
        model: &str,
    ) -> anyhow::Result<Client> {
        let mut client = Client::start(self.command(home))?;
        let params = self.initialize_params(workspace, model);
        let answer = client.request("initialize", &params)?;
        if let Err(error) = answer.result {
            bail!("{} refused to start: {error}", self.kind.name());
        }
        client.notify("initialized", &json!({}))?;
        Ok(client)
    }

    /// The parameters of `initialize`.
    pub(super) fn initialize_params(&self, workspace: &Path, model: &str) -> Value {
        let root = uri(workspace);
        json!({
            "processId": std::process::id(),
            "clientInfo": { "name": "bench", "version": "1" },
            "rootUri": root,
            "workspaceFolders": [{ "uri": root, "name": "bench" }],
            "capabilities": {
                "general": { "positionEncodings": ["utf-8", "utf-16"] },
                "textDocument": { "inlineCompletion": { "dynamicRegistration": false } },
                "workspace": { "configuration": true, "workspaceFolders": true },
            },
            "initializationOptions": self.options(model),
        })
    }

    fn options(&self, model: &str) -> Value {
        match self.kind {
            Kind::Ropewalk | Kind::LlmLs => json!({}),
            Kind::LspAi => json!({
                "memory": { "file_store": {} },
                "models": { "local": {
                    "type": "open_ai",
                    "completions_endpoint": format!("{model}/v1/completions"),
                    "model": "local",
                    "auth_token": "none",
                    // Its limiter otherwise drops most requests, and its default would measure only the limiter.
                    "max_requests_per_second": 100_000.0,
                } },
                "completion": { "model": "local", "parameters": {
                    "max_context": 2048,
                    "fim": { "start": "<s>", "middle": "<m>", "end": "<e>" },
                } },
            }),
            Kind::Copilot => json!({
                "editorInfo": { "name": "bench", "version": "1" },
                "editorPluginInfo": { "name": "bench", "version": "1" },
            }),
        }
    }

    /// The request for a suggestion at a place.
    pub(super) fn suggestion(
        &self,
        uri: &str,
        version: usize,
        line: usize,
        character: usize,
        model: &str,
    ) -> (&'static str, Value) {
        let mut params = json!({
            "textDocument": { "uri": uri },
            "position": { "line": line, "character": character },
        });
        match self.kind {
            Kind::LspAi => ("textDocument/completion", params),
            Kind::LlmLs => {
                merge(&mut params, llm_ls_options(model));
                ("llm-ls/getCompletions", params)
            }
            Kind::Ropewalk | Kind::Copilot => {
                params["textDocument"]["version"] = version.into();
                params["context"] = json!({ "triggerKind": 2 });
                ("textDocument/inlineCompletion", params)
            }
        }
    }
}

fn llm_ls_options(model: &str) -> Value {
    json!({
        "ide": "neovim",
        "model": "local",
        "backend": "tgi",
        "url": format!("{model}/generate"),
        "disableUrlPathCompletion": true,
        "fim": { "enabled": true, "prefix": "<s>", "middle": "<m>", "suffix": "<e>" },
        "apiToken": null,
        "tokensToClear": [],
        "tokenizerConfig": null,
        "contextWindow": 2048,
        "tlsSkipVerifyInsecure": false,
        "requestBody": {},
    })
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_given_by_name_and_path() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let peer = Peer::parse(&format!("llm-ls={}", file.path().display())).unwrap();
        assert_eq!((peer.kind, peer.path.as_path()), (Kind::LlmLs, file.path()));
        for (argument, problem) in [
            ("llm-ls", "a server is given as NAME=PATH"),
            (
                "other=/x",
                "`other` is not known; there are ropewalk, llm-ls, lsp-ai and copilot",
            ),
            ("lsp-ai=/no/such/file", "/no/such/file is not a file"),
        ] {
            assert_eq!(Peer::parse(argument).unwrap_err().to_string(), problem);
        }
    }
}
