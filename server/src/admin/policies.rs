//! Client policies: what there is, making, saving and deleting.

use super::assignments::{Meant, kept};
use super::change::Change;
use super::policy_draft::Draft;
use super::policy_save::Basis;
use super::registry::Handle;
use super::{Admin, internal, invalid, revision_number};
use crate::store::{FieldChange, Noun, PolicyRow, Thing};
use api::{
    Actor, CreatePolicy, DeletePolicy, Done, Error, GetPolicy, ImportPolicy, ListPolicies, Millis,
    PolicyDocument, PolicySummary, PolicyView, SavePolicy, SavedPolicy,
};
use policies::Policy;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::sync::Arc;
use web::off_thread;

impl Handle<ListPolicies> for Admin {
    async fn handle(&self, _: &Actor, _: ListPolicies) -> Result<Vec<PolicySummary>, Error> {
        let rows = self.store.policies().await.map_err(internal)?;
        off_thread(move || rows.iter().map(summary).collect()).await
    }
}

impl Handle<GetPolicy> for Admin {
    async fn handle(&self, _: &Actor, asked: GetPolicy) -> Result<PolicyView, Error> {
        let row = self.policy_row(&asked.name).await?;
        off_thread(move || view(row)).await
    }
}

impl Handle<CreatePolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: CreatePolicy) -> Result<PolicySummary, Error> {
        let draft = Draft::read(order.policy, order.comment, None).await?;
        let meant = Meant::whole(&order.assignment)?;
        let saved = self.put(actor, draft, Basis::New, Some(meant)).await?;
        Ok(saved.summary)
    }
}

impl Handle<ImportPolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: ImportPolicy) -> Result<PolicySummary, Error> {
        let basis = match (order.replace, order.revision) {
            (true, seen) => Basis::Whatever(seen),
            (false, None) => Basis::NewOfFiles,
            (false, Some(_)) => {
                return Err(invalid(
                    "revision",
                    "A revision is named, and nothing is to be replaced. Say that it is, or leave the revision out.",
                ));
            }
        };
        let draft = Draft::read(order.policy, order.comment, None).await?;
        let meant = order.assignment.as_ref().map(Meant::whole).transpose()?;
        let saved = self.put(actor, draft, basis, meant).await?;
        Ok(saved.summary)
    }
}

impl Handle<SavePolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: SavePolicy) -> Result<SavedPolicy, Error> {
        if order.revision == 0 {
            return Err(invalid(
                "revision",
                "Say which revision the change goes by: what GET gave as ETag, in If-Match, or its number in the field revision.",
            ));
        }
        let draft = Draft::read(order.policy, order.comment, Some(order.name)).await?;
        self.put(actor, draft, Basis::Merge(order.revision), None)
            .await
    }
}

impl Handle<DeletePolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: DeletePolicy) -> Result<Done, Error> {
        loop {
            let seen = Arc::new(self.policy_row(&order.name).await?);
            self.refuse_stale(&seen, order.revision).await?;
            let mut change = self.begin(actor).await?;
            let newest = change.policy_named(&order.name).await?;
            // Without a revision it does not matter which one is gone.
            if order.revision.is_some() && newest != *seen {
                continue;
            }
            change.delete(&newest).await?;
            change.commit_followed(|_| ()).await?;
            return Ok(Done {});
        }
    }
}

impl Admin {
    pub(super) async fn policy_row(&self, name: &str) -> Result<PolicyRow, Error> {
        let found = self.store.policy(name.trim()).await.map_err(internal)?;
        found.ok_or_else(|| no_such_policy(name))
    }
}

impl Change<'_> {
    /// The newest revision of a policy.
    pub(super) async fn policy_named(&mut self, name: &str) -> Result<PolicyRow, Error> {
        let found = self.rows.policy(name.trim()).await.map_err(internal)?;
        found.ok_or_else(|| no_such_policy(name))
    }

    async fn delete(&mut self, policy: &PolicyRow) -> Result<(), Error> {
        let name = &policy.name;
        let rows = self.rows.assignments().await.map_err(internal)?;
        let counted = kept(rows, name, &self.groups().await?);
        let removed = self.rows.remove_policy(name).await;
        removed.map_err(internal)?;
        // It counts for nobody any more, whatever becomes of its name.
        let counts_for = |(field, before): (&str, String)| FieldChange {
            field: field.to_owned(),
            before,
            after: String::new(),
        };
        let gone = counted.fields().into_iter().map(counts_for).collect();
        let detail = format!(
            "with all revisions to {}; it counted for {}",
            policy.revision,
            counted.words()
        );
        let thing = Thing::new(Noun::Assignment, name);
        self.audit_act("policy.delete", name, detail, thing, gone);
        Ok(())
    }
}

pub(super) fn no_such_policy(name: &str) -> Error {
    Error::NotFound(format!("There is no policy {name}."))
}

/// The policy of a row. It may take a while.
pub(super) fn read(row: &PolicyRow) -> Result<Policy, Error> {
    serde_json::from_str(&row.policy).map_err(internal)
}

/// A policy, opened. It may take a while.
pub(super) fn view(row: PolicyRow) -> Result<PolicyView, Error> {
    Ok(PolicyView {
        summary: summary(&row)?,
        policy: PolicyDocument::of_json(row.policy).map_err(internal)?,
    })
}

/// As much of a policy as the list shows. Its values are passed over.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    description: String,
    #[serde(default)]
    settings: HashMap<String, IgnoredAny>,
}

fn summary(row: &PolicyRow) -> Result<PolicySummary, Error> {
    let outline: Outline = serde_json::from_str(&row.policy).map_err(internal)?;
    Ok(summarised(row, outline.description, outline.settings.len()))
}

pub(super) fn summary_of(row: &PolicyRow, policy: &Policy) -> PolicySummary {
    summarised(row, policy.description.clone(), policy.settings.len())
}

fn summarised(row: &PolicyRow, description: String, settings: usize) -> PolicySummary {
    PolicySummary {
        name: row.name.clone(),
        description,
        settings: super::list::small(settings),
        revision: revision_number(row.revision),
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by.clone(),
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
