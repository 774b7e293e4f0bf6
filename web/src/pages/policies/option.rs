//! One option of a policy.

use super::choice::ChoiceField;
use super::sheet::Problems;
use crate::frame::console;
use crate::model::OptionView;
use leptos::prelude::*;

#[component]
pub(super) fn OptionRow(option: OptionView) -> impl IntoView {
    let refusal = console().refusal(&option.id);
    let problems = option.problems.clone();
    let description = option.description.clone();
    let id = format!("option-{}", option.id);
    let set = !option.chosen.is_empty();
    view! {
        <div class="option" id=id class:set=set>
            <ChoiceField option=option.clone()/>
            <p>{description}</p>
            {refusal.map(|refusal| view! { <p class="refusal">{refusal}</p> })}
            <Problems problems/>
            <Known option/>
        </div>
    }
    .into_any()
}

/// For which clients it is, and, unfolded, what is known of it.
#[component]
fn Known(option: OptionView) -> impl IntoView {
    let hives = option.hives.join(" or ");
    let entry = format!("/catalogue#{}", option.id);
    let fact = |name: &'static str, text: String| {
        (!text.is_empty()).then(|| view! { <dt>{name}</dt><dd>{text}</dd> })
    };
    view! {
        <details>
            <summary>
                {option.clients.join(", ")}
                {(!option.enforced.is_empty()).then(|| view! { " "<span class="tag enforced">"also refused by the server"</span> })}
                {(!option.not_exportable.is_empty()).then(|| view! { " "<span class="tag off">"never written to files"</span> })}
                <span class="unseen">{format!(" – details of {}", option.title)}</span>
            </summary>
            <dl class="facts">
                {(!option.place.is_empty()).then(|| view! {
                    <dt>"Value"</dt>
                    <dd><code>{option.place}</code>{(!hives.is_empty()).then(|| format!(" in {hives}"))}</dd>
                })}
                {fact("Without it", option.default)}
                {fact("Certainty", option.confidence)}
                {fact("Source", option.source)}
                {fact("Not exported because", option.not_exportable)}
                {option.notes.into_iter().map(|note| fact("Note", note)).collect_view()}
                <dt>"More"</dt>
                <dd><a href=entry rel="external">{format!("{} in the catalogue", option.title)}</a></dd>
            </dl>
        </details>
    }
}
