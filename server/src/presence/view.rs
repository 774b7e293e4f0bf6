//! Views: one client's state each. A user's visible state is the merge of all of them.

use super::principal::Principal;
use crate::clock::UnixMs;
use rvp::{State, SubscriptionId, ViewId};
use std::net::IpAddr;

/// One client's state.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) id: ViewId,
    /// The sign-on it belongs to: it ends with it.
    pub(super) login: SubscriptionId,
    pub(super) value: State,
    /// What it falls back to when the lease runs out.
    pub(super) default: State,
    pub(super) set: UnixMs,
    /// Order of setting, as two may fall into one millisecond.
    pub(super) order: u64,
    pub(super) expires: UnixMs,
}

/// Which view a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ViewChoice {
    /// This one, by its place in the list.
    Existing(usize),
    /// A new one for this sign-on.
    New(SubscriptionId),
    /// There is no sign-on it could belong to.
    None,
}

impl Principal {
    /// The state as it was set last, by any client, and is not offline; offline if none is.
    ///
    /// A client that goes idle leaves the user as they are at another (RVP document 5.5), so an
    /// idle view counts only if no other does; an invisible one only if there is no idle one either.
    ///
    /// A group has no views: it is always there.
    pub(super) fn merged_state(&self) -> State {
        if self.members.is_some() {
            return State::Online;
        }
        let newest = |views: &mut dyn Iterator<Item = &View>| {
            views.max_by_key(|v| v.order).map(|v| v.value.clone())
        };
        let visible = || self.views.iter().filter(|v| !v.value.is_offline());
        newest(&mut visible().filter(|v| v.value != State::Idle))
            .or_else(|| newest(&mut visible()))
            .or_else(|| newest(&mut self.views.iter().filter(|v| v.value == State::Invisible)))
            .unwrap_or(State::Offline)
    }

    /// The moment that a state set now is kept under: later than those of all other views, so that
    /// the order in which they were set is the same after a restart, whatever the clock did.
    pub(super) fn next_set(&self, now: UnixMs) -> UnixMs {
        let newest = self.views.iter().map(|view| view.set).max();
        newest.map_or(now, |newest| now.max(newest + 1))
    }

    /// Finds the view that a request means. Two of three known clients never name one, so a
    /// request without a (live) view-id means the view of the client that sends it: of the
    /// only sign-on, or of the one whose address fits.
    ///
    /// A client that signs off says offline and ends its sign-on, in no certain order. The view
    /// that it names may be gone by then, and what it says must not end another machine's.
    pub(super) fn choose_view(
        &self,
        named: Option<ViewId>,
        peer: IpAddr,
        offline: bool,
    ) -> ViewChoice {
        if let Some(place) = named.and_then(|id| self.views.iter().position(|v| v.id == id)) {
            return ViewChoice::Existing(place);
        }
        if offline && named.is_some() {
            return ViewChoice::None;
        }
        let here = || {
            self.logins
                .iter()
                .filter(|l| l.peer == peer || l.call_back.ip() == peer)
        };
        let has_view = |id| self.views.iter().any(|v| v.login == id);
        let login = match self.logins.as_slice() {
            [] => return ViewChoice::None,
            [_] if offline && here().next().is_none() => return ViewChoice::None,
            [only] => only.id,
            // Several clients on one machine (Terminal Server): the newest sign-on that has not
            // said anything yet is the one that is speaking.
            _ => here()
                .filter(|l| !has_view(l.id))
                .max_by_key(|l| l.id)
                .or_else(|| here().max_by_key(|l| l.id))
                .or_else(|| self.logins.iter().max_by_key(|l| l.id))
                .map_or_else(|| self.logins[0].id, |l| l.id),
        };
        self.views
            .iter()
            .position(|v| v.login == login)
            .map_or(ViewChoice::New(login), ViewChoice::Existing)
    }
}
