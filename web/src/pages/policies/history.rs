//! The revisions of a policy: who saved what and why, what is different between two, and the
//! way back to one.

use crate::format::grouped;
use crate::frame::{Token, console};
use crate::model::{PolicyHistory, PolicyRevision, Role};
use crate::parts::{Moment, ProblemView, Table};
use crate::query::path;
use crate::read::read_policy_history;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/policies/{name}/history?from=&to=`
#[component]
pub(crate) fn PolicyHistoryPage() -> impl IntoView {
    let (parameters, query) = (use_params_map(), use_query_map());
    let wanted = Memo::new(move |_| {
        let number = |key: &str| {
            query.with(|query| {
                query
                    .get(key)
                    .and_then(|number| number.parse::<u32>().ok())
                    .unwrap_or(0)
            })
        };
        let name = parameters.with(|parameters| parameters.get("name").unwrap_or_default());
        (name, number("from"), number("to"))
    });
    let history = Resource::new_blocking(
        move || wanted.get(),
        |(name, from, to)| read_policy_history(name, from, to),
    );
    let name = move || wanted.with(|(name, _, _)| name.clone());
    view! {
        <Title text=move || format!("History of {}", name())/>
        <p class="path"><A href=move || path(&["policies", &name()])>{name}</A></p>
        <h1>"History"</h1>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match history.await {
                    Ok(history) => view! { <History history/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

const HEADS: [&str; 7] = ["From", "To", "Revision", "Saved (UTC)", "By", "Why", ""];

#[component]
fn History(history: PolicyHistory) -> impl IntoView {
    let address = path(&["policies", &history.name, "history"]);
    let several = history.revisions.len() > 1;
    let newest = history
        .revisions
        .first()
        .map_or(0, |revision| revision.revision);
    let (from, to) = (history.from, history.to);
    let name = history.name.clone();
    let row = move |revision: PolicyRevision| {
        view! { <Row revision name=name.clone() newest from to several/> }
    };
    view! {
        <Changes history=history.clone()/>
        <form id="compare" class="toolbar" method="get" action=address>
            {several.then(|| view! { <button>"Compare the two"</button> })}
        </form>
        <Table class="history" caption="Revisions, newest first" heads=&HEADS>
            {history.revisions.into_iter().map(row).collect_view()}
        </Table>
    }
    .into_any()
}

/// What is different between the two that are compared.
#[component]
fn Changes(history: PolicyHistory) -> impl IntoView {
    if history.from == 0 {
        return view! { <p class="lead">"There is one revision so far. With the next save this page says what changed."</p> }
            .into_any();
    }
    let line = |change: String| view! { <li>{change}</li> };
    let nothing = history.changes.is_empty();
    view! {
        <section aria-labelledby="changes">
            <h2 id="changes">{format!("From revision {} to revision {}", history.from, history.to)}</h2>
            {nothing.then(|| view! { <p class="none">"Nothing is different."</p> })}
            <ul class="changes">{history.changes.into_iter().map(line).collect_view()}</ul>
            {(history.more > 0).then(|| view! {
                <p class="lead">{format!("And {} more. The command line lists them all: rollcall policy diff.", grouped(history.more))}</p>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(
    revision: PolicyRevision,
    name: String,
    newest: u32,
    from: u32,
    to: u32,
    several: bool,
) -> impl IntoView {
    let number = revision.revision;
    let pick = |side: &'static str, chosen: bool| {
        several.then(|| view! {
            <input type="radio" name=side form="compare" value=number.to_string() checked=chosen aria-label=format!("Compare {side} revision {number}")/>
        })
    };
    let back = number != newest && console().may(Role::Administrator);
    let saved = revision.saved;
    view! {
        <tr>
            <td data-label="From">{pick("from", number == from)}</td>
            <td data-label="To">{pick("to", number == to)}</td>
            <td data-label="Revision">{number}</td>
            <td data-label="Saved"><Moment at=Signal::stored(saved)/></td>
            <td data-label="By">{revision.saved_by}</td>
            <td data-label="Why" class="why">{revision.comment}</td>
            <td class="act">
                {back.then(|| view! {
                    <form method="post" action=path(&["policies", &name, "revert"])>
                        <Token/>
                        <input type="hidden" name="revision" value=number.to_string()/>
                        <input type="hidden" name="base" value=newest.to_string()/>
                        <button class="quiet" aria-label=format!("Go back to revision {number}")>"Go back to this"</button>
                    </form>
                })}
            </td>
        </tr>
    }
}
