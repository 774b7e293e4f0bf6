//! Accounts of the console, and one's own.

mod account;
mod delete;
mod list;
mod new;
mod own;
mod sessions;

pub(crate) use account::AccountPage;
pub(crate) use delete::DeleteAccountPage;
pub(crate) use list::AccountsPage;
pub(crate) use new::NewAccountPage;
pub(crate) use own::OwnAccountPage;

use crate::frame::console;
use crate::model::Role;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The name in the address of the page.
fn name_of_address() -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|parameters| parameters.get("name").unwrap_or_default()))
}

const ROLES: [(Role, &str, &str); 3] = [
    (Role::Viewer, "viewer", "looks, changes nothing"),
    (Role::Operator, "operator", "also logs users off"),
    (
        Role::Administrator,
        "administrator",
        "also keeps users, policies and these accounts",
    ),
];

fn role_name(role: Role) -> &'static str {
    let known = ROLES.iter().find(|(it, ..)| *it == role);
    known.map_or("viewer", |(_, name, _)| name)
}

/// What an account may do.
#[component]
fn RoleField(role: Role) -> impl IntoView {
    let typed = console().typed("role");
    let chosen = typed.unwrap_or_else(|| role_name(role).to_owned());
    let option = |(_, name, about): (Role, &'static str, &'static str)| {
        let selected = chosen == name;
        view! { <option value=name selected=selected>{format!("{name} – {about}")}</option> }
    };
    view! {
        <div class="field">
            <label for="field-role">"Role"</label>
            <select id="field-role" name="role">
                {ROLES.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}

/// A new password, twice. `name` is for the browser's own keeping of passwords.
#[component]
fn NewPassword(#[prop(optional, into)] name: String) -> impl IntoView {
    view! {
        {(!name.is_empty()).then(|| view! {
            <input type="text" autocomplete="username" value=name readonly hidden/>
        })}
        <crate::parts::Field label="New password" name="password" kind="password" autocomplete="new-password" required=true hint="At least 10 characters, and hard to guess: several unrelated words do it."/>
        <crate::parts::Field label="New password again" name="password_again" kind="password" autocomplete="new-password" required=true/>
    }
}
