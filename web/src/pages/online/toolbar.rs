//! Above the table: the search, and what can be done with many rows.

use super::Shown;
use super::choice::Whom;
use crate::format;
use crate::frame::console;
use crate::model::{OnlineQuery, Role};
use crate::parts::Search;
use crate::query::InAddress as _;
use leptos::prelude::*;

/// Without a script the buttons open a page that asks; with one, the dialog.
#[component]
pub(super) fn Toolbar(shown: Shown) -> impl IntoView {
    view! {
        <div class="toolbar">
            <Search
                label="Search users, addresses, clients"
                path="/online"
                query=shown.query
                search=|query: &OnlineQuery| query.search.clone()
                with_search=|query: OnlineQuery, search| OnlineQuery { search, ..query }
            />
            <Filter shown/>
            {console().may(Role::Operator).then(|| view! { <Orders shown/> })}
        </div>
    }
    .into_any()
}

/// Everybody, or only those whose client stopped answering.
#[component]
fn Filter(shown: Shown) -> impl IntoView {
    let link = move |silent: bool, text: Signal<String>| {
        let address = move || {
            shown.query.with(|query| {
                OnlineQuery {
                    silent,
                    page: 1,
                    ..query.clone()
                }
                .address("/online")
            })
        };
        let current = move || (shown.query.with(|query| query.silent == silent)).then_some("true");
        view! { <a href=address data-noscroll="" aria-current=current>{text}</a> }
    };
    let silent = Signal::derive(move || {
        let count = shown.page.with(|page| page.silent);
        format!("Not answering ({})", format::grouped(count))
    });
    view! {
        <nav class="filter" aria-label="Which users">
            {link(false, Signal::stored("All".to_owned()))}
            {link(true, silent)}
        </nav>
    }
}

#[component]
fn Orders(shown: Shown) -> impl IntoView {
    let choice = shown.choice;
    let taken_over = console().taken_over;
    let count = Memo::new(move |_| choice.seen().len());
    // Without a script the ticks are not known here, so the button stays usable.
    let none = move || taken_over.get() && count.get() == 0;
    view! {
        <form
            class="orders"
            id="logoff-chosen"
            method="get"
            action="/online/logoff"
            on:submit=move |event| {
                event.prevent_default();
                let seen = untrack(|| choice.seen());
                if !seen.is_empty() {
                    choice.asking.set(Some(Whom::These(seen)));
                }
            }
        >
            <button disabled=none>
                {move || match count.get() {
                    0 => "Log off selected".to_owned(),
                    count => format!("Log off selected ({count})"),
                }}
            </button>
        </form>
        // Row buttons and the one for all belong to this form.
        <form class="orders" id="logoff-one" method="get" action="/online/logoff">
            <button
                class="danger"
                name="all"
                value="true"
                on:click=move |event| {
                    event.prevent_default();
                    choice.asking.set(Some(Whom::All));
                }
            >
                "Log off all"
            </button>
        </form>
    }
}
