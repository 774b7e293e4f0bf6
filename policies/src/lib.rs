//! Client lockdown policies for the Exchange 2000 Instant Messaging clients:
//! the catalogue of registry options, policies made of them, and the files that
//! bring a policy onto Windows.
//!
//! A pure library: it does no I/O, has no clock (dates are parameters) and
//! knows no other crate of Rollcall.

#![warn(missing_docs)]

mod agent;
mod archive;
pub mod catalogue;
mod check;
mod codepage;
mod contacts;
mod diff;
mod document;
mod effective;
mod export;
mod feature;
mod import;
mod invitation;
mod kit;
mod merge;
mod policy;
mod proxy;
mod registry;

pub use agent::client_of_agent;
pub use archive::{ArchiveError, archive};
pub use catalogue::{Catalogue, CatalogueOption, OptionId};
pub use check::{Problem, ProblemKind, Severity};
pub use contacts::{
    Contact, ContactFile, ContactFormat, ContactKey, ContactList, ContactValue,
    KEY as CONTACTS_KEY, LARGEST as LARGEST_CONTACTS, ScriptPlace, ScriptProblem, contact_scripts,
    read_contacts, read_contacts_with, write_contacts,
};
pub use diff::{Change, diff};
pub use effective::{Assigned, Decision, Effect, Effective, Target, Vote, effective};
pub use export::{
    ExportContext, ExportError, ExportedFile, Exporter, Format, FormatGroup, export, undo,
};
pub use feature::{Feature, FeatureSet};
pub use import::{
    BadLine, BadLines, CodePage, FoundOption, ImportError, Imported, Later, LeftOut, Misfit,
    NotTaken, Position, ReadOptions, RegistryFile, SourceFile, Spot, Superseded, UnknownValue,
    Unmatched, import, read_files, read_pol, read_reg,
};
pub use invitation::{classify_invitation, invited_features};
pub use kit::{Kit, Windows, can_make_kit, client_kit};
pub use merge::merge;
pub use policy::{Choice, Mode, Policy, Setting};
pub use registry::{Hive, Place, RegistryData, RegistryValue};
