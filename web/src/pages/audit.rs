//! What administrators did, and who signed in.

use crate::model::{AuditChange, AuditPage as Page, AuditQuery, AuditRow};
use crate::parts::{Moment, Pagination, ProblemView, Search, Table};
use crate::query::InAddress as _;
use crate::read::read_audit;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/audit?search=&actor=&action=&target=&since=&until=&page=`
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
            <Downloads query/>
        </div>
        <Filters query=query.get_untracked()/>
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
        let nothing = if query.with_untracked(|query| query.pairs().is_empty()) {
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
            <td data-label="Why" class="why">{what(row.changes, row.detail)}</td>
        </tr>
    }
}

/// What changed, field by field, and what is said of it besides.
fn what(changes: Vec<AuditChange>, detail: String) -> impl IntoView {
    if changes.is_empty() {
        return detail.into_any();
    }
    let change = |it: AuditChange| {
        view! {
            <dt>{it.field}</dt>
            <dd>
                {(!it.before.is_empty()).then(|| view! { <del>{it.before}</del>" " })}
                {if it.after.is_empty() {
                    view! { <span class="unseen">"removed"</span> }.into_any()
                } else {
                    view! { <ins>{it.after}</ins> }.into_any()
                }}
            </dd>
        }
    };
    // What is told field by field stands in the list already.
    let told = |it: &AuditChange| detail.starts_with(&format!("{} \"", it.field));
    let said = (!detail.is_empty() && !changes.iter().any(told)).then(|| view! { <p>{detail}</p> });
    view! { {said}<dl class="changes">{changes.into_iter().map(change).collect_view()}</dl> }
        .into_any()
}

/// What is listed, as files.
#[component]
fn Downloads(query: Memo<AuditQuery>) -> impl IntoView {
    let link = move |format: &'static str, text: &'static str| {
        let address = move || {
            let all = query
                .with(|query| query.at_page(1))
                .address("/audit/export");
            let join = if all.contains('?') { '&' } else { '?' };
            format!("{all}{join}format={format}")
        };
        view! { <a class="button quiet" rel="external" download="" href=address>{text}</a> }
    };
    view! {
        {link("csv", "Download CSV")}
        {link("jsonl", "Download JSON lines")}
    }
}

/// Which entries: a plain form, which works wherever a browser does.
#[component]
fn Filters(query: AuditQuery) -> impl IntoView {
    let field = |label: &'static str, name: &'static str, value: String, hint: &'static str| {
        let id = format!("filter-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id name=name value=value placeholder=hint autocomplete="off" autocapitalize="none" spellcheck="false"/>
            </div>
        }
    };
    let narrowed = AuditQuery {
        search: String::new(),
        page: 1,
        ..query.clone()
    };
    let open = !narrowed.pairs().is_empty();
    view! {
        <details class="filters" open=open>
            <summary>"Filter"</summary>
            <form method="get" action="/audit">
                {(!query.search.is_empty()).then(|| view! { <input type="hidden" name="search" value=query.search.clone()/> })}
                {field("Who", "actor", query.actor, "account or token …")}
                {field("What", "action", query.action, "user.create, or user for all")}
                {field("Whom", "target", query.target, "alias, group, policy, account")}
                {field("From (UTC)", "since", query.since, "2026-11-25, or 2026-11-25T14:05Z")}
                {field("Until (UTC)", "until", query.until, "a day is meant with its end")}
                <div class="buttons">
                    <button class="main">"Filter"</button>
                    <a class="button quiet" href="/audit">"Show all"</a>
                </div>
            </form>
        </details>
    }
    .into_any()
}
