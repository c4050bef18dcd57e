//! What a model is sent before it does anything: the instructions, the world, the user's message, in a fixed order.
//!
//! [`assemble`] is the first request of a thread as data; the loop sends the same parts as they come about.
//! The layers: our instructions · the world's sections ([`crate::world`]) · attachments · the user's words.

mod attachment;
mod instructions;
mod permissions;

use std::sync::Arc;

use models::{Content, Item, Role};

use crate::world::World;

pub use attachment::{Attachment, AttachmentError};
pub use instructions::{InstructionOptions, instructions};
pub use permissions::{Permission, Permissions, TwinPermissions};

/// What the user says, with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInput {
    /// The words.
    pub text: String,
    /// Files and pictures, in the order in which the user gave them.
    pub attachments: Vec<Attachment>,
}

/// The beginning of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The standing instructions.
    pub instructions: Arc<str>,
    /// The world, then the user's message.
    pub items: Vec<Item>,
}

/// The beginning of a conversation that starts with `input` in `world`.
pub fn assemble(options: &InstructionOptions<'_>, world: &World, input: &UserInput) -> Prompt {
    let mut items = world.additions(&World::default());
    items.push(input.item());
    Prompt {
        instructions: instructions(options).into(),
        items,
    }
}

impl UserInput {
    /// Words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            attachments: Vec::new(),
        }
    }

    /// The message: the attachments, then the words.
    pub fn item(&self) -> Item {
        Item::Message {
            role: Role::User,
            content: self.content(),
            phase: None,
        }
    }

    /// The parts of the message.
    pub fn content(&self) -> Vec<Content> {
        let attachments = self.attachments.iter().map(Attachment::content);
        let words = (!self.text.is_empty()).then(|| Content::text(&self.text));
        attachments.chain(words).collect()
    }
}

#[cfg(test)]
mod tests;
