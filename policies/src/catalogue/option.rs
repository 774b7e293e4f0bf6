//! One option of the catalogue and the words that describe it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Feature, Hive, RegistryData};

/// The name of an option, as policies keep it: `disable-file-transfer`.
///
/// It may name an option that this catalogue does not have (from a newer
/// version); [`Policy::check`](crate::Policy::check) then says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OptionId(Cow<'static, str>);

impl OptionId {
    /// The id of this text.
    #[must_use]
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        Self(id.into())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&'static str> for OptionId {
    fn from(id: &'static str) -> Self {
        Self::new(id)
    }
}

impl std::borrow::Borrow<str> for OptionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A named list: variants, their words in files, their names for people.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $title:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which pages list them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in files and addresses.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The name for people.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.title())
            }
        }
    };
}

words! {
    /// A program that an option acts on.
    Client {
        /// MSN Messenger 2.2, the client on the Exchange 2000 compact disc.
        MsnMessenger22 = "msn-messenger-2.2", "MSN Messenger 2.2";
        /// MSN Messenger 3.6.
        MsnMessenger36 = "msn-messenger-3.6", "MSN Messenger 3.6";
        /// Windows Messenger 4.x, part of Windows XP.
        WindowsMessenger4 = "windows-messenger-4.x", "Windows Messenger 4.x";
        /// Windows Messenger 5.x.
        WindowsMessenger5 = "windows-messenger-5.x", "Windows Messenger 5.x";
        /// `NetMeeting` 3.x.
        NetMeeting = "netmeeting", "NetMeeting 3.x";
        /// Outlook 2002.
        Outlook2002 = "outlook-2002", "Outlook 2002";
        /// Outlook Express.
        OutlookExpress = "outlook-express", "Outlook Express";
        /// Internet Explorer, whose proxy settings the clients use.
        InternetExplorer = "internet-explorer", "Internet Explorer";
        /// This server itself: nothing is written on the client.
        Server = "server", "this server";
    }
}

words! {
    /// The heading under which a page shows an option.
    Category {
        /// What clients may invite each other to: files.
        FileTransfer = "file-transfer", "File transfer";
        /// Spoken conversations.
        Voice = "voice", "Voice";
        /// Cameras.
        Video = "video", "Video";
        /// Calls to telephones.
        Phone = "phone", "Calls to telephones";
        /// Sharing of programs, whiteboards, meetings.
        AppSharing = "app-sharing", "Application sharing and meetings";
        /// Which services the user may sign in to.
        ServiceSelection = "service-selection", "Services";
        /// Signing in.
        Authentication = "authentication", "Sign-in";
        /// Whether and when clients start.
        RunControl = "run-control", "Starting the client";
        /// Presence.
        Presence = "presence", "Presence";
        /// Looking people up.
        Directory = "directory", "Directory";
        /// Outlook.
        Outlook = "outlook", "Outlook";
        /// Internet Explorer's proxy settings.
        Proxy = "proxy", "Proxy";
        /// Updates of the client.
        Updates = "updates", "Updates";
        /// Advertisements.
        Advertising = "advertising", "Advertisements";
        /// Lines shown to the user.
        Warnings = "warnings", "Warnings to the user";
        /// Reports to the vendor.
        UsageReporting = "usage-reporting", "Reports to the vendor";
    }
}

words! {
    /// How sure it is that an option does what the catalogue says.
    Confidence {
        /// Read in a document or template of the vendor.
        Documented = "documented", "documented by the vendor";
        /// Seen in public code of others; the vendor's text could not be read.
        Corroborated = "corroborated", "seen in public code";
        /// Not verified. Such an option is never exportable.
        FromMemory = "from-memory", "not verified";
    }
}

words! {
    /// The registry type of an option's value.
    ValueKind {
        /// A 32-bit number.
        Dword = "REG_DWORD", "REG_DWORD";
        /// A string.
        Sz = "REG_SZ", "REG_SZ";
        /// Not known; the option is not exportable.
        Unknown = "unknown", "not known";
        /// No registry value at all.
        None = "none", "none";
    }
}

words! {
    /// What a text has to look like.
    TextKind {
        /// Any text of one line.
        Plain = "text", "text";
        /// A Windows domain.
        Domain = "domain", "a domain";
        /// `host:port`, or `http=host:port;https=host:port`.
        ProxyServer = "proxy-server", "a proxy server";
        /// Full DNS names, `*.domain`, `<local>`, separated by semicolons.
        ProxyExceptions = "proxy-exceptions", "proxy exceptions";
        /// An `http://` address.
        Url = "url", "an address";
    }
}

