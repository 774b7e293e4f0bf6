//! The versions of Windows: which programs run on each, and which files it takes.

use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueOption, Client};
use crate::{Catalogue, Policy};

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

    /// The kinds of files that it takes.
    pub(super) fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Win98 | Self::Nt4 => &["reg4", "adm-nt4", "ins", "pac"],
            Self::Win2000 => &["reg", "gpo", "adm", "vbs", "ins", "pac"],
            Self::Xp => &["reg", "gpo", "adm", "lgpo", "bat", "vbs", "ins", "pac"],
            Self::Vista => &["reg", "gpo", "admx", "lgpo", "bat", "vbs", "pac"],
        }
    }

    /// One that only reads `REGEDIT4`, and runs batch files alone.
    pub(super) fn old(self) -> bool {
        matches!(self, Self::Win98 | Self::Nt4)
    }
}
