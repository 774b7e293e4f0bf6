//! The first administrator.

use crate::frame::console;
use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/first-run?token=…`
#[component]
pub(crate) fn FirstRunPage() -> impl IntoView {
    let token = console()
        .typed("token")
        .or_else(|| use_query_map().with_untracked(|query| query.get("token")))
        .unwrap_or_default();
    view! {
        <Title text="First administrator"/>
        <section class="door">
            <h1>"First administrator"</h1>
            <p class="lead">"This server has no administrator yet. The token proves that you may see its console output: it printed a link with it when it started."</p>
            <form method="post" action="/first-run">
                <Field label="Token" name="token" value=token required=true/>
                <Field label="Name" name="name" autocomplete="username" required=true autofocus=true/>
                <Field label="Password" name="password" kind="password" autocomplete="new-password" required=true hint="A sentence is easier to keep in mind than signs."/>
                <Field label="Password again" name="password_again" kind="password" autocomplete="new-password" required=true/>
                <button class="main">"Create administrator"</button>
            </form>
        </section>
    }
}
