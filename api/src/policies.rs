//! Client policies, as the console lists and opens them.

use crate::{Assignment, Base64, Difference, Done, Millis, PolicyDocument, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One policy in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySummary {
    /// Name: the key.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many options it sets.
    pub settings: u32,
    /// Revision, from 1.
    pub revision: u32,
    /// When that revision was saved.
    pub saved: Millis,
    /// Who saved it.
    pub saved_by: String,
}

/// One policy, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyView {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: PolicySummary,
    /// The policy itself.
    pub policy: PolicyDocument,
}

/// A policy that was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedPolicy {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: PolicySummary,
    /// What others had changed since the revision that the command named, and what is part of it
    /// now: none of it is what the command changed.
    #[serde(default)]
    pub merged: Vec<Difference>,
}

/// What an uploaded registry file holds, before it becomes a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportPreview {
    /// Name of the file.
    pub file: String,
    /// A name for the policy, from that of the file.
    pub name: String,
    /// The options that were recognised.
    pub options: Vec<ImportedOption>,
    /// Values that no setting writes, up to a bound.
    pub unknown: Vec<UnknownLine>,
    /// How many more of those there are.
    pub more_unknown: u32,
    /// What cannot be part of a policy, each with the reason.
    pub left_out: Lines,
    /// What something later in the file takes back.
    pub taken_back: Lines,
    /// What could not be read and was to be skipped.
    pub skipped: Lines,
    /// How the file was read, and what to know of what it brings.
    pub notices: Lines,
}

/// Lines of a report, up to a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lines {
    /// The first ones.
    pub lines: Vec<String>,
    /// How many more there are.
    pub more: u32,
}

/// A value that no setting writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnknownLine {
    /// The value.
    pub value: ValueLine,
    /// Of a known option: why it is no setting of it; else empty.
    pub why: String,
}

/// One option that a file sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportedOption {
    /// Its name in policies.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What the file sets it to.
    pub chosen: String,
    /// What the policy writes instead, where that is not the same; else empty.
    pub note: String,
    /// The value that says so.
    pub value: ValueLine,
}

/// One revision of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyRevision {
    /// Its number, from 1.
    pub revision: u32,
    /// When it was saved.
    pub saved: Millis,
    /// Who saved it.
    pub saved_by: String,
    /// Why; may be empty.
    pub comment: String,
}

/// The revisions of a policy, and what is different between two of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyHistory {
    /// The policy's name.
    pub name: String,
    /// Newest first.
    pub revisions: Vec<PolicyRevision>,
    /// The older of those compared; 0 if nothing is compared.
    pub from: u32,
    /// The newer of those compared.
    pub to: u32,
    /// What changed between them, a sentence each: the first of them, if there are many.
    pub changes: Vec<String>,
    /// How many changes there are besides.
    pub more: u32,
}

/// A policy with all that its page shows: every option, what is wrong, and what would be
/// written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySheet {
    /// The row of the list; `None` for a policy that is to be made.
    pub summary: Option<PolicySummary>,
    /// Where it has effect, by its word: `both`, `export-only`, `enforce-only`.
    pub mode: String,
    /// The modes that can be chosen: word and name.
    pub modes: Vec<(String, String)>,
    /// The options that most lockdowns are about.
    pub quick: Vec<OptionView>,
    /// All others under their headings.
    pub categories: Vec<OptionCategory>,
    /// What is wrong with the policy as a whole, or with options that are not shown.
    pub problems: Vec<ProblemLine>,
    /// Values that no option knows, kept from an imported file: the first of them.
    pub others: Vec<ValueLine>,
    /// How many of those there are.
    pub others_total: u32,
    /// What an export writes: all that options write, and the first of the others.
    pub values: Vec<ValueLine>,
    /// How many values an export writes.
    pub values_total: u32,
    /// True if nothing stands against an export.
    pub exportable: bool,
    /// The kits, one for each Windows version, and the single files; none while the policy is
    /// not exportable.
    pub kits: Vec<KitLine>,
    /// The files by their kind.
    pub files: Vec<FileLine>,
}

/// One page of the values that no option knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyValues {
    /// The policy's name.
    pub name: String,
    /// Its revision.
    pub revision: u32,
    /// The values of the page, each with its place among all.
    pub lines: Vec<(u32, ValueLine)>,
    /// How many there are.
    pub total: u32,
    /// This page, from 1.
    pub page: u32,
}

/// The client kit for one Windows version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KitLine {
    /// Its word: `xp`.
    pub word: String,
    /// Its name for people.
    pub title: String,
    /// Why it cannot be made; empty if it can.
    pub refused: String,
    /// Options that nothing on this Windows reads: title, and for which programs it is.
    pub idle: Vec<(String, String)>,
    /// What the kit has to leave out, and why.
    pub left_out: Vec<String>,
}

/// Files of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileLine {
    /// Its word: `reg`.
    pub word: String,
    /// Its name for people.
    pub title: String,
    /// What it is for and which Windows takes it.
    pub purpose: String,
    /// Why this policy cannot be written so; empty if it can.
    pub refused: String,
    /// Why there is no file that takes it back; empty if there is one.
    pub no_undo: String,
}

/// Options under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionCategory {
    /// Its word, for addresses within the page.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The options.
    pub options: Vec<OptionView>,
}

