//! What others changed of a policy since somebody looked at it.

use super::policies::read;
use super::{Admin, internal, revision_number};
use crate::store::{FieldChange, PolicyRow};
use api::{Difference, Error};
use policies::{Change, diff};
use std::collections::HashMap;
use std::sync::Arc;
use web::off_thread;

/// How many fields are told: imported values may have changed by the thousand.
const TOLD: usize = 100;
/// How many of them stand in the sentence of an error.
const NAMED: usize = 3;

/// Fields that changed: the first of them, and how many there are besides.
pub(super) struct Told {
    fields: Vec<FieldChange>,
    more: usize,
}

impl Told {
    /// Each field once.
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut told = Self {
            fields: Vec::new(),
            more: 0,
        };
        let mut known: HashMap<String, Option<usize>> = HashMap::new();
        for change in changes {
            let (field, before, after) = change.told();
            match known.get(&field) {
                // A value that was taken out and put in is one that was changed.
                Some(Some(at)) => {
                    let known = &mut told.fields[*at];
                    for (text, said) in [(&mut known.before, before), (&mut known.after, after)] {
                        if text.is_empty() {
                            *text = said;
                        }
                    }
                }
                Some(None) => {}
                None if told.fields.len() == TOLD => {
                    told.more += 1;
                    known.insert(field, None);
                }
                None => {
                    known.insert(field.clone(), Some(told.fields.len()));
                    told.fields.push(FieldChange {
                        field,
                        before,
                        after,
                    });
                }
            }
        }
        told
    }

    /// As the audit has it.
    pub(super) fn into_changes(self) -> Vec<FieldChange> {
        let mut fields = self.fields;
        if self.more > 0 {
            fields.push(FieldChange {
                field: "…".to_owned(),
                before: String::new(),
                after: format!("and {} more", self.more),
            });
        }
        fields
    }

    /// As it is told to whoever goes by an old revision.
    pub(super) fn into_differences(self, by: &str) -> Vec<Difference> {
        let difference = |it: FieldChange| Difference {
            field: it.field,
            before: it.before,
            after: it.after,
            by: by.to_owned(),
        };
        self.into_changes().into_iter().map(difference).collect()
    }

    fn sentence(&self) -> String {
        let first = self.fields.iter().take(NAMED);
        let first =
            first.map(|it| format!("{} was {:?} and is now {:?}", it.field, it.before, it.after));
        let first = first.collect::<Vec<_>>().join("; ");
        match (self.fields.len() + self.more).saturating_sub(NAMED) {
            0 => first,
            more => format!("{first}; and {more} more"),
        }
    }
}

/// The refusal of a command that goes by an old revision: `hit` is what stands in its way.
pub(super) fn stale(newest: &PolicyRow, hit: &[Change], since: Vec<Difference>) -> Error {
    let message = format!(
        "{} saved revision {} of this policy since you opened it: {}. Look at it as it is now, then make your change.",
        newest.saved_by,
        newest.revision,
        Told::of(hit).sentence()
    );
    Error::Stale { message, since }
}

impl Admin {
    /// Refuses a command on the whole of a policy that goes by an old revision, if anything was
    /// changed since.
    pub(super) async fn refuse_stale(
        &self,
        newest: &Arc<PolicyRow>,
        seen: Option<u32>,
    ) -> Result<(), Error> {
        let Some(seen) = seen.filter(|seen| i64::from(*seen) != newest.revision) else {
            return Ok(());
        };
        let base = self.base(newest, seen).await?;
        let by = self.savers(newest, seen).await?;
        let newest = Arc::clone(newest);
        off_thread(move || {
            let changes = diff(&read(&base)?, &read(&newest)?);
            if changes.is_empty() {
                return Ok(());
            }
            let since = Told::of(&changes).into_differences(&by);
            Err(stale(&newest, &changes, since))
        })
        .await
    }

    /// The revision that somebody goes by.
    pub(super) async fn base(&self, newest: &PolicyRow, seen: u32) -> Result<PolicyRow, Error> {
        let base = self.store.policy_revision(&newest.name, i64::from(seen));
        base.await.map_err(internal)?.ok_or_else(|| Error::Stale {
            message: format!(
                "{} has no revision {seen}; its newest is {}. It may have been deleted and made anew since you opened it. Look at it as it is now, then make your change.",
                newest.name, newest.revision
            ),
            since: Vec::new(),
        })
    }

    /// Who saved it since, the last one first.
    pub(super) async fn savers(&self, newest: &PolicyRow, seen: u32) -> Result<String, Error> {
        let rows = self.store.policy_revisions(&newest.name).await;
        let mut names: Vec<String> = Vec::new();
        for row in rows.map_err(internal)? {
            let since = revision_number(row.revision) > seen && row.revision <= newest.revision;
            if since && !names.contains(&row.saved_by) {
                names.push(row.saved_by);
            }
        }
        Ok(names.join(", "))
    }
}
