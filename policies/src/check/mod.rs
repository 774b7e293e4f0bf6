//! What is wrong with a policy, and the traps in it. Errors stop an export;
//! warnings are shown before it.

mod choice;
mod conflict;
mod kept;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use choice::choice;
pub(crate) use conflict::reach;

use crate::{Catalogue, OptionId, Policy};

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
    /// A value kept from a file, which an option writes itself.
    KeptAgainstOption,
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
    problems.extend(conflict::prevent_run(policy, catalogue));
    problems.extend(conflict::proxy(policy, catalogue));
    problems.extend(kept::kept(policy, catalogue));
    problems.sort_by_key(|problem| problem.severity);
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Choice, Hive, Setting};

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
        let on = Policy::new("x").with("no-usage-reporting", Setting::On);
        assert_eq!(warnings(on), [Trap]);
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

    #[test]
    fn a_server_that_the_exceptions_leave_out_is_warned_of() {
        let policy =
            |list: &str| Policy::new("x").with("ie-proxy-override", Setting::Text(list.to_owned()));
        let reach = |list: &str| policy(list).check_reach("im.example.com");
        assert_eq!(reach("im.example.com"), None);
        assert_eq!(reach("*.example.com"), None);
        let problem = reach("other.example.com").unwrap();
        assert_eq!(problem.kind, ProblemKind::ProxyConflict);
        assert!(problem.message.contains("add im.example.com"));
        assert_eq!(Policy::new("x").check_reach("im.example.com"), None);
    }
}
