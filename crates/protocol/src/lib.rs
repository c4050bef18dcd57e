//! The `ropewalk/*` messages: what the server and the editor plugins say to each other beyond standard LSP.
//!
//! Plain data with its JSON form and nothing else. The server fills it, plugins read it,
//! `docs/protocol.schema.json` and `docs/protocol.d.ts` are generated from it and `docs/protocol.md` explains it.

mod approval;
mod inline_edit;
mod schema;
mod status;
mod task;
mod thread;
#[cfg(test)]
mod typescript;
mod view;

pub use approval::{
    ApprovalAnswer, ApprovalDecision, ApprovalParams, ApprovalRequest, ApprovalSubject,
};
pub use inline_edit::{
    InlineEditNotification, InlineEditPosition, InlineEditRange, InlineEditReport, InlineEditState,
};
pub use schema::schema;
pub use status::{
    EngineReport, EngineState, FolderReport, LearningReport, StatusNotification, StatusReport,
    StatusRequest, SuggestionReport,
};
pub use task::{
    FileChangeKind, FileChangeReport, PlanEntry, PlanEntryStatus, StopReason, TaskNotification,
    TaskReport, TaskState, TaskUpdateNotification, TaskUpdateParams, TasksRequest, ToolCall,
    ToolCallStatus, ToolKind, Update,
};
pub use thread::{
    DiagnosticsNotification, DiagnosticsParams, HunkReport, HunksNotification, HunksReport,
    ProposalParams, ProposalReport, ProposalRequest, ThreadReport, ThreadsRequest,
};
pub use view::{ViewDocumentParams, ViewDocumentRequest, ViewDocumentResult};

/// A message of ours: its method name and the types of its parameters and its answer.
pub trait Message {
    /// The JSON-RPC method name.
    const METHOD: &'static str;
    /// What is sent.
    type Params;
    /// What is answered; `()` for a notification.
    type Result;
}
