//! What stands between clients and the server, and what to do about it.

use crate::model::{Deployment, Finding, Level};
use crate::parts::ProblemView;
use crate::read::read_deployment;
use leptos::prelude::*;
use leptos_meta::Title;

/// `/deployment`
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    let deployment = Resource::new_blocking(|| (), |()| read_deployment());
    view! {
        <Title text="Deployment"/>
        <div class="head">
            <h1>"Deployment"</h1>
            // A new request: every look asks the DNS and the network again.
            <a class="button quiet" href="/deployment" rel="external">"Look again"</a>
        </div>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match deployment.await {
                    Ok(deployment) => view! { <Diagnosis deployment/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Diagnosis(deployment: Deployment) -> impl IntoView {
    let summary = summary(&deployment);
    let Deployment {
        domain,
        mail_domain,
        rvp_url,
        findings,
        records,
        proxy_exception,
    } = deployment;
    view! {
        <p class="lead">{summary}</p>
        <ul class="findings" aria-label="Findings, worst first">
            {findings.into_iter().map(finding).collect_view()}
        </ul>
        <section class="records">
            <h2>"DNS records"</h2>
            <p class="lead">"Clients look up the SRV record of the mail domain, then the address of the server. A click selects a whole block."</p>
            <h3>"BIND, or any zone file"</h3>
            <pre class="copy" tabindex="0" aria-label="Records for a zone file">{records.bind}</pre>
            <h3>"Windows DNS, at a command prompt"</h3>
            <pre class="copy" tabindex="0" aria-label="Commands for Windows DNS">{records.windows}</pre>
        </section>
        <section class="records">
            <h2>"How to point clients at this server"</h2>
            <ol class="steps">
                <li>
                    "Sign on as " <code>{format!("alias@{mail_domain}")}</code>
                    " with the password of the account. With the records above nothing else has to be set."
                </li>
                <li>
                    "Where the DNS cannot be changed: sign on as " <code>{format!("alias@{domain}")}</code>
                    ", which clients look for at port 80 of that name. This server is " <code>{rvp_url}</code> "."
                </li>
                <li>
                    "Where Internet Explorer uses a proxy, add this to its exceptions:"
                    <pre class="copy" tabindex="0" aria-label="Proxy exception">{proxy_exception}</pre>
                </li>
                <li>"The server opens connections to the clients, to ports from 1024 up (RVP document 5.1.4). A firewall or an address translation between them must let these through."</li>
            </ol>
        </section>
    }
    .into_any()
}

fn summary(deployment: &Deployment) -> String {
    let count = |level, one: &str, many: &str| match deployment.count(level) {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    format!(
        "{}, {}, {} for {} and its users at {}.",
        count(Level::Problem, "problem", "problems"),
        count(Level::Warning, "warning", "warnings"),
        count(Level::Ok, "check passed", "checks passed"),
        deployment.domain,
        deployment.mail_domain,
    )
}

/// How a level is marked: class, word, and a sign of its own shape within 16 by 16.
fn mark(level: Level) -> (&'static str, &'static str, &'static str) {
    match level {
        Level::Problem => (
            "problem-found",
            "Problem",
            "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM5.6 4.5 4.5 5.6 6.9 8l-2.4 2.4 1.1 1.1L8 9.1l2.4 2.4 1.1-1.1L9.1 8l2.4-2.4-1.1-1.1L8 6.9z",
        ),
        Level::Warning => (
            "warning-found",
            "Warning",
            "M8 1.5 15 14H1zM7.2 6v4h1.6V6zM7.2 11v1.6h1.6V11z",
        ),
        Level::Ok => (
            "passed",
            "Passed",
            "m2.5 8.3 1.3-1.3 2.7 2.7L12.2 4l1.3 1.3-7 7z",
        ),
    }
}

fn finding(finding: Finding) -> impl IntoView {
    let (class, word, path) = mark(finding.level);
    view! {
        <li class=class>
            <h2>
                <span class="level">
                    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                        <path fill-rule="evenodd" d=path/>
                    </svg>
                    {word}
                </span>
                {finding.check}
            </h2>
            <p>{finding.found}</p>
            {(!finding.remedy.is_empty()).then(|| view! { <p class="remedy">{finding.remedy}</p> })}
            <p class="reason">{finding.why}</p>
        </li>
    }
}
