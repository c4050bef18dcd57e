//! What a list tells of a thread, kept beside the events so that a list need not read them all.

use models::Usage;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What can be recorded in a thread's log.
pub trait Recorded: Serialize + DeserializeOwned {
    /// Brings `summary`, which covers all events before this one, up to date.
    fn summarize(&self, summary: &mut ThreadSummary);
}

/// What a list tells of a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadSummary {
    /// The beginning of the user's first message.
    pub title: String,
    /// How many turns there were.
    pub turns: u64,
    /// Tokens of all turns.
    pub usage: Usage,
    /// What they cost, in millionths of a dollar, as far as prices are known.
    pub cost: Option<u64>,
    /// How the last turn ended.
    pub state: ThreadState,
}

/// How a thread's last turn ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    /// It has not ended: it is being worked on, or the program went down meanwhile.
    #[default]
    Unfinished,
    /// By itself.
    Finished,
    /// By the user.
    Interrupted,
    /// By an error or a limit.
    Failed,
}

/// The longest title, in characters.
const TITLE_CHARACTERS: usize = 80;

impl ThreadSummary {
    /// Makes the beginning of `message` the title, unless there is one. Lists are printed, so control characters go.
    pub fn title_from(&mut self, message: &str) {
        if !self.title.is_empty() {
            return;
        }
        let words: Vec<&str> = message.split_whitespace().collect();
        let line = words.join(" ").replace(char::is_control, "");
        self.title = match line.char_indices().nth(TITLE_CHARACTERS) {
            None => line,
            Some((end, _)) => format!("{}…", line[..end].trim_end()),
        };
    }
}
