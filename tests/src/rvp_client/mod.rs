//! An RVP client written out by hand over a `TcpStream`, so that every byte it
//! sends and gets is known. It is for what the real client cannot be made to do.

mod call_back;
mod digest;
mod http;
mod listener;
pub mod ntlm;
mod user;

pub use call_back::{Answer, CallBack, Received};
pub use digest::{Challenge, Credentials};
pub use http::{Connection, Request, Response};
pub use listener::{Behaviour, CallBackListener, Heard, MARK, between};
pub use user::{NAMESPACES, User, message, state_update, state_update_without_lease};
