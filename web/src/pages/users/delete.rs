//! Asks before an account is deleted.

use super::alias_of_address;
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::query::path;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/users/{alias}/delete`
#[component]
pub(crate) fn DeleteUserPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let alias = alias_of_address().get_untracked();
    // Of the page that led here: what changed since is told, and nothing deleted.
    let revision = use_query_map().with_untracked(|query| query.get("revision"));
    view! {
        <Title text="Delete a user"/>
        <section class="ask">
            <h1>{format!("Delete {alias}?")}</h1>
            <p>"The user is logged off and cannot sign on any more. The account cannot be brought back; entries of the audit stay. To keep it for later, disable it instead."</p>
            <form method="post" action=path(&["users", &alias, "delete"])>
                <Token/>
                {revision.map(|revision| view! { <input type="hidden" name="revision" value=revision/> })}
                <div class="buttons">
                    <button class="danger">"Delete user"</button>
                    <A href=path(&["users", &alias]) attr:class="button quiet">"Cancel"</A>
                </div>
            </form>
        </section>
    }
    .into_any()
}
