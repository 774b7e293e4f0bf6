//! One user. The row keeps its place in the page, and so focus and ticks, while what it says
//! changes.

use super::Shown;
use super::choice::Whom;
use crate::format;
use crate::frame::console;
use crate::model::{Millis, OnlineRow, Role, SessionCell};
use crate::parts::{Moment, StateMark};
use crate::query::path;
use leptos::prelude::*;
use leptos_router::components::A;

/// Below this much the lease is marked.
const SHORT_LEASE_MILLIS: i64 = 60_000;

#[component]
pub(super) fn Row(row: OnlineRow, shown: Shown) -> impl IntoView {
    let alias = StoredValue::new(row.alias.clone());
    let orders = console().may(Role::Operator);
    // Once the user is gone, the row stays as it was for the moment until it is taken away.
    let row = Memo::new(move |before: Option<&OnlineRow>| {
        shown
            .row(&alias.get_value())
            .or_else(|| before.cloned())
            .unwrap_or_else(|| row.clone())
    });
    let choice = shown.choice;
    let ends = move || row.with(|row| row.lease_ends);
    let short = move || ends().0 - shown.clock.get().0 < SHORT_LEASE_MILLIS;
    let display_name = Memo::new(move |_| row.with(|row| row.display_name.clone()));
    view! {
        <tr class:chosen=move || choice.has(&alias.get_value())>
            {orders.then(|| view! {
                <td class="tick">
                    <input
                        type="checkbox"
                        form="logoff-chosen"
                        name="alias"
                        value=alias.get_value()
                        aria-label=format!("Select {}", alias.get_value())
                        prop:checked=move || choice.has(&alias.get_value())
                        on:change=move |event| choice.tick(&alias.get_value(), event_target_checked(&event))
                    />
                </td>
            })}
            <th scope="row" class="user">
                <A href=path(&["users", &alias.get_value()])>{alias.get_value()}</A>
                {move || row.with(|row| row.refused.clone()).map(|refused| view! {
                    " "<span class="tag off" title=refused.what>"refused"</span>
                })}
                <small>{display_name}</small>
            </th>
            <td data-label="State"><StateMark state=Signal::derive(move || row.with(|row| row.state))/></td>
            <td data-label="Since">
                <Moment at=Signal::derive(move || row.with(|row| row.since)) now=shown.page.with_untracked(|page| page.now)/>
            </td>
            <td data-label="Lease left" class="number" class:short=short>
                {move || format::countdown(ends(), shown.clock.get())}
            </td>
            <td data-label="Address" class="stack">{move || cells(&row.get(), |session| address(session, shown.clock))}</td>
            <td data-label="Client" class="stack">{move || cells(&row.get(), client)}</td>
            <td data-label="Watchers" class="number">{move || format::grouped(row.with(|row| row.watchers))}</td>
            {orders.then(|| view! {
                <td class="act">
                    <button
                        form="logoff-one"
                        name="alias"
                        value=alias.get_value()
                        aria-label=format!("Log off {}", alias.get_value())
                        on:click=move |event| {
                            event.prevent_default();
                            choice.asking.set(Some(Whom::These(vec![alias.get_value()])));
                        }
                    >
                        "Log off"
                    </button>
                </td>
            })}
        </tr>
    }
    .into_any()
}

fn cells(row: &OnlineRow, cell: impl Fn(&SessionCell) -> AnyView) -> Vec<AnyView> {
    row.sessions.iter().map(cell).collect()
}

fn address(session: &SessionCell, clock: RwSignal<Millis>) -> AnyView {
    let (unreachable, ends) = (session.unreachable, session.lease_ends);
    let host = if session.address.contains(':') {
        format!("[{}]", session.address)
    } else {
        session.address.clone()
    };
    view! {
        <span class="session" class:unreachable=unreachable.is_some()>
            {format!("{host}:{}", session.port)}
            {unreachable.map(|since| view! {
                <em title=format!("The client's call-back does not answer since {}.", format::full(since))>
                    "not answering since "
                    {format::near(since, clock.get_untracked())}
                    {move || format!(", ends in {}", format::countdown(ends, clock.get()))}
                </em>
            })}
        </span>
    }
    .into_any()
}

fn client(session: &SessionCell) -> AnyView {
    let name = if session.client.is_empty() {
        "unknown client"
    } else {
        &session.client
    };
    view! {
        <span class="session">{name.to_owned()}<small>{session.auth.clone()}</small></span>
    }
    .into_any()
}
