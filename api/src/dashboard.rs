//! The first page: how the server is, at one glance.

use crate::{Millis, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The figures of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dashboard {
    /// The IM domain that is served.
    pub domain: String,
    /// Where clients sign on, as a URL.
    pub rvp_url: String,
    /// Version of the program.
    pub version: String,
    /// When the server started.
    pub started: Millis,
    /// The server's clock when this was made.
    pub now: Millis,
    /// Users who are anything but offline.
    pub online_users: u32,
    /// Live sign-ons; one user may have several.
    pub sessions: u32,
    /// Sessions whose call-back stopped answering.
    pub unreachable: u32,
    /// Since when the first of these does not answer.
    pub unreachable_since: Option<Millis>,
    /// When the next of these ends unless its client answers again.
    pub unreachable_ends: Option<Millis>,
    /// Different users who signed on since midnight UTC.
    pub signed_on_today: u32,
    /// Refused sign-ons since midnight UTC.
    pub failed_sign_ons_today: u32,
    /// What became of notifications to clients since midnight UTC.
    pub notified_today: NotifyFigures,
    /// Accounts that exist.
    pub users: u32,
    /// Why changes cannot be saved, if they cannot.
    pub trouble: Option<DatabaseTrouble>,
    /// Users online over the last 24 hours, oldest first, at most one point in five minutes.
    pub chart: Vec<ChartPoint>,
}

/// A database that refuses changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseTrouble {
    /// When the first was refused.
    pub since: Millis,
    /// All are refused; else those of some rows are.
    pub refusing: bool,
    /// What is wrong, in a few words.
    pub reason: String,
    /// What the database said.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// What became of notifications to clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotifyFigures {
    /// The client took it.
    pub delivered: u32,
    /// The client answered that it did not.
    pub refused: u32,
    /// Nobody listened there.
    pub unreachable: u32,
    /// No answer came in time.
    pub timed_out: u32,
    /// The connection broke.
    pub broken: u32,
}

/// One point of the chart of users online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChartPoint {
    /// When it was counted.
    pub at: Millis,
    /// Users online then.
    pub online: u32,
}

/// How the server is, at a glance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetDashboard {}
operation!(GetDashboard = "dashboard.get", Query, Viewer, Get "/dashboard", Dashboard);
