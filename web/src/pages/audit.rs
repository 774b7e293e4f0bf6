//! What administrators did.

use crate::model::{AuditPage as Page, AuditQuery, AuditRow};
use crate::parts::{Moment, Pagination, ProblemView, Search, Table};
use crate::query::InAddress as _;
use crate::read::read_audit;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/audit?search=&page=`
#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| AuditQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_audit);
    view! {
        <Title text="Audit"/>
        <div class="head">
            <h1>"Audit"</h1>
        </div>
        <div class="toolbar">
            <Search
                label="Search who, what, whom, why"
                path="/audit"
                query
                search=|query: &AuditQuery| query.search.clone()
                with_search=|query: AuditQuery, search| AuditQuery { search, ..query }
            />
        </div>
        <Transition fallback=|| view! { <p class="waiting">"Reading…"</p> }>
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

const HEADS: [&str; 6] = [
    "When (UTC)",
    "Who",
    "From",
    "What",
    "Whom",
    "Why, or what changed",
];

#[component]
fn List(page: Page, query: Memo<AuditQuery>) -> impl IntoView {
    if page.matching == 0 {
        let nothing = if query.with_untracked(|query| query.search.is_empty()) {
            "Nothing has been done yet. Every order of an administrator appears here."
        } else {
            "No entry matches."
        };
        return view! { <p class="none">{nothing}</p> }.into_any();
    }
    let (this, matching) = (page.page, page.matching);
    view! {
        <Table class="audit" caption="What administrators did, newest first" heads=&HEADS>
            {page.rows.into_iter().map(row).collect_view()}
        </Table>
        <Pagination path="/audit" query page=Signal::stored(this) matching=Signal::stored(matching)/>
    }
    .into_any()
}

fn row(row: AuditRow) -> impl IntoView {
    let at = row.at;
    view! {
        <tr>
            <td data-label="When"><Moment at=Signal::stored(at)/></td>
            <td data-label="Who">{row.actor}</td>
            <td data-label="From">{row.from}</td>
            <td data-label="What"><code>{row.action}</code></td>
            <td data-label="Whom">{row.target}</td>
            <td data-label="Why" class="why">{row.detail}</td>
        </tr>
    }
}
