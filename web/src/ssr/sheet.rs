//! The policy library as the browser needs it, and a form as the policy library needs it.
//!
//! Each option has one field `set.ID`, empty for *not set*, and where it may go to either hive
//! a field `hive.ID`.

use crate::backend::BackendError;
use crate::model::{
    OptionCategory, OptionInput, OptionView, PolicySheet, PolicySummary, PolicyView, ProblemLine,
    ValueLine,
};
use crate::ssr::forms::Fields;
use policies::catalogue::{Category, Input, MeaningOf};
use policies::{
    Catalogue, CatalogueOption, Choice, Feature, Hive, Mode, Policy, Setting, Severity,
};

/// What a branch office on a thin line is locked down by, in the order of the page.
const QUICK: [Feature; 5] = [
    Feature::FileTransfer,
    Feature::Voice,
    Feature::Video,
    Feature::Phone,
    Feature::AppSharing,
];

/// Opens the JSON of a policy.
///
/// # Errors
/// It was not written by this policy library.
pub(crate) fn open(view: &PolicyView) -> Result<Policy, BackendError> {
    serde_json::from_str(&view.policy).map_err(|error| {
        BackendError::Internal(format!(
            "the policy {} is stored in a form that cannot be read ({error})",
            view.summary.name
        ))
    })
}

/// The page of a policy.
pub(crate) fn sheet(policy: &Policy, summary: Option<PolicySummary>) -> PolicySheet {
    let catalogue = Catalogue::get();
    let problems = policy.check(catalogue);
    // A policy that has no name yet is not wrong: the form asks for one.
    let new = summary.is_none();
    let exportable = !new
        && policy.mode.exports()
        && problems
            .iter()
            .all(|problem| problem.severity != Severity::Error);
    let quick = QUICK
        .into_iter()
        .filter_map(|feature| catalogue.option_against(feature))
        .collect::<Vec<_>>();
    let view = |option: &CatalogueOption| option_view(option, policy, &problems);
    let mut categories = catalogue
        .by_category()
        .into_iter()
        .map(|(category, mut options)| {
            options.retain(|option| !quick.iter().any(|quick| quick.id == option.id));
            options.sort_by_key(|option| family(option));
            (category, options)
        })
        .filter(|(_, options)| !options.is_empty())
        .collect::<Vec<_>>();
    categories.sort_by_key(|(_, options)| options.first().map(|option| family(option)));
    PolicySheet {
        mode: word(policy.mode).to_owned(),
        modes: Mode::ALL
            .into_iter()
            .map(|mode| (word(mode).to_owned(), mode.title().to_owned()))
            .collect(),
        quick: quick.iter().map(|option| view(option)).collect(),
        categories: categories
            .into_iter()
            .map(|(category, options)| category_view(category, &options, view))
            .collect(),
        problems: problems
            .iter()
            .filter(|problem| {
                !new && problem
                    .option
                    .as_ref()
                    .is_none_or(|id| catalogue.option(id.as_str()).is_none())
            })
            .map(line)
            .collect(),
        values: policy.values(catalogue).iter().map(value_line).collect(),
        exportable,
        summary,
    }
}

/// A policy as a form says it, on top of what it was: what the form does not show is kept.
///
/// # Errors
/// A field holds what its option cannot take; the field is the option's id.
pub(crate) fn from_form(mut policy: Policy, fields: &Fields) -> Result<Policy, BackendError> {
    policy.description = fields.text("description");
    if let Some(mode) = Mode::ALL
        .into_iter()
        .find(|mode| word(*mode) == fields.get("mode"))
    {
        policy.mode = mode;
    }
    for option in Catalogue::get().options() {
        let Some(typed) = fields
            .all(&format!("set.{}", option.id))
            .next()
            .map(str::to_owned)
        else {
            continue;
        };
        let setting = setting(option, &typed).map_err(|message| BackendError::Invalid {
            field: option.id,
            message: format!("{}: {message}", option.title),
        })?;
        // The usual hive is not written down: it then follows the catalogue.
        let hive = Hive::named(fields.get(&format!("hive.{}", option.id)))
            .filter(|hive| option.hives.first() != Some(hive));
        policy.set(option.option_id(), Choice { setting, hive });
    }
    Ok(policy)
}

fn setting(option: &CatalogueOption, typed: &str) -> Result<Setting, String> {
    let number = |typed: &str| {
        typed.trim().parse().map(Setting::Number).map_err(|_| {
            format!("“{typed}” is not a number. Type digits only, or nothing for not set.")
        })
    };
    match (option.input, typed) {
        (_, "") => Ok(Setting::NotSet),
        (Input::Switch { .. } | Input::ServerSwitch, "on") => Ok(Setting::On),
        (Input::Switch { .. } | Input::ServerSwitch, "off") => Ok(Setting::Off),
        (Input::Switch { .. } | Input::ServerSwitch, other) => Err(format!(
            "“{other}” is none of the choices. Choose one of the list."
        )),
        (Input::OneOf | Input::Number { .. }, typed) => number(typed),
        (Input::Text { .. }, typed) => Ok(Setting::Text(typed.to_owned())),
    }
}

