//! Whose contact lists are kept, and the scripts that carry them from computer to computer.

use crate::format;
use crate::model::{ContactSummary, ContactsPage as Page};
use crate::parts::{Moment, ProblemView, Table, field_id};
use crate::query::{path, scripts_address};
use crate::read::read_contact_lists;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/contacts?share=`
#[component]
pub(crate) fn ContactsPage() -> impl IntoView {
    let parameters = use_query_map();
    let share = Memo::new(move |_| {
        parameters.with(|parameters| {
            parameters
                .get("share")
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
    });
    let page = Resource::new_blocking(|| (), |()| read_contact_lists());
    view! {
        <Title text="Contacts"/>
        <p class="path"><A href="/users">"Users"</A></p>
        <h1>"Contacts"</h1>
        <p class="lead">"Clients keep the contacts of a user in the registry of one computer. What is kept here is a copy, as it was exported."</p>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(Page { lists, served, .. }) => view! {
                        <Lists lists/>
                        <Scripts share served/>
                    }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

const HEADS: [&str; 5] = ["User", "Contacts", "Revision", "Saved (UTC)", "By"];

#[component]
fn Lists(lists: Vec<ContactSummary>) -> impl IntoView {
    if lists.is_empty() {
        return view! { <p class="none">"No contacts are kept yet. Upload a file on a user's page, or let the scripts below save them."</p> }.into_any();
    }
    let row = |it: ContactSummary| {
        let to = format!("{}#contacts", path(&["users", &it.alias]));
        view! {
            <tr>
                <th scope="row" class="user"><A href=to>{it.alias}</A></th>
                <td data-label="Contacts">{format::grouped(it.contacts)}</td>
                <td data-label="Revision">{format::grouped(it.revision)}</td>
                <td data-label="Saved"><Moment at=Signal::stored(it.saved)/></td>
                <td data-label="By">{it.saved_by}</td>
            </tr>
        }
    };
    view! {
        <Table class="lists" caption="Whose contacts are kept" heads=&HEADS>
            {lists.into_iter().map(row).collect_view()}
        </Table>
    }
    .into_any()
}

/// What a share's scripts and the server's are called.
const OF_SHARE: [&str; 4] = [
    "contacts-logon.bat",
    "contacts-logoff.bat",
    "contacts-logon.vbs",
    "contacts-logoff.vbs",
];
const OF_SERVER: [&str; 2] = ["contacts-logon-server.vbs", "contacts-logoff-server.vbs"];

#[component]
fn Scripts(share: Memo<String>, served: Option<String>) -> impl IntoView {
    let id = field_id("share");
    view! {
        <section class="part" aria-labelledby="scripts-heading">
            <h2 id="scripts-heading">"Logon and logoff scripts"</h2>
            <p class="lead">"One brings contacts back at logon, the other saves them at logoff: batch files for Windows 95, 98 and NT 4, scripts for Windows 2000 and later."</p>
            <h3>"Over a share"</h3>
            <form class="inline" method="get" action="/contacts">
                <label for=id.clone()>"Share, with a folder for each user below it"</label>
                <input id=id name="share" value=move || share.get() placeholder="\\\\server\\im$" autocomplete="off" spellcheck="false" required/>
                <button>"Make scripts"</button>
            </form>
            {move || {
                let share = share.get();
                (!share.is_empty()).then(|| links(Some(&share), &OF_SHARE))
            }}
            <h3>"Over this server"</h3>
            {match served {
                Some(url) => view! {
                    <p>
                        "Each user's computer gets and saves that user's list at " <code>{url}</code>
                        ", signed in with the Windows logon by NTLM. Batch files cannot sign in."
                    </p>
                    {links(None, &OF_SERVER)}
                }.into_any(),
                None => view! {
                    <p class="none">"Switched off. With " <code>"serve = true"</code> " under " <code>"[contacts]"</code> " in the configuration, each user's computer gets and saves that user's list here."</p>
                }.into_any(),
            }}
        </section>
    }
    .into_any()
}

fn links(share: Option<&str>, names: &[&'static str]) -> impl IntoView + use<> {
    let link = |name: &&'static str| {
        let address = scripts_address(share, name);
        view! { <a class="button" rel="external" download="" href=address>{*name}</a> }
    };
    view! { <p class="buttons">{names.iter().map(link).collect_view()}</p> }
}
