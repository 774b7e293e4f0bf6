//! One option of the catalogue, with what a policy chose for it, and lines of a policy's page.

use crate::model::{OptionInput, OptionView, ProblemLine, ValueLine};
use policies::catalogue::{Input, MeaningOf};
use policies::{CatalogueOption, Feature, Hive, Policy, Setting, Severity};

pub(super) fn option_view(
    option: &CatalogueOption,
    policy: &Policy,
    problems: &[policies::Problem],
    server: &str,
) -> OptionView {
    let choice = policy.settings.get(option.id);
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let mut notes = texts(option.warnings);
    notes.extend(texts(option.notes));
    OptionView {
        id: option.id.to_owned(),
        title: option.title.to_owned(),
        description: option.description.to_owned(),
        clients: option
            .clients
            .iter()
            .map(|client| client.title().to_owned())
            .collect(),
        place: if option.value_name.is_empty() {
            option.key.to_owned()
        } else {
            format!(r"{}\{}", option.key, option.value_name)
        },
        hives: option
            .hives
            .iter()
            .map(|hive| hive.short().to_owned())
            .collect(),
        hive: choice
            .and_then(|choice| choice.hive)
            .map_or("", Hive::short)
            .to_owned(),
        input: input(option),
        chosen: choice
            .map(|choice| chosen(&choice.setting))
            .unwrap_or_default(),
        proposal: if option.id == "ie-proxy-override" {
            server.to_owned()
        } else {
            String::new()
        },
        default: option.default.to_owned(),
        confidence: option.confidence.title().to_owned(),
        source: option.source.join("; "),
        not_exportable: if option.exportable || option.is_server_only() {
            String::new()
        } else {
            option.reason.to_owned()
        },
        notes,
        enforced: option.feature.map_or("", Feature::title).to_owned(),
        problems: problems
            .iter()
            .filter(|problem| {
                problem
                    .option
                    .as_ref()
                    .is_some_and(|id| id.as_str() == option.id)
            })
            .map(line)
            .collect(),
    }
}

fn input(option: &CatalogueOption) -> OptionInput {
    let meaning = |number: Option<u32>, otherwise: &str| {
        number
            .and_then(|number| option.meaning(number))
            .unwrap_or(otherwise)
            .to_owned()
    };
    match option.input {
        Input::Switch { on, off } => OptionInput::Switch {
            on: meaning(Some(on), ""),
            off: meaning(off, "the value is removed"),
        },
        Input::ServerSwitch => OptionInput::Switch {
            on: String::new(),
            off: String::new(),
        },
        Input::OneOf => OptionInput::OneOf(
            option
                .meanings
                .iter()
                .filter_map(|meaning| match meaning.value {
                    MeaningOf::Number(number) => Some((number, meaning.meaning.to_owned())),
                    MeaningOf::Text(_) => None,
                })
                .collect(),
        ),
        Input::Number { min, max, unit } => OptionInput::Number {
            min,
            max,
            unit: unit.to_owned(),
        },
        Input::Text { kind, max_length } => OptionInput::Text {
            max_length: u32::try_from(max_length).unwrap_or(u32::MAX),
            kind: kind.title().to_owned(),
        },
    }
}

fn chosen(setting: &Setting) -> String {
    match setting {
        Setting::NotSet => String::new(),
        Setting::On => "on".to_owned(),
        Setting::Off => "off".to_owned(),
        Setting::Number(number) => number.to_string(),
        Setting::Text(text) => text.clone(),
    }
}

pub(super) fn line(problem: &policies::Problem) -> ProblemLine {
    ProblemLine {
        error: problem.severity == Severity::Error,
        message: sentence(&problem.message),
    }
}

/// The library writes clauses, the page sentences.
pub(super) fn sentence(clause: &str) -> String {
    let mut message = clause.to_owned();
    if let Some(first) = message.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    if !message.ends_with('.') {
        message.push('.');
    }
    message
}

/// The most characters of one part of a value that a page shows.
const LONGEST: usize = 300;

pub(crate) fn value_line(value: &policies::RegistryValue) -> ValueLine {
    ValueLine {
        path: cut(value.path()),
        name: if value.name.is_empty() {
            "(default)".to_owned()
        } else {
            cut(value.name.clone())
        },
        kind: value.data.type_name(),
        data: value.data.brief(LONGEST),
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
