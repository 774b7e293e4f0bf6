//! The client kit: for one Windows version the right files of a policy, a
//! script that applies them, and a readme that says how to bring them out.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueOption, Client};
use crate::export::{
    ExportContext, ExportError, ExportedFile, Exporter, Format, FormatGroup, stem, text,
};
use crate::{ArchiveError, Catalogue, Hive, Policy, Setting, archive};

/// A version of Windows, as far as policies come to it in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Windows {
    /// Windows 95, 98 and Me.
    #[serde(rename = "98")]
    Win98,
    /// Windows NT 4.
    #[serde(rename = "nt4")]
    Nt4,
    /// Windows 2000.
    #[serde(rename = "2000")]
    Win2000,
    /// Windows XP and Server 2003.
    Xp,
    /// Windows Vista and everything later.
    Vista,
}

impl Windows {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [Self::Win98, Self::Nt4, Self::Win2000, Self::Xp, Self::Vista];

    /// The word on the command line and in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Win98 => "98",
            Self::Nt4 => "nt4",
            Self::Win2000 => "2000",
            Self::Xp => "xp",
            Self::Vista => "vista",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Win98 => "Windows 95, 98 and Me",
            Self::Nt4 => "Windows NT 4",
            Self::Win2000 => "Windows 2000",
            Self::Xp => "Windows XP and Server 2003",
            Self::Vista => "Windows Vista and later",
        }
    }

    /// The version of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.word() == word)
    }

    /// The programs of the catalogue that run on it.
    #[must_use]
    pub fn clients(self) -> &'static [Client] {
        use Client::*;
        match self {
            Self::Win98 | Self::Nt4 => &[
                MsnMessenger22,
                MsnMessenger36,
                NetMeeting,
                Outlook2002,
                OutlookExpress,
                InternetExplorer,
            ],
            Self::Win2000 => &[
                MsnMessenger22,
                MsnMessenger36,
                WindowsMessenger5,
                NetMeeting,
                Outlook2002,
                OutlookExpress,
                InternetExplorer,
            ],
            Self::Xp => &[
                MsnMessenger36,
                WindowsMessenger4,
                WindowsMessenger5,
                NetMeeting,
                Outlook2002,
                OutlookExpress,
                InternetExplorer,
            ],
            Self::Vista => &[WindowsMessenger5, InternetExplorer],
        }
    }

    /// The options that a policy sets and none of the programs on it reads.
    #[must_use]
    pub fn idle(self, policy: &Policy) -> Vec<&'static CatalogueOption> {
        let known = |option: &CatalogueOption| {
            let mut clients = option.clients.iter();
            clients.any(|client| self.clients().contains(client))
        };
        policy
            .settings
            .keys()
            .filter_map(|id| Catalogue::get().option(id.as_str()))
            .filter(|option| option.exportable && !known(option))
            .collect()
    }

    fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Win98 | Self::Nt4 => &["reg4", "adm-nt4", "ins", "pac"],
            Self::Win2000 => &["reg", "gpo", "adm", "vbs", "ins", "pac"],
            Self::Xp => &["reg", "gpo", "adm", "lgpo", "bat", "vbs", "ins", "pac"],
            Self::Vista => &["reg", "gpo", "admx", "lgpo", "bat", "vbs", "pac"],
        }
    }

    fn old(self) -> bool {
        matches!(self, Self::Win98 | Self::Nt4)
    }
}

/// A kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// A name for the archive: `wan-branch-xp`.
    pub name: String,
    /// The files, the readme first.
    pub files: Vec<ExportedFile>,
    /// Formats that could not be made of this policy, with the reason; the
    /// readme says it, too.
    pub left_out: Vec<(Format, String)>,
}

impl Kit {
    /// The kit as one ZIP archive, its files dated as in `context`.
    ///
    /// # Errors
    ///
    /// As [`archive()`].
    pub fn archive(&self, context: &ExportContext) -> Result<ExportedFile, ArchiveError> {
        Ok(ExportedFile {
            file_name: format!("{}.zip", self.name),
            media_type: "application/zip",
            bytes: archive(&self.files, &context.date)?,
        })
    }
}

