//! Groups of users.

mod delete;
mod group;
mod list;
mod new;

pub(crate) use delete::DeleteGroupPage;
pub(crate) use group::GroupPage;
pub(crate) use list::GroupsPage;
pub(crate) use new::NewGroupPage;

use crate::query::path;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

/// The name in the address of the page.
fn name_of_address() -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|parameters| parameters.get("name").unwrap_or_default()))
}

/// Links to groups, with commas between them.
#[component]
pub(crate) fn GroupLinks(names: Vec<String>) -> impl IntoView {
    let link = |(place, name): (usize, String)| {
        view! {
            {(place > 0).then_some(", ")}
            <A href=path(&["groups", &name])>{name.clone()}</A>
        }
    };
    if names.is_empty() {
        return view! { "none" }.into_any();
    }
    names
        .into_iter()
        .enumerate()
        .map(link)
        .collect_view()
        .into_any()
}
