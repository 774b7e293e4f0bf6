//! Files that were uploaded and wait for their owner to say what to keep of them: one for each
//! account, forgotten when the next one comes, when it is saved, and when the server ends.

use crate::model::{ImportPreview, ImportedOption, Lines, UnknownLine};
use crate::ssr::off_thread;
use crate::ssr::sheet::value_line;
use policies::{
    Catalogue, FoundOption, Imported, Policy, ProblemKind, Severity, UnknownValue, Unmatched,
};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of each sort on the page, and values with a box of their own.
const SHOWN: usize = 20;
const SHOWN_VALUES: usize = 200;

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<BTreeMap<String, Arc<Kept>>>);

#[derive(Debug)]
struct Kept {
    id: String,
    file: String,
    imported: Imported,
}

impl Uploads {
    /// Keeps what an account uploaded, instead of what it uploaded before.
    pub(crate) fn keep(&self, account: &str, id: String, file: String, imported: Imported) {
        let kept = Kept { id, file, imported };
        self.lock().insert(account.to_owned(), Arc::new(kept));
    }

    /// What an account uploaded under this number, for its page.
    pub(crate) async fn preview(&self, account: &str, id: &str) -> Option<ImportPreview> {
        let kept = self.find(account, id)?;
        Some(off_thread(move || preview(&kept)).await)
    }

    /// The policy of an upload, with those of its unknown values that `keep` wants by their
    /// place in the list, and with the rest of a list that is too long for the page if
    /// `keep_rest` says so; and the name of the file.
    pub(crate) fn policy(
        &self,
        account: &str,
        id: &str,
        keep: &dyn Fn(usize) -> bool,
        keep_rest: bool,
    ) -> impl Future<Output = Option<(Policy, String)>> + use<> {
        let kept = self.find(account, id);
        let shown: Vec<bool> = (0..SHOWN_VALUES).map(keep).collect();
        async move {
            let kept = kept?;
            Some(off_thread(move || chosen(&kept, &shown, keep_rest)).await)
        }
    }

    /// Forgets what an account uploaded.
    pub(crate) fn forget(&self, account: &str) {
        self.lock().remove(account);
    }

    fn find(&self, account: &str, id: &str) -> Option<Arc<Kept>> {
        let kept = self.lock();
        kept.get(account).filter(|kept| kept.id == id).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Kept>>> {
        // Whoever panicked left whole entries behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn chosen(kept: &Kept, shown: &[bool], keep_rest: bool) -> (Policy, String) {
    let mut policy = kept.imported.policy.clone();
    let unknown = kept.imported.unknown.iter().enumerate();
    let wanted = unknown.filter(|(at, _)| shown.get(*at).copied().unwrap_or(keep_rest));
    let values = wanted.map(|(_, unknown)| unknown.value.clone());
    policy.other_values.extend(values);
    (policy, kept.file.clone())
}

fn preview(kept: &Kept) -> ImportPreview {
    let imported = &kept.imported;
    let policy = &imported.policy;
    let option = |found: &FoundOption| {
        let option = Catalogue::get().option(found.option.as_str())?;
        Some(ImportedOption {
            id: option.id.to_owned(),
            title: option.title.to_owned(),
            chosen: policy.setting(option.id).to_string(),
            note: found.note.clone(),
            value: value_line(&found.value),
        })
    };
    let unknown = |unknown: &UnknownValue| UnknownLine {
        value: value_line(&unknown.value),
        why: match &unknown.why {
            Unmatched::NotInCatalogue => String::new(),
            known @ Unmatched::Known { .. } => known.to_string(),
        },
    };
    let first = kept.file.split(", ").next().unwrap_or_default();
    let stem = first.rsplit_once('.').map_or(first, |(stem, _)| stem);
    let stem = stem.replace(['/', '\\', '?', '#', '%'], "-");
    let skipped = &imported.skipped;
    let mut notices = imported.notices.clone();
    notices.extend(doubts(policy));
    ImportPreview {
        file: kept.file.clone(),
        name: stem.chars().take(64).collect(),
        options: imported.found.iter().filter_map(option).collect(),
        unknown: imported
            .unknown
            .iter()
            .take(SHOWN_VALUES)
            .map(unknown)
            .collect(),
        more_unknown: count(imported.unknown.len().saturating_sub(SHOWN_VALUES)),
        left_out: lines(&imported.left_out, 0),
        taken_back: lines(&imported.superseded, 0),
        skipped: lines(&skipped.named, skipped.more),
        notices: lines(&notices, 0),
    }
}

/// What to know of the data that the file brought.
fn doubts(policy: &Policy) -> Vec<String> {
    let mut problems = policy.check(Catalogue::get());
    problems.retain(|problem| {
        problem.severity == Severity::Warning
            && matches!(problem.kind, ProblemKind::Form | ProblemKind::ProxyConflict)
    });
    problems.iter().map(ToString::to_string).collect()
}

fn lines<T: Display>(all: &[T], more: usize) -> Lines {
    Lines {
        lines: all.iter().take(SHOWN).map(ToString::to_string).collect(),
        more: count(all.len().saturating_sub(SHOWN) + more),
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
