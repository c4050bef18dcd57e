//! The handlers: one event each, sent before anything else happens, so that the queue has the order of arrival.

use std::future::Future;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, FutureExt};

use protocol::{
    DiagnosticsNotification, Message, ProposalReport, ProposalRequest, StatusReport, StatusRequest,
    TaskReport, TasksRequest, ThreadReport, ThreadsRequest, ViewDocumentRequest,
    ViewDocumentResult,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower_lsp_server::gen_lsp_types::{
    CodeAction, CodeLens, CompletionList, DidChangeWorkspaceFoldersParams, DocumentLink,
    InitializeParams, InitializeResult, InitializedParams, InlineCompletionList,
};
use tower_lsp_server::jsonrpc::{Error, Request, Response, Result};
use tower_lsp_server::{ExitedError, LanguageServer, LspService};
use url::Url;

use crate::event::{Event, EventSender, Reply};
use crate::lsp::params::ProgressCancel;

/// The service with exactly the methods that Ropewalk implements; all others are answered "method not found".
pub(super) fn service(events: EventSender) -> Service {
    let (service, _) = LspService::build_with_lifecycle_methods(|_| Backend { events })
        .custom_method("textDocument/didOpen", Backend::did_open)
        .custom_method("textDocument/didChange", Backend::did_change)
        .custom_method("textDocument/didSave", Backend::did_save)
        .custom_method("textDocument/didClose", Backend::did_close)
        .custom_method("textDocument/inlineCompletion", Backend::inline_completion)
        .custom_method("textDocument/completion", Backend::completion)
        .custom_method("textDocument/codeAction", Backend::code_actions)
        .custom_method("textDocument/codeLens", Backend::code_lenses)
        .custom_method("textDocument/documentLink", Backend::document_links)
        .custom_method("codeAction/resolve", Backend::resolve_code_action)
        .custom_method("workspace/executeCommand", Backend::execute_command)
        .custom_method(
            "workspace/didChangeConfiguration",
            Backend::did_change_configuration,
        )
        .custom_method(
            "workspace/didChangeWatchedFiles",
            Backend::did_change_watched_files,
        )
        .custom_method(
            "workspace/didChangeWorkspaceFolders",
            Backend::did_change_folders,
        )
        .custom_method(
            "window/workDoneProgress/cancel",
            Backend::progress_cancelled,
        )
        .custom_method(DiagnosticsNotification::METHOD, Backend::diagnostics_told)
        .custom_method(TasksRequest::METHOD, Backend::tasks)
        .custom_method(ProposalRequest::METHOD, Backend::proposal)
        .custom_method(ThreadsRequest::METHOD, Backend::threads)
        .custom_method(StatusRequest::METHOD, Backend::status)
        .custom_method(ViewDocumentRequest::METHOD, Backend::view_document)
        .finish();
    Service(service)
}

/// The service behind a look at the two requests that the framework is too strict or too lenient with.
pub(super) struct Service(LspService<Backend>);

impl tower::Service<Request> for Service {
    type Response = Option<Response>;
    type Error = ExitedError;
    type Future = BoxFuture<'static, std::result::Result<Self::Response, Self::Error>>;

    fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<std::result::Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match (request.method(), request.id().cloned()) {
            // Sent as notifications they would change the state of the conversation, and nobody would be told.
            ("initialize" | "shutdown", None) => std::future::ready(Ok(None)).boxed(),
            ("initialize", Some(id)) => {
                let (_, _, params) = request.into_parts();
                let params = json!({ "capabilities": {}, "initializationOptions": params });
                let request = Request::build("initialize").params(params).id(id);
                self.0.call(request.finish())
            }
            _ => self.0.call(request),
        }
    }
}

/// Holds the way to the event queue and nothing else.
#[derive(Debug)]
pub(crate) struct Backend {
    events: EventSender,
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let params = params.initialization_options.unwrap_or_default();
        self.ask(|reply| Event::Initialize(Box::new(params), reply))
            .await
    }

    async fn initialized(&self, _: InitializedParams) {
        self.events.send(Event::Initialized);
    }

    async fn shutdown(&self) -> Result<()> {
        self.ask(Event::Shutdown).await
    }
}

/// What became of a notification.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Queued,
    NotUnderstood,
}

impl Backend {
    async fn did_open(&self, params: Value) {
        self.tell("textDocument/didOpen", params, Event::DocumentOpened);
    }

    /// Without this change the server's text is not the editor's any more, which must not go unnoticed.
    async fn did_change(&self, params: Value) {
        let uri = params["textDocument"]["uri"]
            .as_str()
            .and_then(|uri| Url::parse(uri).ok());
        let told = self.tell("textDocument/didChange", params, Event::DocumentChanged);
        if let (Told::NotUnderstood, Some(uri)) = (told, uri) {
            self.events.send(Event::ChangeNotUnderstood(uri));
        }
    }

