//! The tools that the agent offers to models, one a file, and what they share.
//!
//! [`arguments`] reads what a model wrote and describes what it may write; [`output`] keeps every answer within bounds.

pub mod apply_patch;
pub mod arguments;
pub mod ask_user;
pub mod change_files;
mod commands;
pub mod edit_file;
pub mod exec_command;
pub mod output;
pub mod update_plan;
pub mod view_image;
pub mod write_stdin;

#[cfg(test)]
mod attended_bench;
#[cfg(test)]
pub(crate) mod test_support;
