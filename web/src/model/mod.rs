//! What the pages show: plain values that travel from the server to the browser.

mod assignment;
mod audit;
mod catalogue;
mod compliance;
mod contacts;
mod dashboard;
mod deployment;
mod frame;
mod group;
mod lockout;
mod online;
mod policy;
mod privacy;
mod user;

pub use assignment::{Assignment, EffectiveOption, EffectivePolicy, PolicyReach, Say, ScriptState};
pub use audit::{AuditPage, AuditQuery, AuditRow};
pub use catalogue::{
    CatalogueCategory, CatalogueEntry, CataloguePage, CatalogueQuery, OptionMeaning,
};
pub use compliance::{
    ClientReach, CompliancePage, ComplianceQuery, FeatureCount, RefusalRow, RefusedLately,
};
pub use contacts::{ContactLine, ContactSummary, ContactsPage, ContactsTaken, ContactsView};
pub use dashboard::{ChartPoint, Dashboard, DatabaseTrouble, NotifyFigures};
pub use deployment::{Deployment, DnsRecords, Finding, Level};
pub use frame::{Answer, Flash, Frame};
pub use group::{GroupPage, GroupQuery, GroupRow, GroupView, Member, NewGroup};
pub use lockout::{LockedAt, LockoutRow};
pub use online::{OnlinePage, OnlineQuery, OnlineRow, OnlineSort, PresenceState, SessionCell};
pub use policy::{
    FileLine, ImportPreview, ImportedOption, KitLine, Lines, OptionCategory, OptionInput,
    OptionView, PolicyHistory, PolicyRevision, PolicySheet, PolicySummary, PolicyValues,
    PolicyView, ProblemLine, UnknownLine, ValueLine,
};
pub use privacy::{Access, AccessRow, Privacy, PrivacyAbout, PrivacyChange, PrivacyEntry};
pub use user::{NewUser, UserDetail, UserEdit, UserFilter, UserPage, UserQuery, UserRow};

use serde::{Deserialize, Serialize};

/// Rows on one page of any list.
pub const PAGE_SIZE: u32 = 50;

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// What a console account may do. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks, changes nothing.
    Viewer,
    /// Also logs users off.
    Operator,
    /// Also keeps users and policies, and reads the audit.
    Administrator,
}

/// The console account that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Account name.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

/// How many pages of [`PAGE_SIZE`] rows `total` rows fill; never 0.
#[must_use]
pub fn pages(total: u32) -> u32 {
    total.div_ceil(PAGE_SIZE).max(1)
}
