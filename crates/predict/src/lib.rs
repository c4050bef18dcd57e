//! Tab-completion with no model and no network: an engine in the process that learned from the
//! user's own workspace.
//!
//! The server's predictor thread owns one `Engine`, tells it of every edit and asks it for
//! suggestions. A background thread makes the `Index` of the workspace's files with an
//! `IndexBuilder` and hands it over. How good the suggestions are is measured by `evaluation`,
//! which replays commits of real repositories. Nothing here knows LSP, starts threads that outlive
//! a call or touches a disk, but for the index file.

mod buffer;
mod cut;
mod engine;
pub mod evaluation;
mod fit;
mod index;
mod lexer;
mod query;
#[cfg(test)]
mod random;
mod ranker;
mod suggestion;
mod typed_through;
mod vocabulary;

pub use engine::{Engine, EngineOptions, Jumps};
pub use index::{
    Added, BuildCancelled, ChangedFile, FileStamp, Index, IndexBuilder, IndexOptions,
    IndexStatistics, SkipReason, StoreError,
};
pub use ranker::{Ranker, RankerError};
pub use suggestion::{
    Origin, Outcome, Preset, SilenceReason, SuggestOptions, SuggestQuery, Suggestion,
};
