//! Pages that can only say what went wrong.

use crate::Problem;
use leptos::prelude::*;
use leptos_meta::Title;

/// Something went wrong before there could be a page.
#[component]
pub(crate) fn ProblemPage(problem: Problem) -> impl IntoView {
    view! {
        <Title text=problem.title()/>
        <section class="problem whole">
            <p class="code">{problem.status()}</p>
            <h1>{problem.title()}</h1>
            <p>{problem.why()}</p>
            <p>{problem.remedy()}</p>
            <p><a class="button" rel="external" href="/">"To the dashboard"</a></p>
        </section>
    }
}

/// No page has this address.
#[component]
pub(crate) fn NowherePage() -> impl IntoView {
    let problem = Problem::NotFound("There is no page at this address.".to_owned());
    #[cfg(feature = "ssr")]
    crate::ssr::set_status(&problem);
    view! { <ProblemPage problem/> }
}
