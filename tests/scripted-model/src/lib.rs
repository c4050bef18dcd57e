//! A model service on loopback that answers from a script: real HTTP, SSE and WebSocket, on every wire we speak.
//!
//! Tests, benchmarks and the demonstration start a [`Server`] with a [`Script`]. The server is strict, as the real
//! services are: a request that they would refuse is refused with the reason and recorded among
//! [`Server::violations`]. Faults happen on demand. Nothing here shares code with the wires under test.

mod conversations;
mod fault;
mod json;
mod pairing;
mod script;
mod seal;
mod seen;
mod server;
mod step;
mod wire;

pub use conversations::ScriptedConversation;
pub use fault::{Fault, Refusal};
pub use script::{Script, Upgrade};
pub use seen::{
    Conversation, Kind, Outcome, SeenItem, SeenOutput, SeenRequest, SeenRole, SeenTool, Times,
    Transport,
};
pub use server::Server;
pub use step::{Arguments, End, Pace, Part, Step, Usage};
pub use wire::Wire;
