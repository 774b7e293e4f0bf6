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
            "M4 3.5 6 3l1.2 2.7-1.3 1.2a7 7 0 0 0 3.2 3.2l1.2-1.3L13 10l-.5 2c-.2.8-1 1-1.6.9C6.6 12 4 9.4 3.1 5.1 3 4.5 3.2 3.7 4 3.5z",
        ),
        PresenceState::Away | PresenceState::BackSoon => (
            "away",
            "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zm0 1.6a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8zM7.3 5.2h1.4v2.5l1.7 1.1-.8 1.2-2.3-1.5z",
        ),
        PresenceState::AtLunch => (
            "away",
            "M4 3h1v3h.6V3h1v3h.6V3h1v3.5c0 .9-.6 1.5-1.3 1.7V13H5.3V8.2C4.6 8 4 7.4 4 6.5zM11.5 3v10H10V9H9V5.5C9 4 10 3 11.5 3z",
        ),
        PresenceState::Idle => (
            "away",
            "M9.5 2.8a5.5 5.5 0 1 0 3.8 8.2 4.6 4.6 0 0 1-3.8-8.2z",
        ),
        PresenceState::Invisible => (
            "gone",
            "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zm0 1.5v7a3.5 3.5 0 0 0 0-7z",
        ),
        PresenceState::Offline => (
            "gone",
            "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zm0 1.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
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
