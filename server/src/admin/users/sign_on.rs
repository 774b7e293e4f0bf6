//! Whether and with what somebody may sign on.

use super::thing;
use crate::admin::change::field;
use crate::admin::leaving::Leaving;
use crate::admin::registry::Handle;
use crate::admin::{Admin, Live, internal, no_such_user};
use crate::store::StoreError;
use api::{Actor, DisableUser, Done, EnableUser, Error, SetPassword, UnblockUser};

impl Handle<EnableUser> for Admin {
    async fn handle(&self, actor: &Actor, order: EnableUser) -> Result<Done, Error> {
        self.enable(actor, &order.alias, true).await
    }
}

impl Handle<DisableUser> for Admin {
    async fn handle(&self, actor: &Actor, order: DisableUser) -> Result<Done, Error> {
        self.enable(actor, &order.alias, false).await
    }
}

impl Handle<SetPassword> for Admin {
    async fn handle(&self, actor: &Actor, order: SetPassword) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let missing = || no_such_user(alias.as_str())(StoreError::Missing);
        let before = self.store.user(alias.as_str()).await.map_err(internal)?;
        let spelled = before.ok_or_else(missing)?.spelled;
        let verifiers = self.sealed(&alias, &spelled, order.password.expose())?;
        let generation = self.generation();
        let mut change = self.begin(actor).await?;
        // They are made for the alias as it is spelled: by now it may be another account's.
        if change.user(&alias).await?.spelled != spelled {
            return Err(Error::Conflict(format!(
                "{alias} was deleted and made anew meanwhile. Look at the account, then try again."
            )));
        }
        change
            .rows
            .set_verifiers(alias.as_str(), &verifiers, Some(generation))
            .await
            .map_err(no_such_user(alias.as_str()))?;
        let said = field("password", "", "changed").into_iter().collect();
        change.audit_change("user.password", alias.as_str(), thing(&alias), said);
        let set = move |live: &Live| {
            live.nodes.edit_account(&alias, |account| {
                account.verifiers = verifiers.into();
                account.generation = generation;
            });
        };
        change.commit(set).await?;
        Ok(Done {})
    }
}

impl Handle<UnblockUser> for Admin {
    async fn handle(&self, actor: &Actor, order: UnblockUser) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let mut change = self.begin(actor).await?;
        let before = change.user(&alias).await?;
        let now = change.now;
        if before.blocked_until_ms.is_none_or(|until| until <= now) {
            return Ok(Done {});
        }
        change
            .rows
            .set_block(&[alias.to_string()], None, None)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        let said = field("blocked", "yes", "no").into_iter().collect();
        change.audit_change("user.unblock", alias.as_str(), thing(&alias), said);
        let lift = move |live: &Live| {
            live.nodes
                .edit_account(&alias, |account| account.block = None);
        };
        change.commit(lift).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// Lets an account sign on, or not; one that may not is signed off at once.
    async fn enable(&self, actor: &Actor, alias: &str, enabled: bool) -> Result<Done, Error> {
        let alias = Self::alias(alias)?;
        let generation = self.generation();
        let mut change = self.begin(actor).await?;
        if change.user(&alias).await?.enabled == enabled {
            return Ok(Done {});
        }
        let now = Some((enabled, generation));
        let edited = change.rows.edit_user(alias.as_str(), None, None, now);
        edited.await.map_err(no_such_user(alias.as_str()))?;
        if !enabled {
            let ended = change.rows.end_sign_ons(&[alias.to_string()]).await;
            ended.map_err(internal)?;
        }
        let (action, before, after) = match enabled {
            true => ("user.enable", "no", "yes"),
            false => ("user.disable", "yes", "no"),
        };
        let said = field("enabled", before, after).into_iter().collect();
        change.audit_change(action, alias.as_str(), thing(&alias), said);
        let random = self.random;
        let leaving = change
            .commit(move |live| {
                live.nodes.edit_account(&alias, |account| {
                    account.enabled = enabled;
                    account.generation = generation;
                });
                (!enabled)
                    .then(|| Leaving::start(live, random, &[alias], "Your account was disabled."))
            })
            .await?;
        if let Some(leaving) = leaving.flatten() {
            leaving.over().await?;
        }
        Ok(Done {})
    }
}