    async fn did_save(&self, params: Value) {
        self.tell("textDocument/didSave", params, Event::DocumentSaved);
    }

    async fn did_close(&self, params: Value) {
        self.tell("textDocument/didClose", params, Event::DocumentClosed);
    }

    async fn inline_completion(&self, params: Value) -> Result<InlineCompletionList> {
        self.ask_with(params, Event::InlineCompletion)?.await
    }

    async fn completion(&self, params: Value) -> Result<CompletionList> {
        self.ask_with(params, Event::Completion)?.await
    }

    async fn did_change_configuration(&self, params: Value) {
        let method = "workspace/didChangeConfiguration";
        self.tell(method, params, Event::ConfigurationChanged);
    }

    async fn did_change_watched_files(&self, params: Value) {
        self.tell(
            "workspace/didChangeWatchedFiles",
            params,
            Event::FilesChanged,
        );
    }

    async fn did_change_folders(&self, params: Value) {
        let method = "workspace/didChangeWorkspaceFolders";
        self.tell(method, params, |params: DidChangeWorkspaceFoldersParams| {
            Event::FoldersChanged(params.event)
        });
    }

    async fn code_actions(&self, params: Value) -> Result<Vec<CodeAction>> {
        self.ask_with(params, Event::CodeActions)?.await
    }

    async fn code_lenses(&self, params: Value) -> Result<Vec<CodeLens>> {
        self.ask_with(params, Event::CodeLenses)?.await
    }

    async fn document_links(&self, params: Value) -> Result<Vec<DocumentLink>> {
        self.ask_with(params, Event::DocumentLinks)?.await
    }

    /// Nothing is left to be resolved, and some clients ask all the same.
    async fn resolve_code_action(&self, action: Value) -> Result<Value> {
        Ok(action)
    }

    async fn execute_command(&self, params: Value) -> Result<Value> {
        self.ask_with(params, Event::ExecuteCommand)?.await
    }

    async fn progress_cancelled(&self, params: Value) {
        let method = "window/workDoneProgress/cancel";
        self.tell(method, params, |params: ProgressCancel| {
            Event::ProgressCancelled(params.token)
        });
    }

    async fn diagnostics_told(&self, params: Value) {
        let method = DiagnosticsNotification::METHOD;
        self.tell(method, params, Event::DiagnosticsTold);
    }

    async fn tasks(&self, _: Value) -> Result<Vec<TaskReport>> {
        self.ask(Event::Tasks).await
    }

    async fn proposal(&self, params: Value) -> Result<ProposalReport> {
        self.ask_with(params, Event::Proposal)?.await
    }

    async fn threads(&self, _: Value) -> Result<Vec<ThreadReport>> {
        self.ask(Event::Threads).await
    }

    async fn status(&self, _: Value) -> Result<StatusReport> {
        self.ask(Event::Status).await
    }

    async fn view_document(&self, params: Value) -> Result<ViewDocumentResult> {
        self.ask_with(params, Event::ViewDocument)?.await
    }

    /// Queues a notification; one that cannot be decoded is logged and ignored, since nobody waits for an answer.
    fn tell<P: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
        event: impl FnOnce(P) -> Event,
    ) -> Told {
        match serde_path_to_error::deserialize(params) {
            Ok(params) => {
                self.events.send(event(params));
                Told::Queued
            }
            // The error itself quotes what it found, which may be the user's text.
            Err(error) => {
                let place = error.path();
                tracing::warn!(method, %place, "ignored: a parameter is missing or of a wrong type");
                Told::NotUnderstood
            }
        }
    }

    fn ask_with<P: DeserializeOwned, R>(
        &self,
        params: Value,
        event: impl FnOnce(P, Reply<R>) -> Event,
    ) -> Result<impl Future<Output = Result<R>>> {
        let params = serde_json::from_value(params)
            .map_err(|error| Error::invalid_params(error.to_string()))?;
        Ok(self.ask(|reply| event(params, reply)))
    }

    /// Queues a request at once and returns its answer to wait for. The queue drops a reply only when it panicked
    /// over the request or is at its end.
    fn ask<R, E: FnOnce(Reply<R>) -> Event>(
        &self,
        event: E,
    ) -> impl Future<Output = Result<R>> + use<R, E> {
        let (reply, answer) = oneshot::channel();
        self.events.send(event(reply));
        async move {
            answer
                .await
                .unwrap_or_else(|_| Err(Error::internal_error()))
        }
    }
}
