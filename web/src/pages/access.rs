//! What two users may do with each other, and which entry of whose list decides.

use crate::model::{Access, AccessRow};
use crate::parts::{ProblemView, Table};
use crate::query::{access_address, path};
use crate::read::read_access;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/access?from=&to=`
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let parameters = use_query_map();
    let asked = Memo::new(move |_| {
        parameters.with(|parameters| {
            let get = |key| parameters.get(key).unwrap_or_default().trim().to_owned();
            (get("from"), get("to"))
        })
    });
    let answer = Resource::new_blocking(move || asked.get(), |(from, to)| read_access(from, to));
    view! {
        <Title text="Can A see B?"/>
        <p class="path"><A href="/users">"Users"</A></p>
        <h1>"Can A see B?"</h1>
        <form class="inline" method="get" action="/access">
            <label for="access-from">"A"</label>
            <input id="access-from" name="from" value=move || asked.get().0 autocomplete="off" autocapitalize="none" spellcheck="false" required/>
            <label for="access-to">"B"</label>
            <input id="access-to" name="to" value=move || asked.get().1 autocomplete="off" autocapitalize="none" spellcheck="false" required/>
            <button class="main">"Look"</button>
        </form>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok(Some((there, back))) => view! { <Both there back/> }.into_any(),
                    Ok(None) => view! {
                        <p class="none">"Name two users: A by alias, or by URL if A is of another domain; B by alias."</p>
                    }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Both(there: Access, back: Option<Access>) -> impl IntoView {
    let turned = there
        .from_alias
        .as_deref()
        .filter(|from| *from != there.to_alias)
        .map(|from| access_address(&there.to_alias, from));
    let elsewhere = there.from_alias.is_none().then(|| {
        format!(
            "Whether {} sees or writes to {} is for the server of that domain to say.",
            there.to_alias, there.from
        )
    });
    view! {
        <div class="sheets">
            <OneWay access=there/>
            {back.map(|back| view! { <OneWay access=back/> })}
        </div>
        {elsewhere.map(|said| view! { <p class="none">{said}</p> })}
        {turned.map(|address| view! { <p><A href=address attr:class="button quiet">"Swap"</A></p> })}
    }
    .into_any()
}

#[component]
fn OneWay(access: Access) -> impl IntoView {
    let from = access
        .from_alias
        .clone()
        .unwrap_or_else(|| access.from.clone());
    let to = access.to_alias.clone();
    let sees = verdict(&access.rights, "presence");
    let writes = verdict(&access.rights, "send-to");
    let now = access
        .sees
        .clone()
        .map(|state| format!("{from} sees {to} now as {state}."));
    let list = format!("{}#privacy", path(&["users", &to]));
    let heading = format!("access-{to}");
    let (can_see, can_write) = (
        format!("Can {from} see {to}?"),
        format!("Can {from} write to {to}?"),
    );
    let the_list = format!("The list of {to}");
    let from_name = match access.from_alias {
        Some(alias) => {
            let to = path(&["users", &alias]);
            view! { <A href=to>{alias}</A> }.into_any()
        }
        None => view! { <code>{from}</code> }.into_any(),
    };
    let owner = path(&["users", &to]);
    view! {
        <section class="sheet verdicts" aria-labelledby=heading.clone()>
            <h2 id=heading.clone()>{from_name}" → "<A href=owner>{to.clone()}</A></h2>
            <dl>
                <dt>{can_see}</dt>
                <dd>{said(sees)}</dd>
                <dt>{can_write}</dt>
                <dd>{said(writes)}</dd>
            </dl>
            {now.map(|now| view! { <p>{now}</p> })}
            {access.hindrances.into_iter().map(|said| view! { <p class="hindrance">{said}</p> }).collect_view()}
            <p><A href=list>{the_list}</A></p>
            <details>
                <summary>"All rights"</summary>
                <Table class="rights" caption="All rights" heads=&HEADS>
                    {access.rights.into_iter().map(row).collect_view()}
                </Table>
            </details>
        </section>
    }
    .into_any()
}

const HEADS: [&str; 4] = ["Right", "Signed on with", "May", "Why"];

fn row(row: AccessRow) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{row.right}</th>
            <td data-label="Signed on with">{row.credential}</td>
            <td data-label="May">{if row.allowed { "yes" } else { "no" }}</td>
            <td data-label="Why">{row.why}</td>
        </tr>
    }
}

/// What the list says of one right: the same for each way of signing on, or each by itself.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Same(bool, String),
    ByCredential(Vec<(String, bool, String)>),
}

fn verdict(rights: &[AccessRow], right: &str) -> Verdict {
    let rows: Vec<_> = rights.iter().filter(|row| row.right == right).collect();
    match rows.as_slice() {
        [first, rest @ ..]
            if rest
                .iter()
                .all(|row| row.allowed == first.allowed && row.why == first.why) =>
        {
            Verdict::Same(first.allowed, first.why.clone())
        }
        rows => Verdict::ByCredential(
            rows.iter()
                .map(|row| (row.credential.clone(), row.allowed, row.why.clone()))
                .collect(),
        ),
    }
}

fn said(verdict: Verdict) -> AnyView {
    let word = |allowed| if allowed { "Yes" } else { "No" };
    match verdict {
        Verdict::Same(allowed, why) => view! {
            <strong class:denied=!allowed>{word(allowed)}</strong>" – "{why}"."
        }
        .into_any(),
        Verdict::ByCredential(rows) => rows
            .into_iter()
            .map(|(credential, allowed, why)| {
                view! {
                    <span class="by">
                        {format!("Signed on with {credential}: ")}
                        <strong class:denied=!allowed>{word(allowed)}</strong>" – "{why}". "
                    </span>
                }
            })
            .collect_view()
            .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_signing_on_are_told_apart_only_where_they_differ() {
        let row = |credential: &str, allowed| AccessRow {
            right: "presence".to_owned(),
            credential: credential.to_owned(),
            allowed,
            why: format!("because {allowed}"),
        };
        assert_eq!(
            verdict(&[row("digest", true), row("ntlm", true)], "presence"),
            Verdict::Same(true, "because true".to_owned())
        );
        assert!(matches!(
            verdict(&[row("digest", true), row("ntlm", false)], "presence"),
            Verdict::ByCredential(rows) if rows.len() == 2
        ));
    }
}
