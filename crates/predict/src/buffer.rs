//! What the open documents teach: their tokens around the cursor, kept up to date with every edit.
//! The engine owns one `Document` per open document; the query reads their token stacks.

mod brackets;
mod document;
mod recent;
mod side;
mod stack;

pub(crate) use self::{
    brackets::{Brackets, closer_of, is_closer},
    document::{Document, Reach, bounded_line},
    recent::{MAX_TOKENS as MAX_RECENT_TOKENS, RecentEdits},
    side::Freshness,
    stack::TokenStack,
};
