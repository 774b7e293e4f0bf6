//! A labelled field that shows what was typed and why it was refused.

use crate::frame::console;
use leptos::prelude::*;

/// The id of the field of that name.
pub(crate) fn field_id(name: &str) -> String {
    format!("field-{name}")
}

/// One line of input. After a refusal it holds what was typed, except a password.
#[component]
pub(crate) fn Field(
    /// Its visible label, and so its accessible name.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// What is stored.
    #[prop(optional, into)]
    value: String,
    /// `text`, `password` or `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What to type, in a few words.
    #[prop(optional)]
    hint: &'static str,
    /// For the browser's own filling in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let console = console();
    let value = if kind == "password" {
        None
    } else {
        Some(console.typed(name).unwrap_or(value))
    };
    let refusal = console.refusal(name);
    let refused = refusal.is_some();
    let id = field_id(name);
    let described = [
        (!hint.is_empty(), format!("{id}-hint")),
        (refused, format!("{id}-refusal")),
    ]
    .into_iter()
    .filter_map(|(there, id)| there.then_some(id))
    .collect::<Vec<_>>()
    .join(" ");
    view! {
        <div class="field" class:refused=refused>
            <label for=id.clone()>{label}</label>
            <input
                id=id.clone()
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required=required
                autofocus=autofocus
                aria-invalid=refused.then_some("true")
                aria-describedby=(!described.is_empty()).then_some(described)
            />
            {(!hint.is_empty()).then(|| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {refusal.map(|refusal| view! { <p class="refusal" id=format!("{id}-refusal")>{refusal}</p> })}
        </div>
    }
}
