//! A user's contact list as their client exported it: who is in it, a file to download, one to
//! upload.

use crate::Problem;
use crate::frame::{Token, console};
use crate::model::{ContactsView, Role};
use crate::parts::{Field, Moment, ProblemView, Table, Upload};
use crate::query::path;
use crate::read::read_contacts;
use leptos::prelude::*;
use leptos_router::components::A;

/// The section of a user's page.
#[component]
pub(crate) fn ContactsSection(alias: String) -> impl IntoView {
    let list = Resource::new_blocking(
        {
            let alias = alias.clone();
            move || alias.clone()
        },
        read_contacts,
    );
    view! {
        <section class="part" id="contacts" aria-labelledby="contacts-heading">
            <h2 id="contacts-heading">"Contacts"</h2>
            <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
                {move || {
                    let alias = alias.clone();
                    Suspend::new(async move {
                        match list.await {
                            Ok(list) => view! { <List alias list/> }.into_any(),
                            // The page itself says that there is no such user.
                            Err(Problem::NotFound(_)) => ().into_any(),
                            Err(problem) => view! { <ProblemView problem/> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </section>
    }
    .into_any()
}

const HEADS: [&str; 2] = ["Contact", "Profile"];

#[component]
fn List(alias: String, list: Option<ContactsView>) -> impl IntoView {
    let administrator = console().may(Role::Administrator);
    let skip = console().typed("skip").is_some();
    let kept = list.is_some();
    let address = path(&["users", &alias, "contacts"]);
    view! {
        {match list {
            Some(list) => view! { <Kept list/> }.into_any(),
            None => view! {
                <p class="none">
                    {format!("No contacts of {alias} are kept. Clients keep them in the registry of one computer; ")}
                    <A href="/contacts">"scripts carry them along"</A>"."
                </p>
            }.into_any(),
        }}
        {administrator.then(|| view! {
            {kept.then(|| view! {
                <p class="buttons">
                    <a class="button" rel="external" download="" href=format!("{address}?format=reg")>"Download .reg"</a>
                    <a class="button" rel="external" download="" href=format!("{address}?format=reg4")>"Download REGEDIT4"</a>
                </p>
            })}
            <form class="sheet" method="post" action=address.clone() enctype="multipart/form-data">
                <Token/>
                // Before the file, so that they are kept if it is refused as too large.
                <Field label="Code page" name="code_page" hint="Of a file in ANSI, such as 1252 or 932. Left empty it is guessed, and said."/>
                <div class="field check">
                    <input type="checkbox" id="skip" name="skip" value="yes" checked=skip aria-describedby="skip-hint"/>
                    <label for="skip">"Skip what cannot be read"</label>
                    <p class="hint" id="skip-hint">"Else a file with such a line is refused as a whole."</p>
                </div>
                <Upload label="Exported contacts (.reg)" name="file" accept=".reg"/>
                <button>{if kept { "Replace by this file" } else { "Keep this file" }}</button>
            </form>
            {kept.then(|| view! {
                <form class="inline" method="post" action=format!("{address}/remove")>
                    <Token/>
                    <button class="danger">"Forget these contacts"</button>
                    <span class="hint">"Those on the user's computers stay."</span>
                </form>
            })}
        })}
    }
    .into_any()
}

#[component]
fn Kept(list: ContactsView) -> impl IntoView {
    let ContactsView { summary, contacts } = list;
    let counted = crate::format::counted(summary.contacts, "contact", "contacts");
    let values = crate::format::counted(summary.values, "registry value", "registry values");
    let rows = contacts.into_iter().map(|it| {
        view! {
            <tr>
                <th scope="row">{it.address}</th>
                <td data-label="Profile"><code>{it.profile}</code></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <p class="lead">
            {format!("{counted} in {values}, revision {}, saved ", summary.revision)}
            <Moment at=Signal::stored(summary.saved)/>
            {format!(" UTC by {}.", summary.saved_by)}
        </p>
        {if summary.contacts == 0 {
            view! { <p class="none">"The file names nobody where clients keep contacts; its values are kept as they are."</p> }.into_any()
        } else {
            view! { <Table class="contacts" caption="Contacts" heads=&HEADS>{rows}</Table> }.into_any()
        }}
    }
    .into_any()
}
