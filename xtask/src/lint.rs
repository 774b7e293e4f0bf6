//! `cargo xtask lint`: format, lints and documentation, no warning allowed; `.sqlx` as the queries
//! need it, no dependency that nobody uses.

use anyhow::Result;

use crate::sqlx::Freshness;
use crate::workspace::Workspace;
use crate::{process, unused};

/// What is looked at, one call of clippy each.
const SELECTIONS: [&[&str]; 3] = [
    PRODUCT,
    // Apart from the others: together they would share features, and xtask's dependencies would be
    // compiled a second time.
    &["-p", "xtask", "--all-targets"],
    // The browser's half of the console, which no other crate switches on. Checked for this
    // machine, where it need not run.
    &[
        "-p",
        "web",
        "--lib",
        "--no-default-features",
        "--features",
        "hydrate",
    ],
];

const PRODUCT: &[&str] = &["--workspace", "--exclude", "xtask", "--all-targets"];

/// What of `deny.toml` can be said without asking anybody outside.
const DENIED: [&str; 3] = ["bans", "licenses", "sources"];

/// Fails on the first thing that is not as it should be; what is quick comes first.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    unused::check(workspace)?;
    deny(workspace)?;
    // What a test binary or the server embeds is looked for at compile time; it may be empty.
    std::fs::create_dir_all(workspace.site())?;
    // The queries are looked at while clippy compiles them.
    let queries = Freshness::of(workspace)?;
    for selection in SELECTIONS {
        let mut clippy = workspace.cargo();
        clippy.arg("clippy").args(selection);
        clippy.args(["--", "-D", "warnings"]);
        if selection == PRODUCT
            && let Some(queries) = &queries
        {
            queries.ask_database(&mut clippy);
        }
        process::run(&mut clippy)?;
    }
    if let Some(queries) = queries {
        queries.check(workspace)?;
    }
    document(workspace)
}

/// Links that lead nowhere, and what else rustdoc finds; with private items, since those who read
/// it work here.
fn document(workspace: &Workspace) -> Result<()> {
    process::run(
        workspace
            .cargo()
            .args(["doc", "--no-deps", "--document-private-items"])
            .args(["--workspace", "--exclude", "xtask"])
            // There are none, but with them dependencies have the features that tests need, and
            // are those that clippy has looked at.
            .args(["--lib", "--bins", "--examples"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// Licences, duplicates and where crates come from.
fn deny(workspace: &Workspace) -> Result<()> {
    if !process::installed("cargo-deny") {
        eprintln!(
            "note: there is no cargo-deny here, so licences and duplicates (deny.toml) are not \
             looked at; `cargo install --locked cargo-deny` brings it"
        );
        return Ok(());
    }
    let mut deny = workspace.cargo();
    deny.args(["deny", "--offline", "--locked", "check"]);
    process::run(deny.args(DENIED))
}
