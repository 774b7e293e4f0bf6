//! A policy becomes a new revision. What takes long (reading large ones, merging, checking) is
//! worked out before the turn is taken; if another was faster meanwhile, it is worked out anew.

use super::assignments::Meant;
use super::change::Change;
use super::policies::{no_such_policy, read, summary_of};
use super::policy_draft::Draft;
use super::policy_stale::{Told, stale};
use super::{Admin, internal};
use crate::store::{FieldChange, Noun, PolicyRow, Thing};
use api::{Actor, Difference, Error, SavedPolicy};
use policies::{Policy, diff, merge};
use std::sync::Arc;
use web::off_thread;

/// How often it is tried, while others save the same policy.
const TRIES: usize = 32;

/// What a policy that is to be saved goes by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Basis {
    /// There is none of its name.
    New,
    /// There is none of its name, and whoever imports files can say that it is to be replaced.
    NewOfFiles,
    /// It is there or not; if a revision is named, that is the newest.
    Whatever(Option<u32>),
    /// It is there, with this old revision that is gone back to; if a revision is seen, that is the
    /// newest.
    Back { to: u32, seen: Option<u32> },
    /// What it changes of this revision is changed, and what others changed since stays.
    Merge(u32),
}

/// What is to be written.
struct Plan {
    draft: Arc<Draft>,
    comment: String,
    /// What it changes of the newest revision.
    changes: Vec<FieldChange>,
    merged: Vec<Difference>,
}

impl Admin {
    /// Saves a policy as its newest revision, and lets it count for whom is meant.
    pub(super) async fn put(
        &self,
        actor: &Actor,
        draft: Draft,
        basis: Basis,
        meant: Option<Meant>,
    ) -> Result<SavedPolicy, Error> {
        let draft = Arc::new(draft);
        let name = &draft.policy.name;
        for _ in 0..TRIES {
            let before = self.store.policy(name).await.map_err(internal)?;
            let before = before.map(Arc::new);
            let plan = self.plan(&draft, basis, before.as_ref()).await?;
            let mut change = self.begin(actor).await?;
            let now = change.rows.policy(name).await.map_err(internal)?;
            if now.as_ref() != before.as_deref() {
                continue;
            }
            if let Basis::Back { to, .. } = basis {
                // One that was deleted and made anew meanwhile has no such revision.
                let old = change.rows.policy_revision(name, i64::from(to)).await;
                old.map_err(internal)?.ok_or_else(|| no_such_policy(name))?;
            }
            let saved = change.add_revision(plan, before.as_deref()).await?;
            if let Some(meant) = &meant {
                change.assign(&saved.summary.name, meant, None).await?;
            }
            if change.is_something() {
                change.commit_followed(|_| ()).await?;
            }
            return Ok(saved);
        }
        Err(Error::Conflict(format!(
            "Others save {name} again and again at this moment, and nothing was changed. Try once more."
        )))
    }

    async fn plan(
        &self,
        draft: &Arc<Draft>,
        basis: Basis,
        before: Option<&Arc<PolicyRow>>,
    ) -> Result<Plan, Error> {
        let draft = Arc::clone(draft);
        let Some(newest) = before else {
            return match basis {
                Basis::New | Basis::NewOfFiles | Basis::Whatever(None) => {
                    off_thread(move || Ok(Plan::of(draft, &Policy::default()))).await
                }
                Basis::Whatever(Some(_)) | Basis::Back { .. } | Basis::Merge(_) => {
                    Err(no_such_policy(&draft.policy.name))
                }
            };
        };
        let newest = Arc::clone(newest);
        match basis {
            Basis::New => Err(Error::Conflict(format!(
                "There is a policy {} already. Choose another name.",
                newest.name
            ))),
            Basis::NewOfFiles => Err(Error::Conflict(format!(
                "There is a policy {} already, and nothing was changed. Choose another name, or say that it is to be replaced (--replace, or the box on the page): that makes a new revision of it.",
                newest.name
            ))),
            Basis::Merge(seen) if i64::from(seen) != newest.revision => {
                let base = self.base(&newest, seen).await?;
                let by = self.savers(&newest, seen).await?;
                off_thread(move || Plan::merged(&draft, &base, &newest, &by)).await
            }
            Basis::Merge(_) => off_thread(move || Ok(Plan::of(draft, &read(&newest)?))).await,
            Basis::Whatever(seen) | Basis::Back { seen, .. } => {
                self.refuse_stale(&newest, seen).await?;
                off_thread(move || Ok(Plan::of(draft, &read(&newest)?))).await
            }
        }
    }
}