/// What may be chosen for an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// On or off, with the numbers that they write. `off: None` removes the value.
    Switch {
        /// Written for *on*; not always 1.
        on: u32,
        /// Written for *off*; not always 0.
        off: Option<u32>,
    },
    /// On or off; the server acts on it and no registry value exists.
    ServerSwitch,
    /// One of the numbers in [`CatalogueOption::meanings`].
    OneOf,
    /// A number.
    Number {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
        /// What it counts: `seconds`, `kilobytes`.
        unit: &'static str,
    },
    /// A text of one line.
    Text {
        /// What it has to look like.
        kind: TextKind,
        /// The greatest length in characters.
        max_length: usize,
    },
}

/// A value that an option may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MeaningOf {
    /// A number.
    Number(u32),
    /// A text; with free input it is an example.
    Text(&'static str),
}

/// A value and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// The value.
    pub value: MeaningOf,
    /// What it does.
    pub meaning: &'static str,
}

/// One option: what it does, for which clients, and the registry value behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueOption {
    /// Its id, which never changes.
    pub id: &'static str,
    /// A short name.
    pub title: &'static str,
    /// What it does, in plain words.
    pub description: &'static str,
    /// The programs it acts on.
    pub clients: &'static [Client],
    /// Where the value may stand; the first is the usual place.
    pub hives: &'static [Hive],
    /// The registry key, without the hive.
    pub key: &'static str,
    /// The value's name.
    pub value_name: &'static str,
    /// The value's type.
    pub kind: ValueKind,
    /// What may be chosen.
    pub input: Input,
    /// What single values mean.
    pub meanings: &'static [Meaning],
    /// How clients behave without it.
    pub default: &'static str,
    /// The heading it stands under.
    pub category: Category,
    /// Where this is known from.
    pub source: &'static [&'static str],
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it may be written to files.
    pub exportable: bool,
    /// Why it is not exportable; else empty.
    pub reason: &'static str,
    /// Traps that an administrator should know before using it.
    pub warnings: &'static [&'static str],
    /// Remarks on what is known and what is concluded.
    pub notes: &'static [&'static str],
    /// The feature that *on* forbids, on the wire too.
    pub feature: Option<Feature>,
    /// Of a switch: clients take any number but 0 for *on*.
    pub nonzero: bool,
}

impl CatalogueOption {
    /// Its id, as policies keep it.
    #[must_use]
    pub fn option_id(&self) -> OptionId {
        OptionId::new(self.id)
    }

    /// The programs it acts on, for people: `NetMeeting 3.x, Outlook 2002`.
    #[must_use]
    pub fn client_names(&self) -> String {
        let names: Vec<&str> = self.clients.iter().copied().map(Client::title).collect();
        names.join(", ")
    }

    /// Whether only the server acts on it, and no file can carry it.
    #[must_use]
    pub fn is_server_only(&self) -> bool {
        self.kind == ValueKind::None
    }

    /// What a number means, where the catalogue says so.
    #[must_use]
    pub fn meaning(&self, number: u32) -> Option<&'static str> {
        self.meanings
            .iter()
            .find(|meaning| meaning.value == MeaningOf::Number(number))
            .map(|meaning| meaning.meaning)
    }

    /// Whether the value stays behind when a Group Policy object is withdrawn:
    /// Windows clears only the `Policies` trees (ADM format reference).
    #[must_use]
    pub fn stays_behind(&self) -> bool {
        const CLEARED: [&str; 2] = [
            "software\\policies\\",
            "software\\microsoft\\windows\\currentversion\\policies\\",
        ];
        let key = self.key.to_ascii_lowercase();
        !self.key.is_empty() && !CLEARED.iter().any(|tree| key.starts_with(tree))
    }

    /// The values that stand for *on* and *off*, where the option is a switch.
    #[must_use]
    pub fn switch(&self) -> Option<(RegistryData, RegistryData)> {
        match self.input {
            Input::Switch { on, off } => Some((
                RegistryData::Dword(on),
                off.map_or(RegistryData::Absent, RegistryData::Dword),
            )),
            Input::ServerSwitch | Input::OneOf | Input::Number { .. } | Input::Text { .. } => None,
        }
    }

    pub(super) fn searched(&self) -> String {
        let mut text = [
            self.id,
            self.title,
            self.description,
            self.key,
            self.value_name,
            self.category.title(),
        ]
        .join("\n");
        // A value is looked for as people paste it: hive, key and name in one.
        for hive in self.hives {
            for root in [hive.short(), hive.full()] {
                text.push('\n');
                text.push_str(&[root, self.key, self.value_name].join("\\"));
            }
        }
        for client in self.clients {
            text.push('\n');
            text.push_str(client.title());
        }
        text.to_lowercase()
    }
}
