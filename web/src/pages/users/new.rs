//! A new account.

use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/users/new`
#[component]
pub(crate) fn NewUserPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    view! {
        <Title text="Create a user"/>
        <p class="path"><A href="/users">"Users"</A></p>
        <h1>"Create a user"</h1>
        <form class="sheet" method="post" action="/users/new">
            <Token/>
            <Field label="Alias" name="alias" required=true autofocus=true hint="The part of the address before the @. It cannot be changed later."/>
            <Field label="Display name" name="display_name" hint="What contacts see; may be empty."/>
            <Field label="Mail address" name="email" kind="email" hint="May be empty."/>
            <Field label="Password" name="password" kind="password" autocomplete="new-password" required=true hint="What the user types into the client."/>
            <div class="buttons">
                <button class="main">"Create user"</button>
                <A href="/users" attr:class="button quiet">"Cancel"</A>
            </div>
        </form>
    }
    .into_any()
}
