//! Asks before a policy is deleted.

use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::query::path;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};

/// `/policies/{name}/delete`
#[component]
pub(crate) fn DeletePolicyPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let name =
        use_params_map().with_untracked(|parameters| parameters.get("name").unwrap_or_default());
    let revision =
        use_query_map().with_untracked(|query| query.get("revision").unwrap_or_default());
    view! {
        <Title text="Delete a policy"/>
        <section class="ask">
            <h1>{format!("Delete {name}?")}</h1>
            <p>"The policy and all its revisions are gone then. Values that were written on computers stay there."</p>
            <form method="post" action=path(&["policies", &name, "delete"])>
                <Token/>
                <input type="hidden" name="revision" value=revision/>
                <div class="buttons">
                    <button class="danger">"Delete policy"</button>
                    <A href=path(&["policies", &name]) attr:class="button quiet">"Cancel"</A>
                </div>
            </form>
        </section>
    }
    .into_any()
}
