//! A new group.

use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/groups/new`
#[component]
pub(crate) fn NewGroupPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    view! {
        <Title text="Create a group"/>
        <p class="path"><A href="/groups">"Groups"</A></p>
        <h1>"Create a group"</h1>
        <form class="sheet" method="post" action="/groups/new">
            <Token/>
            <Field label="Name" name="name" required=true autofocus=true hint="One word without spaces, such as branch-oslo. It cannot be changed later, and no user may have it."/>
            <Field label="Description" name="description" hint="What it is for; may be empty."/>
            <Field label="Members" name="members" hint="Aliases, with spaces or commas between them; may be empty."/>
            <div class="buttons">
                <button class="main">"Create group"</button>
                <A href="/groups" attr:class="button quiet">"Cancel"</A>
            </div>
        </form>
    }
    .into_any()
}
