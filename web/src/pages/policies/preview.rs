//! What a policy writes.

use crate::format::grouped;
use crate::model::ValueLine;
use leptos::prelude::*;

#[component]
pub(super) fn Preview(
    /// Those that are shown.
    values: Vec<ValueLine>,
    /// How many there are.
    total: u32,
) -> impl IntoView {
    let shown = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let more = total.saturating_sub(shown);
    let some = total > 0;
    let row = |value: ValueLine| {
        view! {
            <tr>
                <td data-label="Key"><code>{value.path}</code></td>
                <td data-label="Value"><code>{value.name}</code></td>
                <td data-label="Type">{value.kind}</td>
                <td data-label="Data"><code>{value.data}</code></td>
            </tr>
        }
    };
    view! {
        <details class="preview" open=some>
            <summary>{match total {
                0 => "No registry value is written".to_owned(),
                1 => "1 registry value is written".to_owned(),
                count => format!("{} registry values are written", grouped(count)),
            }}</summary>
            {some.then(|| view! {
                <div class="scroll">
                    <table class="values">
                        <caption class="unseen">"Registry values that the files write"</caption>
                        <thead><tr><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"Type"</th><th scope="col">"Data"</th></tr></thead>
                        <tbody>{values.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            })}
            {(more > 0).then(|| view! {
                <p class="lead">{format!("And {} more of those that were kept from an imported file.", grouped(more))}</p>
            })}
        </details>
    }
}

/// Values with a box before each.
pub(super) fn values_table(
    caption: &'static str,
    head: &'static str,
    values: Vec<ValueLine>,
    box_of: impl Fn(usize, &ValueLine) -> AnyView,
) -> impl IntoView {
    let row = |(at, value): (usize, ValueLine)| {
        view! {
            <tr>
                <td data-label=head>{box_of(at, &value)}</td>
                <td data-label="Key"><code>{value.path}</code></td>
                <td data-label="Value"><code>{value.name}</code></td>
                <td data-label="Type">{value.kind}</td>
                <td data-label="Data"><code>{value.data}</code></td>
            </tr>
        }
    };
    let rows = values.into_iter().enumerate().map(row).collect_view();
    view! {
        <div class="scroll">
            <table class="values boxed">
                <caption class="unseen">{caption}</caption>
                <thead><tr><th scope="col">{head}</th><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"Type"</th><th scope="col">"Data"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
