//! Files that were uploaded and wait for their owner to say what to keep of them: one for each
//! account, forgotten when the next one comes, when it is saved, and when the server ends.

use crate::model::{ImportPreview, ImportedOption};
use crate::ssr::sheet::value_line;
use policies::{Catalogue, Imported, Policy, RegistryValue};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Mutex<BTreeMap<String, Kept>>);

#[derive(Clone, Debug)]
struct Kept {
    id: String,
    file: String,
    imported: Imported,
}

impl Uploads {
    /// Keeps what an account uploaded, instead of what it uploaded before.
    pub(crate) fn keep(&self, account: &str, id: String, file: String, imported: Imported) {
        let kept = Kept { id, file, imported };
        self.lock().insert(account.to_owned(), kept);
    }

    /// What an account uploaded under this number, for its page.
    pub(crate) fn preview(&self, account: &str, id: &str) -> Option<ImportPreview> {
        self.find(account, id).map(|kept| preview(&kept))
    }

    /// The policy of an upload, with those of its unknown values that `keep` wants by their
    /// place in the list; and the name of the file.
    pub(crate) fn policy(
        &self,
        account: &str,
        id: &str,
        keep: impl Fn(usize) -> bool,
    ) -> Option<(Policy, String)> {
        let kept = self.find(account, id)?;
        let mut policy = kept.imported.policy;
        let unknown = kept.imported.unknown.into_iter().enumerate();
        policy
            .other_values
            .extend(unknown.filter(|(at, _)| keep(*at)).map(|(_, value)| value));
        Some((policy, kept.file))
    }

    /// Forgets what an account uploaded.
    pub(crate) fn forget(&self, account: &str) {
        self.lock().remove(account);
    }

    fn find(&self, account: &str, id: &str) -> Option<Kept> {
        let kept = self.lock();
        kept.get(account).filter(|kept| kept.id == id).cloned()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Kept>> {
        // Whoever panicked left whole entries behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn preview(kept: &Kept) -> ImportPreview {
    let Imported {
        policy,
        unknown,
        left_out,
    } = &kept.imported;
    let values = policy.values(Catalogue::get());
    let option = |value: &RegistryValue| {
        let id = value.option.as_ref()?;
        let option = Catalogue::get().option(id.as_str())?;
        Some(ImportedOption {
            id: option.id.to_owned(),
            title: option.title.to_owned(),
            chosen: policy.setting(option.id).to_string(),
            value: value_line(value),
        })
    };
    let stem = kept
        .file
        .rsplit_once('.')
        .map_or(kept.file.as_str(), |(stem, _)| stem);
    ImportPreview {
        file: kept.file.clone(),
        name: stem.chars().take(64).collect(),
        options: values.iter().filter_map(option).collect(),
        unknown: unknown.iter().map(value_line).collect(),
        left_out: left_out.clone(),
    }
}
