//! The ways of a change from the lightbulb to the user's judgement.

mod asking;
mod chat;
mod conflicts;
mod files;
mod inline_edits;
mod judging;
mod landing;
mod restarts;
mod reviewing;
mod starting;
