//! Asks before an account of the console is removed.

use super::name_of_address;
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::query::path;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/accounts/{name}/delete`
#[component]
pub(crate) fn DeleteAccountPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let name = name_of_address().get_untracked();
    view! {
        <Title text="Remove an account"/>
        <section class="ask">
            <h1>{format!("Remove the account {name}?")}</h1>
            <p>"Whoever is signed in with it is out at once. What it did stays in the audit, and the tokens that it made stay good until they are revoked."</p>
            <form method="post" action=path(&["accounts", &name, "delete"])>
                <Token/>
                <div class="buttons">
                    <button class="danger">"Remove account"</button>
                    <A href=path(&["accounts", &name]) attr:class="button quiet">"Cancel"</A>
                </div>
            </form>
        </section>
    }
    .into_any()
}
