//! Whatever bytes come, each parser answers. One function for each, which the fuzzer calls with
//! what it thinks up (`cargo xtask fuzz`) and the tests with the corpus that is checked in.
//!
//! Each also holds what it read to a property: written again and read again it is the same.

mod readers;
mod targets;

/// One parser, and what it must hold to.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also the folder of its corpus.
    pub name: &'static str,
    /// Runs it; panics where something is not as it must be.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "headers",
        run: targets::headers,
    },
    Target {
        name: "address",
        run: targets::address,
    },
    Target {
        name: "notification",
        run: targets::notification,
    },
    Target {
        name: "propfind",
        run: targets::propfind,
    },
    Target {
        name: "property_update",
        run: targets::property_update,
    },
    Target {
        name: "acl",
        run: targets::acl,
    },
    Target {
        name: "payload",
        run: targets::payload,
    },
    Target {
        name: "invitation",
        run: targets::invitation,
    },
    Target {
        name: "ntlm",
        run: targets::ntlm,
    },
    Target {
        name: "digest",
        run: targets::digest,
    },
    Target {
        name: "reg",
        run: targets::reg,
    },
    Target {
        name: "registry_pol",
        run: targets::registry_pol,
    },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}
