//! Servers that are told what happens, and what they were told.

use crate::format;
use crate::parts::{Moment, ProblemView, Table};
use crate::read::read_hooks;
use api::{DeliveryPage, DeliveryRow, DeliveryState, HookRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/hooks?after=`
#[component]
pub(crate) fn HooksPage() -> impl IntoView {
    let parameters = use_query_map();
    let after = Memo::new(move |_| {
        parameters.with(|parameters| parameters.get("after").unwrap_or_default())
    });
    let page = Resource::new_blocking(move || after.get(), read_hooks);
    view! {
        <Title text="Hooks"/>
        <p class="path"><A href="/tokens">"API"</A></p>
        <h1>"Hooks"</h1>
        <p class="lead">"Servers that are told what happens, as it happens. A delivery that fails is tried again after 5 seconds, 30 seconds, 2 minutes, 10 minutes and an hour, and then given up."</p>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok((hooks, deliveries)) => view! {
                        <Hooks hooks/>
                        <Deliveries page=deliveries/>
                    }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

const HEADS: [&str; 7] = [
    "Address",
    "Events",
    "Signed",
    "Waiting",
    "Delivered",
    "Given up",
    "Last error",
];

#[component]
fn Hooks(hooks: Vec<HookRow>) -> impl IntoView {
    if hooks.is_empty() {
        return view! {
            <p class="none">
                "No hook is configured. Name one in the configuration file and start the server again:"
            </p>
            <pre>"[[hooks]]\nurl = \"http://127.0.0.1:9000/rollcall\"\nevents = [\"sign-on-failed\", \"act\"]\nsecret_file = \"/etc/rollcall/hook.secret\""</pre>
        }
        .into_any();
    }
    view! {
        <Table class="hooks" caption="The hooks of the configuration" heads=&HEADS>
            {hooks.into_iter().map(hook).collect_view()}
        </Table>
    }
    .into_any()
}

fn hook(row: HookRow) -> impl IntoView {
    let events = if row.events.is_empty() {
        "all".to_owned()
    } else {
        row.events.join(", ")
    };
    let error_at = row
        .last_error_at
        .map(|at| view! { <Moment at=Signal::stored(at)/>" " });
    view! {
        <tr>
            <th scope="row"><code>{row.url}</code></th>
            <td data-label="Events">{events}</td>
            <td data-label="Signed">{if row.signed { "yes" } else { "no" }}</td>
            <td data-label="Waiting">{format::grouped(row.waiting)}</td>
            <td data-label="Delivered">{format::grouped(row.delivered)}</td>
            <td data-label="Given up">{format::grouped(row.failed)}</td>
            <td data-label="Last error" class="why">{error_at}{row.last_error}</td>
        </tr>
    }
}

const DELIVERY_HEADS: [&str; 8] = [
    "Number",
    "When (UTC)",
    "Event",
    "Address",
    "State",
    "Attempts",
    "Again (UTC)",
    "Error",
];

#[component]
fn Deliveries(page: DeliveryPage) -> impl IntoView {
    if page.rows.is_empty() {
        return view! { <p class="none">"Nothing was delivered lately."</p> }.into_any();
    }
    let older = page.next.map(|after| {
        view! {
            <nav class="pagination" aria-label="Pages">
                <a href=format!("/hooks?after={after}") rel="next">"Older"</a>
            </nav>
        }
    });
    view! {
        <section class="part" aria-labelledby="deliveries-heading">
            <h2 id="deliveries-heading">"Last deliveries"</h2>
            <Table class="deliveries" caption="The last deliveries, newest first" heads=&DELIVERY_HEADS>
                {page.rows.into_iter().map(delivery).collect_view()}
            </Table>
            {older}
        </section>
    }
    .into_any()
}

fn delivery(row: DeliveryRow) -> impl IntoView {
    let state = match row.state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Failed => "given up",
    };
    let again = row
        .again
        .map(|at| view! { <Moment at=Signal::stored(at)/> });
    view! {
        <tr>
            <td data-label="Number">{row.id}</td>
            <td data-label="When"><Moment at=Signal::stored(row.at)/></td>
            <td data-label="Event"><code>{row.kind}</code></td>
            <td data-label="Address">{row.hook}</td>
            <td data-label="State">{state}</td>
            <td data-label="Attempts">{format::grouped(row.attempts)}</td>
            <td data-label="Again">{again}</td>
            <td data-label="Error" class="why">{row.error}</td>
        </tr>
    }
}
