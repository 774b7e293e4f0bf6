//! The states a user can be in.

use std::sync::Arc;

/// A user's state as a client sets it.
///
/// The first seven are RVP document 9.1.5 to 9.1.11; `idle` is sent and read by librvp, `invisible`
/// is sent by the Miranda plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    /// `online`
    Online,
    /// `offline`
    Offline,
    /// `away`
    Away,
    /// `busy`
    Busy,
    /// `back-soon`
    BackSoon,
    /// `on-phone`
    OnPhone,
    /// `at-lunch`
    AtLunch,
    /// `idle`
    Idle,
    /// `invisible`: signed on, to be seen as offline.
    Invisible,
    /// A name no known client shows.
    Other(Arc<str>),
}

impl State {
    /// Every state that has a name of its own, in the order people look for them.
    pub const KNOWN: [Self; 9] = [
        Self::Online,
        Self::Busy,
        Self::Away,
        Self::BackSoon,
        Self::OnPhone,
        Self::AtLunch,
        Self::Idle,
        Self::Invisible,
        Self::Offline,
    ];

    /// The state with this element name; any ASCII case. A name nobody knows is kept.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|state| state.name().eq_ignore_ascii_case(name))
            .unwrap_or_else(|| Self::Other(name.into()))
    }

    /// The element name, as written on the wire.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Away => "away",
            Self::Busy => "busy",
            Self::BackSoon => "back-soon",
            Self::OnPhone => "on-phone",
            Self::AtLunch => "at-lunch",
            Self::Idle => "idle",
            Self::Invisible => "invisible",
            Self::Other(name) => name,
        }
    }

    /// Whether the name is one that clients know.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// What other people may see: invisible is shown as offline, and a name that clients would
    /// choke on (observed: librvp opens an "Unknown status" dialog) as online.
    #[must_use]
    pub fn shown(&self) -> Self {
        match self {
            Self::Invisible => Self::Offline,
            Self::Other(_) => Self::Online,
            Self::Online
            | Self::Offline
            | Self::Away
            | Self::Busy
            | Self::BackSoon
            | Self::OnPhone
            | Self::AtLunch
            | Self::Idle => self.clone(),
        }
    }

    /// Whether other people see this state as offline.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.shown() == Self::Offline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_in_any_case() {
        for state in State::KNOWN {
            assert_eq!(State::from_name(state.name()), state);
            assert_eq!(State::from_name(&state.name().to_ascii_uppercase()), state);
            assert!(state.is_known());
        }
    }

    #[test]
    fn an_unknown_name_is_kept_but_shown_as_online() {
        let state = State::from_name("Fishing");
        assert_eq!(state.name(), "Fishing");
        assert!(!state.is_known());
        assert_eq!(state.shown(), State::Online);
        assert!(!state.is_offline());
    }

    #[test]
    fn invisible_looks_offline() {
        assert_eq!(State::Invisible.shown(), State::Offline);
        assert!(State::Invisible.is_offline());
        assert!(State::Offline.is_offline());
        assert!(!State::Away.is_offline());
    }
}
