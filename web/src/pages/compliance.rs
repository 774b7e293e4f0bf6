//! Who tried what a policy forbids, and which clients no policy reaches.

use crate::format::{counted, grouped};
use crate::model::{
    ClientReach, CompliancePage as Page, ComplianceQuery, FeatureCount, RefusalRow,
};
use crate::parts::{Moment, Pagination, ProblemView, Search, Table};
use crate::query::{InAddress, path};
use crate::read::read_compliance;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/compliance?search=&feature=&page=`
#[component]
pub(crate) fn CompliancePage() -> impl IntoView {
    let parameters = use_query_map();
    let query = Memo::new(move |_| {
        parameters.with(|parameters| ComplianceQuery::from_pairs(|key| parameters.get(key)))
    });
    let page = Resource::new_blocking(move || query.get(), read_compliance);
    view! {
        <Title text="Compliance"/>
        <div class="head">
            <h1>"Compliance"</h1>
        </div>
        <div class="compliance">
        <h2>"Refused invitations"</h2>
        <div class="toolbar">
            <Search
                label="Search who invited, and whom"
                path="/compliance"
                query
                search=|query: &ComplianceQuery| query.search.clone()
                with_search=|query: ComplianceQuery, search| ComplianceQuery { search, ..query }
            />
        </div>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! {
                        <Filter counts=page.counts.clone() query/>
                        <Refusals page=page.clone() query/>
                        <Clients clients=page.clients written=page.written/>
                    }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
        </div>
    }
    .into_any()
}

/// Which feature: links with counts, of which one is the present.
#[component]
fn Filter(counts: Vec<FeatureCount>, query: Memo<ComplianceQuery>) -> impl IntoView {
    let link = move |word: String, title: String, count: u32| {
        let (this, target) = (word.clone(), word);
        let address = move || {
            query.with(|query| {
                ComplianceQuery {
                    feature: target.clone(),
                    page: 1,
                    ..query.clone()
                }
                .address("/compliance")
            })
        };
        let current = move || query.with(|query| query.feature == this).then_some("true");
        view! {
            <a href=address data-noscroll="" aria-current=current>{format!("{title} ({})", grouped(count))}</a>
        }
    };
    let all = counts.iter().map(|count| count.count).sum();
    (!counts.is_empty()).then(|| {
        view! {
            <nav class="filter features" aria-label="Which feature">
                {link(String::new(), "All".to_owned(), all)}
                {counts.into_iter().map(|c| link(c.word, c.title, c.count)).collect_view()}
            </nav>
        }
    })
}

const HEADS: [&str; 6] = [
    "When (UTC)",
    "From",
    "To",
    "What",
    "Application",
    "Forbidden by",
];

#[component]
fn Refusals(page: Page, query: Memo<ComplianceQuery>) -> impl IntoView {
    if page.matching == 0 {
        let asked = query.with_untracked(|q| !q.search.is_empty() || !q.feature.is_empty());
        return view! {
            <p class="none">{if asked {
                "No refused invitation matches."
            } else {
                "Nothing was refused yet. Every invitation that a policy forbids appears here."
            }}</p>
        }
        .into_any();
    }
    let (this, matching) = (page.page, page.matching);
    view! {
        <Table class="refusals" caption="Refused invitations, newest first" heads=&HEADS>
            {page.rows.into_iter().map(refusal).collect_view()}
        </Table>
        <Pagination path="/compliance" query page=Signal::stored(this) matching=Signal::stored(matching)/>
    }
    .into_any()
}

fn refusal(row: RefusalRow) -> impl IntoView {
    let at = row.at;
    let accepted = row.command == "ACCEPT";
    view! {
        <tr>
            <td data-label="When"><Moment at=Signal::stored(at)/></td>
            <td data-label="From">{user(row.sender)}</td>
            <td data-label="To">{user(row.recipient)}</td>
            <td data-label="What">{row.feature}{accepted.then_some(" (accepting it)")}</td>
            <td data-label="Application">{row.application}</td>
            <td data-label="Forbidden by">
                <A href=path(&["policies", &row.policy])>{row.policy.clone()}</A>
                <small>{format!(" for {}", row.decided_for)}</small>
            </td>
        </tr>
    }
}

/// A user of this server with a link; others have no page here.
fn user(who: String) -> impl IntoView {
    if who.contains("://") {
        return view! { <code>{who}</code> }.into_any();
    }
    view! { <A href=path(&["users", &who])>{who.clone()}</A> }.into_any()
}

#[component]
fn Clients(clients: Vec<ClientReach>, written: u32) -> impl IntoView {
    let note = match written {
        0 => "No policy writes anything to files now, so there is nothing for a client to obey. What the server refuses it refuses to every client.".to_owned(),
        written => format!(
            "Policies write {} to files. A file is obeyed only by a client that knows the option; what the server refuses it refuses to every client.",
            counted(written, "option", "options")
        ),
    };
    view! {
        <h2>"Clients that are signed on"</h2>
        <p>{note}</p>
        {if clients.is_empty() {
            view! { <p class="none">"Nobody is signed on."</p> }.into_any()
        } else {
            view! {
                <Table class="reached" caption="Clients that are signed on, and what reaches them" heads=&["Client", "Sign-ons", "What reaches it"]>
                    {clients.into_iter().map(client).collect_view()}
                </Table>
            }.into_any()
        }}
    }
}

fn client(client: ClientReach) -> impl IntoView {
    let reach = match (&client.program, client.unknown.as_slice()) {
        (None, _) => {
            "No registry option that is known. The server alone can hold it to a policy.".to_owned()
        }
        (Some(program), []) => {
            format!("If it is {program}, as it says: every option that policies write.")
        }
        (Some(program), unknown) => format!(
            "If it is {program}, as it says: all but {}, which it does not know.",
            unknown.join(", ")
        ),
    };
    let covered = client.program.is_some() && client.unknown.is_empty();
    view! {
        <tr>
            <th scope="row">
                {if client.agent.is_empty() { "It does not say what it is".to_owned() } else { client.agent }}
            </th>
            <td data-label="Sign-ons">{grouped(client.sessions)}</td>
            <td data-label="What reaches it">
                {(!covered).then(|| view! { <span class="tag off">"not covered"</span>" " })}
                {reach}
            </td>
        </tr>
    }
}
