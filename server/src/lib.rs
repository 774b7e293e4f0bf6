//! The Rollcall daemon as a library, so that its parts can be tested; `main.rs` is the program.

pub mod auth;
pub mod clock;
pub mod delivery;
pub mod methods;
pub mod presence;
pub mod store;