#[derive(Template)]
#[template(path = "readme.txt", escape = "none")]
struct Readme<'a> {
    version: Windows,
    policy: &'a str,
    description: &'a str,
    context: &'a ExportContext,
    stem: String,
    files: Vec<(String, &'static str)>,
    left_out: &'a [(Format, String)],
    idle: Vec<&'static CatalogueOption>,
    staying: Vec<&'static CatalogueOption>,
    machine: bool,
    user: bool,
    proxy: bool,
}

/// What becomes of one format in a kit.
struct Part {
    group: &'static str,
    format: Format,
    /// Whether there is a file of it.
    file: bool,
    /// Whether there is one that takes the policy back.
    undo: bool,
    /// Why something of it is left out.
    left_out: Option<String>,
}

/// What a kit is made of, without making it.
fn parts(exporter: &Exporter<'_>, version: Windows) -> Result<Vec<Part>, ExportError> {
    let groups = version
        .groups()
        .iter()
        .filter_map(|word| FormatGroup::named(word));
    let mut parts = Vec::new();
    for group in groups {
        for format in group.formats {
            let mut part = Part {
                group: group.word,
                format: *format,
                file: false,
                undo: false,
                left_out: None,
            };
            match exporter.can_export(*format) {
                Ok(()) => part.file = true,
                // Without the registry file there is no kit.
                Err(refused) if matches!(format, Format::Reg | Format::Reg4) => {
                    return Err(refused);
                }
                Err(ExportError::Nothing { .. }) => continue,
                Err(refused) => part.left_out = Some(refused.to_string()),
            }
            if part.file && format.why_no_undo().is_none() {
                match exporter.can_undo(*format) {
                    Ok(()) => part.undo = true,
                    Err(refused) => {
                        part.left_out = Some(format!("the file that takes it back: {refused}"));
                    }
                }
            }
            parts.push(part);
        }
    }
    Ok(parts)
}

fn left_out(parts: &[Part]) -> Vec<(Format, String)> {
    let named = |part: &Part| Some((part.format, part.left_out.clone()?));
    parts.iter().filter_map(named).collect()
}

/// What [`client_kit`] would leave out and name, without making the kit.
///
/// # Errors
///
/// Those of [`client_kit`].
pub fn can_make_kit(
    exporter: &Exporter<'_>,
    version: Windows,
) -> Result<Vec<(Format, String)>, ExportError> {
    Ok(left_out(&parts(exporter, version)?))
}

/// Makes the kit of a policy for one Windows version.
///
/// # Errors
///
/// The policy has errors, is for the wire alone, or does not fit the registry
/// file of that Windows. What other formats cannot carry is left out of the
/// kit and named in it.
pub fn client_kit(
    policy: &Policy,
    version: Windows,
    context: &ExportContext,
) -> Result<Kit, ExportError> {
    let stem = stem(&policy.name);
    let exporter = Exporter::new(policy);
    let parts = parts(&exporter, version)?;
    let left_out = left_out(&parts);
    let mut files = Vec::new();
    let mut listed = Vec::new();
    for part in parts.iter().filter(|part| part.file) {
        let file = placed(part.group, "", exporter.export(part.format, context)?);
        listed.push((file.file_name.clone(), part.format.title()));
        files.push(file);
        if part.undo {
            let undo = exporter.undo(part.format, context)?;
            files.push(placed(part.group, "undo/", undo));
        }
    }
    if version.old() {
        let line = format!("@echo off\r\nregedit /s %0\\..\\{stem}-regedit4.reg\r\n");
        files.push(plain("logon.bat", &line));
        listed.push((
            "logon.bat".to_owned(),
            "logon script that imports the registry file",
        ));
    }

    let values = exporter.values();
    let has = |hive| values.iter().any(|value| value.hive == hive);
    let set = |id| *policy.setting(id) != Setting::NotSet;
    let staying = policy
        .settings
        .keys()
        .filter_map(|id| Catalogue::get().option(id.as_str()))
        .filter(|option| option.exportable && option.stays_behind())
        .collect();
    let readme = Readme {
        version,
        policy: &text::one_line(&policy.name),
        description: &text::one_line(policy.description.trim()),
        context,
        stem: stem.clone(),
        files: listed,
        left_out: &left_out,
        idle: version.idle(policy),
        staying,
        machine: has(Hive::LocalMachine),
        user: has(Hive::CurrentUser),
        proxy: set("ie-proxy-enable") || set("ie-proxy-server") || set("ie-auto-config-url"),
    }
    .to_string();
    files.insert(0, plain("readme.txt", &text::crlf(&readme)));
    Ok(Kit {
        name: format!("{stem}-{}", version.word()),
        files,
        left_out,
    })
}

