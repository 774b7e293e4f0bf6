//! The console's side of the server: what the pages may ask for and order, their sessions,
//! and beside them the figures for Prometheus and what watches
//! over the process asks.

mod backend;
mod client_address;
mod files;
mod health;
mod metrics;
mod router;
mod serve;

pub use backend::ConsoleBackend;
pub use files::embedded_file;
pub use health::Health;
pub use router::{ConsoleParts, router};
pub use serve::serve;
