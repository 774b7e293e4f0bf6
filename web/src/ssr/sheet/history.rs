//! The revisions of a policy and their differences.

use super::open;
use crate::Problem;
use crate::model::PolicyHistory;
use crate::ssr::off_thread;
use crate::ssr::reader::Reader;
use api::{GetRevision, ListRevisions};
use policies::diff;

/// How many changes a page shows; imported values may have changed by the thousand.
const SHOWN: usize = 200;

/// The history of a policy. Which two are compared: 0 stands for the newest and the one before
/// it.
pub(crate) async fn history(
    reader: &Reader,
    name: String,
    from: u32,
    to: u32,
) -> Result<PolicyHistory, Problem> {
    let asked = ListRevisions { name: name.clone() };
    let revisions = reader.call(asked).await?;
    let newest = revisions.first().map_or(0, |revision| revision.revision);
    let to = if to == 0 { newest } else { to };
    let from = if from == 0 {
        // The first one of a policy that was made anew is not the number 1.
        let mut numbers = revisions.iter().map(|revision| revision.revision);
        numbers.find(|number| *number < to).unwrap_or(0)
    } else {
        from
    };
    let (from, to) = (from.min(to), from.max(to));
    let (changes, more) = if from == 0 || from == to {
        (Vec::new(), 0)
    } else {
        let revision = |number| {
            let name = name.clone();
            reader.call(GetRevision { name, number })
        };
        let (old, new) = (revision(from).await?, revision(to).await?);
        let compared = off_thread(move || {
            let changes = diff(&open(&old)?, &open(&new)?);
            let first = changes.iter().take(SHOWN).map(ToString::to_string);
            let more = u32::try_from(changes.len().saturating_sub(SHOWN)).unwrap_or(u32::MAX);
            Ok::<_, api::Error>((first.collect(), more))
        });
        reader.answer(compared.await)?
    };
    Ok(PolicyHistory {
        name,
        revisions,
        from,
        to,
        changes,
        more,
    })
}
