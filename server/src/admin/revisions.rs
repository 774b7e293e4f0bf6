//! The revisions of a policy: what there is, what each was, and going back to one.

use super::policies::{no_such_policy, read, view};
use super::policy_draft::Draft;
use super::policy_save::Basis;
use super::registry::Handle;
use super::{Admin, internal, invalid, revision_number};
use crate::store::{PolicyRow, RevisionRow};
use api::{
    Actor, Error, GetRevision, ListRevisions, Millis, PolicyRevision, PolicySummary, PolicyView,
    RevertPolicy,
};
use web::off_thread;

impl Handle<ListRevisions> for Admin {
    async fn handle(&self, _: &Actor, asked: ListRevisions) -> Result<Vec<PolicyRevision>, Error> {
        let rows = self.store.policy_revisions(asked.name.trim()).await;
        let rows = rows.map_err(internal)?;
        if rows.is_empty() {
            return Err(no_such_policy(&asked.name));
        }
        Ok(rows.into_iter().map(revision).collect())
    }
}

impl Handle<GetRevision> for Admin {
    async fn handle(&self, _: &Actor, asked: GetRevision) -> Result<PolicyView, Error> {
        let row = self.revision_row(&asked.name, asked.number).await?;
        off_thread(move || view(row)).await
    }
}

impl Handle<RevertPolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: RevertPolicy) -> Result<PolicySummary, Error> {
        let newest = self.policy_row(&order.name).await?;
        let number = order.number;
        if i64::from(number) == newest.revision {
            return Err(invalid(
                "number",
                format!("Revision {number} is the newest already. Name an older one."),
            ));
        }
        let old = self.revision_row(&newest.name, number).await?;
        let draft = off_thread(move || {
            let mut policy = read(&old)?;
            // The name as it is spelled now: an old spelling of it is not what is gone back to.
            policy.name = read(&newest)?.name;
            Draft::of(policy, &format!("Back to revision {number}"))
        })
        .await?;
        let basis = Basis::Back {
            to: number,
            seen: order.revision,
        };
        let saved = self.put(actor, draft, basis, None).await?;
        Ok(saved.summary)
    }
}

impl Admin {
    async fn revision_row(&self, name: &str, number: u32) -> Result<PolicyRow, Error> {
        let row = self.store.policy_revision(name.trim(), i64::from(number));
        match row.await.map_err(internal)? {
            Some(row) => Ok(row),
            None => {
                // Of the two that may be missing, name the one that is.
                self.policy_row(name).await?;
                Err(Error::NotFound(format!(
                    "{name} has no revision {number}. Its history lists those it has."
                )))
            }
        }
    }
}

fn revision(row: RevisionRow) -> PolicyRevision {
    PolicyRevision {
        revision: revision_number(row.revision),
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by,
        comment: row.comment,
    }
}
