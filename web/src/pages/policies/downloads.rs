//! The files of a policy: a kit for each Windows version, and every single format with the file
//! that takes it back.

use crate::model::{FileLine, KitLine, PolicySheet};
use crate::query::path;
use leptos::prelude::*;

/// The formats that are offered above the table: word, and what the button says.
const COMMON: [(&str, &str); 2] = [("reg", "Download .reg"), ("reg4", "Download REGEDIT4")];

/// The files, or why there are none.
#[component]
pub(super) fn Downloads(sheet: PolicySheet) -> impl IntoView {
    if !sheet.exportable {
        let why = if sheet.mode == "enforce-only" {
            "No files: this policy has effect on the server only. To export it, let it have effect in files, too, and save it."
        } else {
            "No files yet: the errors below stand against an export. Put them right and save the policy."
        };
        return view! { <p class="refusal">{why}</p> }.into_any();
    }
    let name = sheet
        .summary
        .map(|summary| summary.name)
        .unwrap_or_default();
    let common = COMMON
        .into_iter()
        .filter_map(|(word, text)| {
            let line = sheet.files.iter().find(|line| line.word == word)?;
            let address = address(&name, word, false);
            line.refused.is_empty().then(|| view! {
                <li>
                    <a class="button" href=address rel="external" download="">{text}</a>
                    <small>{line.title.split_once(", ").map(|(_, whom)| whom.to_owned())}</small>
                </li>
            })
        })
        .collect_view();
    view! {
        <ul class="downloads">{common}</ul>
        <Kits name=name.clone() kits=sheet.kits/>
        <Files name files=sheet.files/>
    }
    .into_any()
}

fn address(name: &str, word: &str, undo: bool) -> String {
    let undo = if undo { "&undo=1" } else { "" };
    format!(
        "{}?format={word}{undo}",
        path(&["policies", name, "export"])
    )
}

/// One archive a Windows version.
#[component]
fn Kits(name: String, kits: Vec<KitLine>) -> impl IntoView {
    let row = |kit: KitLine| {
        let address = format!("{}?windows={}", path(&["policies", &name, "kit"]), kit.word);
        let title = kit.title.clone();
        view! {
            <tr>
                <th scope="row">{kit.title}</th>
                <td data-label="To know">
                    {(!kit.refused.is_empty()).then(|| view! { <p class="refusal">{kit.refused.clone()}</p> })}
                    {(!kit.idle.is_empty()).then(|| view! { <Idle idle=kit.idle/> })}
                    {kit.left_out.into_iter().map(|line| view! { <p>"Left out: " {line}</p> }).collect_view()}
                </td>
                <td class="act">
                    {kit.refused.is_empty().then(|| view! {
                        <a class="button" href=address rel="external" download="" aria-label=format!("Download the kit for {title}")>"Kit (.zip)"</a>
                    })}
                </td>
            </tr>
        }
    };
    view! {
        <details class="preview">
            <summary>"Client kits, one for each Windows"</summary>
            <p class="lead">"All files that this Windows takes, those that take them back, and a readme that says how to bring them out."</p>
            <div class="scroll">
                <table class="files">
                    <caption class="unseen">"Client kits"</caption>
                    <thead><tr><th scope="col">"Windows"</th><th scope="col">"To know"</th><th scope="col">"Kit"</th></tr></thead>
                    <tbody>{kits.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

/// Options that nothing on this Windows reads.
#[component]
fn Idle(idle: Vec<(String, String)>) -> impl IntoView {
    let said = match idle.len() {
        1 => "1 option has no effect here".to_owned(),
        count => format!("{count} options have no effect here"),
    };
    let line = |(title, clients): (String, String)| view! { <li>{title} " – for " {clients}</li> };
    view! {
        <details>
            <summary>{said}</summary>
            <ul>{idle.into_iter().map(line).collect_view()}</ul>
        </details>
    }
}

/// Every format.
#[component]
fn Files(name: String, files: Vec<FileLine>) -> impl IntoView {
    let row = |file: FileLine| {
        let (apply, undo) = (
            address(&name, &file.word, false),
            address(&name, &file.word, true),
        );
        let can = file.refused.is_empty();
        let back = can && file.no_undo.is_empty();
        let (title, undone) = (file.title.clone(), file.title.clone());
        view! {
            <tr>
                <th scope="row">{file.title}<small>{file.purpose}</small></th>
                <td data-label="To know">
                    {(!can).then(|| view! { <p class="refusal">{file.refused.clone()}</p> })}
                    {(can && !back).then(|| view! { <p>{file.no_undo.clone()}</p> })}
                </td>
                <td class="act">
                    {can.then(|| view! { <a class="button" href=apply rel="external" download="" aria-label=format!("Download: {title}")>"Download"</a> })}
                    {back.then(|| view! { <a class="button quiet" href=undo rel="external" download="" aria-label=format!("Download the undo of: {undone}")>"Undo file"</a> })}
                </td>
            </tr>
        }
    };
    view! {
        <details class="preview">
            <summary>"All formats, each with the file that takes it back"</summary>
            <div class="scroll">
                <table class="files">
                    <caption class="unseen">"Files of this policy"</caption>
                    <thead><tr><th scope="col">"Format"</th><th scope="col">"To know"</th><th scope="col">"File"</th></tr></thead>
                    <tbody>{files.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
