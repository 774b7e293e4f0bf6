//! For whom a policy counts, and whether its proxy settings are handed out as a script.

use crate::frame::{Token, console};
use crate::model::{Assignment, PolicyReach, Role, ScriptState};
use crate::parts::{Field, ProblemView};
use crate::query::path;
use crate::read::read_policy_reach;
use leptos::prelude::*;

/// The two sections of a policy's page.
#[component]
pub(super) fn Reach(name: String) -> impl IntoView {
    let key = name.clone();
    let reach = Resource::new_blocking(move || key.clone(), read_policy_reach);
    view! {
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || {
                let name = name.clone();
                Suspend::new(async move {
                    match reach.await {
                        Ok(reach) => view! { <Sections name reach/> }.into_any(),
                        Err(problem) => view! { <ProblemView problem/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// The fields in the form of a new policy.
#[component]
pub(super) fn ReachOfNew() -> impl IntoView {
    let reach = Resource::new_blocking(|| (), |()| read_policy_reach(String::new()));
    view! {
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match reach.await {
                    Ok(reach) => view! {
                        <section class="sheet wide reach" aria-labelledby="counts-for">
                            <h2 id="counts-for">"Counts for"</h2>
                            <p>"For nobody, until you say for whom: now, or later on its page."</p>
                            <Fields reach/>
                        </section>
                    }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sections(name: String, reach: PolicyReach) -> impl IntoView {
    let may = console().may(Role::Administrator);
    let script = reach.script.clone();
    let words = reach.assignment.words();
    let priority = reach.assignment.priority;
    let nobody = words == "nobody";
    view! {
        <form class="sheet wide reach" method="post" action=path(&["policies", &name, "assign"]) aria-labelledby="counts-for">
            <h2 id="counts-for">"Counts for"</h2>
            <p>
                "This policy counts for "<strong>{words}</strong>
                {(priority != 0).then(|| format!(", with priority {priority}"))}
                "."
                {nobody.then_some(" The server refuses nothing because of it.")}
            </p>
            {may.then(|| view! {
                <Token/>
                <input type="hidden" name="revision" value=reach.revision/>
                <Fields reach/>
                <button>"Set for whom it counts"</button>
            })}
        </form>
        <Script name script may/>
    }
    .into_any()
}

/// The choices. What was typed into a form that was refused stays.
#[component]
fn Fields(reach: PolicyReach) -> impl IntoView {
    let console = console();
    let Assignment {
        everyone,
        groups: chosen,
        users,
        priority,
    } = reach.assignment;
    // A box that is not ticked is not sent.
    let refused = console.typed("counts").is_some();
    let everyone = if refused {
        console.typed("everyone").is_some()
    } else {
        everyone
    };
    let has_groups = !reach.groups.is_empty();
    let boxes = reach.groups.into_iter().map(|group| {
        let ticked = if refused {
            console.typed_has("groups", &group)
        } else {
            chosen.contains(&group)
        };
        view! {
            <label><input type="checkbox" name="groups" value=group.clone() checked=ticked/>{group}</label>
        }
    });
    let refusal = console.refusal("groups");
    view! {
        <input type="hidden" name="counts" value="shown"/>
        <div class="field check">
            <input type="checkbox" id="everyone" name="everyone" value="true" checked=everyone aria-describedby="everyone-hint"/>
            <label for="everyone">"Everyone"</label>
            <p class="hint" id="everyone-hint">"A policy for a group is stronger than one for everyone, and one for a user stronger than both."</p>
        </div>
        {has_groups.then(|| view! {
            <fieldset class="ticks">
                <legend>"Groups"</legend>
                {boxes.collect_view()}
            </fieldset>
        })}
        {refusal.map(|refusal| view! { <p class="refusal">{refusal}</p> })}
        <Field label="Users" name="users" value=users.join(", ") hint="Aliases, with spaces or commas between them; may be empty."/>
        <Field label="Priority" name="priority" value=priority.to_string() hint="Among policies that reach a user in the same way the greater number wins."/>
    }
}

/// The proxy script: whether it comes from this policy.
#[component]
fn Script(name: String, script: ScriptState, may: bool) -> impl IntoView {
    let this = script
        .policy
        .as_ref()
        .is_some_and(|policy| policy.eq_ignore_ascii_case(&name));
    let other = script.policy.filter(|_| !this);
    let problem = script.problem.filter(|_| this);
    (may || this).then(|| {
        view! {
            <form class="sheet wide reach" method="post" action=path(&["policies", &name, "proxy-script"]) aria-labelledby="proxy-script">
                <h2 id="proxy-script">"Proxy script"</h2>
                <p>
                    {if this { "The proxy settings of this policy are handed out at " } else { "Browsers can fetch the proxy settings of this policy from " }}
                    <code>{script.url}</code>"."
                    {other.map(|other| format!(" Now those of {other} stand there."))}
                </p>
                {problem.map(|problem| view! { <p class="refusal">{problem}</p> })}
                {may.then(|| view! {
                    <Token/>
                    <input type="hidden" name="serve" value=if this { "no" } else { "yes" }/>
                    <button>{if this { "Hand it out no more" } else { "Hand it out" }}</button>
                })}
            </form>
        }
    })
}
