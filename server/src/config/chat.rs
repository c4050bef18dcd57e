//! `[chat]`: how chats behave.

use serde::Deserialize;

/// `[chat]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct ChatConfig {
    /// Whether saving a chat's document sends what was written; for those whose editor saves by itself.
    pub(crate) send_on_save: bool,
}

impl Default for ChatConfig {
    fn default() -> Self {
        Self { send_on_save: true }
    }
}
