//! All policies.

use crate::format;
use crate::frame::console;
use crate::model::{PolicySummary, Role};
use crate::parts::{Moment, ProblemView};
use crate::query::path;
use crate::read::read_policies;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/policies`
#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    let policies = Resource::new_blocking(|| (), |()| read_policies());
    let administrator = console().may(Role::Administrator);
    view! {
        <Title text="Policies"/>
        <div class="head">
            <h1>"Policies"</h1>
            <div class="buttons">
                <A href="/catalogue" attr:class="button">"Catalogue of options"</A>
                {administrator.then(|| view! {
                    <A href="/policies/import" attr:class="button">"Import a file"</A>
                    <A href="/policies/new" attr:class="button main">"Create a policy"</A>
                })}
            </div>
        </div>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match policies.await {
                    Ok(policies) => view! { <List policies/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn List(policies: Vec<PolicySummary>) -> impl IntoView {
    if policies.is_empty() {
        return view! {
            <section class="empty">
                <h2>"There are no policies yet"</h2>
                <p>"A policy says what clients may do, for instance no file transfer and no voice over a thin line. It is exported as a registry file for Windows."</p>
            </section>
        }
        .into_any();
    }
    view! {
        <div class="scroll">
            <table class="policies">
                <caption class="unseen">"Policies"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Policy"</th>
                        <th scope="col" class="number">"Options set"</th>
                        <th scope="col" class="number">"Revision"</th>
                        <th scope="col">"Saved (UTC)"</th>
                        <th scope="col">"By"</th>
                    </tr>
                </thead>
                <tbody>{policies.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(policy: PolicySummary) -> impl IntoView {
    let saved = policy.saved;
    view! {
        <tr>
            <th scope="row" class="user">
                <A href=path(&["policies", &policy.name])>{policy.name.clone()}</A>
                <small>{policy.description}</small>
            </th>
            <td class="number" data-label="Options set">{format::grouped(policy.settings)}</td>
            <td class="number" data-label="Revision">{format::grouped(policy.revision)}</td>
            <td data-label="Saved"><Moment at=Signal::stored(saved)/></td>
            <td data-label="By">{policy.saved_by}</td>
        </tr>
    }
}
