//! The ways of a change from the lightbulb to the user's judgement.

mod reviewing;
mod starting;
