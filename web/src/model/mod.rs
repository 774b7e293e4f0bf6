//! What the pages show: plain values that travel from the server to the browser.

mod frame;

pub use api::*;
pub use frame::{Answer, Flash, Frame};
