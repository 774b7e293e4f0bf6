//! A file to send with a form.

use super::field::field_id;
use crate::frame::console;
use leptos::prelude::*;

/// The field for a file, with the refusal of the last one. A refused file has to be chosen
/// anew: browsers let nobody else fill this in.
#[component]
pub(crate) fn Upload(
    /// Its visible label.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// Endings of files that the browser offers.
    accept: &'static str,
) -> impl IntoView {
    let refusal = console().refusal(name);
    let refused = refusal.is_some();
    let id = field_id(name);
    let described = refused.then(|| format!("{id}-refusal"));
    view! {
        <div class="upload" class:refused=refused>
            <label for=id.clone()>{label}</label>
            <input id=id.clone() type="file" name=name accept=accept required aria-invalid=refused.then_some("true") aria-describedby=described/>
            {refusal.map(|refusal| view! { <p class="refusal" id=format!("{id}-refusal")>{refusal}</p> })}
        </div>
    }
}
