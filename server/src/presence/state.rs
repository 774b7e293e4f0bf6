//! Setting the state and other properties.

use super::Refused;
use super::event::{Effects, Event};
use super::nodes::{Nodes, is_kept_by_server};
use super::principal::{Principal, PropertyValue};
use super::view::{View, ViewChoice};
use crate::clock::UnixMs;
use crate::store::writer::Write;
use crate::store::{PropertyRow, ViewRow};
use rvp::{Alias, PropertyName, PropertyOut, Rights, State, StateChange, ViewId};
use std::net::IpAddr;
use std::sync::Arc;

/// What a client got for its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateGranted {
    /// The state, as the client set it.
    pub value: State,
    /// What it falls back to.
    pub default: State,
    /// Seconds it lives; `None`: the client set it without a lease.
    pub timeout: Option<u32>,
    /// The view it was set in: the client names it next time.
    pub view: ViewId,
}

impl Nodes {
    /// Sets the state of one client of a user.
    ///
    /// Offline may always be said: a client that signs off sends it beside the end of its
    /// sign-on, in no certain order. Anything else needs a live sign-on.
    pub fn set_state(
        &self,
        alias: &Alias,
        change: StateChange,
        peer: IpAddr,
        now: UnixMs,
    ) -> Result<(StateGranted, Effects), Refused> {
        let lease = self.limits.grant(change.timeout);
        self.with(alias, |principal| {
            let default = change.default.clone().unwrap_or(State::Offline);
            let timeout = change.leased.then_some(lease);
            let mut writes = Vec::new();
            let offline = change.value == State::Offline;
            let choice = principal.choose_view(change.view_id, peer, offline);
            let view = match (choice, offline) {
                (ViewChoice::None, false) => return Err(Refused::NotSignedOn),
                (ViewChoice::None | ViewChoice::New(_), true) => match change.view_id {
                    Some(id) => id,
                    None => self.view_id(&mut writes),
                },
                (ViewChoice::Existing(place), true) => {
                    let view = principal.views.remove(place);
                    writes.push(Write::EndView(view.id.get()));
                    view.id
                }
                (ViewChoice::Existing(place), false) => {
                    let order = self.next_sequence();
                    let view = &mut principal.views[place];
                    (view.value, view.default) = (change.value.clone(), default.clone());
                    (view.set, view.order) = (now, order);
                    view.expires = now + i64::from(lease) * 1000;
                    writes.push(Write::PutView(Box::new(row(alias, view))));
                    view.id
                }
                (ViewChoice::New(login), false) => {
                    let view = View {
                        id: self.view_id(&mut writes),
                        login,
                        value: change.value.clone(),
                        default: default.clone(),
                        set: now,
                        order: self.next_sequence(),
                        expires: now + i64::from(lease) * 1000,
                    };
                    writes.push(Write::PutView(Box::new(row(alias, &view))));
                    let id = view.id;
                    principal.views.push(view);
                    id
                }
            };
            self.watch_deadline(principal);
            let events = self.refresh_state(principal).into_iter().collect();
            let commit = self.writer.submit(writes);
            self.changed();
            let granted = StateGranted {
                value: change.value,
                default,
                timeout,
                view,
            };
            Ok((granted, Effects { commit, events }))
        })
    }

    /// Sets a property other than the state (`None` removes it).
    pub fn set_property(
        &self,
        alias: &Alias,
        name: &PropertyName,
        value: Option<PropertyValue>,
    ) -> Result<Effects, Refused> {
        if is_kept_by_server(name) {
            return Err(Refused::Denied);
        }
        self.with(alias, |principal| {
            let most = self.limits.properties;
            let properties = &mut principal.properties;
            let known = properties.get(name);
            if known.is_none() && value.is_some() && properties.len() >= most {
                return Err(Refused::TooMany(
                    "this node holds as many properties as it may; remove one first",
                ));
            }
            let same =
                known.map(|k| (&k.value, k.is_xml)) == value.as_ref().map(|v| (&v.value, v.is_xml));
            let write = match value {
                Some(value) => {
                    let write = Write::PutProperty(Box::new(property_row(alias, name, &value)));
                    properties.insert(name.clone(), value);
                    write
                }
                None => {
                    properties.remove(name);
                    let key = (
                        alias.to_string(),
                        name.namespace.to_string(),
                        name.local.to_string(),
                    );
                    Write::EndProperty(Box::new(key))
                }
            };
            self.watch_deadline(principal);
            let events = if same {
                Vec::new()
            } else {
                vec![self.property_event(principal, name)]
            };
            let commit = self.writer.submit(vec![write]);
            Ok(Effects { commit, events })
        })
    }

    /// Tells watchers who may read it that the name to show has changed.
    pub fn display_name_changed(&self, alias: &Alias) -> Vec<Event> {
        self.with(alias, |principal| {
            let value = principal.readable().display_name.as_ref().into();
            let name = PropertyName::displayname();
            Ok(vec![self.event_for_readers(
                principal,
                PropertyOut::Text { name, value },
            )])
        })
        .unwrap_or_default()
    }

    pub(super) fn property_event(&self, principal: &Principal, name: &PropertyName) -> Event {
        let value = principal.properties.get(name);
        self.event_for_readers(principal, property_out(name, value))
    }

    /// An event for everybody who watches and may read properties other than the state.
    fn event_for_readers(&self, principal: &Principal, change: PropertyOut) -> Event {
        let mut event = self.event_for_all(principal, change);
        event
            .watchers
            .retain(|w| self.may(principal, &w.subscriber, Rights::READ));
        event
    }
}

/// A property as it is written; one that is no more is written empty.
pub(super) fn property_out(name: &PropertyName, value: Option<&PropertyValue>) -> PropertyOut {
    match value {
        Some(value) => value.out(name),
        None => PropertyOut::Text {
            name: name.clone(),
            value: "".into(),
        },
    }
}

pub(super) fn row(alias: &Alias, view: &View) -> ViewRow {
    ViewRow {
        id: view.id.get(),
        alias: alias.to_string(),
        login: view.login.get(),
        value: view.value.name().to_owned(),
        default_value: view.default.name().to_owned(),
        set_ms: view.set,
        expires_ms: view.expires,
    }
}

pub(super) fn property_row(
    alias: &Alias,
    name: &PropertyName,
    value: &PropertyValue,
) -> PropertyRow {
    let text = |t: &Arc<str>| Arc::as_ref(t).to_owned();
    PropertyRow {
        alias: alias.to_string(),
        namespace: name.namespace.to_string(),
        name: name.local.to_string(),
        is_xml: value.is_xml,
        value: text(&value.value),
        default_value: text(&value.default),
        expires_ms: value.expires,
    }
}
