//! The browser's part of the console: in the program, if it was built before.

use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "$ROLLCALL_SITE_DIR"]
struct Site;

/// A file of the browser's part by its name; none if the program was built without it.
#[must_use]
pub fn embedded_file(name: &str) -> Option<Cow<'static, [u8]>> {
    Site::get(&format!("pkg/{name}")).map(|file| file.data)
}
