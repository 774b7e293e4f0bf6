//! All accounts.

use crate::frame::console;
use crate::model::{Role, UserFilter, UserPage, UserQuery, UserRow};
use crate::parts::{Moment, Pagination, ProblemView, Search, StateMark, Table};
use crate::query::{InAddress, path};
use crate::read::read_users;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/users?search=&filter=&page=`
#[component]
pub(crate) fn UsersPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| UserQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_users);
    view! {
        <Title text="Users"/>
        <div class="head">
            <h1>"Users"</h1>
            <A href="/access" attr:class="button">"Can A see B?"</A>
            <A href="/contacts" attr:class="button">"Contacts"</A>
            <A href="/lockouts" attr:class="button">"Locked out"</A>
            {console().may(Role::Administrator).then(|| view! {
                <A href="/users/new" attr:class="button main">"Create a user"</A>
            })}
        </div>
        <div class="toolbar">
            <Search
                label="Search aliases, names, mail addresses"
                path="/users"
                query
                search=|query: &UserQuery| query.search.clone()
                with_search=|query: UserQuery, search| UserQuery { search, ..query }
            />
            <Filter query/>
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

/// Which accounts: three links, of which one is the present.
#[component]
fn Filter(query: Memo<UserQuery>) -> impl IntoView {
    let link = move |filter: UserFilter, text: &'static str| {
        let address = move || {
            query.with(|query| {
                UserQuery {
                    filter,
                    page: 1,
                    ..query.clone()
                }
                .address("/users")
            })
        };
        let current = move || (query.with(|query| query.filter == filter)).then_some("true");
        view! { <a href=address data-noscroll="" aria-current=current>{text}</a> }
    };
    view! {
        <nav class="filter" aria-label="Which users">
            {link(UserFilter::All, "All")}
            {link(UserFilter::Enabled, "Enabled")}
            {link(UserFilter::Disabled, "Disabled")}
        </nav>
    }
}

const HEADS: [&str; 5] = [
    "User",
    "Mail address",
    "State",
    "Last sign-on (UTC)",
    "Account",
];

#[component]
fn List(page: UserPage, query: Memo<UserQuery>) -> impl IntoView {
    if page.total == 0 {
        return view! {
            <section class="empty">
                <h2>"There are no users yet"</h2>
                <p>"Whoever signs on with a client needs an account here: an alias and a password."</p>
            </section>
        }
        .into_any();
    }
    if page.matching == 0 {
        return view! { <p class="none">"No user matches."</p> }.into_any();
    }
    let (this, matching) = (page.page, page.matching);
    view! {
        <Table class="users" caption="Users" heads=&HEADS>
            {page.rows.into_iter().map(row).collect_view()}
        </Table>
        <Pagination path="/users" query page=Signal::stored(this) matching=Signal::stored(matching)/>
    }
    .into_any()
}

fn row(row: UserRow) -> impl IntoView {
    let state = row.state;
    view! {
        <tr>
            <th scope="row" class="user">
                <A href=path(&["users", &row.alias])>{row.alias.clone()}</A>
                <small>{row.display_name}</small>
            </th>
            <td data-label="Mail address">{row.email}</td>
            <td data-label="State"><StateMark state=Signal::stored(state)/></td>
            <td data-label="Last sign-on">
                {match row.last_sign_on {
                    Some(at) => view! { <Moment at=Signal::stored(at)/> }.into_any(),
                    None => view! { <span class="dim">"never"</span> }.into_any(),
                }}
            </td>
            <td data-label="Account">{account(row.enabled)}</td>
        </tr>
    }
}

fn account(enabled: bool) -> impl IntoView {
    if enabled {
        view! { <span class="dim">"enabled"</span> }
    } else {
        view! { <span class="tag off">"disabled"</span> }
    }
}
