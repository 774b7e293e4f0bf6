//! The orders of the command line about whom policies count for.

use super::order::{Failure, Reply};
use crate::admin::Admin;
use api::Actor;
use api::Assignment;
use serde::{Deserialize, Serialize};

/// What the command line orders of assignments.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentOrder {
    /// For whom does a policy count?
    Show(String),
    /// Let a policy count for these.
    Assign(String, Assignment),
    /// What counts for a user?
    Effective(String),
    /// Hand out the proxy script of this policy, or none.
    ProxyScript(Option<String>),
}

impl Admin {
    pub(super) async fn carry_out_assignment(
        &self,
        actor: &Actor,
        order: AssignmentOrder,
    ) -> Result<Reply, Failure> {
        Ok(match order {
            AssignmentOrder::Show(name) => Reply::Reach(Box::new(self.policy_reach(&name).await?)),
            AssignmentOrder::Assign(name, assignment) => {
                self.assign_policy(actor, &name, &assignment).await?;
                Reply::Done
            }
            AssignmentOrder::Effective(alias) => {
                Reply::Effective(Box::new(self.effective_policy(&alias).await?))
            }
            AssignmentOrder::ProxyScript(policy) => {
                self.serve_proxy_script(actor, policy.as_deref()).await?;
                Reply::Done
            }
        })
    }
}
