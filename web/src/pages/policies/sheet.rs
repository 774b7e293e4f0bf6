//! One policy: what is chosen, what is wrong, what would be written, and the files.

use super::counts_for::{Reach, ReachOfNew};
use super::downloads::Downloads;
use super::option::OptionRow;
use super::others::Others;
use super::preview::Preview;
use super::traps::Traps;
use crate::Problem;
use crate::frame::{Token, console};
use crate::model::{OptionCategory, PolicySheet, ProblemLine, Role};
use crate::pages::ProblemPage;
use crate::parts::{Field, Moment, ProblemView, field_id};
use crate::query::path;
use crate::read::read_policy;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;

/// `/policies/new`
#[component]
pub(crate) fn NewPolicyPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let sheet = Resource::new_blocking(|| (), |()| read_policy(String::new()));
    view! {
        <Title text="Create a policy"/>
        <p class="path"><A href="/policies">"Policies"</A></p>
        <h1>"Create a policy"</h1>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match sheet.await {
                    Ok(sheet) => view! { <Editor sheet action="/policies/new".to_owned()/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// `/policies/{name}`
#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    let parameters = use_params_map();
    let name = Memo::new(move |_| {
        parameters.with(|parameters| parameters.get("name").unwrap_or_default())
    });
    let sheet = Resource::new_blocking(move || name.get(), read_policy);
    view! {
        <Title text=move || name.get()/>
        <p class="path"><A href="/policies">"Policies"</A></p>
        <Suspense fallback=move || view! { <h1>{name}</h1> }>
            {move || Suspend::new(async move {
                match sheet.await {
                    Ok(sheet) => view! { <Opened sheet/> }.into_any(),
                    Err(problem) => view! { <h1>{name.get_untracked()}</h1><ProblemView problem/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Opened(sheet: PolicySheet) -> impl IntoView {
    let summary = sheet.summary.clone();
    let name = summary
        .as_ref()
        .map(|summary| summary.name.clone())
        .unwrap_or_default();
    let revision = summary.as_ref().map_or(0, |summary| summary.revision);
    let action = path(&["policies", &name]);
    let (values, total) = (sheet.values.clone(), sheet.values_total);
    view! {
        <div class="head">
            <h1>{name.clone()}</h1>
            {summary.map(|summary| view! {
                <p class="count">
                    {format!("Revision {}, ", summary.revision)}
                    <Moment at=Signal::stored(summary.saved)/>
                    {format!(" UTC, by {}. ", summary.saved_by)}
                    <A href=path(&["policies", &summary.name, "history"])>"History"</A>
                </p>
            })}
        </div>
        <Downloads sheet=sheet.clone()/>
        <Traps sheet=sheet.clone()/>
        <Preview values total/>
        <Reach name=name.clone()/>
        <Editor sheet action=action.clone()/>
        {console().may(Role::Administrator).then(|| view! {
            <p class="end"><A href=format!("{}?revision={revision}", path(&["policies", &name, "delete"])) attr:class="button danger">"Delete policy…"</A></p>
        })}
    }
    .into_any()
}

/// What is wrong, errors marked in words.
#[component]
pub(super) fn Problems(problems: Vec<ProblemLine>) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        let line = |problem: ProblemLine| {
            let (class, word) = if problem.error {
                ("error", "Error: ")
            } else {
                ("warning", "Note: ")
            };
            view! { <li class=class><b>{word}</b>{problem.message}</li> }
        };
        view! { <ul class="problems">{problems.into_iter().map(line).collect_view()}</ul> }
    })
}

/// The form. Who may not change it sees it switched off.
#[component]
fn Editor(sheet: PolicySheet, action: String) -> impl IntoView {
    let console = console();
    let new = sheet.summary.is_none();
    let description = sheet
        .summary
        .as_ref()
        .map(|summary| summary.description.clone())
        .unwrap_or_default();
    let base = sheet.summary.as_ref().map_or(0, |summary| summary.revision);
    let mode = console.typed("mode").unwrap_or(sheet.mode);
    let may = console.may(Role::Administrator);
    let categories = sheet.categories.clone();
    let others_address = format!("{action}/values");
    view! {
        <form class="policy" method="post" action=action>
            <Token/>
            <input type="hidden" name="base" value=base.to_string()/>
            <fieldset class="bare" disabled=!may>
                <div class="sheet wide">
                    {new.then(|| view! { <Field label="Name" name="name" required=true autofocus=true hint="Files and lists show it."/> })}
                    <Field label="Description" name="description" value=description hint="What it is for; may be empty."/>
                    <div class="field">
                        <label for=field_id("mode")>"Has effect in"</label>
                        <select id=field_id("mode") name="mode">
                            {sheet.modes.into_iter().map(|(word, title)| {
                                let selected = word == mode;
                                view! { <option value=word selected=selected>{title}</option> }
                            }).collect_view()}
                        </select>
                    </div>
                </div>
                {new.then(|| view! { <ReachOfNew/> })}
                <section class="category quick" aria-labelledby="quick">
                    <h2 id="quick">"Quick lockdown"</h2>
                    <p class="lead">"What loads a thin line or leaves the conversation. On forbids it on the client; this server refuses such invitations, too."</p>
                    {sheet.quick.into_iter().map(|option| view! { <OptionRow option/> }).collect_view()}
                </section>
                <Index categories=categories/>
                {sheet.categories.into_iter().map(|category| {
                    let id = format!("category-{}", category.id);
                    view! {
                        <section class="category" aria-labelledby=id.clone()>
                            <h2 id=id.clone()>{category.title}</h2>
                            {category.options.into_iter().map(|option| view! { <OptionRow option/> }).collect_view()}
                        </section>
                    }
                }).collect_view()}
                <Others others=sheet.others total=sheet.others_total address=others_address/>
            </fieldset>
            {may.then(|| view! {
                <div class="save">
                    {(!new).then(|| view! { <CommentField/> })}
                    <button class="main">{if new { "Create policy" } else { "Save policy" }}</button>
                </div>
            })}
        </form>
    }
    .into_any()
}

/// Why the revision is saved; the history shows it.
#[component]
fn CommentField() -> impl IntoView {
    let console = console();
    let typed = console.typed("comment").unwrap_or_default();
    let refusal = console.refusal("comment");
    view! {
        <label class="comment">
            <span>"Why this change"</span>
            <input name="comment" value=typed maxlength="300" autocomplete="off" placeholder="For the history; may be empty"/>
        </label>
        {refusal.map(|refusal| view! { <p class="refusal">{refusal}</p> })}
    }
}

/// Links to the headings, with how much is set under each.
#[component]
fn Index(categories: Vec<OptionCategory>) -> impl IntoView {
    let link = |category: OptionCategory| {
        let set = category
            .options
            .iter()
            .filter(|option| !option.chosen.is_empty())
            .count();
        view! {
            <a href=format!("#category-{}", category.id)>
                {category.title}
                {(set > 0).then(|| view! { <span class="tag">{format!("{set} set")}</span> })}
            </a>
        }
    };
    view! {
        <nav class="index" aria-label="Groups of options">
            {categories.into_iter().map(link).collect_view()}
        </nav>
    }
}
