//! The revisions of a policy and their differences.

use super::open;
use crate::backend::Backend;
use crate::model::PolicyHistory;
use crate::ssr::off_thread;
use policies::diff;

/// How many changes a page shows; imported values may have changed by the thousand.
const SHOWN: usize = 200;

/// The history of a policy. Which two are compared: 0 stands for the newest and the one before
/// it.
pub(crate) async fn history(
    backend: &dyn Backend,
    name: &str,
    from: u32,
    to: u32,
) -> Result<PolicyHistory, api::Error> {
    let revisions = backend.policy_revisions(name).await?;
    let newest = revisions.first().map_or(0, |revision| revision.revision);
    let to = if to == 0 { newest } else { to };
    let from = if from == 0 {
        to.saturating_sub(1)
    } else {
        from
    };
    let (from, to) = (from.min(to), from.max(to));
    let (changes, more) = if from == 0 || from == to {
        (Vec::new(), 0)
    } else {
        let old = backend.policy_revision(name, from).await?;
        let new = backend.policy_revision(name, to).await?;
        off_thread(move || {
            let changes = diff(&open(&old)?, &open(&new)?);
            let first = changes.iter().take(SHOWN).map(ToString::to_string);
            let more = u32::try_from(changes.len().saturating_sub(SHOWN)).unwrap_or(u32::MAX);
            Ok::<_, api::Error>((first.collect(), more))
        })
        .await?
    };
    Ok(PolicyHistory {
        name: name.to_owned(),
        revisions,
        from,
        to,
        changes,
        more,
    })
}
