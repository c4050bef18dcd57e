//! Chats as Markdown documents: what stands in them, how an answer grows in one while its user types, what was mentioned.
//!
//! Pure, but for [`worker`], which reads and writes the files. `session/chat.rs` sends the edits and starts the turns.

pub(crate) mod answer;
pub(crate) mod format;
pub(crate) mod growth;
pub(crate) mod links;
pub(crate) mod mentions;
pub(crate) mod placement;
mod tool_line;
pub(crate) mod transcript;
pub(crate) mod worker;
