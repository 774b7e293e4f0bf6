//! Accounts of people who sign on with a client.

mod contacts;
mod delete;
mod effective;
mod list;
mod new;
mod privacy;
mod user;

pub(crate) use delete::DeleteUserPage;
pub(crate) use list::UsersPage;
pub(crate) use new::NewUserPage;
pub(crate) use user::UserPage;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The alias in the address of the page.
fn alias_of_address() -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|parameters| parameters.get("alias").unwrap_or_default()))
}
