//! Who is online.

use crate::{Millis, Part, RefusedLately, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user's state as watchers see it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PresenceState {
    /// At the keyboard.
    Online,
    /// Away.
    Away,
    /// Busy.
    Busy,
    /// Back soon.
    BackSoon,
    /// On the phone.
    OnPhone,
    /// Out to lunch.
    AtLunch,
    /// Nobody touched the keyboard for a while.
    Idle,
    /// Signed on, but shown to watchers as offline.
    Invisible,
    /// Not signed on.
    Offline,
}

/// Which column the table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnlineSort {
    /// By alias.
    #[default]
    User,
    /// By state.
    State,
    /// By time of the first live sign-on.
    Since,
    /// By lease left.
    Lease,
    /// By address.
    Address,
    /// By client.
    Client,
    /// By number of watchers.
    Watchers,
}

impl OnlineSort {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::State,
        Self::Since,
        Self::Lease,
        Self::Address,
        Self::Client,
        Self::Watchers,
    ];

    /// Its name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::State => "state",
            Self::Since => "since",
            Self::Lease => "lease",
            Self::Address => "address",
            Self::Client => "client",
            Self::Watchers => "watchers",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}

/// What part of the table is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OnlineQuery {
    /// Part of an alias, a display name, an address or a client; empty for all.
    pub search: String,
    /// Sorted by.
    pub sort: OnlineSort,
    /// Largest first.
    pub descending: bool,
    /// Only users with a client that stopped answering.
    pub silent: bool,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One user who is signed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnlineRow {
    /// The user's alias: the key of the row.
    pub alias: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// State as it was set (an invisible user is shown so here).
    pub state: PresenceState,
    /// First live sign-on.
    pub since: Millis,
    /// When the state lease runs out if nobody renews it.
    pub lease_ends: Millis,
    /// How many others watch this user.
    pub watchers: u32,
    /// The live sign-ons, oldest first; never empty.
    pub sessions: Vec<SessionCell>,
    /// What a policy refused to the user, or to somebody who invited them, since they signed on.
    pub refused: Option<RefusedLately>,
}

/// One sign-on of a user: one client on one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionCell {
    /// IP address of the client.
    pub address: String,
    /// Port the client listens on for call-backs.
    pub port: u16,
    /// What the client calls itself; empty if it does not say.
    pub client: String,
    /// How it authenticated: `digest` or `ntlm`.
    pub auth: String,
    /// When it signed on.
    pub since: Millis,
    /// When its call-back stopped answering, if it did.
    pub unreachable: Option<Millis>,
    /// When its sign-on ends if nobody renews it.
    pub lease_ends: Millis,
}

/// One page of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnlinePage {
    /// The rows, sorted.
    pub rows: Vec<OnlineRow>,
    /// Users that match the search.
    pub matching: u32,
    /// Users that are signed on.
    pub online: u32,
    /// Sign-ons whose client stopped answering.
    pub silent: u32,
    /// This page, from 1.
    pub page: u32,
    /// The server's clock when this was made: lease counters run from it.
    pub now: Millis,
    /// What to go on after; none: this is the end, or the rows are not in the order of aliases.
    #[serde(default)]
    pub next: Option<String>,
}

/// One page of who is online, from memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListOnline {
    /// Which.
    #[serde(flatten)]
    pub query: OnlineQuery,
    /// Which part, for programs: its rows are always in the order of aliases.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListOnline = "online.list", Query, Viewer, Get "/online", OnlinePage);

/// Log users off: those who are named, or all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Logoff {
    /// Aliases.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Everybody who is signed on, and nobody by name.
    #[serde(default)]
    pub all: bool,
    /// Why: the user and the audit read it; may be empty.
    #[serde(default)]
    pub reason: String,
    /// Refuse fresh sign-ons for so many minutes.
    #[serde(default)]
    pub block_minutes: Option<u32>,
}
operation!(Logoff = "online.logoff", Command, Operator, Post "/online/logoff", LogoffOutcome);

/// What a forced logoff did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogoffOutcome {
    /// Users who were signed on and are no more.
    pub logged_off: Vec<String>,
    /// Users who were not signed on (a block applies to them all the same).
    pub not_online: Vec<String>,
}
