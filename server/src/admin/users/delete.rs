//! The end of an account.

use super::thing;
use crate::admin::change::field;
use crate::admin::leaving::Leaving;
use crate::admin::registry::Handle;
use crate::admin::{Admin, no_such_user};
use api::{Actor, DeleteUser, Done, Error};

impl Handle<DeleteUser> for Admin {
    async fn handle(&self, actor: &Actor, order: DeleteUser) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let mut change = self.begin(actor).await?;
        let before = change.user(&alias).await?;
        let thing = thing(&alias);
        change.check_revision(&thing, order.revision, &[]).await?;
        let removed = change.rows.remove_user(alias.as_str()).await;
        removed.map_err(no_such_user(alias.as_str()))?;
        let gone = [
            field("alias", &before.spelled, ""),
            field("display_name", &before.display_name, ""),
            field("email", &before.email, ""),
        ];
        let gone = gone.into_iter().flatten().collect();
        change.audit_change("user.delete", alias.as_str(), thing, gone);
        let random = self.random;
        let (removed, turn) = change
            .commit_in_turn(move |live| {
                let removed = live.nodes.remove_account(&alias)?;
                live.delivery.tell(removed.events);
                let why = "Your account was deleted.";
                let leaving = Leaving::of_removed(live, random, removed.sessions, why);
                Some((leaving, removed.commit))
            })
            .await?;
        let Some((leaving, commit)) = removed.flatten() else {
            return Ok(Done {});
        };
        // What was still to be written of the user is over before the alias can be made anew.
        if let Err(error) = commit.wait().await {
            tracing::warn!(%error, "what is left of a deleted user ends at the next start");
        }
        drop(turn);
        leaving.over().await?;
        Ok(Done {})
    }
}
