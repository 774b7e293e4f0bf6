//! A moment: UTC as text, local time on top of it where there is a browser to ask.

use crate::{browser, format, model::Millis};
use leptos::prelude::*;

/// A moment with date and minute; only the time of day if it is of the day of `now`.
#[component]
pub(crate) fn Moment(
    #[prop(into)] at: Signal<Millis>,
    /// The server's clock.
    #[prop(optional, into)]
    now: Option<Signal<Millis>>,
) -> impl IntoView {
    let title = RwSignal::new(format::full(at.get_untracked()));
    Effect::new(move || {
        let at = at.get();
        let utc = format::full(at);
        title.set(browser::local(at).map_or(utc.clone(), |local| format!("{utc} ({local} here)")));
    });
    view! {
        <time datetime=move || format::iso(at.get()) title=title>
            {move || now.map_or_else(|| format::minute(at.get()), |now| format::near(at.get(), now.get()))}
        </time>
    }
}
