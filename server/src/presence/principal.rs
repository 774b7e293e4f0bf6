//! One principal: the account, its sign-ons, views, watchers and properties.

use super::subscription::{Login, Watch};
use super::view::View;
use crate::clock::UnixMs;
use rvp::{Acl, Alias, PropertyName, PropertyOut, State};
use std::collections::HashMap;
use std::sync::Arc;

/// The longest that an administrator can keep a user out, in milliseconds: a week.
pub const MAX_BLOCK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Fresh sign-ons are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Until then.
    pub until: UnixMs,
    /// What the administrator said; may be empty.
    pub reason: Arc<str>,
}

/// An account, as the live side needs it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The alias as it was typed when the account was made.
    pub spelled: Arc<str>,
    /// Name to show; may be empty.
    pub display_name: Arc<str>,
    /// Mail address; may be empty.
    pub email: Arc<str>,
    /// May sign on.
    pub enabled: bool,
    /// Sealed verifiers.
    pub verifiers: Arc<[u8]>,
    /// When it was made.
    pub created: UnixMs,
    /// Last successful sign-on.
    pub last_sign_on: Option<UnixMs>,
    /// Kept out for a while.
    pub block: Option<Block>,
    /// Another number whenever what proves the account is another.
    pub generation: i64,
}

/// The value of a property that is not the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyValue {
    /// The value is XML and not text.
    pub is_xml: bool,
    /// The value.
    pub value: Arc<str>,
    /// What it falls back to when its lease runs out.
    pub default: Arc<str>,
    /// When the lease runs out; `None`: not leased.
    pub expires: Option<UnixMs>,
}

impl PropertyValue {
    /// The property of this name, as it is written.
    #[must_use]
    pub fn out(&self, name: &PropertyName) -> PropertyOut {
        let name = name.clone();
        if self.is_xml {
            PropertyOut::Xml {
                name,
                inner: self.value.as_ref().into(),
            }
        } else {
            PropertyOut::Text {
                name,
                value: self.value.as_ref().into(),
            }
        }
    }
}

/// What others may read of a node.
#[derive(Clone, Debug)]
pub struct NodeProperties {
    /// Visible state.
    pub state: State,
    /// Name to show: the alias if there is none.
    pub display_name: Arc<str>,
    /// Mail address; may be empty.
    pub email: Arc<str>,
    /// The others, by name.
    pub others: Vec<(PropertyName, PropertyValue)>,
}

#[derive(Debug)]
pub(super) struct Principal {
    pub(super) alias: Alias,
    pub(super) account: Account,
    /// Of a group its members, by alias; `None`: a person.
    pub(super) members: Option<Arc<[Alias]>>,
    /// `None`: the default ACL.
    pub(super) acl: Option<Arc<Acl>>,
    pub(super) logins: Vec<Login>,
    pub(super) views: Vec<View>,
    pub(super) watches: Vec<Watch>,
    pub(super) properties: HashMap<PropertyName, PropertyValue>,
    /// The sequence of the newest value of each other property that watchers were told.
    pub(super) told: HashMap<PropertyName, u64>,
    /// The state that watchers were last told.
    pub(super) shown: State,
    /// An administrator signed the user off who had sign-ons below this.
    pub(super) leaving_below: u32,
    /// When something of this principal is next looked at for its end.
    pub(super) next_check: UnixMs,
}

impl Principal {
    pub(super) fn new(alias: Alias, account: Account) -> Self {
        Self {
            alias,
            account,
            members: None,
            acl: None,
            logins: Vec::new(),
            views: Vec::new(),
            watches: Vec::new(),
            properties: HashMap::new(),
            told: HashMap::new(),
            shown: State::Offline,
            leaving_below: 0,
            next_check: UnixMs::MAX,
        }
    }

    /// The first moment at which something of this principal ends.
    pub(super) fn first_end(&self) -> UnixMs {
        let ends = self.logins.iter().map(|l| l.expires);
        let ends = ends.chain(self.views.iter().map(|v| v.expires));
        let ends = ends.chain(self.watches.iter().map(|w| w.expires));
        let properties = self.properties.values().filter_map(|p| p.expires);
        ends.chain(properties).min().unwrap_or(UnixMs::MAX)
    }

    pub(super) fn readable(&self) -> NodeProperties {
        let account = &self.account;
        let display_name = if account.display_name.is_empty() {
            &account.spelled
        } else {
            &account.display_name
        };
        let others = self.properties.iter();
        NodeProperties {
            state: self.shown.clone(),
            display_name: display_name.clone(),
            email: account.email.clone(),
            others: others
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        }
    }
}
