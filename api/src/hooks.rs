//! Servers that the configuration names, and what they are told.

use crate::{Millis, Part, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A hook of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HookRow {
    /// Its address.
    pub url: String,
    /// The kinds of events that it is told of; none: all.
    pub events: Vec<String>,
    /// Whether deliveries are signed.
    pub signed: bool,
    /// Deliveries that wait.
    pub waiting: u32,
    /// Deliveries that it took, of the last ones.
    pub delivered: u32,
    /// Deliveries that were given up, of the last ones.
    pub failed: u32,
    /// Why the last attempt failed that did.
    pub last_error: Option<String>,
    /// When that was; none: it was never tried.
    pub last_error_at: Option<Millis>,
}

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It is still to be delivered, or tried again.
    Waiting,
    /// The hook took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryRow {
    /// Its number, as in `X-Rollcall-Delivery`.
    pub id: i64,
    /// The address of the hook.
    pub hook: String,
    /// The number of the event.
    pub event: i64,
    /// The kind of the event.
    pub kind: String,
    /// When it happened.
    pub at: Millis,
    /// What has become of it.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// The last attempt; none: it was never tried.
    pub tried: Option<Millis>,
    /// When it is tried again; none: it is not.
    pub again: Option<Millis>,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// Why it did not go well; empty: it did, or was not tried.
    pub error: String,
}

/// A part of the list of deliveries, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryPage {
    /// The rows.
    pub rows: Vec<DeliveryRow>,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// The hooks of the configuration, and how they fare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListHooks {}
operation!(ListHooks = "hooks.list", Query, Administrator, Get "/hooks", Vec<HookRow>);

/// The last deliveries to hooks, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListDeliveries {
    /// The address of a hook; empty: of all.
    #[serde(default)]
    pub hook: String,
    /// Which part.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListDeliveries = "hooks.list-deliveries", Query, Administrator, Get "/hooks/deliveries", DeliveryPage);
