//! Who is locked out after failed sign-ins, and letting them in again.

use crate::format;
use crate::frame::{Token, console};
use crate::model::{LockedAt, LockoutRow, Role};
use crate::parts::{Field, ProblemView, Table};
use crate::read::read_lockouts;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/lockouts`
#[component]
pub(crate) fn LockoutsPage() -> impl IntoView {
    let rows = Resource::new_blocking(|| (), |()| read_lockouts());
    let operator = console().may(Role::Operator);
    view! {
        <Title text="Locked out"/>
        <p class="path"><A href="/users">"Users"</A></p>
        <h1>"Locked out"</h1>
        <p class="lead">"Five wrong passwords in a row close a name for one address, for half a minute and then longer. More from many addresses slow the name down, and many from one address slow the address down. A session that is open is never held up, and the command line always gets in."</p>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match rows.await {
                    Ok(rows) => view! { <List rows operator/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
        {operator.then(|| view! { <Unlock/> })}
    }
    .into_any()
}

const HEADS: [&str; 6] = ["Name", "Address", "At", "Failures", "For", "Actions"];

#[component]
fn List(rows: Vec<LockoutRow>, operator: bool) -> impl IntoView {
    if rows.is_empty() {
        return view! { <p class="none">"Nobody is locked out."</p> }.into_any();
    }
    view! {
        <Table class="lockouts" caption="Who is locked out or slowed down" heads=&HEADS>
            {rows.into_iter().map(|it| row(it, operator)).collect_view()}
        </Table>
    }
    .into_any()
}

fn row(row: LockoutRow, operator: bool) -> impl IntoView {
    let at = match row.at {
        LockedAt::Clients => "clients",
        LockedAt::Console => "console",
    };
    let left = match row.seconds {
        0 => "slowed down".to_owned(),
        seconds => format!("{} s", format::grouped(seconds)),
    };
    let what = row.name.clone().or_else(|| row.address.clone());
    let unlock = what.filter(|_| operator).map(|what| {
        view! {
            <form method="post" action="/lockouts">
                <Token/>
                <input type="hidden" name="what" value=what.clone()/>
                <button class="quiet" aria-label=format!("Unlock {what}")>"Unlock"</button>
            </form>
        }
    });
    let name = match row.name {
        Some(name) if row.account => name,
        Some(name) => format!("{name} (no account)"),
        None => "any".to_owned(),
    };
    view! {
        <tr>
            <th scope="row" class="user">{name}</th>
            <td data-label="Address">{row.address.unwrap_or_else(|| "any".to_owned())}</td>
            <td data-label="At">{at}</td>
            <td data-label="Failures">{format::grouped(row.failures)}</td>
            <td data-label="For">{left}</td>
            <td data-label="Actions">{unlock}</td>
        </tr>
    }
}

#[component]
fn Unlock() -> impl IntoView {
    view! {
        <section class="part" aria-labelledby="unlock-heading">
            <h2 id="unlock-heading">"Let somebody in again"</h2>
            <form method="post" action="/lockouts">
                <Token/>
                <Field name="what" label="Name or address"/>
                <button>"Unlock"</button>
            </form>
        </section>
    }
    .into_any()
}