impl Plan {
    /// The draft in the place of the newest revision.
    fn of(draft: Arc<Draft>, newest: &Policy) -> Self {
        let changes = diff(newest, &draft.policy);
        Self {
            comment: draft.comment.clone(),
            changes: Told::of(&changes).into_changes(),
            merged: Vec::new(),
            draft,
        }
    }

    /// What the draft changes of its base, in the newest revision.
    fn merged(
        draft: &Draft,
        base: &PolicyRow,
        newest: &PolicyRow,
        by: &str,
    ) -> Result<Self, Error> {
        let (was, is) = (read(base)?, read(newest)?);
        let since = Told::of(&diff(&was, &is)).into_differences(by);
        let both = match merge(&was, &is, &draft.policy) {
            Ok(both) => both,
            Err(clashes) => return Err(stale(newest, &clashes, since)),
        };
        let both = Draft::of(both, &draft.comment)?;
        let plan = Self::of(Arc::new(both), &is);
        let with = match newest.revision - base.revision {
            1 => format!("merged with revision {} by {by}", newest.revision),
            _ => format!(
                "merged with revisions {} to {} by {by}",
                base.revision + 1,
                newest.revision
            ),
        };
        let comment = match draft.comment.as_str() {
            _ if plan.changes.is_empty() || since.is_empty() => draft.comment.clone(),
            "" => super::policies::capitalised(&with),
            why => format!("{why} ({with})"),
        };
        Ok(Self {
            comment,
            merged: since,
            ..plan
        })
    }
}

impl Change<'_> {
    /// Adds what is to be written as the newest revision. Where nothing is different, and nothing
    /// was said of it, there is none.
    async fn add_revision(
        &mut self,
        plan: Plan,
        before: Option<&PolicyRow>,
    ) -> Result<SavedPolicy, Error> {
        let Plan {
            draft,
            comment,
            changes,
            merged,
        } = plan;
        if let Some(before) = before
            && changes.is_empty()
            && comment.is_empty()
        {
            return Ok(SavedPolicy {
                summary: summary_of(before, &draft.policy),
                merged,
            });
        }
        let last = match before {
            Some(row) => row.revision,
            None => {
                let ended = self.rows.ended_policy(&draft.policy.name).await;
                ended.map_err(internal)?.unwrap_or(0)
            }
        };
        let row = PolicyRow {
            // The name as it was first typed stays.
            name: before.map_or(&draft.policy.name, |row| &row.name).clone(),
            revision: last + 1,
            policy: draft.json.clone(),
            saved_ms: self.now,
            saved_by: self.actor().name.clone(),
            comment,
        };
        let added = self.rows.add_policy_revision(&row).await;
        added.map_err(internal)?;
        let options = draft.policy.settings.len();
        let mut detail = format!("revision {}, {options} options", row.revision);
        if !row.comment.is_empty() {
            detail.push_str(": ");
            detail.push_str(&row.comment);
        }
        let thing = Thing::new(Noun::Policy, &row.name);
        self.audit_act("policy.save", &row.name, detail, thing, changes);
        Ok(SavedPolicy {
            summary: summary_of(&row, &draft.policy),
            merged,
        })
    }
}
