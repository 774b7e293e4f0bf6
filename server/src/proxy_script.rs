//! The proxy script (PAC) that the RVP listener hands to browsers: ready in memory, made anew when
//! its policy changes.

use bytes::Bytes;
use parking_lot::RwLock;

/// What there is to hand out.
#[derive(Clone, Debug, Default)]
pub enum Script {
    /// It is switched off.
    #[default]
    Off,
    /// It is switched on, but there is none: why.
    Missing(String),
    /// The script.
    Ready(Bytes),
}

/// The script as it is now.
#[derive(Debug, Default)]
pub struct ProxyScript(RwLock<Script>);

impl ProxyScript {
    /// The path at which the listener hands it out.
    pub const PATH: &str = "/proxy.pac";

    /// Hands this out from now on.
    pub fn put(&self, script: Script) {
        *self.0.write() = script;
    }

    /// What there is now.
    #[must_use]
    pub fn now(&self) -> Script {
        self.0.read().clone()
    }
}
