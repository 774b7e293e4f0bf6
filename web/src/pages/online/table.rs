//! The table and its sortable heads.

use super::Shown;
use super::row::Row;
use crate::frame::console;
use crate::model::{OnlineQuery, OnlineSort, Role};
use crate::query::InAddress as _;
use leptos::prelude::*;

#[component]
pub(super) fn Table(shown: Shown) -> impl IntoView {
    let orders = console().may(Role::Operator);
    let page = shown.page;
    view! {
        <div class="scroll">
            <table class="online">
                <caption class="unseen">"Users who are signed on"</caption>
                <thead>
                    <tr>
                        {orders.then(|| view! { <th class="tick" scope="col"><TickPage shown/></th> })}
                        <Head shown sort=OnlineSort::User>"User"</Head>
                        <Head shown sort=OnlineSort::State>"State"</Head>
                        <Head shown sort=OnlineSort::Since>"Since (UTC)"</Head>
                        <Head shown sort=OnlineSort::Lease>"Lease left"</Head>
                        <Head shown sort=OnlineSort::Address>"Address"</Head>
                        <Head shown sort=OnlineSort::Client>"Client"</Head>
                        <Head shown sort=OnlineSort::Watchers>"Watchers"</Head>
                        {orders.then(|| view! { <th class="act" scope="col"><span class="unseen">"Actions"</span></th> })}
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || page.with(|page| page.rows.clone())
                        key=|row| row.alias.clone()
                        let:row
                    >
                        <Row row shown/>
                    </For>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Ticks all rows of the page; needs a script.
#[component]
fn TickPage(shown: Shown) -> impl IntoView {
    let choice = shown.choice;
    let taken_over = console().taken_over;
    view! {
        <input
            type="checkbox"
            aria-label="Select all on this page"
            disabled=move || !taken_over.get()
            prop:checked=move || choice.whole_page()
            on:change=move |event| choice.tick_page(event_target_checked(&event))
        />
    }
}

/// A head that sorts by its column, and turns the order when it does already.
#[component]
fn Head(shown: Shown, sort: OnlineSort, children: Children) -> impl IntoView {
    let query = shown.query;
    let is_number = matches!(sort, OnlineSort::Lease | OnlineSort::Watchers);
    let order = move || {
        query.with(|query| match (query.sort == sort, query.descending) {
            (true, false) => Some("ascending"),
            (true, true) => Some("descending"),
            (false, _) => None,
        })
    };
    let address = move || {
        query.with(|query| {
            let descending = query.sort == sort && !query.descending;
            OnlineQuery {
                sort,
                descending,
                page: 1,
                ..query.clone()
            }
            .address("/online")
        })
    };
    view! {
        <th scope="col" aria-sort=order class:number=is_number>
            <a href=address data-noscroll="">
                {children()}
                <span class="arrow" aria-hidden="true"></span>
            </a>
        </th>
    }
}
