//! The command line of the load program.

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the release build of Rollcall under load, on this machine.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Options {
    /// How many principals are online
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(50..=99_999))]
    pub(crate) principals: u32,
    /// Measure only this; may be given several times
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Name>,
    /// How many seconds each round of a throughput lasts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
    /// How many keep-alive connections the renewals come over
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=800))]
    pub(crate) connections: u16,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the program does when it is not the load.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Be the bare axum server that renewals are compared with
    #[command(hide = true)]
    BareAxum,
}

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Memory of an online user with 20 contacts
    Memory,
    /// Committed, authenticated renewals a second
    Renewals,
    /// The time until 1,000 watchers know
    FanOut,
    /// The time until an open console knows
    Browser,
    /// What a policy of 20,000 values costs, and what users feel of it
    LargePolicy,
    /// Memory a minute after a storm of notifications
    Storm,
    /// The time until a killed server is back
    Restart,
}

impl Options {
    /// Whether this figure is asked for.
    pub(crate) fn wants(&self, name: Name) -> bool {
        self.only.is_empty() || self.only.contains(&name)
    }
}
