//! The control socket: how the command line talks to the server that runs on a data directory.
//!
//! One JSON line there, one back, then the connection ends. The socket lies in the data
//! directory and only its owner may use it: who may read the key file may order. Neither end
//! waits for ever for the other.

mod assignments;
mod client;
mod groups;
mod order;
mod path;
mod server;

pub use assignments::AssignmentOrder;
pub use client::{ControlError, send};
pub use groups::GroupOrder;
pub use order::{Failure, Order, Reply};
pub use server::{ControlSocket, SocketError};
