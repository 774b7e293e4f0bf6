//! What a policy writes, and the files.

use crate::model::ValueLine;
use crate::query::path;
use leptos::prelude::*;

/// Formats that the page offers: the library's word, what the button says, and for whom.
const FORMATS: [(&str, &str, &str); 2] = [
    ("reg", "Download .reg", "Windows 2000 and later"),
    ("reg4", "Download REGEDIT4", "Windows 95, 98, Me, NT 4"),
];

/// The files, or why there are none.
#[component]
pub(super) fn Downloads(name: String, exportable: bool, wire_only: bool) -> impl IntoView {
    let button = |(format, text, whom): (&'static str, &'static str, &'static str)| {
        let address = format!("{}?format={format}", path(&["policies", &name, "export"]));
        view! {
            <li>
                <a class="button" href=address rel="external" download="">{text}</a>
                <small>{whom}</small>
            </li>
        }
    };
    if exportable {
        return view! { <ul class="downloads">{FORMATS.map(button).into_iter().collect_view()}</ul> }
            .into_any();
    }
    let why = if wire_only {
        "No files: this policy has effect on the wire only. To export it, let it have effect in files, too, and save it."
    } else {
        "No files yet: the errors below stand against an export. Put them right and save the policy."
    };
    view! { <p class="refusal">{why}</p> }.into_any()
}

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
