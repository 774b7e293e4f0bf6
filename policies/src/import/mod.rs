//! Existing `.reg` and `Registry.pol` files become policies. What the catalogue
//! does not know is listed, and can be kept as it is. Nothing is passed over in
//! silence: each line of a file is imported, kept, left out with a reason, taken
//! back by a later one, or named as one that cannot be read.

mod apply;
mod code_page;
mod encoding;
mod kind;
mod matching;
mod place;
mod pol;
mod reg;
mod sources;
mod unpack;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use apply::{Later, Superseded};
pub use code_page::CodePage;
pub use matching::{FoundOption, Misfit, UnknownValue, Unmatched, import};
pub use place::{BadLine, BadLines, Position, Spot};
pub use sources::{SourceFile, read_files};

use self::apply::Gathered;
use crate::{Hive, Policy, RegistryData, RegistryValue};

/// How files are to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// For whom a `Registry.pol` is whose folder does not say it.
    pub hive: Option<Hive>,
    /// In which code page ANSI files are; `None`: it is guessed.
    pub code_page: Option<CodePage>,
    /// Skip what cannot be read, instead of refusing the file.
    pub skip_bad_lines: bool,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The file does not begin as such a file must.
    #[error("this is not a {kind}: {why}")]
    NotSuchAFile {
        /// The kind of file that was expected.
        kind: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// The file is of a known kind that is not read here.
    #[error("this is {what}; {todo}")]
    Other {
        /// What it is.
        what: &'static str,
        /// What to do.
        todo: &'static str,
    },
    /// There is nothing in it.
    #[error(
        "this {kind} is empty: it sets nothing; take the file from the place where it was made"
    )]
    Empty {
        /// What its name says that it is.
        kind: &'static str,
    },
    /// A folder or an archive without such files.
    #[error("there is nothing to import in it: neither a registry file (.reg) nor a Registry.pol")]
    NothingInIt,
    /// An archive that is not unpacked.
    #[error("the archive was not unpacked: {0}")]
    Archive(String),
    /// Lines of a file cannot be understood.
    #[error("{0}")]
    Lines(BadLines),
    /// A `Registry.pol` file, and nobody said whose.
    #[error(
        "a Registry.pol file does not say whether it is of the computer or of the user; say it: the one in the folder Machine goes to HKLM, the one in User to HKCU"
    )]
    NoHive,
    /// What the file holds is more than can be kept.
    #[error(
        "the file holds {size} bytes of contacts, and {most} can be kept: export the key of the contacts alone"
    )]
    TooLarge {
        /// What it holds.
        size: usize,
        /// What can be kept.
        most: usize,
    },
    /// A record of a `Registry.pol` file cannot be understood.
    #[error(
        "the Registry.pol file is damaged at byte {at}: {why}; copy it again from the Group Policy folder"
    )]
    Record {
        /// Where the record begins, from 0.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// One of several files cannot be read.
    #[error("{file}: {error}")]
    Of {
        /// Which.
        file: String,
        /// Why.
        error: Box<Self>,
    },
}

impl From<pol::Refusal> for ImportError {
    fn from(refusal: pol::Refusal) -> Self {
        let kind = "Registry.pol file";
        match refusal {
            pol::Refusal::NoSignature => Self::NotSuchAFile {
                kind,
                why: "it does not begin with PReg",
            },
            pol::Refusal::Version => Self::NotSuchAFile {
                kind,
                why: "it begins with PReg and has not version 1",
            },
            pol::Refusal::Record { at, why } => Self::Record { at, why },
        }
    }
}

/// Reads a `.reg` file, or several that stand one after another in it.
///
/// # Errors
///
/// The header is missing, or lines are not understood.
pub fn read_reg(bytes: &[u8]) -> Result<RegistryFile, ImportError> {
    read_reg_with(bytes, &ReadOptions::default())
}

/// The same, read in a way that somebody asks for.
pub(crate) fn read_reg_with(
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<RegistryFile, ImportError> {
    let mut reading = Reading::new(options);
    if !reg::read(bytes, None, &mut reading) {
        return Err(ImportError::NotSuchAFile {
            kind: reg::KIND,
            why: reg::NO_HEADER,
        });
    }
    reading.finish()
}

/// Reads a `Registry.pol` file. The file does not say for which hive it is:
/// the one in the folder `Machine` is for HKLM, the one in `User` for HKCU.
///
/// # Errors
///
/// The file is not a `Registry.pol` of version 1, or a record in it is damaged.
pub fn read_pol(bytes: &[u8], hive: Hive) -> Result<RegistryFile, ImportError> {
    let mut reading = Reading::new(&ReadOptions::default());
    pol::read(bytes, hive, None, &mut reading)?;
    reading.finish()
}

/// What files hold, before the catalogue looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryFile {
    /// The values, in the order of the files; the last word on a value counts.
    pub values: Vec<RegistryValue>,
    /// The keys that they name, in their order, each once; one without values, too.
    pub keys: Vec<(Hive, String)>,
    /// What was in the files and is neither a value of these hives nor its removal.
    pub left_out: Vec<LeftOut>,
    /// Values that something later takes back.
    pub superseded: Vec<Superseded>,
    /// How they were read, where that is worth knowing.
    pub notices: Vec<String>,
    /// What could not be read and was to be skipped.
    pub skipped: BadLines,
}

/// Something of a file with which nothing can be done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it stands.
    pub place: Position,
    /// The key in brackets, as the file has it, and the order if it is one.
    pub what: String,
    /// Why it is not taken.
    pub why: NotTaken,
}

