//! The REST API on a socket in the data directory, for the command line: whoever may use the socket
//! is an administrator.

mod client;
mod path;
mod server;

pub use client::{ControlError, ask, follow};
pub use server::{ControlSocket, SocketError};
