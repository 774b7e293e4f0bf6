//! All accounts of the console.

use super::role_name;
use crate::Problem;
use crate::frame::console;
use crate::model::{AccountPage, AccountQuery, AccountRow, Role};
use crate::pages::ProblemPage;
use crate::parts::{Moment, Pagination, ProblemView, Search, Table};
use crate::query::{InAddress, path};
use crate::read::read_accounts;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/accounts?search=&page=`
#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| AccountQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_accounts);
    view! {
        <Title text="Accounts"/>
        <div class="head">
            <h1>"Accounts"</h1>
            <A href="/account" attr:class="button">"Your account"</A>
            <A href="/accounts/new" attr:class="button main">"Add an account"</A>
        </div>
        <p class="lead">"Who may sign in at this console. They are no users: they sign on with no client."</p>
        <div class="toolbar">
            <Search
                label="Search names"
                path="/accounts"
                query
                search=|query: &AccountQuery| query.search.clone()
                with_search=|query: AccountQuery, search| AccountQuery { search, ..query }
            />
        </div>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <List page query/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

const HEADS: [&str; 5] = [
    "Account",
    "Role",
    "State",
    "Last sign-in (UTC)",
    "Made (UTC)",
];

#[component]
fn List(page: AccountPage, query: Memo<AccountQuery>) -> impl IntoView {
    if page.total == 0 {
        return view! {
            <section class="empty">
                <h2>"There are no accounts"</h2>
                <p>"Start the server again: it prints a link with which the first one is made."</p>
            </section>
        }
        .into_any();
    }
    if page.matching == 0 {
        return view! { <p class="none">"No account matches."</p> }.into_any();
    }
    let (this, matching) = (page.page, page.matching);
    view! {
        <Table class="accounts" caption="Accounts of the console" heads=&HEADS>
            {page.rows.into_iter().map(row).collect_view()}
        </Table>
        <Pagination path="/accounts" query page=Signal::stored(this) matching=Signal::stored(matching)/>
    }
    .into_any()
}

fn row(row: AccountRow) -> impl IntoView {
    let (created, from) = (row.created, row.signed_in_from);
    view! {
        <tr>
            <th scope="row" class="user"><A href=path(&["accounts", &row.name])>{row.name.clone()}</A></th>
            <td data-label="Role">{role_name(row.role)}</td>
            <td data-label="State">{state(row.enabled)}</td>
            <td data-label="Last sign-in">{signed_in(row.signed_in, from)}</td>
            <td data-label="Made"><Moment at=Signal::stored(created)/></td>
        </tr>
    }
}

pub(super) fn state(enabled: bool) -> impl IntoView {
    if enabled {
        view! { "may sign in" }.into_any()
    } else {
        view! { <span class="tag off">"disabled"</span> }.into_any()
    }
}

pub(super) fn signed_in(at: Option<crate::model::Millis>, from: Option<String>) -> impl IntoView {
    match at {
        Some(at) => view! {
            <Moment at=Signal::stored(at)/>
            {from.map(|from| format!(" from {from}"))}
        }
        .into_any(),
        None => view! { "never" }.into_any(),
    }
}