/// Why something of a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It removes a key with all below it.
    RemovesKey,
    /// It removes a whole hive.
    RemovesHive,
    /// It removes all values of a key.
    RemovesValues,
    /// A key of a hive that policies do not write to, with so many values.
    OtherHive(usize),
    /// A key of another user than the first, with so many values.
    OtherUser(usize),
    /// A value below a key that the file removes.
    UnderRemovedKey,
    /// A value below a key that cannot be read.
    UnderBadKey,
    /// It only makes a key.
    KeyOnly(Hive, String),
    /// It changes who may write to a key.
    SecuresKey(bool),
    /// A remark.
    Comment,
    /// A value for computers that have none yet.
    Soft,
    /// An order that nobody knows.
    UnknownOrder,
}

impl NotTaken {
    /// Whether the file removes something by it.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(
            self,
            Self::RemovesKey | Self::RemovesHive | Self::RemovesValues
        )
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |values: usize| match values {
            0 => String::new(),
            1 => " (1 value)".to_owned(),
            values => format!(" ({values} values)"),
        };
        match self {
            Self::RemovesKey => f.write_str("removes a key with all below it; a policy sets and removes single values, not whole keys"),
            Self::RemovesHive => f.write_str("would remove a whole hive, which nobody means"),
            Self::RemovesValues => f.write_str("removes all values of the key; a policy sets and removes single values"),
            Self::OtherHive(values) => write!(
                f,
                "policies write to HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER only{}",
                with(*values)
            ),
            Self::OtherUser(values) => write!(
                f,
                "it is of another user than those above; import one user at a time{}",
                with(*values)
            ),
            Self::UnderRemovedKey => f.write_str("it stands under a key that the file removes, and regedit passes it over"),
            Self::UnderBadKey => f.write_str("it stands under a key that cannot be read"),
            Self::KeyOnly(..) => f.write_str("only makes the key; a policy sets and removes values"),
            Self::SecuresKey(true) => f.write_str("lets only administrators and the system write to the key; a policy changes no permissions"),
            Self::SecuresKey(false) => f.write_str("lets users write to the key again; a policy changes no permissions"),
            Self::Comment => f.write_str("a remark for people; Windows writes nothing for it"),
            Self::Soft => f.write_str("sets the value only where a computer has none; a policy always sets, so choose it by hand if that is meant"),
            Self::UnknownOrder => f.write_str("an order of Group Policy that is not known here"),
        }
    }
}

/// `[-HKEY_…\…] (line 4): removes a key…`
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.what, self.place, self.why)
    }
}

/// Files while they are read.
#[derive(Debug)]
struct Reading {
    options: ReadOptions,
    gathered: Gathered,
    bad: BadLines,
    notices: Vec<String>,
    /// The user of `HKEY_USERS` whose keys are taken, in small letters.
    user: Option<String>,
}

impl Reading {
    fn new(options: &ReadOptions) -> Self {
        Self {
            options: *options,
            gathered: Gathered::default(),
            bad: BadLines::default(),
            notices: Vec::new(),
            user: None,
        }
    }

    fn notice(&mut self, file: Option<&Arc<str>>, text: fmt::Arguments<'_>) {
        let notice = match file {
            Some(file) => format!("{file}: {text}"),
            None => text.to_string(),
        };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    fn finish(self) -> Result<RegistryFile, ImportError> {
        if !self.bad.is_empty() && !self.options.skip_bad_lines {
            return Err(ImportError::Lines(self.bad));
        }
        Ok(RegistryFile {
            notices: self.notices,
            skipped: self.bad,
            ..self.gathered.finish()
        })
    }
}

/// What became of imported files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The policy of all that the catalogue knows.
    pub policy: Policy,
    /// The options that it sets, and the values that say so.
    pub found: Vec<FoundOption>,
    /// The values that no setting writes, each with the reason.
    pub unknown: Vec<UnknownValue>,
    /// What the files held and a policy cannot, each with the reason.
    pub left_out: Vec<String>,
    /// What something later in the files takes back.
    pub superseded: Vec<String>,
    /// How the files were read, where that is worth knowing.
    pub notices: Vec<String>,
    /// What could not be read and was to be skipped.
    pub skipped: BadLines,
}

impl Imported {
    /// The policy with the unknown values in it, to be written as they are.
    #[must_use]
    pub fn keep_unknown(self) -> Policy {
        let mut policy = self.policy;
        let unknown = self.unknown.into_iter().map(|unknown| unknown.value);
        policy.other_values.extend(unknown);
        policy
    }
}

/// UTF-16LE with the zero at the end, as the registry keeps strings.
pub(crate) fn utf16_text(bytes: &[u8]) -> Option<String> {
    let text = decoded(bytes)?;
    Some(text.strip_suffix('\0').unwrap_or(&text).to_owned())
}

/// A string with any number of zeros at its end, or none.
pub(crate) fn text_of(bytes: &[u8]) -> Option<String> {
    let text = decoded(bytes)?;
    let text = text.trim_end_matches('\0');
    (!text.contains('\0')).then(|| text.to_owned())
}

fn decoded(bytes: &[u8]) -> Option<String> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).ok()
}

/// The data of a type and its bytes, in the most telling form that gives the
/// same bytes back.
pub(crate) fn data_of(kind: u32, bytes: &[u8]) -> RegistryData {
    match (kind, bytes) {
        (4, &[a, b, c, d]) => RegistryData::Dword(u32::from_le_bytes([a, b, c, d])),
        (1, _) if bytes.ends_with(&[0, 0]) => {
            let text = utf16_text(bytes).filter(|text| !text.contains('\0'));
            text.map_or_else(
                || RegistryData::Other {
                    kind,
                    bytes: bytes.to_vec(),
                },
                RegistryData::Sz,
            )
        }
        _ => RegistryData::Other {
            kind,
            bytes: bytes.to_vec(),
        },
    }
}
