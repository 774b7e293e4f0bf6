//! All groups.

use crate::format::grouped;
use crate::frame::console;
use crate::model::{GroupPage, GroupQuery, GroupRow, Role};
use crate::parts::{Pagination, ProblemView, Search, Table};
use crate::query::{InAddress, path};
use crate::read::read_groups;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/groups?search=&page=`
#[component]
pub(crate) fn GroupsPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| GroupQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_groups);
    view! {
        <Title text="Groups"/>
        <div class="head">
            <h1>"Groups"</h1>
            {console().may(Role::Administrator).then(|| view! {
                <A href="/groups/new" attr:class="button main">"Create a group"</A>
            })}
        </div>
        <div class="toolbar">
            <Search
                label="Search names and descriptions"
                path="/groups"
                query
                search=|query: &GroupQuery| query.search.clone()
                with_search=|query: GroupQuery, search| GroupQuery { search, ..query }
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

#[component]
fn List(page: GroupPage, query: Memo<GroupQuery>) -> impl IntoView {
    if page.total == 0 {
        return view! {
            <section class="empty">
                <h2>"There are no groups yet"</h2>
                <p>"A group is a list of users, such as those of one branch. Policies can count for its members alone."</p>
            </section>
        }
        .into_any();
    }
    if page.matching == 0 {
        return view! { <p class="none">"No group matches."</p> }.into_any();
    }
    let (this, matching) = (page.page, page.matching);
    view! {
        <Table class="groups" caption="Groups" heads=&["Group", "Members", "What it is for"]>
            {page.rows.into_iter().map(row).collect_view()}
        </Table>
        <Pagination path="/groups" query page=Signal::stored(this) matching=Signal::stored(matching)/>
    }
    .into_any()
}

fn row(row: GroupRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="user"><A href=path(&["groups", &row.name])>{row.name.clone()}</A></th>
            <td data-label="Members">{grouped(row.members)}</td>
            <td data-label="What it is for">{row.description}</td>
        </tr>
    }
}
