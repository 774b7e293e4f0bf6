//! What went wrong, where the content would be.

use crate::{Problem, browser};
use leptos::prelude::*;

/// What happened, why, and what to do. A session that ended leads to the sign-in by itself.
#[component]
pub(crate) fn ProblemView(problem: Problem) -> impl IntoView {
    let signed_out = problem == Problem::SignedOut;
    Effect::new(move || {
        if signed_out {
            browser::go(&browser::here());
        }
    });
    view! {
        <section class="problem" role="alert">
            <h2>{problem.title()}</h2>
            <p>{problem.why()}</p>
            <p>{problem.remedy()}</p>
            {signed_out.then(|| view! { <p><a class="button" rel="external" href="/sign-in">"Sign in"</a></p> })}
        </section>
    }
}
