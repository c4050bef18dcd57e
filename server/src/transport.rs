//! The wire: frames from the client in, frames to the client out, and nothing that a client sends ends it.
//!
//! Called by [`crate::lsp`]. Reading and writing are plain threads on blocking streams; between them
//! [`serve`] hands each message to the `tower` service in arrival order. We do not use the framework's own
//! transport because it ends the process on the first frame that it cannot decode (docs/decisions/0002).

mod frame;
mod incoming;
mod outbox;
mod serve;

pub(crate) use outbox::{Answer, Outbox, RequestId};
pub(crate) use serve::serve;
