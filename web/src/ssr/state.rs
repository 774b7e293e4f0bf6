//! What the console is given, and what its handlers share.

use super::assets::Script;
use super::live_pages::LivePages;
use super::uploads::Uploads;
use crate::backend::Backend;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use std::borrow::Cow;
use std::sync::Arc;

/// What the console needs of its surroundings.
#[derive(Clone)]
pub struct ConsoleState {
    /// The server behind it.
    pub backend: Arc<dyn Backend>,
    /// A file of the browser's part by its name, such as `rollcall.js` or `rollcall_bg.wasm`.
    /// The same name with `.br` or `.gz` is asked for first where the browser takes that.
    /// Without a `rollcall.js` the pages carry no script and work all the same.
    pub files: fn(&str) -> Option<Cow<'static, [u8]>>,
    /// Fills with unguessable bytes.
    pub random: fn(&mut [u8]),
    /// Live pages of one session that may be open at once.
    pub live_pages_per_session: usize,
    /// True where browsers reach the console over TLS: they are told to keep to it. The
    /// session layer must mark its cookie `Secure` then.
    pub secure_cookies: bool,
}

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct AppState {
    /// What the console was given.
    pub(crate) console: ConsoleState,
    /// The browser's part, if there is one.
    pub(crate) script: Option<Arc<Script>>,
    /// Uploaded files that wait for their owners.
    pub(crate) uploads: Arc<Uploads>,
    /// Live pages that are open.
    pub(crate) live_pages: LivePages,
    options: LeptosOptions,
}

impl AppState {
    pub(crate) fn new(console: ConsoleState) -> Self {
        Self {
            script: Script::find(console.files).map(Arc::new),
            uploads: Arc::default(),
            live_pages: LivePages::new(console.live_pages_per_session),
            options: LeptosOptions::builder().output_name("rollcall").build(),
            console,
        }
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        self.console.backend.as_ref()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}
