//! The Rollcall console: pages, components, and the port they talk through.
//!
//! The crate knows no SQL and no RVP. What it may ask for and order is
//! [`backend::Backend`]; the server implements it and mounts [`router`].
//! Every page is complete as the server sends it and every order is a plain
//! form; the browser's part (feature `hydrate`) only makes it live.

#![recursion_limit = "256"]

pub mod app;
#[cfg(feature = "ssr")]
pub mod backend;
mod browser;
mod format;
#[expect(unreachable_pub, reason = "the component macro makes its items pub")]
mod frame;
pub mod model;
#[expect(
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "the component macro makes its items pub, and properties are owned"
)]
mod pages;
#[expect(
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "the component macro makes its items pub, and properties are owned"
)]
mod parts;
mod problem;
mod query;
mod read;
#[cfg(feature = "hydrate")]
mod rescue;
#[cfg(feature = "ssr")]
mod ssr;

pub use problem::Problem;
#[cfg(feature = "ssr")]
pub use ssr::{ConsoleState, off_thread, router};

/// Takes the page over in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    rescue::prepare();
    leptos::mount::hydrate_body(app::App);
}
