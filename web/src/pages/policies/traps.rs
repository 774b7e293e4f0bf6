//! What to know before a policy is exported: errors, which stop it, and traps, each with the way
//! to its option.

use super::sheet::Problems;
use crate::model::{OptionView, PolicySheet, ProblemLine};
use leptos::prelude::*;

#[component]
pub(super) fn Traps(sheet: PolicySheet) -> impl IntoView {
    let rest = sheet.categories.into_iter();
    let options = sheet
        .quick
        .into_iter()
        .chain(rest.flat_map(|category| category.options));
    let (mut errors, mut traps) = (Vec::new(), Vec::new());
    for option in options {
        for problem in &option.problems {
            let list = if problem.error {
                &mut errors
            } else {
                &mut traps
            };
            list.push(line(&option, problem));
        }
    }
    let count = traps.len();
    let said = match count {
        1 => "1 thing to know before export".to_owned(),
        count => format!("{count} things to know before export"),
    };
    view! {
        {(!errors.is_empty()).then(|| view! { <ul class="problems">{errors}</ul> })}
        <Problems problems=sheet.problems/>
        {(count > 0).then(|| view! {
            <details class="preview">
                <summary>{said}</summary>
                <ul class="problems">{traps}</ul>
            </details>
        })}
    }
    .into_any()
}

fn line(option: &OptionView, problem: &ProblemLine) -> impl IntoView + use<> {
    let address = format!("#option-{}", option.id);
    let (title, message) = (option.title.clone(), problem.message.clone());
    view! {
        <li class=if problem.error { "error" } else { "warning" }>
            <a href=address>{title}</a>
            ": "
            {message}
        </li>
    }
}
