//! Signing in.

use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// `/sign-in?next=…`
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let next = crate::frame::console()
        .typed("next")
        .or_else(|| use_query_map().with_untracked(|query| query.get("next")))
        .unwrap_or_default();
    view! {
        <Title text="Sign in"/>
        <section class="door">
            <h1>"Sign in"</h1>
            <p class="lead">"The console of this instant messaging server. Sign in with your console account, not with your messaging password."</p>
            <form method="post" action="/sign-in">
                <input type="hidden" name="next" value=next/>
                <Field label="Name" name="name" autocomplete="username" required=true autofocus=true/>
                <Field label="Password" name="password" kind="password" autocomplete="current-password" required=true/>
                <button class="main">"Sign in"</button>
            </form>
        </section>
    }
}
