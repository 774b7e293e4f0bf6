//! A new account of the console.

use super::{NewPassword, RoleField};
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/accounts/new`
#[component]
pub(crate) fn NewAccountPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    view! {
        <Title text="Add an account"/>
        <p class="path"><A href="/accounts">"Accounts"</A></p>
        <h1>"Add an account"</h1>
        <form class="sheet" method="post" action="/accounts/new">
            <Token/>
            <Field label="Name" name="name" autocomplete="off" required=true autofocus=true hint="It cannot be changed later; the audit names who did what by it."/>
            <RoleField role=Role::Viewer/>
            <NewPassword/>
            <div class="buttons">
                <button class="main">"Add account"</button>
                <A href="/accounts" attr:class="button quiet">"Cancel"</A>
            </div>
        </form>
    }
    .into_any()
}
