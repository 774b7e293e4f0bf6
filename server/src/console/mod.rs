//! The console's side of the server: what the pages may ask for and order, their sessions,
//! and the figures for Prometheus beside them.

mod backend;
mod client_address;
mod files;
mod metrics;
mod router;
mod serve;

pub use backend::ConsoleBackend;
pub use router::{ConsoleParts, router};
pub use serve::serve;
