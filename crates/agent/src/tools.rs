//! The tools that the agent offers to models, one a file, and what they share.
//!
//! [`arguments`] reads what a model wrote and describes what it may write; [`output`] keeps every answer within bounds;
//! `function_tool` is what tools with a struct of arguments have in common, which are nearly all.

pub mod apply_patch;
pub mod arguments;
pub mod ask_user;
pub mod change_files;
mod commands;
mod definitions;
pub mod diagnostics;
pub mod edit_file;
pub mod exec_command;
pub mod find_symbol;
mod function_tool;
pub mod list_files;
mod many_files;
mod nearest;
pub mod outline;
pub mod output;
mod parallel;
mod places;
pub mod read_file;
pub mod rename;
pub mod report_findings;
pub mod rewrite;
pub mod search;
pub mod spawn_tasks;
pub mod update_plan;
pub mod view_image;
pub mod write_stdin;

use std::sync::Arc;

use sandbox::Processes;

use crate::{Rules, Tool};

/// Every tool, in the order in which models are told of them; the order never changes within a thread.
///
/// Commands run in `processes`, which belong to the thread; `rules` say what they may do unasked.
pub fn standard(processes: &Arc<Processes>, rules: Rules) -> Vec<Arc<dyn Tool>> {
    vec![
        Arc::new(read_file::ReadFile),
        Arc::new(list_files::ListFiles),
        Arc::new(search::Search),
        Arc::new(outline::Outline),
        Arc::new(find_symbol::FindSymbol),
        Arc::new(apply_patch::ApplyPatch),
        Arc::new(edit_file::EditFile),
        Arc::new(rename::Rename),
        Arc::new(rewrite::Rewrite),
        Arc::new(exec_command::ExecCommand::new(Arc::clone(processes), rules)),
        Arc::new(write_stdin::WriteStdin::new(Arc::clone(processes))),
        Arc::new(update_plan::UpdatePlan),
        Arc::new(view_image::ViewImage),
        Arc::new(ask_user::AskUser),
    ]
}

#[cfg(test)]
pub(crate) mod test_support;
