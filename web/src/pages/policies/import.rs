//! A policy made from a registry file: the upload, then what is in it.

use super::counts_for::ReachOfNew;
use crate::Problem;
use crate::format::grouped;
use crate::frame::{Token, console};
use crate::model::{ImportPreview, ImportedOption, Lines, Role, UnknownLine};
use crate::pages::ProblemPage;
use crate::parts::{Field, ProblemView, field_id};
use crate::read::read_import;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

/// `/policies/import?upload=`
#[component]
pub(crate) fn ImportPolicyPage() -> impl IntoView {
    if !console().may(Role::Administrator) {
        return view! { <ProblemPage problem=Problem::Forbidden/> }.into_any();
    }
    let query = use_query_map();
    let upload = Memo::new(move |_| query.with(|query| query.get("upload").unwrap_or_default()));
    let preview = Resource::new_blocking(move || upload.get(), read_import);
    view! {
        <Title text="Import a policy"/>
        <p class="path"><A href="/policies">"Policies"</A></p>
        <h1>"Import a policy"</h1>
        <Suspense fallback=|| view! { <p class="waiting">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match preview.await {
                    Ok(None) => view! { <UploadForm/> }.into_any(),
                    Ok(Some(preview)) => view! { <Found preview upload=upload.get_untracked()/> }.into_any(),
                    Err(problem) => view! { <ProblemView problem/><UploadForm/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The file, and whose it is.
#[component]
fn UploadForm() -> impl IntoView {
    let console = console();
    let refusal = console.refusal("file");
    let refused = refusal.is_some();
    let hive = console.typed("hive").unwrap_or_default();
    let skip = console.typed("skip").is_some();
    let choice = |value: &'static str, text: &'static str| {
        let selected = hive == value;
        view! { <option value=value selected=selected>{text}</option> }
    };
    view! {
        <p class="lead">"A registry file of yours (.reg of either kind), a Registry.pol, or an archive (.zip) with the folder of a Group Policy object becomes a policy; several files become one. You see what is in them before anything is saved."</p>
        <form class="sheet" method="post" action="/policies/import" enctype="multipart/form-data">
            <Token/>
            <div class="field">
                <label for=field_id("hive")>"A Registry.pol is of"</label>
                <select id=field_id("hive") name="hive">
                    {choice("", "No Registry.pol: the file says it")}
                    {choice("HKLM", "The computer (folder Machine)")}
                    {choice("HKCU", "The user (folder User)")}
                </select>
            </div>
            <Field label="Code page" name="code_page" hint="Of a file in ANSI, such as 1252 or 932. Left empty it is guessed, and said."/>
            <div class="field check">
                <input type="checkbox" id="skip" name="skip" value="yes" checked=skip aria-describedby="skip-hint"/>
                <label for="skip">"Skip what cannot be read"</label>
                <p class="hint" id="skip-hint">"Else a file with such a line is refused as a whole."</p>
            </div>
            <div class="field" class:refused=refused>
                <label for=field_id("file")>"File"</label>
                <input id=field_id("file") name="file" type="file" accept=".reg,.pol,.txt,.zip" multiple=true required=true aria-invalid=refused.then_some("true") aria-describedby="field-file-hint"/>
                <p class="hint" id="field-file-hint">"Up to 1 MB. Of several the last one has the last word."</p>
                {refusal.map(|refusal| view! { <p class="refusal">{refusal}</p> })}
            </div>
            <div class="buttons">
                <button class="main">"Look into the file"</button>
                <A href="/policies" attr:class="button quiet">"Cancel"</A>
            </div>
        </form>
    }
    .into_any()
}

/// What is in the file, and what to keep of it.
#[component]
fn Found(preview: ImportPreview, upload: String) -> impl IntoView {
    let ImportPreview {
        file,
        name,
        options,
        unknown,
        more_unknown,
        left_out,
        taken_back,
        skipped,
        notices,
    } = preview;
    let nothing = options.is_empty() && unknown.is_empty();
    let count = u32::try_from(unknown.len()).unwrap_or(u32::MAX);
    let count = count.saturating_add(more_unknown);
    view! {
        <p class="lead">{format!("{file}: {}.", said(options.len(), count))}</p>
        <Report id="notices" title="Worth knowing" lines=notices/>
        <Report id="skipped" title="Skipped" lines=skipped/>
        {nothing.then(|| view! { <p class="none">"There is nothing in this file that a policy could hold."</p> })}
        <form class="policy" method="post" action="/policies/import/save">
            <Token/>
            <input type="hidden" name="upload" value=upload/>
            <div class="sheet wide">
                <Field label="Name" name="name" value=name required=true hint="Of a new policy, or of one that is to be replaced."/>
                <Field label="Description" name="description" hint="What it is for; may be empty."/>
                <Replace/>
            </div>
            <ReachOfNew/>
            <Recognised options/>
            <Unknown unknown more=more_unknown/>
            <Report id="left-out" title="Left out" lines=left_out/>
            <Report id="taken-back" title="Taken back by what comes later" lines=taken_back/>
            <div class="save">
                <button class="main" disabled=nothing>"Create policy"</button>
                <A href="/policies/import" attr:class="button quiet">"Another file"</A>
            </div>
        </form>
    }
    .into_any()
}

/// Lines under a heading; of many the first ones.
#[component]
fn Report(id: &'static str, title: &'static str, lines: Lines) -> impl IntoView {
    let line = |line: String| view! { <li class="warning">{line}</li> };
    let more = lines.more;
    (!lines.lines.is_empty()).then(|| {
        view! {
            <section class="category" aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <ul class="problems">
                    {lines.lines.into_iter().map(line).collect_view()}
                    {(more > 0).then(|| view! { <li>{format!("and {} more", grouped(more))}</li> })}
                </ul>
            </section>
        }
    })
}

/// Whether a policy of that name gets a new revision.
#[component]
fn Replace() -> impl IntoView {
    let ticked = console().typed("replace").is_some();
    view! {
        <div class="field check">
            <input type="checkbox" id="replace" name="replace" value="yes" checked=ticked aria-describedby="replace-hint"/>
            <label for="replace">"Replace the policy of this name"</label>
            <p class="hint" id="replace-hint">"It gets a new revision, and counts for whom it did unless you choose below."</p>
        </div>
    }
}

fn said(options: usize, unknown: u32) -> String {
    let options = match options {
        0 => "no known option".to_owned(),
        1 => "1 option".to_owned(),
        count => format!("{count} options"),
    };
    match unknown {
        0 => options,
        1 => format!("{options}, and 1 value that no option knows"),
        count => format!(
            "{options}, and {} values that no option knows",
            grouped(count)
        ),
    }
}

#[component]
fn Recognised(options: Vec<ImportedOption>) -> impl IntoView {
    let row = |option: ImportedOption| {
        let entry = format!("/catalogue#{}", option.id);
        view! {
            <tr>
                <th scope="row"><a href=entry rel="external" target="_blank">{option.title}</a></th>
                <td data-label="Set to">
                    {option.chosen}
                    {(!option.note.is_empty()).then(|| view! { <small>" ("{option.note}")"</small> })}
                </td>
                <td data-label="Value"><code>{option.value.path} "\\" {option.value.name}</code></td>
                <td data-label="Data"><code>{option.value.data}</code></td>
            </tr>
        }
    };
    (!options.is_empty()).then(|| {
        view! {
            <section class="category" aria-labelledby="recognised">
                <h2 id="recognised">"Recognised"</h2>
                <div class="scroll">
                    <table class="values">
                        <caption class="unseen">"Options that the file sets"</caption>
                        <thead><tr><th scope="col">"Option"</th><th scope="col">"Set to"</th><th scope="col">"Value"</th><th scope="col">"Data"</th></tr></thead>
                        <tbody>{options.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        }
    })
}

/// Values that no setting writes, each with a box to keep it, and one for those that are not
/// listed.
#[component]
fn Unknown(unknown: Vec<UnknownLine>, more: u32) -> impl IntoView {
    let console = console();
    let keep = move |name: &str| !console.was_refused() || console.typed(name).is_some();
    let row = move |(at, line): (usize, UnknownLine)| {
        let UnknownLine { value, why } = line;
        let name = format!("keep.{at}");
        let kept = keep(&name);
        let label = format!("Keep {}", value.name);
        view! {
            <tr>
                <td data-label="Keep"><input type="checkbox" name=name value="1" checked=kept aria-label=label/></td>
                <td data-label="Key"><code>{value.path}</code></td>
                <td data-label="Value"><code>{value.name}</code></td>
                <td data-label="Type">{value.kind}</td>
                <td data-label="Data"><code>{value.data}</code></td>
                <td data-label="Why">{if why.is_empty() { "Not in the catalogue".to_owned() } else { why }}</td>
            </tr>
        }
    };
    (!unknown.is_empty()).then(|| {
        let rows = unknown.into_iter().enumerate().map(row).collect_view();
        view! {
            <section class="category" aria-labelledby="unknown">
                <h2 id="unknown">"No setting of the catalogue"</h2>
                <p class="lead">"What is ticked is kept as other values: the policy writes them exactly as they are. Untick what is not about these clients."</p>
                <div class="scroll">
                    <table class="values boxed">
                        <caption class="unseen">"Values that no setting writes"</caption>
                        <thead><tr><th scope="col">"Keep"</th><th scope="col">"Key"</th><th scope="col">"Value"</th><th scope="col">"Type"</th><th scope="col">"Data"</th><th scope="col">"Why"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {(more > 0).then(|| view! {
                    <div class="field check">
                        <input type="checkbox" id="keep-rest" name="keep.rest" value="1" checked=keep("keep.rest")/>
                        <label for="keep-rest">{format!("Keep the other {} values, too", grouped(more))}</label>
                    </div>
                })}
            </section>
        }
    })
}
