//! The figures that want attention, in the order in which they do.

use crate::format;
use crate::model::{Dashboard, NotifyFigures};
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
                trouble=Signal::derive(move || board.with(silence))
                calm="every session answers"
                href="/online?silent=true"
            />
            <Figure
                name="Failed sign-ons today"
                count=Signal::derive(figure(|board| board.failed_sign_ons_today))
                trouble=Signal::stored("refused since midnight UTC".to_owned())
                calm="none since midnight UTC"
                href="/lockouts"
            />
            <Figure
                name="Signed on today"
                count=Signal::derive(figure(|board| board.signed_on_today))
                calm="different users since midnight UTC"
                href="/online"
            />
            <Notified board/>
        </dl>
    }
}

#[component]
fn Figure(
    name: &'static str,
    #[prop(into)] count: Signal<u32>,
    /// Said when the count is above zero; left out for a figure that is never bad.
    #[prop(optional)]
    trouble: Option<Signal<String>>,
    calm: &'static str,
    href: &'static str,
) -> impl IntoView {
    let said = move || trouble.filter(|_| count.get() > 0);
    let bad = move || said().is_some();
    view! {
        <div class="figure" class:bad=bad>
            <dt><a href=href>{name}</a></dt>
            <dd>
                <strong>{move || format::grouped(count.get())}</strong>
                <span>{move || said().map_or_else(|| calm.to_owned(), |trouble| trouble.get())}</span>
            </dd>
        </div>
    }
}

/// What became of notifications: the sum that arrived, and how the others ended.
#[component]
fn Notified(board: RwSignal<Dashboard>) -> impl IntoView {
    let today = Memo::new(move |_| board.with(|board| board.notified_today));
    view! {
        <div class="figure">
            <dt>"Notifications today"</dt>
            <dd>
                <strong>{move || format::grouped(today.get().delivered)}</strong>
                <span>{move || ends(&today.get())}</span>
            </dd>
        </div>
    }
}

/// How notifications ended that did not arrive.
fn ends(today: &NotifyFigures) -> String {
    let others = [
        (today.refused, "refused"),
        (today.unreachable, "unreachable"),
        (today.timed_out, "timed out"),
        (today.broken, "broken off"),
    ];
    let others: Vec<_> = others
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, how)| format!("{} {how}", format::grouped(count)))
        .collect();
    if others.is_empty() {
        "delivered since midnight UTC, none failed".to_owned()
    } else {
        format!("delivered since midnight UTC; {}", others.join(", "))
    }
}

/// Since when clients do not answer, and when the next session ends of it.
fn silence(board: &Dashboard) -> String {
    let mut said = "sessions whose client cannot be reached".to_owned();
    if let Some(since) = board.unreachable_since {
        said += &format!("; the first since {}", format::near(since, board.now));
    }
    if let Some(ends) = board.unreachable_ends {
        said += &format!("; the next ends at {}", format::near(ends, board.now));
    }
    said
}
