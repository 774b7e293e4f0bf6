//! The figures that want attention, in the order in which they do.

use crate::format;
use crate::model::Dashboard;
use leptos::prelude::*;

/// A ledger of figures. One that wants attention says so in words.
#[component]
pub(crate) fn Figures(board: RwSignal<Dashboard>) -> impl IntoView {
    let figure = move |read: fn(&Dashboard) -> u32| move || board.with(read);
    view! {
        <dl class="ledger">
            <Figure
                name="Stopped answering"
                count=Signal::derive(figure(|board| board.unreachable))
                trouble="sessions whose client cannot be reached; they end soon"
                calm="every session answers"
                href="/online?sort=lease"
            />
            <Figure
                name="Failed sign-ons today"
                count=Signal::derive(figure(|board| board.failed_sign_ons_today))
                trouble="refused since midnight UTC"
                calm="none since midnight UTC"
                href="/users"
            />
            <Figure
                name="Signed on today"
                count=Signal::derive(figure(|board| board.signed_on_today))
                trouble=""
                calm="different users since midnight UTC"
                href="/online"
            />
        </dl>
    }
}

#[component]
fn Figure(
    name: &'static str,
    #[prop(into)] count: Signal<u32>,
    /// Said when the count is above zero; empty for a figure that is never bad.
    trouble: &'static str,
    calm: &'static str,
    href: &'static str,
) -> impl IntoView {
    let bad = move || count.get() > 0 && !trouble.is_empty();
    view! {
        <div class="figure" class:bad=bad>
            <dt><a href=href>{name}</a></dt>
            <dd>
                <strong>{move || format::grouped(count.get())}</strong>
                <span>{move || if bad() { trouble } else { calm }}</span>
            </dd>
        </div>
    }
}