/// What is kept in an order for pages: the clients that this server is for come first.
fn family(option: &CatalogueOption) -> u8 {
    let key = option.key.to_ascii_lowercase();
    if key.starts_with(r"software\policies\microsoft\messenger\client") {
        0
    } else if key.contains("messengerservice") || key.contains(r"exchange\messenger") {
        1
    } else if option.is_server_only() {
        2
    } else if key.contains("conferencing") {
        4
    } else {
        3
    }
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Both => "both",
        Mode::ExportOnly => "export-only",
        Mode::EnforceOnly => "enforce-only",
    }
}

fn category_view(
    category: Category,
    options: &[&'static CatalogueOption],
    view: impl Fn(&CatalogueOption) -> OptionView,
) -> OptionCategory {
    OptionCategory {
        id: category.word().to_owned(),
        title: category.title().to_owned(),
        options: options.iter().map(|option| view(option)).collect(),
    }
}

fn option_view(
    option: &CatalogueOption,
    policy: &Policy,
    problems: &[policies::Problem],
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

fn line(problem: &policies::Problem) -> ProblemLine {
    let mut message = problem.message.clone();
    // The library writes clauses, the page sentences.
    if let Some(first) = message.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    if !message.ends_with('.') {
        message.push('.');
    }
    ProblemLine {
        error: problem.severity == Severity::Error,
        message,
    }
}

fn value_line(value: &policies::RegistryValue) -> ValueLine {
    ValueLine {
        path: value.path(),
        name: if value.name.is_empty() {
            "(default)".to_owned()
        } else {
            value.name.clone()
        },
        kind: value.data.type_name(),
        data: value.data.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn a_form_says_what_was_chosen_and_keeps_what_it_does_not_show() {
        let stored = Policy::new("WAN")
            .with("disable-voice", Setting::On)
            .with("of-the-future", Setting::On);
        let form = "description=thin+line&mode=export-only&set.disable-file-transfer=on\
                    &hive.disable-file-transfer=HKCU&set.disable-voice=&set.netmeeting-max-send-kb=500\
                    &set.conversation-warning=Mind+the+line";
        let policy = from_form(stored, &fields(form)).unwrap();
        assert_eq!(policy.description, "thin line");
        assert_eq!(policy.mode, Mode::ExportOnly);
        assert_eq!(policy.setting("disable-voice"), &Setting::NotSet);
        assert_eq!(policy.setting("of-the-future"), &Setting::On);
        assert_eq!(
            policy.setting("netmeeting-max-send-kb"),
            &Setting::Number(500)
        );
        let file_transfer = &policy.settings["disable-file-transfer"];
        assert_eq!(file_transfer.hive, Some(Hive::CurrentUser));
        assert_eq!(file_transfer.setting, Setting::On);
    }

    #[test]
    fn what_is_no_number_is_refused_by_the_name_of_its_option() {
        let error = from_form(Policy::new("x"), &fields("set.netmeeting-max-send-kb=much"));
        assert!(matches!(
            error,
            Err(BackendError::Invalid {
                field: "netmeeting-max-send-kb",
                ..
            })
        ));
    }

    #[test]
    fn what_a_sheet_shows_can_be_sent_back_unchanged() {
        let policy = Policy::new("x")
            .with("disable-video", Setting::Off)
            .with("netmeeting-max-send-kb", Setting::Number(64))
            .with("conversation-warning", Setting::Text("a & b".to_owned()));
        let shown = sheet(&policy, None);
        let all = shown
            .quick
            .iter()
            .chain(shown.categories.iter().flat_map(|c| &c.options));
        let mut form = form_urlencoded::Serializer::new(String::new());
        for option in all {
            form.append_pair(&format!("set.{}", option.id), &option.chosen);
            form.append_pair(&format!("hive.{}", option.id), &option.hive);
        }
        let sent = from_form(Policy::new("x"), &fields(&form.finish())).unwrap();
        assert_eq!(sent, policy);
    }

    #[test]
    fn every_option_is_on_the_sheet_once() {
        let shown = sheet(&Policy::new("x"), None);
        let mut ids = shown
            .quick
            .iter()
            .chain(
                shown
                    .categories
                    .iter()
                    .flat_map(|category| &category.options),
            )
            .map(|option| option.id.as_str())
            .collect::<Vec<_>>();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(
            (ids.len(), count),
            (count, Catalogue::get().options().len())
        );
        assert_eq!(shown.quick.len(), 5);
    }
}
