//! The browser's part of the console: in the program, if it was built before.

use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "$ROLLCALL_SITE_DIR"]
struct Site;

/// A file of the browser's part by its name.
pub(super) fn file(name: &str) -> Option<Cow<'static, [u8]>> {
    Site::get(&format!("pkg/{name}")).map(|file| file.data)
}
