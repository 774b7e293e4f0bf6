//! Values that no option knows, kept from an imported file: seen here, and taken out here.

use super::preview::values_table;
use crate::frame::console;
use crate::model::ValueLine;
use leptos::prelude::*;

#[component]
pub(super) fn Others(others: Vec<ValueLine>) -> impl IntoView {
    let console = console();
    let box_of = move |at: usize, value: &ValueLine| {
        let name = format!("drop.{at}");
        let chosen = console.typed(&name).is_some();
        let label = format!("Take out {}", value.name);
        view! { <input type="checkbox" name=name value="1" checked=chosen aria-label=label/> }
            .into_any()
    };
    (!others.is_empty()).then(|| {
        view! {
            <section class="category" aria-labelledby="others">
                <h2 id="others">"Other values"</h2>
                <p class="lead">"Kept from an imported file and written exactly as they are. What is ticked is taken out when the policy is saved."</p>
                {values_table("Other values", "Take out", others, box_of)}
            </section>
        }
    })
}
