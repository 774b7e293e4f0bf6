//! The Rollcall daemon as a library, so that its parts can be tested; `main.rs` is the program.
//!
//! Its rooms stand on floors, each using only those below it: `docs/ARCHITECTURE.md` has the table.

pub mod access_log;
pub mod admin;
pub mod admin_http;
pub mod admin_socket;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod data_dir;
pub mod delivery;
pub mod dns;
pub mod doctor;
pub mod enforcement;
pub mod engine;
pub mod events;
pub mod federation;
pub mod groups;
pub mod history;
pub mod hooks;
pub mod keys;
pub mod listener;
pub mod names;
pub mod net;
pub mod network;
pub mod opening;
pub mod presence;
pub mod proxy_script;
pub mod serve;
mod signals;
pub mod stop;
pub mod store;
pub mod syslog;
mod tasks;
pub mod telemetry;
pub mod timeouts;

// What tests share names the crate from outside, as the tests of `tests/` do.
#[cfg(test)]
extern crate self as rollcall;
