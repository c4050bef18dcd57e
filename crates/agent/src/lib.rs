//! The coding agent: threads, turns and items; the loop, the prompt, the tools, approvals, compaction, the thread store.
//!
//! A library that knows no surface: a surface gives it a goal, a [`Workspace`], a [`Gate`] for approvals and a place for
//! the events, and gets a thread back. Models come from `models`, processes from `sandbox`.

pub mod agents_md;
pub mod approvals;
mod bounded_text;
pub mod codemod;
mod compaction;
mod driver;
pub mod editable_text;
pub mod folder_workspace;
pub mod landing;
pub mod limits;
pub mod machine;
pub mod need;
pub mod patch;
mod picture;
pub mod prompt;
pub mod proposal_rules;
pub mod redactor;
pub mod rules;
mod sandbox_refusal;
pub mod store;
pub mod sub_tasks;
pub mod surface;
pub mod thread;
pub mod tool;
pub mod tools;
pub mod twin_proposal;
pub mod twin_starter;
pub mod twin_workspace;
pub mod workspace;
pub mod world;

pub use folder_workspace::{BaseKeeper, FolderWorkspace, FolderWorkspaceError};
pub use redactor::Redactor;
pub use rules::Rules;
pub use surface::ThreadEvent;
pub use thread::{Journal, ThreadHandle, ThreadParts};
pub use tool::{Tool, ToolContext, ToolOutput};
pub use twin_starter::TwinStarter;
pub use twin_workspace::TwinWorkspace;
pub use workspace::Workspace;