/// The files of a Group Policy object lie in a folder of their own.
fn placed(group: &str, folder: &str, file: ExportedFile) -> ExportedFile {
    let below = match group {
        "gpo" => "GroupPolicy/",
        "admx" => "PolicyDefinitions/",
        _ => "",
    };
    ExportedFile {
        file_name: format!("{folder}{below}{}", file.file_name),
        ..file
    }
}

fn plain(file_name: &str, content: &str) -> ExportedFile {
    // Notepad of old Windows reads ANSI; ASCII and Western European suffice.
    let bytes = text::ansi(content);
    ExportedFile {
        file_name: file_name.to_owned(),
        media_type: "text/plain",
        bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> ExportContext {
        ExportContext {
            revision: 3,
            date: "2002-06-01".to_owned(),
            server: Some("im.example.com".to_owned()),
        }
    }

    fn kit(policy: &Policy, version: Windows) -> Kit {
        client_kit(policy, version, &context()).unwrap()
    }

    fn branch() -> Policy {
        Policy::new("WAN branch")
            .with("disable-file-transfer", Setting::On)
            .with("disable-ad-banner", Setting::On)
            .with("netmeeting-no-audio", Setting::On)
            .with("ie-proxy-enable", Setting::On)
            .with(
                "ie-proxy-server",
                Setting::Text("proxy.example.com:8080".to_owned()),
            )
            .with(
                "ie-proxy-override",
                Setting::Text("im.example.com".to_owned()),
            )
    }

    #[test]
    fn each_windows_gets_the_files_it_can_use() {
        let mut lines = String::new();
        for version in Windows::ALL {
            lines.push_str(version.title());
            for file in kit(&branch(), version).files {
                lines.push_str("\n  ");
                lines.push_str(&file.file_name);
            }
            lines.push('\n');
        }
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn the_readme_says_how_to_bring_it_out() {
        for version in Windows::ALL {
            let readme = String::from_utf8(kit(&branch(), version).files[0].bytes.clone()).unwrap();
            assert!(!readme.replace("\r\n", "").contains('\n'));
            insta::assert_snapshot!(
                format!("readme-{}", version.word()),
                readme.replace("\r\n", "\n")
            );
        }
    }

    #[test]
    fn what_a_format_cannot_carry_is_left_out_and_named() {
        let policy = Policy::new("x").with("conversation-warning", Setting::Text("Ω".to_owned()));
        let made = kit(&policy, Windows::Xp);
        assert_eq!(
            made.left_out
                .iter()
                .map(|(format, _)| *format)
                .collect::<Vec<_>>(),
            [Format::Bat]
        );
        assert!(
            !made
                .files
                .iter()
                .any(|file| file.file_name.ends_with(".bat"))
        );
        assert!(client_kit(&policy, Windows::Win98, &context()).is_err());
    }

    #[test]
    fn a_kit_is_packed_the_same_each_time() {
        for version in Windows::ALL {
            let kit = kit(&branch(), version);
            let packed = kit.archive(&context()).unwrap();
            assert_eq!(
                packed.file_name,
                format!("wan-branch-{}.zip", version.word())
            );
            assert_eq!(packed, kit.archive(&context()).unwrap());
            assert!(packed.bytes.starts_with(b"PK"));
        }
    }

    #[test]
    fn what_no_program_on_a_windows_reads_is_idle() {
        let idle = |version: Windows| {
            let options = version.idle(&branch());
            options.iter().map(|option| option.id).collect::<Vec<_>>()
        };
        assert_eq!(idle(Windows::Nt4), ["disable-file-transfer"]);
        assert_eq!(idle(Windows::Xp), Vec::<&str>::new());
        assert!(idle(Windows::Vista).contains(&"netmeeting-no-audio"));
    }

    #[test]
    fn no_two_files_have_the_same_name() {
        for version in Windows::ALL {
            let mut names: Vec<String> = kit(&branch(), version)
                .files
                .into_iter()
                .map(|f| f.file_name)
                .collect();
            let before = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), before, "{}", version.title());
        }
    }
}
