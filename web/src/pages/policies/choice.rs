//! What is chosen for an option: the field that fits its kind.

use crate::frame::console;
use crate::model::{OptionInput, OptionView};
use leptos::prelude::*;

/// The field, labelled with the option's title. After a refusal it holds what was typed.
#[component]
pub(super) fn ChoiceField(option: OptionView) -> impl IntoView {
    let name = format!("set.{}", option.id);
    let chosen = console()
        .typed(&name)
        .unwrap_or_else(|| option.chosen.clone());
    let title = option.title.clone();
    // Taking a choice back must stay possible, making one must not.
    let locked = !option.not_exportable.is_empty() && chosen.is_empty();
    match option.input.clone() {
        OptionInput::Switch { on, off } => {
            let choices = [
                ("", "Not set", String::new()),
                ("on", "On", on),
                ("off", "Off", off),
            ];
            view! {
                <fieldset class="choice" disabled=locked>
                    <legend>{title}</legend>
                    <div class="row">
                        <div class="segments">{choices.map(|choice| segment(&name, &chosen, choice)).into_iter().collect_view()}</div>
                        <HiveField option/>
                    </div>
                </fieldset>
            }
            .into_any()
        }
        OptionInput::OneOf(choices) => {
            let choices = choices
                .into_iter()
                .map(|(number, meaning)| (number.to_string(), format!("{number} – {meaning}")))
                .map(|(value, text)| {
                    let selected = value == chosen;
                    view! { <option value=value selected=selected>{text}</option> }
                })
                .collect_view();
            view! {
                <Labelled option=option.clone()>
                    <select id=name.clone() name=name.clone() disabled=locked>
                        <option value="" selected=chosen.is_empty()>"Not set"</option>
                        {choices}
                    </select>
                </Labelled>
            }
            .into_any()
        }
        OptionInput::Number { min, max, unit } => view! {
            <Labelled option=option.clone()>
                <input
                    id=name.clone()
                    name=name.clone()
                    type="number"
                    inputmode="numeric"
                    min=min.to_string()
                    max=max.to_string()
                    value=chosen
                    placeholder="Not set"
                    disabled=locked
                />
                <span class="unit">{unit}</span>
            </Labelled>
        }
        .into_any(),
        OptionInput::Text { max_length, kind } => {
            view! { <TextField option name chosen max_length kind locked/> }.into_any()
        }
    }
}

/// A text; what the server proposes is offered by the browser while typing.
#[component]
fn TextField(
    option: OptionView,
    name: String,
    chosen: String,
    max_length: u32,
    kind: String,
    locked: bool,
) -> impl IntoView {
    let proposal = option.proposal.clone();
    let proposed = !proposal.is_empty();
    let list = format!("{name}-proposals");
    let empty = if proposed {
        format!("Not set (proposed: {proposal})")
    } else {
        format!("Not set ({kind})")
    };
    view! {
        <Labelled option>
            <input
                class="long"
                id=name.clone()
                name=name.clone()
                maxlength=max_length.to_string()
                value=chosen.clone()
                placeholder=empty.clone()
                list=proposed.then(|| list.clone())
                spellcheck="false"
                autocomplete="off"
                disabled=locked
            />
            {proposed.then(|| view! { <datalist id=list.clone()><option value=proposal.clone()/></datalist> })}
        </Labelled>
    }
}

#[component]
fn Labelled(option: OptionView, children: Children) -> impl IntoView {
    view! {
        <div class="choice">
            <label for=format!("set.{}", option.id)>{option.title.clone()}</label>
            <div class="row">
                {children()}
                <HiveField option/>
            </div>
        </div>
    }
}

fn segment(
    name: &str,
    chosen: &str,
    (value, text, means): (&'static str, &'static str, String),
) -> impl IntoView + use<> {
    let id = format!("{name}-{}", if value.is_empty() { "none" } else { value });
    view! {
        <input type="radio" id=id.clone() name=name.to_owned() value=value checked=value == chosen/>
        <label for=id title=(!means.is_empty()).then_some(means)>{text}</label>
    }
}

/// Which hive, where there is a choice.
#[component]
fn HiveField(option: OptionView) -> impl IntoView {
    let name = format!("hive.{}", option.id);
    let usual = option.hives.first().cloned().unwrap_or_default();
    let chosen = console()
        .typed(&name)
        .or_else(|| (!option.hive.is_empty()).then(|| option.hive.clone()))
        .unwrap_or(usual);
    (option.hives.len() > 1).then(|| {
        view! {
            <select class="hive" name=name aria-label=format!("Hive of {}", option.title)>
                {option.hives.into_iter().map(|hive| {
                    let selected = hive == chosen;
                    let text = if hive == "HKLM" { "HKLM: computer" } else { "HKCU: user" };
                    view! { <option value=hive.clone() selected=selected>{text}</option> }
                }).collect_view()}
            </select>
        }
    })
}
