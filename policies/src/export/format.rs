//! The kinds of files, and which of them belong together.

use serde::{Deserialize, Serialize};

use super::{ExportContext, ExportError, ExportedFile, Exporter};
use crate::Policy;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `.reg` version 5: UTF-16LE, for Windows 2000 and later.
    Reg,
    /// `.reg` version 4 (`REGEDIT4`): Windows-1252, for Windows 95, 98, Me and NT 4.
    Reg4,
    /// `Registry.pol` for HKLM.
    PolMachine,
    /// `Registry.pol` for HKCU.
    PolUser,
    /// `gpt.ini`, which makes a folder with both a local Group Policy object.
    GptIni,
    /// An ADM template for the Group Policy editor of Windows 2000 and XP.
    Adm,
    /// An ADM template within what the System Policy Editor (poledit) reads.
    AdmNt4,
    /// An ADMX template for the Group Policy editor of Windows Vista and later.
    Admx,
    /// The English texts that belong to the ADMX template.
    Adml,
    /// A text for LGPO.exe.
    Lgpo,
    /// A batch file with `reg add`.
    Bat,
    /// A script for the Windows Script Host.
    Vbs,
    /// The proxy section of a file of the Internet Explorer Administration Kit.
    Ins,
    /// A proxy script (PAC).
    Pac,
}

/// Formats that are handed out together, under one word of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatGroup {
    /// The word: `pol`.
    pub word: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// What it is for and which Windows takes it, in one line.
    pub purpose: &'static str,
    /// The files.
    pub formats: &'static [Format],
}

impl FormatGroup {
    /// All groups, in the order in which pages list them.
    pub const ALL: &'static [Self] = &[
        group(
            "reg",
            "Registry file, Windows 2000 and later",
            "Imported by a double click, or silently by regedit /s from a script. Windows 2000, XP, Server 2003, Vista and later.",
            &[Format::Reg],
        ),
        group(
            "reg4",
            "Registry file, Windows 95, 98, Me, NT 4",
            "The same for old Windows, which reads only this kind (REGEDIT4). Later Windows reads it, too.",
            &[Format::Reg4],
        ),
        group(
            "pol",
            "Registry.pol, machine and user",
            "What Group Policy keeps: to be put into a policy object that exists. Windows 2000 and later.",
            &[Format::PolMachine, Format::PolUser],
        ),
        group(
            "gpo",
            "Local Group Policy folder",
            "Machine, User and gpt.ini, to be copied to System32\\GroupPolicy of a computer without a domain. Windows 2000 and later.",
            &[Format::PolMachine, Format::PolUser, Format::GptIni],
        ),
        group(
            "adm",
            "ADM template, Windows 2000 and XP",
            "Shows the options in the Group Policy editor of Windows 2000, XP and Server 2003, where an administrator sets them.",
            &[Format::Adm],
        ),
        group(
            "adm-nt4",
            "ADM template, poledit of Windows NT 4 and 9x",
            "Shows the options in the System Policy Editor (poledit), which makes NTConfig.pol or Config.pol. Windows 95, 98, Me and NT 4.",
            &[Format::AdmNt4],
        ),
        group(
            "admx",
            "ADMX template with English texts",
            "Shows the options in the Group Policy editor of Windows Vista and later; goes to the central store.",
            &[Format::Admx, Format::Adml],
        ),
        group(
            "lgpo",
            "Text for LGPO.exe",
            "Merged into the local policy by LGPO.exe /t, without the editor. Windows XP and later.",
            &[Format::Lgpo],
        ),
        group(
            "bat",
            "Batch file",
            "Writes the values with reg add, from a logon or startup script. Windows XP and later.",
            &[Format::Bat],
        ),
        group(
            "vbs",
            "Windows Script Host script",
            "Writes the values from a logon or startup script where there is no reg.exe. Windows 2000 and later, and 98 with Windows Script Host.",
            &[Format::Vbs],
        ),
        group(
            "ins",
            "Internet Explorer Administration Kit, proxy section",
            "The proxy settings alone, for an automatic configuration of Internet Explorer 5 and 6. Windows 98 to XP.",
            &[Format::Ins],
        ),
        group(
            "pac",
            "Proxy script",
            "Decides for each address whether it goes through the proxy; put it on a web server and give clients its address. Every Windows.",
            &[Format::Pac],
        ),
    ];

    /// The group of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|group| group.word == word)
    }

    /// Why a policy cannot be taken back in these formats, and what to do.
    #[must_use]
    pub fn why_no_undo(&self) -> Option<&'static str> {
        self.formats.iter().find_map(|format| format.why_no_undo())
    }

    /// The group's files, made from a policy.
    ///
    /// # Errors
    ///
    /// As [`export`](super::export).
    pub fn export(
        &self,
        policy: &Policy,
        context: &ExportContext,
    ) -> Result<Vec<ExportedFile>, ExportError> {
        let exporter = Exporter::new(policy);
        self.formats
            .iter()
            .map(|format| exporter.export(*format, context))
            .collect()
    }

    /// The files of the same formats that take the policy back.
    ///
    /// # Errors
    ///
    /// As [`undo`](super::undo).
    pub fn undo(
        &self,
        policy: &Policy,
        context: &ExportContext,
    ) -> Result<Vec<ExportedFile>, ExportError> {
        let exporter = Exporter::new(policy);
        self.formats
            .iter()
            .map(|format| exporter.undo(*format, context))
            .collect()
    }

    /// Whether all its files can be made, without making them.
    ///
    /// # Errors
    ///
    /// As [`FormatGroup::export`].
    pub fn can_export(&self, exporter: &Exporter<'_>) -> Result<(), ExportError> {
        self.formats
            .iter()
            .try_for_each(|format| exporter.can_export(*format))
    }

    /// The same of the files that take the policy back.
    ///
    /// # Errors
    ///
    /// As [`FormatGroup::undo`].
    pub fn can_undo(&self, exporter: &Exporter<'_>) -> Result<(), ExportError> {
        self.formats
            .iter()
            .try_for_each(|format| exporter.can_undo(*format))
    }

    /// The name of an archive that holds all its files.
    #[must_use]
    pub fn archive_name(&self, policy: &Policy, undo: bool) -> String {
        let undo = if undo { "-undo" } else { "" };
        format!("{}-{}{undo}.zip", super::stem(&policy.name), self.word)
    }
}

