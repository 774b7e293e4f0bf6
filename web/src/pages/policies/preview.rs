//! What a policy writes.

use crate::model::ValueLine;
use leptos::prelude::*;

#[component]
pub(super) fn Preview(values: Vec<ValueLine>) -> impl IntoView {
    let count = values.len();
    let some = count > 0;
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
            <summary>{match count {
                0 => "No registry value is written".to_owned(),
                1 => "1 registry value is written".to_owned(),
                count => format!("{count} registry values are written"),
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
        </details>
    }
}
