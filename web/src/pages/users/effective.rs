//! What counts for a user, and which policy decides.

use crate::model::{EffectiveOption, EffectivePolicy, Say};
use crate::parts::{ProblemView, Table};
use crate::query::path;
use crate::read::read_effective;
use leptos::prelude::*;
use leptos_router::components::A;

/// The section of a user's page.
#[component]
pub(super) fn EffectiveSection(alias: String) -> impl IntoView {
    let effective = Resource::new_blocking(move || alias.clone(), read_effective);
    view! {
        <section class="effective" aria-labelledby="effective">
            <h2 id="effective">"Effective policy"</h2>
            <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    match effective.await {
                        Ok(effective) => view! { <Effective effective/> }.into_any(),
                        Err(problem) => view! { <ProblemView problem/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn Effective(effective: EffectivePolicy) -> impl IntoView {
    let refused = if effective.refused.is_empty() {
        "The server refuses no invitation of this user or to this user.".to_owned()
    } else {
        format!(
            "The server refuses invitations of this user and to this user for: {}.",
            effective.refused.join(", ")
        )
    };
    if effective.options.is_empty() {
        return view! { <p class="none">"No policy sets anything for this user. "{refused}</p> }
            .into_any();
    }
    view! {
        <p>{refused}</p>
        <Table
            class="effective"
            caption="What counts for this user, by option"
            heads=&["Option", "Value", "Has effect in", "Decided by", "Overruled"]
        >
            {effective.options.into_iter().map(row).collect_view()}
        </Table>
    }
    .into_any()
}

fn row(option: EffectiveOption) -> impl IntoView {
    let overruled = option.overruled.into_iter().map(|say| {
        let value = say.value.clone();
        view! { <span class="say"><Who say/>{format!(" says {value}")}</span> }
    });
    view! {
        <tr>
            <th scope="row" title=option.id>{option.title}</th>
            <td data-label="Value">{option.decided.value.clone()}</td>
            <td data-label="Has effect in">{option.effect}</td>
            <td data-label="Decided by"><Who say=option.decided/></td>
            <td data-label="Overruled" class="stack">{overruled.collect_view()}</td>
        </tr>
    }
}

/// A policy, and how it reaches the user.
#[component]
fn Who(say: Say) -> impl IntoView {
    let priority = (say.priority != 0).then(|| format!(", priority {}", say.priority));
    view! {
        <A href=path(&["policies", &say.policy])>{say.policy.clone()}</A>
        <small>{format!(" for {}", say.through)}{priority}</small>
    }
}
