//! The ways of a change from the lightbulb to the user's judgement.

mod chat;
mod inline_edits;
mod reviewing;
mod starting;
