//! The problems of one choice by itself: does the setting fit the option, can
//! files carry it, and what traps are in it.

use super::{Problem, ProblemKind, Severity};
use crate::catalogue::{CatalogueOption, Category, Input, MeaningOf, TextKind};
use crate::{Choice, Hive, Setting, proxy};

/// The problems of one choice by itself.
pub(crate) fn choice(option: &CatalogueOption, choice: &Choice) -> Vec<Problem> {
    if choice.setting == Setting::NotSet {
        return Vec::new();
    }
    let mut found = Found {
        option,
        problems: Vec::new(),
    };
    if !option.exportable && !option.is_server_only() {
        found.error(
            ProblemKind::NotExportable,
            format!(
                "\"{}\" cannot be used in a policy: {}; choose Not set",
                option.title, option.reason
            ),
        );
        return found.problems;
    }
    setting(&mut found, &choice.setting);
    if let Some(hive) = choice.hive
        && !option.hives.contains(&hive)
    {
        let usual = option
            .hives
            .first()
            .map_or("no hive at all", |hive| hive.short());
        found.error(
            ProblemKind::HiveNotAllowed,
            format!(
                "clients do not read \"{}\" from {hive}; use {usual}",
                option.title
            ),
        );
    }
    if found.problems.is_empty() {
        warnings(&mut found, choice);
    }
    found.problems
}

struct Found<'a> {
    option: &'a CatalogueOption,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn error(&mut self, kind: ProblemKind, message: String) {
        self.push(Severity::Error, kind, message);
    }

    fn warning(&mut self, kind: ProblemKind, message: String) {
        self.push(Severity::Warning, kind, message);
    }

    fn push(&mut self, severity: Severity, kind: ProblemKind, message: String) {
        self.problems.push(Problem {
            severity,
            kind,
            option: Some(self.option.option_id()),
            message,
        });
    }
}

fn setting(found: &mut Found<'_>, setting: &Setting) {
    let option = found.option;
    match (option.input, setting) {
        (Input::Switch { .. } | Input::ServerSwitch, Setting::On | Setting::Off) => {}
        (Input::OneOf, Setting::Number(number)) => {
            if option.meaning(*number).is_none() {
                let offered: Vec<String> = option
                    .meanings
                    .iter()
                    .filter_map(|m| match m.value {
                        MeaningOf::Number(number) => Some(format!("{number} ({})", m.meaning)),
                        MeaningOf::Text(_) => None,
                    })
                    .collect();
                found.error(
                    ProblemKind::OutOfRange,
                    format!(
                        "\"{}\" has no value {number}; choose {}",
                        option.title,
                        offered.join(", ")
                    ),
                );
            }
        }
        (Input::Number { min, max, unit }, Setting::Number(number)) => {
            if !(min..=max).contains(number) {
                found.error(
                    ProblemKind::OutOfRange,
                    format!(
                        "\"{}\" cannot be {number}; give {min} to {max} {unit}",
                        option.title
                    ),
                );
            }
        }
        (Input::Text { kind, max_length }, Setting::Text(text)) => {
            self::text(found, kind, max_length, text);
        }
        (wanted, _) => {
            let wanted = match wanted {
                Input::Switch { .. } | Input::ServerSwitch => "on or off",
                Input::OneOf => "one of the listed values",
                Input::Number { .. } => "a number",
                Input::Text { .. } => "a text",
            };
            found.error(
                ProblemKind::WrongSetting,
                format!("\"{}\" takes {wanted}", option.title),
            );
        }
    }
}

fn text(found: &mut Found<'_>, kind: TextKind, max_length: usize, text: &str) {
    let title = found.option.title;
    let length = text.chars().count();
    if length > max_length {
        found.error(
            ProblemKind::TooLong,
            format!("the text of \"{title}\" has {length} characters; no more than {max_length} can be carried to every Windows version"),
        );
    }
    // A string in a .reg file ends at a line break, and NUL ends one in the registry.
    if let Some(bad) = text
        .chars()
        .find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}'))
    {
        found.error(
            ProblemKind::Character,
            format!("the text of \"{title}\" contains the control character U+{:04X}, which registry files cannot carry; write it in one line", u32::from(bad)),
        );
        return;
    }
    match kind {
        TextKind::Plain => {
            if text.is_empty() {
                found.error(
                    ProblemKind::Form,
                    format!("the text of \"{title}\" is empty; write something, or choose Not set"),
                );
            }
        }
        TextKind::Domain => {
            if text.is_empty() || text.contains(['\\', '/', '@', '"', ';', ' ']) {
                found.error(
                    ProblemKind::Form,
                    format!("\"{text}\" is not the name of a domain; write for example EXAMPLE or example.com"),
                );
            }
        }
        TextKind::ProxyServer => {
            for complaint in proxy::server(text) {
                found.error(ProblemKind::Form, complaint);
            }
        }
        TextKind::ProxyExceptions => {
            for complaint in proxy::exceptions(text) {
                found.error(ProblemKind::Form, complaint);
            }
        }
        TextKind::Url => {
            if let Some(complaint) = proxy::script_address(text) {
                found.error(ProblemKind::Form, complaint);
            }
        }
    }
}

fn warnings(found: &mut Found<'_>, choice: &Choice) {
    let option = found.option;
    if let (
        Input::Text {
            kind: TextKind::ProxyExceptions,
            ..
        },
        Setting::Text(list),
    ) = (option.input, &choice.setting)
    {
        for doubt in proxy::doubts(list) {
            found.warning(ProblemKind::Form, doubt);
        }
    }
    for trap in option.warnings {
        found.warning(ProblemKind::Trap, (*trap).to_owned());
    }
    let both_hives = option.hives.len() > 1 && option.category != Category::Proxy;
    if both_hives
        && choice.hive_for(option) == Some(Hive::LocalMachine)
        && choice.setting == Setting::Off
    {
        found.warning(
            ProblemKind::MachineOverUser,
            format!("\"{}\" off under HKLM also lifts the restriction for users whose own policy under HKCU sets it; choose Not set, or HKCU, if that is not meant", option.title),
        );
    }
    if option.stays_behind() {
        found.warning(
            ProblemKind::StaysBehind,
            format!("\"{}\" stays in the registry when a Group Policy object is withdrawn, because its key is outside the Policies trees; keep the undo file", option.title),
        );
    }
}
