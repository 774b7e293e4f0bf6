//! What became of imported files, for people and for programs.

use crate::cli::output;
use api::PolicySummary;
use policies::{
    BadLines, Catalogue, FoundOption, Imported, Policy, ProblemKind, RegistryValue, Severity,
    UnknownValue, Unmatched,
};
use serde::Serialize;
use std::fmt::Display;

/// Lines of one sort that are printed.
const SHOWN: usize = 200;

/// Everything, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Name of the policy.
    name: String,
    /// Nothing was saved.
    dry_run: bool,
    /// Its revision; none if nothing was saved.
    pub(super) revision: Option<u32>,
    /// For whom it counts, in words; none if nothing was saved.
    pub(super) counts_for: Option<String>,
    /// Whether values that no setting writes are kept.
    keep_unknown: bool,
    found: Vec<Value>,
    known: Vec<Value>,
    unknown: Vec<Value>,
    left_out: Vec<String>,
    taken_back: Vec<String>,
    notices: Vec<String>,
    warnings: Vec<String>,
    skipped: BadLines,
}

/// A refusal, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Refusal<'a> {
    /// Why.
    pub(super) refused: &'a str,
    /// What cannot be read.
    pub(super) bad_lines: &'a BadLines,
}

/// One value.
#[derive(Debug, Serialize)]
struct Value {
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<String>,
    /// What the policy sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<String>,
    /// Why it is no setting, or what to know of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    hive: &'static str,
    key: String,
    value: String,
    #[serde(rename = "type")]
    kind: String,
    data: String,
}

impl Value {
    fn of(value: &RegistryValue) -> Self {
        Self {
            option: None,
            setting: None,
            reason: String::new(),
            hive: value.hive.short(),
            key: value.key.clone(),
            value: value.name.clone(),
            kind: value.data.type_name(),
            data: value.data.to_string(),
        }
    }
}

impl Report {
    pub(super) fn new(imported: &Imported, keep_unknown: bool, dry_run: bool) -> Self {
        let policy = &imported.policy;
        let found = |found: &FoundOption| Value {
            option: Some(found.option.to_string()),
            setting: Some(policy.setting(found.option.as_str()).to_string()),
            reason: found.note.clone(),
            ..Value::of(&found.value)
        };
        let mut report = Self {
            name: policy.name.clone(),
            dry_run,
            revision: None,
            counts_for: None,
            keep_unknown,
            found: imported.found.iter().map(found).collect(),
            known: Vec::new(),
            unknown: Vec::new(),
            left_out: imported.left_out.clone(),
            taken_back: imported.superseded.clone(),
            notices: imported.notices.clone(),
            warnings: warnings(policy),
            skipped: imported.skipped.clone(),
        };
        for UnknownValue { value, why } in &imported.unknown {
            let line = Value::of(value);
            match why {
                Unmatched::NotInCatalogue => report.unknown.push(line),
                Unmatched::Known { option, .. } => report.known.push(Value {
                    option: Some(option.to_string()),
                    reason: why.to_string(),
                    ..line
                }),
            }
        }
        report
    }

    pub(super) fn saved(&mut self, saved: &PolicySummary, counts_for: &str) {
        self.name.clone_from(&saved.name);
        self.revision = Some(saved.revision);
        self.counts_for = Some(counts_for.to_owned());
    }

    /// What is in the files, one line for each thing, on standard error.
    pub(super) fn tell(&self) {
        let place = |value: &Value| format!("{}\\{}\\{}", value.hive, value.key, value.value);
        shown(&self.found, |it| {
            let option = it.option.as_deref().unwrap_or_default();
            let setting = it.setting.as_deref().unwrap_or_default();
            let note = if it.reason.is_empty() {
                String::new()
            } else {
                format!(" ({})", it.reason)
            };
            format!(
                "found {option} = {setting}: {} = {}{note}",
                place(it),
                it.data
            )
        });
        let fate = if self.keep_unknown {
            "kept"
        } else {
            "left out, --keep-unknown keeps it"
        };
        shown(&self.known, |it| {
            format!("{}; {fate}: {} = {}", it.reason, place(it), it.data)
        });
        shown(&self.unknown, |it| {
            format!("not in the catalogue, {fate}: {} = {}", place(it), it.data)
        });
        shown(&self.left_out, |it| format!("left out: {it}"));
        shown(&self.taken_back, |it| format!("taken back: {it}"));
        shown(&self.skipped.named, |it| format!("skipped: {it}"));
        if self.skipped.more > 0 {
            output::note(format_args!("skipped: {} more lines", self.skipped.more));
        }
        shown(&self.notices, |it| format!("note: {it}"));
        shown(&self.warnings, |it| format!("note: {it}"));
    }
}

/// What to know of the data that files brought.
fn warnings(policy: &Policy) -> Vec<String> {
    let mut problems = policy.check(Catalogue::get());
    problems.retain(|problem| {
        let kind = problem.kind;
        problem.severity == Severity::Warning
            && matches!(kind, ProblemKind::Form | ProblemKind::ProxyConflict)
    });
    problems.iter().map(ToString::to_string).collect()
}

fn shown<T, L: Display>(things: &[T], line: impl Fn(&T) -> L) {
    for thing in things.iter().take(SHOWN) {
        output::note(line(thing));
    }
    let more = things.len().saturating_sub(SHOWN);
    if more > 0 {
        output::note(format_args!("… and {more} more (--json lists all)"));
    }
}
