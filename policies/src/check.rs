//! What is wrong with a policy, and the traps in it. Errors stop an export;
//! warnings are shown before it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueOption, Category, Client, Input, TextKind};
use crate::{Catalogue, Choice, Hive, OptionId, Policy, Setting, proxy};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The policy cannot be exported with it.
    Error,
    /// The policy works, but perhaps not as meant.
    Warning,
}

/// What sort of problem it is, for programs; people read the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The policy has no name.
    NoName,
    /// The catalogue has no such option.
    UnknownOption,
    /// The option must not be written.
    NotExportable,
    /// The setting is not of the sort the option takes.
    WrongSetting,
    /// The number is not among those allowed.
    OutOfRange,
    /// The text is too long.
    TooLong,
    /// The text has a character that registry files cannot carry.
    Character,
    /// The text is not of the form the option needs.
    Form,
    /// The option does not go to this hive.
    HiveNotAllowed,
    /// The value under HKLM overrides what a user has.
    MachineOverUser,
    /// The client does not run, so its other options are idle.
    PreventRunAgainstRest,
    /// The value stays when a Group Policy object is withdrawn.
    StaysBehind,
    /// A trap that the catalogue names.
    Trap,
    /// Proxy settings that work against each other.
    ProxyConflict,
}

/// One problem of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What sort it is.
    pub kind: ProblemKind,
    /// The option, unless it is about the whole policy.
    pub option: Option<OptionId>,
    /// What it is, why, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.option {
            Some(option) => write!(f, "{option}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

pub(crate) fn check(policy: &Policy, catalogue: &Catalogue) -> Vec<Problem> {
    let mut problems = Vec::new();
    if policy.name.trim().is_empty() {
        problems.push(Problem {
            severity: Severity::Error,
            kind: ProblemKind::NoName,
            option: None,
            message: "the policy has no name; give it one, since files and pages show it"
                .to_owned(),
        });
    }
    for (id, chosen) in &policy.settings {
        match catalogue.option(id.as_str()) {
            Some(option) => problems.extend(choice(option, chosen)),
            None => problems.push(Problem {
                severity: Severity::Error,
                kind: ProblemKind::UnknownOption,
                option: Some(id.clone()),
                message: format!("this catalogue has no option \"{id}\"; it may come from a newer version: remove it from the policy, or update"),
            }),
        }
    }
    problems.extend(prevent_run(policy, catalogue));
    problems.extend(proxy_conflicts(policy, catalogue));
    problems.sort_by_key(|problem| problem.severity);
    problems
}

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
                        crate::catalogue::MeaningOf::Number(number) => {
                            Some(format!("{number} ({})", m.meaning))
                        }
                        crate::catalogue::MeaningOf::Text(_) => None,
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

fn prevent_run(policy: &Policy, catalogue: &Catalogue) -> Option<Problem> {
    if *policy.setting("prevent-run") != Setting::On {
        return None;
    }
    let only_windows_messenger = |id: &OptionId| {
        catalogue.option(id.as_str()).is_some_and(|option| {
            option.id != "prevent-run"
                && !option.clients.is_empty()
                && option
                    .clients
                    .iter()
                    .all(|c| matches!(c, Client::WindowsMessenger4 | Client::WindowsMessenger5))
        })
    };
    let idle: Vec<&str> = policy
        .settings
        .keys()
        .filter(|id| only_windows_messenger(id))
        .map(OptionId::as_str)
        .collect();
    if idle.is_empty() {
        return None;
    }
    Some(Problem {
        severity: Severity::Warning,
        kind: ProblemKind::PreventRunAgainstRest,
        option: Some("prevent-run".into()),
        message: format!(
            "Windows Messenger does not run at all, so these have no effect on it: {}; set the one or the others",
            idle.join(", ")
        ),
    })
}

fn proxy_conflicts(policy: &Policy, catalogue: &Catalogue) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut warn = |option: &'static str, message: &str| {
        problems.push(Problem {
            severity: Severity::Warning,
            kind: ProblemKind::ProxyConflict,
            option: Some(option.into()),
            message: message.to_owned(),
        });
    };
    let per_machine = *policy.setting("ie-proxy-per-machine") == Setting::On;
    let mut misplaced = false;
    for id in [
        "ie-proxy-enable",
        "ie-proxy-server",
        "ie-proxy-override",
        "ie-auto-config-url",
    ] {
        let (Some(choice), Some(option)) = (policy.settings.get(id), catalogue.option(id)) else {
            continue;
        };
        misplaced |= (choice.hive_for(option) == Some(Hive::LocalMachine)) != per_machine;
    }
    if misplaced && per_machine {
        warn(
            "ie-proxy-per-machine",
            "proxy settings are per machine, but some are written to HKCU, where nothing reads them; choose HKLM for them",
        );
    } else if misplaced {
        warn(
            "ie-proxy-per-machine",
            "some proxy settings are written to HKLM, which is read only where proxy settings are per machine; set \"Proxy settings are per machine\" on, or choose HKCU",
        );
    }
    if *policy.setting("ie-proxy-enable") == Setting::On
        && *policy.setting("ie-proxy-override") == Setting::NotSet
    {
        warn(
            "ie-proxy-override",
            "a proxy is switched on without exceptions in this policy; unless clients have this server in their list already, presence will not reach them: add its full DNS name",
        );
    }
    if *policy.setting("ie-proxy-override") != Setting::NotSet
        && *policy.setting("ie-auto-config-url") != Setting::NotSet
    {
        warn(
            "ie-auto-config-url",
            "a proxy script decides by itself, and the proxy exceptions have no effect beside it; make sure the script sends this server's name DIRECT",
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(policy: &Policy, severity: Severity) -> Vec<ProblemKind> {
        let problems = policy.check(Catalogue::get());
        problems
            .into_iter()
            .filter(|p| p.severity == severity)
            .map(|p| p.kind)
            .collect()
    }

    fn error_of(id: &'static str, choice: impl Into<Choice>) -> Vec<ProblemKind> {
        kinds(&Policy::new("x").with(id, choice), Severity::Error)
    }

    #[test]
    fn each_error_is_found() {
        use ProblemKind::*;
        let text = |text: &str| Setting::Text(text.to_owned());
        assert_eq!(kinds(&Policy::default(), Severity::Error), [NoName]);
        assert_eq!(error_of("of-the-future", Setting::On), [UnknownOption]);
        assert_eq!(error_of("service-sip-off", Setting::On), [NotExportable]);
        assert_eq!(
            error_of("disable-voice", Setting::Number(1)),
            [WrongSetting]
        );
        assert_eq!(error_of("service-selection", Setting::On), [WrongSetting]);
        assert_eq!(
            error_of("service-selection", Setting::Number(3)),
            [OutOfRange]
        );
        assert_eq!(
            error_of("property-refresh-seconds", Setting::Number(5)),
            [OutOfRange]
        );
        assert_eq!(
            error_of("conversation-warning", text(&"é".repeat(256))),
            [TooLong]
        );
        assert_eq!(
            error_of("conversation-warning", text("two\nlines")),
            [Character]
        );
        assert_eq!(error_of("conversation-warning", text("")), [Form]);
        assert_eq!(
            error_of("default-ntlm-domain", text("EXAMPLE\\alice")),
            [Form]
        );
        assert_eq!(
            error_of("ie-proxy-override", text("im.example.com;.example.com")),
            [Form]
        );
        assert_eq!(error_of("ie-proxy-server", text("proxy")), [Form]);
        assert_eq!(error_of("ie-auto-config-url", text("proxy.pac")), [Form]);
        let hive = Choice {
            setting: Setting::On,
            hive: Some(Hive::LocalMachine),
        };
        assert_eq!(error_of("netmeeting-no-audio", hive), [HiveNotAllowed]);
    }

    #[test]
    fn sound_choices_have_no_error() {
        let space = Setting::Text(" ".to_owned());
        assert!(error_of("conversation-warning", space).is_empty());
        assert!(error_of("conversation-warning", Setting::Text("é".repeat(255))).is_empty());
        assert!(error_of("server-no-netmeeting", Setting::On).is_empty());
        assert!(error_of("service-sip-off", Setting::NotSet).is_empty());
    }

    #[test]
    fn traps_are_warned_of() {
        use ProblemKind::*;
        let warnings = |policy: Policy| kinds(&policy, Severity::Warning);
        assert_eq!(
            warnings(Policy::new("x").with("disable-voice", Setting::On)),
            []
        );
        assert_eq!(
            warnings(Policy::new("x").with("disable-voice", Setting::Off)),
            [MachineOverUser]
        );
        let user = Choice {
            setting: Setting::Off,
            hive: Some(Hive::CurrentUser),
        };
        assert_eq!(warnings(Policy::new("x").with("disable-voice", user)), []);
        assert_eq!(
            warnings(Policy::new("x").with("disable-ad-banner", Setting::On)),
            [StaysBehind]
        );
        let shut = Policy::new("x")
            .with("prevent-run", Setting::On)
            .with("disable-voice", Setting::On);
        assert_eq!(warnings(shut), [Trap, PreventRunAgainstRest]);
        let off = Policy::new("x").with("no-usage-reporting", Setting::Off);
        assert_eq!(warnings(off), [Trap, MachineOverUser]);
    }

    #[test]
    fn proxy_settings_that_nothing_reads_are_warned_of() {
        let machine = Choice {
            setting: Setting::Off,
            hive: Some(Hive::LocalMachine),
        };
        let policy = Policy::new("x").with("ie-proxy-enable", machine);
        assert!(kinds(&policy, Severity::Warning).contains(&ProblemKind::ProxyConflict));
        let policy = policy.with("ie-proxy-per-machine", Setting::On);
        assert!(!kinds(&policy, Severity::Warning).contains(&ProblemKind::ProxyConflict));
    }
}
