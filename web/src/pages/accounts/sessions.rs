//! Sessions of an account.

use crate::frame::{Token, console};
use crate::model::{Millis, SessionRow};
use crate::parts::{Moment, ProblemView, Table};
use crate::query::path;
use crate::read::read_sessions;
use leptos::prelude::*;

const HEADS: [&str; 4] = ["From", "Since (UTC)", "Last use (UTC)", "Actions"];

/// Where an account is signed in, and the end of it.
#[component]
pub(super) fn SessionsSection(account: String) -> impl IntoView {
    let of = account.clone();
    let sessions = Resource::new_blocking(move || of.clone(), read_sessions);
    let account = StoredValue::new(account);
    view! {
        <section class="part" aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">"Sessions"</h2>
            <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    match sessions.await {
                        Ok((rows, own)) => view! { <List rows own account=account.get_value()/> }.into_any(),
                        Err(problem) => view! { <ProblemView problem/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn List(rows: Vec<SessionRow>, own: String, account: String) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="none">"Nobody is signed in with this account."</p> }.into_any();
    }
    view! {
        <Table class="sessions" caption="Sessions" heads=&HEADS>
            {rows.into_iter().map(|it| row(it, &own, &account)).collect_view()}
        </Table>
    }
    .into_any()
}

fn row(row: SessionRow, own: &str, account: &str) -> impl IntoView + use<> {
    let from = row.from.unwrap_or_else(|| "unknown".to_owned());
    let this = row.key == own;
    let address = if console().name().eq_ignore_ascii_case(account) {
        path(&["account", "sessions", &row.key, "end"])
    } else {
        path(&["accounts", account, "sessions", &row.key, "end"])
    };
    let end = if this {
        view! { "this one" }.into_any()
    } else {
        view! {
            <form method="post" action=address>
                <Token/>
                <button class="quiet" aria-label=format!("End the session from {from}")>"End"</button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="user">{from.clone()}</th>
            <td data-label="Since">{moment(row.since)}</td>
            <td data-label="Last use">{moment(row.used)}</td>
            <td data-label="Actions">{end}</td>
        </tr>
    }
}

fn moment(at: Option<Millis>) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at=Signal::stored(at)/> }.into_any(),
        None => view! { "unknown" }.into_any(),
    }
}
