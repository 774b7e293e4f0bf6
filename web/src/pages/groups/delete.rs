//! Asks before a group is deleted.

use super::name_of_address;
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::query::path;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/groups/{name}/delete`
#[component]
pub(crate) fn DeleteGroupPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let name = name_of_address().get_untracked();
    view! {
        <Title text="Delete a group"/>
        <section class="ask">
            <h1>{format!("Delete the group {name}?")}</h1>
            <p>"Its members stay users. Policies that count for this group count for its members no more, at once."</p>
            <form method="post" action=path(&["groups", &name, "delete"])>
                <Token/>
                <div class="buttons">
                    <button class="danger">"Delete group"</button>
                    <A href=path(&["groups", &name]) attr:class="button quiet">"Cancel"</A>
                </div>
            </form>
        </section>
    }
    .into_any()
}
