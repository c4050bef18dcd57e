//! The tools that the agent offers to models, one a file, and what they share.
//!
//! [`arguments`] reads what a model wrote and describes what it may write; [`output`] keeps every answer within bounds.

pub mod arguments;
pub mod output;