/// One option, what is known of it, and what was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionView {
    /// Its name in policies.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The programs it acts on.
    pub clients: Vec<String>,
    /// Key and value name; empty if nothing is written on the client.
    pub place: String,
    /// Hives it may go to, the usual one first.
    pub hives: Vec<String>,
    /// The hive that was chosen; empty for the usual one.
    pub hive: String,
    /// What can be chosen.
    pub input: OptionInput,
    /// What was chosen, as the form sends it; empty for *not set*.
    pub chosen: String,
    /// What this server proposes to type; empty if nothing.
    pub proposal: String,
    /// How clients behave without it.
    pub default: String,
    /// How sure it is that it works so.
    pub confidence: String,
    /// Where that is known from.
    pub source: String,
    /// Why it cannot be exported; empty if it can.
    pub not_exportable: String,
    /// What else to know of it.
    pub notes: Vec<String>,
    /// The feature that the server refuses, too, when it is on; empty if none.
    pub enforced: String,
    /// What is wrong with the choice.
    pub problems: Vec<ProblemLine>,
}

/// What can be chosen for an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OptionInput {
    /// On or off, with what each means.
    Switch {
        /// What *on* writes.
        on: String,
        /// What *off* writes.
        off: String,
    },
    /// One of these: number and meaning.
    OneOf(Vec<(u32, String)>),
    /// A number.
    Number {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
        /// What it counts.
        unit: String,
    },
    /// A text.
    Text {
        /// Greatest length in characters.
        max_length: u32,
        /// What it has to be.
        kind: String,
    },
}

/// Something to know before a policy is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemLine {
    /// True if it stops an export.
    pub error: bool,
    /// What it is, why, and what to do.
    pub message: String,
}

/// A registry value that an export writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValueLine {
    /// Hive and key.
    pub path: String,
    /// The value's name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its data.
    pub data: String,
}

/// A file to save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Name to save it under.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Content.
    pub bytes: Base64,
}

/// All policies, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListPolicies {}
operation!(ListPolicies = "policies.list", Query, Viewer, Get "/policies", Vec<PolicySummary>);

/// One policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetPolicy {
    /// Its name.
    pub name: String,
}
operation!(GetPolicy = "policies.get", Query, Viewer, Get "/policies/{name}", PolicyView);

/// Make a policy that counts for these from its first moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatePolicy {
    /// The policy.
    pub policy: PolicyDocument,
    /// Why; may be empty.
    #[serde(default)]
    pub comment: String,
    /// For whom it counts; nobody if it is left out.
    #[serde(default)]
    pub assignment: Assignment,
}
operation!(CreatePolicy = "policies.create", Command, Administrator, Post "/policies", PolicySummary);

/// Save a policy as a new revision. What others saved since the revision that is named stays: both
/// are merged, option by option. Where both changed the same, nothing is saved, and the error says
/// what changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavePolicy {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by: what it changes is told by it. It must be said.
    #[serde(default)]
    pub revision: u32,
    /// The policy.
    pub policy: PolicyDocument,
    /// Why; may be empty.
    #[serde(default)]
    pub comment: String,
}
operation!(SavePolicy = "policies.save", Command, Administrator, Put "/policies/{name}", SavedPolicy);

/// Save what became of imported files: a new policy that counts for `assignment`, else for nobody;
/// or, where `replace` says so, a new revision of the policy of that name, which counts for whom it
/// did unless `assignment` says something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportPolicy {
    /// The policy.
    pub policy: PolicyDocument,
    /// Why; may be empty.
    #[serde(default)]
    pub comment: String,
    /// For whom it counts.
    #[serde(default)]
    pub assignment: Option<Assignment>,
    /// Make a new revision of a policy of that name.
    #[serde(default)]
    pub replace: bool,
    /// The revision that is to be replaced; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
}
operation!(ImportPolicy = "policies.import", Command, Administrator, Post "/policies/import", PolicySummary);

/// The revisions of a policy, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListRevisions {
    /// Its name.
    pub name: String,
}
operation!(ListRevisions = "policies.list-revisions", Query, Viewer, Get "/policies/{name}/revisions", Vec<PolicyRevision>);

/// A policy as it was in one revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetRevision {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: u32,
}
operation!(GetRevision = "policies.get-revision", Query, Viewer, Get "/policies/{name}/revisions/{number}", PolicyView);

/// Save an old revision as the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevertPolicy {
    /// Its name.
    pub name: String,
    /// The newest revision that the command knows of; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
    /// The old one.
    pub number: u32,
}
operation!(RevertPolicy = "policies.revert", Command, Administrator, Post "/policies/{name}/revert", PolicySummary);

/// Delete a policy with all its revisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeletePolicy {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
}
operation!(DeletePolicy = "policies.delete", Command, Administrator, Delete "/policies/{name}", Done);

/// The files of a policy, or those that take it back. It is written down in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportPolicy {
    /// Its name.
    pub name: String,
    /// Word of the policy library, such as `reg`.
    pub format: String,
    /// The files that take it back.
    #[serde(default)]
    pub undo: bool,
    /// Several files as one archive.
    #[serde(default)]
    pub archive: bool,
}
operation!(ExportPolicy = "policies.export", Command, Viewer, Post "/policies/{name}/export", Vec<File>);

/// The client kit of a policy, an archive. It is written down in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetKit {
    /// Its name.
    pub name: String,
    /// Word of the policy library, such as `xp`.
    pub windows: String,
}
operation!(GetKit = "policies.kit", Command, Viewer, Post "/policies/{name}/kit", File);
