//! Who may see a user and write to them: the list in plain words, and what changes it.

use crate::Problem;
use crate::frame::{Token, console};
use crate::model::{Privacy, PrivacyAbout, PrivacyEntry, Role};
use crate::parts::{Field, ProblemView, Table};
use crate::query::{access_address, path};
use crate::read::read_privacy;
use leptos::prelude::*;
use leptos_router::components::A;

/// The rights that the list is about in plain words, by their names on the wire.
const SEE: &str = "presence";
const WRITE: &str = "send-to";

/// The section of a user's page.
#[component]
pub(crate) fn PrivacySection(alias: String) -> impl IntoView {
    let list = Resource::new_blocking(
        {
            let alias = alias.clone();
            move || alias.clone()
        },
        read_privacy,
    );
    view! {
        <section class="part" id="privacy" aria-labelledby="privacy-heading">
            <h2 id="privacy-heading">"Privacy"</h2>
            <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(list) => view! { <List list/> }.into_any(),
                        // The page itself says that there is no such user.
                        Err(Problem::NotFound(_)) => ().into_any(),
                        Err(problem) => view! { <ProblemView problem/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn List(list: Privacy) -> impl IntoView {
    let administrator = console().may(Role::Administrator);
    let alias = list.alias.clone();
    let said = headline(&list);
    let named: Vec<_> = list
        .entries
        .iter()
        .filter(|entry| matches!(entry.about, PrivacyAbout::User | PrivacyAbout::Elsewhere))
        .cloned()
        .collect();
    let (standard, nobody_named) = (list.standard, named.is_empty());
    let rows = {
        let alias = alias.clone();
        named
            .into_iter()
            .map(move |entry| row(&alias, entry, administrator))
            .collect_view()
    };
    view! {
        <p class="lead">
            {said}
            {standard.then_some(" This is the default: nobody has changed the list.")}
            {(!nobody_named).then_some(" For those named below, what stands beside them counts.")}
        </p>
        {if nobody_named {
            view! { <p class="none">"The list names nobody."</p> }.into_any()
        } else {
            view! { <Table class="privacy" caption="Whom the list names" heads=&HEADS>{rows}</Table> }.into_any()
        }}
        <CanSee alias=alias.clone()/>
        {administrator.then(|| view! { <Change alias standard/> })}
    }
    .into_any()
}

const HEADS: [&str; 5] = ["Who", "Sees", "Writes", "Other rights", "Actions"];

/// What holds for everybody whom no entry names.
fn headline(list: &Privacy) -> String {
    let alias = &list.alias;
    let everybody = |right| {
        let mut about = list.entries.iter();
        let entry = about.find(|entry| entry.about == PrivacyAbout::Everybody);
        entry.and_then(|entry| entry.says(right)) == Some(true)
    };
    match (everybody(SEE), everybody(WRITE)) {
        (true, true) => {
            format!("Everybody sees whether {alias} is online and may write to {alias}.")
        }
        (false, false) => {
            format!("Nobody sees whether {alias} is online, and nobody may write to {alias}.")
        }
        (true, false) => {
            format!("Everybody sees whether {alias} is online, but nobody may write to {alias}.")
        }
        (false, true) => {
            format!("Nobody sees whether {alias} is online, but everybody may write to {alias}.")
        }
    }
}

fn row(owner: &str, entry: PrivacyEntry, administrator: bool) -> impl IntoView + use<> {
    let (sees, writes) = (word(entry.says(SEE)), word(entry.says(WRITE)));
    let besides = besides(&entry);
    let who = match entry.about {
        PrivacyAbout::User => {
            let (who, to) = (entry.who.clone(), path(&["users", &entry.who]));
            view! { <A href=to>{who}</A> }.into_any()
        }
        _ => view! { {entry.who.clone()} }.into_any(),
    };
    let remove = administrator.then(|| {
        view! {
            <form method="post" action=path(&["users", owner, "privacy"])>
                <Token/>
                <input type="hidden" name="who" value=entry.who.clone()/>
                <button name="change" value="forget" aria-label=format!("Remove {} from the list", entry.who)>"Remove"</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row">{who}</th>
            <td data-label="Sees">{sees}</td>
            <td data-label="Writes">{writes}</td>
            <td data-label="Other rights">{besides}</td>
            <td class="act" data-label="Actions">{remove}</td>
        </tr>
    }
}

fn word(says: Option<bool>) -> AnyView {
    match says {
        Some(true) => view! { "yes" }.into_any(),
        Some(false) => view! { <strong>"no"</strong> }.into_any(),
        None => view! { <span class="dim">"as everybody"</span> }.into_any(),
    }
}

/// Rights other than the two, and the ways of signing on for which the entry counts if it is
/// not all.
fn besides(entry: &PrivacyEntry) -> String {
    let others = |rights: &[String]| {
        let others: Vec<_> = rights
            .iter()
            .filter(|it| !matches!(it.as_str(), SEE | WRITE))
            .cloned()
            .collect();
        others.join(", ")
    };
    let mut said = Vec::new();
    let (granted, denied) = (others(&entry.granted), others(&entry.denied));
    if !granted.is_empty() {
        said.push(format!("may: {granted}"));
    }
    if !denied.is_empty() {
        said.push(format!("may not: {denied}"));
    }
    let counts = |word: &str| entry.credentials.iter().any(|it| it == word || it == "any");
    if !(counts("digest") && counts("ntlm")) {
        said.push(format!("only with {}", entry.credentials.join(", ")));
    }
    said.join("; ")
}

/// Asks whether somebody may see this user.
#[component]
fn CanSee(alias: String) -> impl IntoView {
    view! {
        <form class="inline" method="get" action="/access">
            <input type="hidden" name="to" value=alias.clone()/>
            <label for="access-from">{format!("Can somebody see {alias}? Their alias")}</label>
            <input id="access-from" name="from" autocomplete="off" autocapitalize="none" spellcheck="false" required/>
            <button>"Look"</button>
            <A href=access_address("", &alias) attr:class="button quiet">"Two users…"</A>
        </form>
    }
}

#[component]
fn Change(alias: String, standard: bool) -> impl IntoView {
    let to = path(&["users", &alias, "privacy"]);
    view! {
        <div class="sheets">
            <form class="sheet" method="post" action=to.clone()>
                <Token/>
                <Field label="Everybody except" name="blocked" hint="Aliases with commas between; may be empty. Entries of the list stay."/>
                <button name="change" value="allow-all">"Allow everybody except these"</button>
            </form>
            <form class="sheet" method="post" action=to.clone()>
                <Token/>
                <Field label="Nobody except" name="allowed" hint="Aliases with commas between; may be empty. Entries of the list stay."/>
                <button name="change" value="deny-all">"Allow nobody except these"</button>
            </form>
            <form class="sheet" method="post" action=to.clone()>
                <Token/>
                <Field label="One user" name="who" required=true hint="An alias, or the URL of a user elsewhere."/>
                <div class="buttons">
                    <button name="change" value="block">"Block"</button>
                    <button name="change" value="allow">"Allow"</button>
                </div>
            </form>
        </div>
        {(!standard).then(|| view! {
            <form class="inline" method="post" action=to>
                <Token/>
                <button class="quiet" name="change" value="default">"Back to the default list"</button>
            </form>
        })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(granted: &[&str], denied: &[&str], credentials: &[&str]) -> PrivacyEntry {
        let owned = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect();
        PrivacyEntry {
            who: "everybody".to_owned(),
            about: PrivacyAbout::Everybody,
            granted: owned(granted),
            denied: owned(denied),
            credentials: owned(credentials),
        }
    }

    #[test]
    fn what_an_entry_says_besides_is_told_in_words() {
        let both = ["assertion", "digest", "ntlm"];
        assert_eq!(besides(&entry(&["send-to", "presence"], &[], &both)), "");
        assert_eq!(
            besides(&entry(&["list", "read"], &["write", "presence"], &["ntlm"])),
            "may: list, read; may not: write; only with ntlm"
        );
        assert_eq!(besides(&entry(&[], &["presence"], &["any"])), "");
    }

    #[test]
    fn the_headline_says_what_holds_for_everybody() {
        let both = ["digest", "ntlm"];
        let list = |entries| Privacy {
            alias: "alice".to_owned(),
            standard: false,
            open: true,
            entries,
        };
        for (entries, said) in [
            (
                vec![entry(&["all"], &[], &both)],
                "Everybody sees whether alice is online and",
            ),
            (
                vec![entry(&["presence"], &["send-to"], &both)],
                "but nobody may write",
            ),
            (
                vec![entry(&["all"], &["presence"], &both)],
                "but everybody may write",
            ),
            (vec![], "Nobody sees whether alice is online, and nobody"),
        ] {
            assert!(headline(&list(entries)).contains(said), "{said}");
        }
    }
}
