//! All values of a policy that no option knows, a page at a time: an imported file may have
//! brought thousands.

use super::preview::values_table;
use crate::format::grouped;
use crate::frame::{Token, console};
use crate::model::{PolicyValues, Role, ValueLine, pages};
use crate::parts::ProblemView;
use crate::query::path;
use crate::read::read_policy_values;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/policies/{name}/values?page=`
#[component]
pub(crate) fn PolicyValuesPage() -> impl IntoView {
    let (parameters, query) = (use_params_map(), use_query_map());
    let wanted = Memo::new(move |_| {
        let name = parameters.with(|parameters| parameters.get("name").unwrap_or_default());
        let page = query.with(|query| query.get("page").and_then(|page| page.parse().ok()));
        (name, page.unwrap_or(1))
    });
    let values = Resource::new_blocking(
        move || wanted.get(),
        |(name, page)| read_policy_values(name, page),
    );
    let name = move || wanted.with(|(name, _)| name.clone());
    view! {
        <Title text=move || format!("Other values of {}", name())/>
        <p class="path"><A href=move || path(&["policies", &name()])>{name}</A></p>
        <h1>"Other values"</h1>
        <Transition fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match values.await {
                    Ok(values) => view! { <Listed values/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Listed(values: PolicyValues) -> impl IntoView {
    let PolicyValues {
        name,
        revision,
        lines,
        total,
        page,
    } = values;
    let may = console().may(Role::Administrator);
    let (places, lines): (Vec<u32>, Vec<ValueLine>) = lines.into_iter().unzip();
    let box_of = move |at: usize, value: &ValueLine| {
        let place = places.get(at).copied().unwrap_or_default();
        let label = format!("Take out {}", value.name);
        view! { <input type="checkbox" name=format!("drop.{place}") value="1" aria-label=label/> }
            .into_any()
    };
    let address = path(&["policies", &name, "values"]);
    let turn = |to: u32, text: &'static str, rel: &'static str| {
        let there = (1..=pages(total)).contains(&to);
        let href = format!("{address}?page={to}");
        there.then(|| view! { <a href=href rel=rel>{text}</a> })
    };
    let turns = view! {
        <nav class="pagination" aria-label="Pages">
            <span>{format!("{} values, page {page} of {}", grouped(total), grouped(pages(total)))}</span>
            {turn(page.saturating_sub(1), "Previous", "prev")}
            {turn(page + 1, "Next", "next")}
        </nav>
    };
    let some = total > 0;
    view! {
        <p class="lead">"Kept from an imported file and written exactly as they are."</p>
        <form class="policy" method="post" action=address.clone()>
            <Token/>
            <input type="hidden" name="base" value=revision.to_string()/>
            <fieldset class="bare" disabled=!may>
                {values_table("Other values", "Take out", lines, box_of)}
                {turns}
                {(may && some).then(|| view! {
                    <div class="save">
                        <button class="main">"Take out what is ticked"</button>
                        <button class="danger" name="all" value="1">"Take out all of them"</button>
                    </div>
                })}
            </fieldset>
        </form>
    }
    .into_any()
}
