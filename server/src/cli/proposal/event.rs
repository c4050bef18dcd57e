//! What becomes of a proposal, for programs: JSON events beside those of the thread (`docs/events.md`).

use std::path::Path;

use agent::tool::PresentedChange;
use serde::Serialize;

use crate::twins::LeftOut;

use super::told::{ToldConflict, ToldFile};

/// Something happened to a proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type")]
pub(crate) enum ProposalEvent<'a> {
    /// The turn has ended, and this is what it comes down to.
    #[serde(rename = "proposal.made")]
    Made {
        /// The twin with the files.
        twin: &'a str,
        /// What would change, in order of the paths.
        changes: &'a [PresentedChange],
        /// What the task has written that is not part of it.
        left_out: &'a [LeftOut],
    },
    /// It is in the user's files now, but for the conflicts.
    #[serde(rename = "proposal.applied")]
    Applied {
        /// Where it came from.
        twin: &'a str,
        /// The files that were changed, in order of the paths.
        files: &'a [ToldFile],
        /// What the user should know of single files.
        notes: &'a [String],
        /// The files that were left as they are, most often because the user has changed them otherwise.
        conflicts: &'a [ToldConflict],
        /// What `ropewalk undo` takes back; missing when no file had to be changed.
        checkpoint: Option<&'a str>,
    },
    /// Nothing was applied.
    #[serde(rename = "proposal.refused")]
    Refused {
        /// Where it came from.
        twin: &'a str,
        /// The files that cannot be changed, most often because the user has changed them otherwise; empty when something
        /// else is wrong.
        conflicts: &'a [ToldConflict],
        /// What happened and what to do.
        message: String,
    },
    /// It was written down as a patch.
    #[serde(rename = "proposal.written")]
    Written {
        /// Where it came from.
        twin: &'a str,
        /// The patch.
        file: &'a Path,
    },
    /// It waits.
    #[serde(rename = "proposal.kept")]
    Kept {
        /// What to give `ropewalk apply`, `diff` and `discard`.
        twin: &'a str,
        /// Why.
        because: KeptBecause,
    },
    /// It is gone.
    #[serde(rename = "proposal.discarded")]
    Discarded {
        /// Where it came from.
        twin: &'a str,
    },
}

/// Why a proposal waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptBecause {
    /// Somebody said so, with the options or at the question.
    Asked,
    /// There is nobody to ask.
    NobodyToAsk,
    /// The turn was interrupted.
    Interrupted,
    /// The turn could not be ended, and nobody has seen what there is of it.
    Unfinished,
    /// It could not be applied.
    Refused,
    /// The twin has work that is not part of it.
    LeftOut,
}
