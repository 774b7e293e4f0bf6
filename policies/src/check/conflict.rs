//! Choices that are sound by themselves and work against each other.

use super::{Problem, ProblemKind, Severity};
use crate::catalogue::Client;
use crate::{Catalogue, Hive, OptionId, Policy, Setting, proxy as lists};

pub(super) fn prevent_run(policy: &Policy, catalogue: &Catalogue) -> Option<Problem> {
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

/// Warns where the exceptions of a policy leave a server out.
pub(crate) fn reach(policy: &Policy, server: &str) -> Option<Problem> {
    let Setting::Text(list) = policy.setting("ie-proxy-override") else {
        return None;
    };
    if lists::covers(list, server) {
        return None;
    }
    Some(Problem {
        severity: Severity::Warning,
        kind: ProblemKind::ProxyConflict,
        option: Some("ie-proxy-override".into()),
        message: format!(
            "this server is not among the exceptions, so where a proxy is used presence does not reach the clients (Q242882); add {server}"
        ),
    })
}

pub(super) fn proxy(policy: &Policy, catalogue: &Catalogue) -> Vec<Problem> {
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
