//! Setting the state and other properties.

use super::Refused;
use super::event::{Effects, Event};
use super::nodes::{Nodes, is_kept_by_server};
use super::principal::{Principal, PropertyValue};
use super::undo::Before;
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
        self.change(alias, |principal, done| {
            let default = change.default.clone().unwrap_or(State::Offline);
            let timeout = change.leased.then_some(lease);
            let offline = change.value == State::Offline;
            let choice = principal.choose_view(change.view_id, peer, offline);
            let view = match (choice, offline) {
                (ViewChoice::None, false) => return Err(Refused::NotSignedOn),
                (ViewChoice::None | ViewChoice::New(_), true) => match change.view_id {
                    Some(id) => id,
                    None => self.view_id()?,
                },
                (ViewChoice::Existing(place), true) => {
                    let view = principal.views.remove(place);
                    let id = view.id;
                    done.step(Write::EndView(id.get()), Before::View(Box::new(view)));
                    id
                }
                (ViewChoice::Existing(place), false) => {
                    let (set, order) = (principal.next_set(now), self.next_sequence());
                    let view = &mut principal.views[place];
                    let before = Before::View(Box::new(view.clone()));
                    (view.value, view.default) = (change.value.clone(), default.clone());
                    (view.set, view.order) = (set, order);
                    view.expires = now + i64::from(lease) * 1000;
                    done.step(Write::PutView(Box::new(row(alias, view))), before);
                    view.id
                }
                (ViewChoice::New(login), false) => {
                    let view = View {
                        id: self.view_id()?,
                        login,
                        value: change.value.clone(),
                        default: default.clone(),
                        set: principal.next_set(now),
                        order: self.next_sequence(),
                        expires: now + i64::from(lease) * 1000,
                    };
                    let id = view.id;
                    done.step(
                        Write::PutView(Box::new(row(alias, &view))),
                        Before::NoView(id),
                    );
                    principal.views.push(view);
                    id
                }
            };
            done.events.extend(self.refresh_state(principal));
            Ok(StateGranted {
                value: change.value,
                default,
                timeout,
                view,
            })
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
        let ((), effects) = self.change(alias, |principal, done| {
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
            let write = match &value {
                Some(value) => Write::PutProperty(Box::new(property_row(alias, name, value))),
                None => Write::EndProperty(Box::new((
                    alias.to_string(),
                    name.namespace.to_string(),
                    name.local.to_string(),
                ))),
            };
            let before = match value {
                Some(value) => properties.insert(name.clone(), value),
                None => properties.remove(name),
            };
            done.step(write, Before::Property(name.clone(), before));
            if !same {
                done.events.push(self.property_event(principal, name));
            }
            Ok::<_, Refused>(())
        })?;
        Ok(effects)
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
    pub(super) fn event_for_readers(&self, principal: &Principal, change: PropertyOut) -> Event {
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
