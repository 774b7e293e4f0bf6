//! Values that no option knows, kept from an imported file: seen here, and taken out here.

use super::preview::values_table;
use crate::format::grouped;
use crate::frame::console;
use crate::model::ValueLine;
use leptos::prelude::*;

#[component]
pub(super) fn Others(
    /// Those that are shown.
    others: Vec<ValueLine>,
    /// How many there are.
    total: u32,
    /// The page that lists them all.
    address: String,
) -> impl IntoView {
    let shown = u32::try_from(others.len()).unwrap_or(u32::MAX);
    let more = total.saturating_sub(shown);
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
                {(more > 0).then(|| view! {
                    <p class="lead">{format!("And {} more: ", grouped(more))}<a href=address>"all other values"</a></p>
                })}
            </section>
        }
    })
}
