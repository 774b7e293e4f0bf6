//! Why a test could not go on. `Debug` reads like `Display`, because that is
//! what the test runner prints for an `Err`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Why a test could not go on, said so that one knows what to do.
#[derive(thiserror::Error)]
pub enum Failure {
    /// A program of the system is missing.
    #[error("{program} is not installed: run `{install}`")]
    Missing {
        /// What was looked for.
        program: String,
        /// The command that brings it.
        install: &'static str,
    },
    /// The server under test was not built.
    #[error(
        "no server at {0}: run `cargo build -p server`, or set ROLLCALL_BIN to a built `rollcall`"
    )]
    NoServer(PathBuf),
    /// The operating system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something that should have happened did not, in time.
    #[error("waited {} ms for {what}\n{seen}", waited.as_millis())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        waited: Duration,
        /// What happened instead.
        seen: String,
    },
    /// Something happened that must not.
    #[error("{0}")]
    Unexpected(String),
    /// The browser or its driver refused.
    #[error("browser: {0}")]
    Browser(String),
}

impl Failure {
    /// For `map_err`: names what was being done when the system refused.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<fantoccini::error::CmdError> for Failure {
    fn from(error: fantoccini::error::CmdError) -> Self {
        Self::Browser(error.to_string())
    }
}
