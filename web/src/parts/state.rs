//! A presence state: a sign of its own shape, and its name. Never by colour alone.

use crate::model::PresenceState;
use leptos::prelude::*;

/// Its name for people.
pub(crate) fn state_text(state: PresenceState) -> &'static str {
    match state {
        PresenceState::Online => "Online",
        PresenceState::Away => "Away",
        PresenceState::Busy => "Busy",
        PresenceState::BackSoon => "Be right back",
        PresenceState::OnPhone => "On the phone",
        PresenceState::AtLunch => "Out to lunch",
        PresenceState::Idle => "Idle",
        PresenceState::Invisible => "Appears offline",
        PresenceState::Offline => "Offline",
    }
}

/// How it is coloured, and drawn within 16 by 16.
fn sign(state: PresenceState) -> (&'static str, &'static str) {
    match state {
        PresenceState::Online => ("here", "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z"),
        PresenceState::Busy => (
            "busy",
            "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM5.4 7.2v1.6h5.2V7.2z",
        ),
        PresenceState::OnPhone => (
            "busy",
            "M4 3.5 6 3l1.2 2.7-1.3 1.2a7 7 0 0 0 3.2 3.2l1.2-1.3L13 10l-.5 2c-.2.8-1 1-1.6.9C6.600 12 4 9.400 3.100 5.100 3 4.500 3.200 3.700 4 3.500z",
        ),
        PresenceState::Away | PresenceState::BackSoon => (
            "away",
            "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zm0 1.600a3.900 3.900 0 1 0 0 7.800 3.900 3.900 0 0 0 0-7.800zM7.300 5.200h1.400v2.500l1.700 1.100-.8 1.200-2.300-1.500z",
        ),
        PresenceState::AtLunch => (
            "away",
            "M4 3h1v3h.6V3h1v3h.6V3h1v3.500c0 .9-.6 1.500-1.300 1.700V13H5.300V8.200C4.600 8 4 7.400 4 6.500zM11.500 3v10H10V9H9V5.500C9 4 10 3 11.500 3z",
        ),
        PresenceState::Idle => (
            "away",
            "M9.500 2.800a5.500 5.500 0 1 0 3.800 8.200 4.600 4.600 0 0 1-3.800-8.200z",
        ),
        PresenceState::Invisible => (
            "gone",
            "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zm0 1.500v7a3.500 3.500 0 0 0 0-7z",
        ),
        PresenceState::Offline => (
            "gone",
            "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zm0 1.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
        ),
    }
}

/// Sign and name.
#[component]
pub(crate) fn StateMark(#[prop(into)] state: Signal<PresenceState>) -> impl IntoView {
    view! {
        <span class=move || format!("state {}", sign(state.get()).0)>
            <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path fill-rule="evenodd" d=move || sign(state.get()).1/>
            </svg>
            {move || state_text(state.get())}
        </span>
    }
}
