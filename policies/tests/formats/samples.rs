//! The three policies that every format is shown with.

use policies::catalogue::{Input, MeaningOf, TextKind};
use policies::{
    Catalogue, Choice, ExportContext, Hive, Policy, RegistryData, RegistryValue, Setting,
};

pub(crate) fn context() -> ExportContext {
    ExportContext {
        revision: 3,
        date: "2002-06-01".to_owned(),
        server: Some("im.example.com".to_owned()),
    }
}

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

/// A branch behind a narrow line: no file transfer, voice, video.
pub(crate) fn wan_branch() -> Policy {
    let mut policy = Policy::new("WAN branch")
        .with("disable-file-transfer", Setting::On)
        .with("disable-voice", Setting::On)
        .with("disable-video", Setting::On)
        .with("netmeeting-no-audio", Setting::On)
        .with("netmeeting-no-send-video", Setting::On)
        .with("netmeeting-no-receive-video", Setting::On)
        .with("netmeeting-no-send-files", Setting::On)
        .with("netmeeting-no-receive-files", Setting::Off)
        .with("netmeeting-max-send-kb", Setting::Number(500))
        .with("server-no-netmeeting", Setting::On)
        .with("ie-proxy-enable", Setting::On)
        .with(
            "ie-proxy-server",
            text("http=proxy.example.com:8080;https=proxy.example.com:8443"),
        )
        .with(
            "ie-proxy-override",
            text("im.example.com;*.corp.example.com;10.1.*;<local>"),
        );
    policy.description = "Spares the narrow line of the branch".to_owned();
    policy
}

/// A computer in the lobby: Exchange Instant Messaging and nothing else.
pub(crate) fn kiosk() -> Policy {
    let user = |setting| Choice {
        setting,
        hive: Some(Hive::CurrentUser),
    };
    let mut policy = Policy::new("Kiosk")
        .with("service-selection", Setting::Number(2))
        .with("disable-ad-banner", Setting::On)
        .with("disable-client-updates", Setting::On)
        .with(
            "conversation-warning",
            text("Café & lobby: 100 % public. Ask at the desk (C:\\help)"),
        )
        .with("default-ntlm-domain", text("EXAMPLE"))
        .with("disable-file-transfer", user(Setting::On))
        .with("disable-voice", user(Setting::On))
        .with("disable-video", user(Setting::On))
        .with("disable-app-sharing", user(Setting::On))
        .with("disable-phone", user(Setting::Off))
        .with("no-usage-reporting", Setting::On)
        .with("oe-hide-messenger", Setting::On);
    policy.description = "Only Exchange Instant Messaging, nothing else".to_owned();
    policy
}

/// Every option that can be exported, on.
pub(crate) fn lab() -> Policy {
    let mut policy = Policy::new("Lab");
    for option in Catalogue::get()
        .options()
        .iter()
        .filter(|option| option.exportable)
    {
        let first = option
            .meanings
            .iter()
            .find_map(|meaning| match meaning.value {
                MeaningOf::Number(number) => Some(number),
                MeaningOf::Text(_) => None,
            });
        let setting = match option.input {
            Input::Switch { .. } | Input::ServerSwitch => Setting::On,
            Input::OneOf => Setting::Number(first.unwrap_or_default()),
            Input::Number { min, max, .. } => Setting::Number(min.max(600).min(max)),
            Input::Text { kind, .. } => text(match kind {
                TextKind::Plain => "Lab <only>",
                TextKind::Domain => "LAB",
                TextKind::ProxyServer => "proxy.example.com:8080",
                TextKind::ProxyExceptions => "im.example.com",
                TextKind::Url => "http://im.example.com/proxy.pac",
            }),
        };
        policy.set(option.id, setting);
    }
    policy
}

/// Values of other types, as they are kept from imported files.
pub(crate) fn other_values() -> Vec<RegistryValue> {
    let value = |hive, name: &str, data| RegistryValue {
        hive,
        key: "Software\\Example\\Kept".to_owned(),
        name: name.to_owned(),
        data,
        option: None,
    };
    let wide = |text: &str| -> Vec<u8> {
        text.encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    vec![
        value(
            Hive::LocalMachine,
            "Binary",
            RegistryData::Other {
                kind: 3,
                bytes: vec![0, 1, 0xfe, 0xff],
            },
        ),
        value(
            Hive::LocalMachine,
            "Expand",
            RegistryData::Other {
                kind: 2,
                bytes: wide("%SystemRoot%\\x"),
            },
        ),
        value(Hive::CurrentUser, "Gone", RegistryData::Absent),
        value(
            Hive::CurrentUser,
            "Text",
            RegistryData::Sz("Grüße ☃".to_owned()),
        ),
    ]
}
