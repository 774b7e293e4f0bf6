//! What a forced logoff asks: the same questions in the dialog and on a page of its own.

use super::choice::Whom;
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::Role;
use crate::pages::ProblemPage;
use crate::parts::field_id;
use crate::query::all_values;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

/// Minutes for which fresh sign-ons can be refused, with their names.
const BLOCKS: [(&str, &str); 4] = [
    ("", "No block"),
    ("10", "10 minutes"),
    ("60", "1 hour"),
    ("480", "8 hours"),
];

/// `/online/logoff?alias=…&alias=…` or `?all=true`: asks, for browsers without a script.
#[component]
pub(crate) fn LogoffPage() -> impl IntoView {
    if !console().may(Role::Operator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let query = use_location().search.get_untracked();
    let all = all_values(&query, "all")
        .iter()
        .any(|value| value == "true");
    let aliases = all_values(&query, "alias");
    let whom = if all { Whom::All } else { Whom::These(aliases) };
    let nobody = whom == Whom::These(Vec::new());
    view! {
        <Title text="Log off"/>
        <section class="ask">
            <h1>{question(&whom)}</h1>
            {if nobody {
                view! {
                    <p>"Tick users on the page Online first, then press Log off selected."</p>
                    <p><A href="/online" attr:class="button">"Back to Online"</A></p>
                }.into_any()
            } else {
                view! {
                    <form method="post" action="/online/logoff">
                        <Questions whom/>
                        <div class="buttons">
                            <button class="danger">"Log off"</button>
                            <A href="/online" attr:class="button quiet">"Cancel"</A>
                        </div>
                    </form>
                }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// What is asked, as a heading.
pub(super) fn question(whom: &Whom) -> String {
    match whom {
        Whom::All => "Log off everybody?".to_owned(),
        Whom::These(aliases) => match aliases.as_slice() {
            [] => "Nobody is chosen".to_owned(),
            [alias] => format!("Log off {alias}?"),
            several => format!("Log off {} users?", several.len()),
        },
    }
}

/// The fields of the form.
#[component]
pub(super) fn Questions(whom: Whom) -> impl IntoView {
    let console = console();
    let reason = console.typed("reason").unwrap_or_default();
    let block = console.typed("block").unwrap_or_default();
    let refusal = console.refusal("reason");
    let refused = refusal.is_some();
    let (hidden, named) = match whom {
        Whom::All => (vec![("all", "true".to_owned())], None),
        Whom::These(aliases) => {
            let named = (aliases.len() > 1).then(|| aliases.join(", "));
            (
                aliases.into_iter().map(|alias| ("alias", alias)).collect(),
                named,
            )
        }
    };
    view! {
        <Token/>
        {hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()}
        {named.map(|named| view! { <p class="named">{named}</p> })}
        <div class="field" class:refused=refused>
            <label for=field_id("reason")>"Reason"</label>
            <input id=field_id("reason") name="reason" maxlength="200" autocomplete="off" autofocus=true value=reason aria-describedby="reason-hint"/>
            <p class="hint" id="reason-hint">"The user reads it in a message before the session ends; the audit keeps it."</p>
            {refusal.map(|refusal| view! { <p class="refusal">{refusal}</p> })}
        </div>
        <div class="field">
            <label for=field_id("block")>"Refuse fresh sign-ons"</label>
            <select id=field_id("block") name="block">
                {BLOCKS.map(|(minutes, text)| view! {
                    <option value=minutes selected=minutes == block>{text}</option>
                }).into_iter().collect_view()}
            </select>
        </div>
    }
}
