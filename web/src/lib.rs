//! The Rollcall console: pages, components, and the port they talk through.
//!
//! The crate knows no SQL and no RVP. What it may ask for and order is
//! [`backend::Backend`]; the server implements it.

#[cfg(feature = "ssr")]
pub mod backend;
pub mod model;
