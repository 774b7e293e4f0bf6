//! One account of the console: what it may do, its password, its sessions.

use super::list::{signed_in, state};
use super::sessions::SessionsSection;
use super::{NewPassword, RoleField, name_of_address, role_name};
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::{AccountView, Role};
use crate::pages::ProblemPage;
use crate::parts::{Moment, ProblemView};
use crate::query::path;
use crate::read::read_account;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

/// `/accounts/{name}`
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let name = name_of_address();
    let account = Resource::new_blocking(move || name.get(), read_account);
    view! {
        <Title text=move || name.get()/>
        <p class="path"><A href="/accounts">"Accounts"</A></p>
        <Transition fallback=move || view! { <h1>{name}</h1> }>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(account) => view! { <Account account/> }.into_any(),
                    Err(problem) => view! { <h1>{name.get_untracked()}</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Account(account: AccountView) -> impl IntoView {
    let row = account.row.clone();
    let (created, name) = (row.created, row.name.clone());
    view! {
        <div class="head"><h1>{name.clone()}</h1></div>
        <dl class="facts">
            <dt>"Role"</dt>
            <dd>{role_name(row.role)}</dd>
            <dt>"State"</dt>
            <dd>{state(row.enabled)}</dd>
            <dt>"Made"</dt>
            <dd><Moment at=Signal::stored(created)/>" UTC"</dd>
            <dt>"Last sign-in"</dt>
            <dd>{signed_in(row.signed_in, row.signed_in_from)}</dd>
        </dl>
        {account.last_administrator.then(|| view! {
            <p class="lead">"This is the last administrator who may sign in: it can be neither removed, disabled nor given a lower role. Add another first."</p>
        })}
        <SessionsSection account=name.clone()/>
        <Changes account/>
    }
    .into_any()
}

#[component]
fn Changes(account: AccountView) -> impl IntoView {
    let row = account.row;
    let name = row.name;
    let own = console().name().eq_ignore_ascii_case(&name);
    let (word, lead) = if row.enabled {
        (
            "disable",
            "Nobody signs in with it any more, and whoever is signed in is out at once.",
        )
    } else {
        (
            "enable",
            "Lets it sign in again, with the password that it had.",
        )
    };
    let label = if row.enabled {
        "Disable account"
    } else {
        "Enable account"
    };
    view! {
        <div class="sheets">
            <form class="sheet" method="post" action=path(&["accounts", &name, "role"]) aria-labelledby="role-heading">
                <h2 id="role-heading">"Role"</h2>
                <Token/>
                <input type="hidden" name="revision" value=account.revision/>
                <RoleField role=row.role/>
                <p class="hint">"Its sessions end, and it signs in anew."</p>
                <button class="main">"Save role"</button>
            </form>
            {if own {
                view! {
                    <section class="sheet">
                        <h2>"Password"</h2>
                        <p>"This is your own account."</p>
                        <p><A href="/account" attr:class="button">"Change your password"</A></p>
                    </section>
                }
                .into_any()
            } else {
                view! {
                    <form class="sheet" method="post" action=path(&["accounts", &name, "password"]) aria-labelledby="password-heading">
                        <h2 id="password-heading">"Password"</h2>
                        <Token/>
                        <NewPassword name=name.clone()/>
                        <button>"Set password"</button>
                    </form>
                }
                .into_any()
            }}
            <section class="sheet">
                <h2>{if row.enabled { "Disable" } else { "Enable" }}</h2>
                <p>{lead}</p>
                <form method="post" action=path(&["accounts", &name, word])>
                    <Token/>
                    <button>{label}</button>
                </form>
                <h2>"Remove"</h2>
                <p>"Ends the account for good."</p>
                <p><A href=path(&["accounts", &name, "delete"]) attr:class="button danger">"Remove account…"</A></p>
            </section>
        </div>
    }
    .into_any()
}