const fn group(
    word: &'static str,
    title: &'static str,
    purpose: &'static str,
    formats: &'static [Format],
) -> FormatGroup {
    FormatGroup {
        word,
        title,
        purpose,
        formats,
    }
}

impl Format {
    /// Every format, in the order in which pages list them.
    pub const ALL: [Self; 14] = [
        Self::Reg,
        Self::Reg4,
        Self::PolMachine,
        Self::PolUser,
        Self::GptIni,
        Self::Adm,
        Self::AdmNt4,
        Self::Admx,
        Self::Adml,
        Self::Lgpo,
        Self::Bat,
        Self::Vbs,
        Self::Ins,
        Self::Pac,
    ];

    /// The word in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reg => "reg",
            Self::Reg4 => "reg4",
            Self::PolMachine => "pol-machine",
            Self::PolUser => "pol-user",
            Self::GptIni => "gpt-ini",
            Self::Adm => "adm",
            Self::AdmNt4 => "adm-nt4",
            Self::Admx => "admx",
            Self::Adml => "adml",
            Self::Lgpo => "lgpo",
            Self::Bat => "bat",
            Self::Vbs => "vbs",
            Self::Ins => "ins",
            Self::Pac => "pac",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Reg => "registry file for Windows 2000 and later",
            Self::Reg4 => "registry file for Windows 95, 98, Me and NT 4",
            Self::PolMachine => "Registry.pol of the machine",
            Self::PolUser => "Registry.pol of the user",
            Self::GptIni => "gpt.ini of a local Group Policy folder",
            Self::Adm => "ADM template for Windows 2000 and XP",
            Self::AdmNt4 => "ADM template for poledit",
            Self::Admx => "ADMX template",
            Self::Adml => "English texts of the ADMX template",
            Self::Lgpo => "text for LGPO.exe",
            Self::Bat => "batch file",
            Self::Vbs => "Windows Script Host script",
            Self::Ins => "Internet Explorer Administration Kit file",
            Self::Pac => "proxy script",
        }
    }

    /// The format of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Why a policy cannot be taken back in this format, and what to do; `None`
    /// where it can.
    #[must_use]
    pub fn why_no_undo(self) -> Option<&'static str> {
        match self {
            Self::Adm | Self::AdmNt4 | Self::Admx | Self::Adml => Some(
                "a template has no values in it; set its policies to Not Configured (in poledit: clear them), then remove the template",
            ),
            Self::Pac => Some(
                "take the script's address away from the clients, with the undo file of another format",
            ),
            Self::Reg
            | Self::Reg4
            | Self::PolMachine
            | Self::PolUser
            | Self::GptIni
            | Self::Lgpo
            | Self::Bat
            | Self::Vbs
            | Self::Ins => None,
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Pac => "application/x-ns-proxy-autoconfig",
            Self::Admx | Self::Adml => "application/xml",
            // Browsers save it under its name instead of showing or running it.
            Self::Reg
            | Self::Reg4
            | Self::PolMachine
            | Self::PolUser
            | Self::GptIni
            | Self::Adm
            | Self::AdmNt4
            | Self::Lgpo
            | Self::Bat
            | Self::Vbs
            | Self::Ins => "application/octet-stream",
        }
    }

    pub(super) fn file_name(self, stem: &str) -> String {
        match self {
            Self::Reg => format!("{stem}.reg"),
            Self::Reg4 => format!("{stem}-regedit4.reg"),
            Self::PolMachine => "Machine/Registry.pol".to_owned(),
            Self::PolUser => "User/Registry.pol".to_owned(),
            Self::GptIni => "gpt.ini".to_owned(),
            Self::Adm => format!("{stem}.adm"),
            Self::AdmNt4 => format!("{stem}-poledit.adm"),
            Self::Admx => format!("{stem}.admx"),
            Self::Adml => format!("en-US/{stem}.adml"),
            Self::Lgpo => format!("{stem}-lgpo.txt"),
            Self::Bat => format!("{stem}.bat"),
            Self::Vbs => format!("{stem}.vbs"),
            Self::Ins => format!("{stem}.ins"),
            Self::Pac => format!("{stem}.pac"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_word_and_belongs_to_a_group() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.word()), Some(format));
            assert!(
                FormatGroup::ALL
                    .iter()
                    .any(|group| group.formats.contains(&format)),
                "{}",
                format.title()
            );
        }
        for group in FormatGroup::ALL {
            assert_eq!(FormatGroup::named(group.word), Some(group));
        }
    }
}
