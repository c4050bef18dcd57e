//! A task's proposal on the command line: shown, applied, kept, thrown away.
//!
//! `ropewalk exec` does it when a turn has ended, `ropewalk apply`, `diff` and `discard` later.

mod event;
pub(crate) mod patch_file;
pub(crate) mod told;
pub(crate) mod view;

pub(crate) use event::{KeptBecause, ProposalEvent};
