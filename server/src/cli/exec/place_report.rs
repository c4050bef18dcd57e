//! What a run says of the place where it works, before anything is done there: which walls it has, and why no stronger.

use sandbox::Wall;
use serde::Serialize;

use crate::agent_host::place::Ready;
use crate::cli::terminal::Style;

/// What is said of a place of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub(crate) enum PlaceReport {
    /// The thread works in a twin.
    #[serde(rename = "twin.ready")]
    Twin {
        /// The twin's id, which is the thread's.
        twin: String,
        /// Which walls.
        wall: Wall,
        /// Whether it is as the thread has left it.
        is_taken_up: bool,
        /// Why there is no stronger wall, and what else the user should know.
        notes: Vec<String>,
    },
    /// The thread works in the folder itself, though a twin was wanted.
    #[serde(rename = "twin.missing")]
    Folder {
        /// Why.
        notes: Vec<String>,
    },
}

impl PlaceReport {
    /// What is to be said; nothing when the place is the one that was asked for, or when the run ends with an error anyway.
    pub(crate) fn of(ready: &Ready) -> Option<Self> {
        match ready {
            Ready::Twin(twin) => Some(Self::Twin {
                twin: twin.id().to_owned(),
                wall: twin.wall(),
                is_taken_up: twin.is_taken_up(),
                notes: twin.notes().to_vec(),
            }),
            Ready::Folder(reasons) if reasons.is_empty() => None,
            Ready::Folder(reasons) => Some(Self::Folder {
                notes: reasons.clone(),
            }),
            Ready::Nowhere(_) => None,
        }
    }

    /// The same in words.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (Style, String)> {
        let (head, notes) = match self {
            Self::Twin {
                wall,
                is_taken_up,
                notes,
                ..
            } => {
                let taken_up = match is_taken_up {
                    true => ", as the thread has left it",
                    false => "",
                };
                let head = format!("Twin: {wall}{taken_up}.");
                ((Style::Ghost, head), notes)
            }
            Self::Folder { notes } => {
                let head = "No twin: the work is done in the folder itself, without any walls.";
                ((Style::Warning, head.to_owned()), notes)
            }
        };
        let notes = notes
            .iter()
            .map(|note| (Style::Warning, format!("  {note}")));
        std::iter::once(head).chain(notes)
    }
}
