//! One account.

use super::alias_of_address;
use super::contacts::ContactsSection;
use super::effective::EffectiveSection;
use super::privacy::PrivacySection;
use crate::frame::{Token, console};
use crate::model::ComplianceQuery;
use crate::model::{PresenceState, Role, UserDetail};
use crate::pages::GroupLinks;
use crate::parts::{Field, Moment, ProblemView, StateMark};
use crate::query::{InAddress as _, logoff_address, path};
use crate::read::read_user;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/users/{alias}`
#[component]
pub(crate) fn UserPage() -> impl IntoView {
    let alias = alias_of_address();
    let user = Resource::new_blocking(move || alias.get(), read_user);
    view! {
        <Title text=move || alias.get()/>
        <p class="path"><A href="/users">"Users"</A></p>
        <Suspense fallback=move || view! { <h1>{alias}</h1> }>
            {move || Suspend::new(async move {
                match user.await {
                    Ok(user) => view! { <User user/> }.into_any(),
                    Err(problem) => view! { <h1>{alias.get_untracked()}</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn User(user: UserDetail) -> impl IntoView {
    let row = user.row.clone();
    let alias = row.alias.clone();
    let logoff = logoff_address([("alias", alias.as_str())]);
    let may_log_off = row.state != PresenceState::Offline && console().may(Role::Operator);
    let administrator = console().may(Role::Administrator);
    let delete = format!(
        "{}?revision={}",
        path(&["users", &alias, "delete"]),
        user.revision
    );
    view! {
        <div class="head">
            <h1>{alias.clone()}</h1>
            <StateMark state=Signal::stored(row.state)/>
            {(!row.enabled).then(|| view! { <span class="tag off">"disabled"</span> })}
            {may_log_off.then(|| view! { <A href=logoff attr:class="button">"Log off…"</A> })}
        </div>
        <dl class="facts">
            <dt>"Display name"</dt>
            <dd>{or_dash(&row.display_name)}</dd>
            <dt>"Mail address"</dt>
            <dd>{or_dash(&row.email)}</dd>
            <dt>"Groups"</dt>
            <dd><GroupLinks names=user.groups.clone()/></dd>
            <dt>"Address for clients"</dt>
            <dd><code>{user.url.clone()}</code></dd>
            <dt>"Created"</dt>
            <dd><Moment at=Signal::stored(user.created)/>" UTC"</dd>
            <dt>"Last sign-on"</dt>
            <dd>{match row.last_sign_on {
                Some(at) => view! { <Moment at=Signal::stored(at)/>" UTC" }.into_any(),
                None => view! { "never" }.into_any(),
            }}</dd>
        </dl>
        <Blocked user=user.clone()/>
        <Refused user=user.clone()/>
        <EffectiveSection alias=alias.clone()/>
        <PrivacySection alias=alias.clone()/>
        <ContactsSection alias=alias.clone()/>
        {administrator.then(|| view! {
            <div class="sheets">
                <Account user/>
                <Password alias=alias.clone()/>
                <section class="sheet">
                    <h2>"Delete"</h2>
                    <p>"Ends the account for good."</p>
                    <p><A href=delete attr:class="button danger">"Delete user…"</A></p>
                </section>
            </div>
        })}
    }
    .into_any()
}

fn or_dash(text: &str) -> String {
    if text.is_empty() {
        "–".to_owned()
    } else {
        text.to_owned()
    }
}

/// Says that a policy refused something lately.
#[component]
fn Refused(user: UserDetail) -> impl IntoView {
    let all = ComplianceQuery {
        search: user.row.alias,
        ..ComplianceQuery::default()
    };
    user.refused.map(|refused| {
        view! {
            <p class="refused-lately">
                <span class="tag off">"refused"</span>" "{refused.what}" "
                <Moment at=Signal::stored(refused.at)/>" UTC. "
                <A href=all.address("/compliance")>"All that was refused"</A>
            </p>
        }
    })
}

/// Says that fresh sign-ons are refused, and lifts it.
#[component]
fn Blocked(user: UserDetail) -> impl IntoView {
    let alias = user.row.alias;
    user.blocked_until.map(|(until, reason)| {
        view! {
            <section class="blocked" aria-label="Blocked">
                <p>
                    <strong>"Sign-ons are refused until "<Moment at=Signal::stored(until)/>" UTC."</strong>
                    {(!reason.is_empty()).then(|| format!(" Reason: {reason}"))}
                </p>
                {console().may(Role::Operator).then(|| view! {
                    <form method="post" action=path(&["users", &alias, "unblock"])>
                        <Token/>
                        <button>"Unblock"</button>
                    </form>
                })}
            </section>
        }
    })
}

#[component]
fn Account(user: UserDetail) -> impl IntoView {
    let console = console();
    let row = user.row;
    // A box that is not ticked is not sent, so a refused form without it means not ticked.
    let refused_here = console.was_refused() && console.typed("display_name").is_some();
    let enabled = if refused_here {
        console.typed("enabled").is_some()
    } else {
        row.enabled
    };
    view! {
        <form class="sheet" method="post" action=path(&["users", &row.alias]) aria-labelledby="account-heading">
            <h2 id="account-heading">"Account"</h2>
            <Token/>
            <input type="hidden" name="revision" value=user.revision/>
            <Was name="display_name" value=row.display_name.clone()/>
            <Was name="email" value=row.email.clone()/>
            <Was name="enabled" value=if row.enabled { "true" } else { "" }.to_owned()/>
            <Field label="Display name" name="display_name" value=row.display_name/>
            <Field label="Mail address" name="email" kind="email" value=row.email/>
            <div class="field check">
                <input type="checkbox" id="enabled" name="enabled" value="true" checked=enabled aria-describedby="enabled-hint"/>
                <label for="enabled">"May sign on"</label>
                <p class="hint" id="enabled-hint">"Without it the user is logged off at once and stays so."</p>
            </div>
            <button class="main">"Save"</button>
        </form>
    }
}

/// What the page shows of a field, so that a form changes only what its sender changed. A form
/// that was refused goes on with what the page showed before.
#[component]
fn Was(name: &'static str, value: String) -> impl IntoView {
    let name = format!("was_{name}");
    let value = console().typed(&name).unwrap_or(value);
    view! { <input type="hidden" name=name value=value/> }
}

#[component]
fn Password(alias: String) -> impl IntoView {
    view! {
        <form class="sheet" method="post" action=path(&["users", &alias, "password"]) aria-labelledby="password-heading">
            <h2 id="password-heading">"Password"</h2>
            <Token/>
            // For the browser's own keeping of passwords.
            <input type="text" autocomplete="username" value=alias.clone() readonly hidden/>
            <Field label="New password" name="password" kind="password" autocomplete="new-password" required=true hint="Sessions that are live stay; the next sign-on needs the new one."/>
            <Field label="New password again" name="password_again" kind="password" autocomplete="new-password" required=true/>
            <button>"Set password"</button>
        </form>
    }
}
