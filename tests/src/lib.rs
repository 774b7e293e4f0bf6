//! What the end-to-end tests stand on: the built server as a process, a real
//! RVP client, a hand-written one whose every byte is known, a real browser.
//!
//! Nothing here may reach into the server: it is met only through its sockets,
//! its command line and its files. A program that is missing is a failure that
//! names the command to install it, never a skipped test.

pub mod api_client;
pub mod browser;
mod checks;
pub mod console;
mod deadline;
pub mod dns;
mod failure;
pub mod faults;
pub mod librvp;
mod librvp_build;
pub mod lockdown;
pub mod people;
pub mod phases;
pub mod programs;
pub mod random;
pub mod rvp_client;
pub mod server;
pub mod silent;

pub use checks::{assert_client_can_read, assert_xml_clients_can_read};
pub use deadline::{Deadline, eventually};
pub use failure::Failure;
