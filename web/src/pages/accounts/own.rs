//! The account that is signed in: its password and its sessions.

use super::NewPassword;
use super::sessions::SessionsSection;
use crate::frame::{Token, console};
use crate::parts::Field;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/account`
#[component]
pub(crate) fn OwnAccountPage() -> impl IntoView {
    let name = console().name();
    view! {
        <Title text="Your account"/>
        <div class="head"><h1>"Your account"</h1></div>
        <p class="lead">{format!("You are signed in as {name}.")}</p>
        <SessionsSection account=name.clone()/>
        <div class="sheets">
            <form class="sheet" method="post" action="/account/password" aria-labelledby="password-heading">
                <h2 id="password-heading">"Password"</h2>
                <Token/>
                <Field label="Present password" name="old_password" kind="password" autocomplete="current-password" required=true/>
                <NewPassword name=name/>
                <p class="hint">"Your other sessions end; this one stays."</p>
                <button class="main">"Change password"</button>
            </form>
        </div>
    }
    .into_any()
}
