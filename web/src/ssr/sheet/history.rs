//! The revisions of a policy and their differences.

use super::open;
use crate::backend::{Backend, BackendError};
use crate::model::PolicyHistory;
use policies::diff;

/// The history of a policy. Which two are compared: 0 stands for the newest and the one before
/// it.
pub(crate) async fn history(
    backend: &dyn Backend,
    name: &str,
    from: u32,
    to: u32,
) -> Result<PolicyHistory, BackendError> {
    let revisions = backend.policy_revisions(name).await?;
    let newest = revisions.first().map_or(0, |revision| revision.revision);
    let to = if to == 0 { newest } else { to };
    let from = if from == 0 {
        to.saturating_sub(1)
    } else {
        from
    };
    let (from, to) = (from.min(to), from.max(to));
    let changes = if from == 0 || from == to {
        Vec::new()
    } else {
        let old = open(&backend.policy_revision(name, from).await?)?;
        let new = open(&backend.policy_revision(name, to).await?)?;
        let changes = diff(&old, &new);
        changes.iter().map(ToString::to_string).collect()
    };
    Ok(PolicyHistory {
        name: name.to_owned(),
        revisions,
        from,
        to,
        changes,
    })
}
