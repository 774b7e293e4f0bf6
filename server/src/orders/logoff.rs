//! Forced logoff: the client hears why, then all that it had ends at once and stays ended.

use super::{Orders, internal, invalid, require};
use crate::delivery::{Relay, system_message};
use crate::presence::{Block, CallBackRef, Refused};
use futures::future::join_all;
use rvp::Alias;
use web::backend::{Actor, BackendError, LogoffOrder, LogoffOutcome, LogoffTargets};
use web::model::Role;

/// The longest block, in minutes: a week. Who is to stay out longer is disabled.
const LONGEST_BLOCK: u32 = 7 * 24 * 60;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 300;

impl Orders {
    /// Logs users off.
    pub async fn logoff(
        &self,
        actor: &Actor,
        order: &LogoffOrder,
    ) -> Result<LogoffOutcome, BackendError> {
        require(actor, Role::Operator)?;
        let live = self.live.as_ref().ok_or_else(|| {
            BackendError::Conflict(
                "No server runs on this data directory, so nobody is signed on.".into(),
            )
        })?;
        let reason = order.reason.trim();
        if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
            return Err(invalid(
                "reason",
                "The reason must be one line of at most 300 characters.",
            ));
        }
        if order
            .block_minutes
            .is_some_and(|m| m == 0 || m > LONGEST_BLOCK)
        {
            return Err(invalid(
                "block",
                "A block lasts from 1 minute to 7 days; disable the account to keep a user out for longer.",
            ));
        }
        let aliases = match &order.targets {
            LogoffTargets::All => live.nodes.signed_on_aliases(),
            LogoffTargets::Aliases(names) => names
                .iter()
                .map(|n| Self::alias(n))
                .collect::<Result<Vec<_>, _>>()?,
        };
        for alias in &aliases {
            if live.nodes.account(alias).is_none() {
                return Err(BackendError::NotFound(format!(
                    "There is no user {alias}. Nobody was logged off."
                )));
            }
        }
        if let Some(minutes) = order.block_minutes {
            self.block(&aliases, minutes, reason).await?;
        }
        let outcome = self.end_sessions(&aliases, reason).await?;
        let block = order
            .block_minutes
            .map_or(String::new(), |m| format!("blocked for {m} min; "));
        for alias in outcome.logged_off.iter().chain(&outcome.not_online) {
            self.audit(actor, "logoff", alias, format!("{block}{reason}"))
                .await?;
        }
        Ok(outcome)
    }

    /// Keeps users out from now on.
    async fn block(
        &self,
        aliases: &[Alias],
        minutes: u32,
        reason: &str,
    ) -> Result<(), BackendError> {
        let until = self.clock.now_ms() + i64::from(minutes) * 60_000;
        for alias in aliases {
            self.store
                .set_block(alias.as_str(), Some(until), Some(reason))
                .await
                .map_err(internal)?;
            if let Some(live) = &self.live {
                let block = Block {
                    until,
                    reason: reason.into(),
                };
                live.nodes
                    .edit_account(alias, |account| account.block = Some(block));
            }
        }
        Ok(())
    }

    /// Ends what these users have: their clients get a message that says why, then views and
    /// sign-ons end, then everybody (they themselves, too) hears that they are offline.
    pub(super) async fn end_sessions(
        &self,
        aliases: &[Alias],
        reason: &str,
    ) -> Result<LogoffOutcome, BackendError> {
        let Some(live) = &self.live else {
            return Ok(LogoffOutcome::default());
        };
        let farewells = aliases.iter().map(|alias| async {
            let to = live.nodes.call_backs(alias);
            let farewell: Vec<_> = to
                .iter()
                .map(|to| (to.clone(), self.farewell(to, reason)))
                .collect();
            live.delivery.farewell(&farewell).await;
        });
        join_all(farewells).await;

        let mut outcome = LogoffOutcome::default();
        let mut changes = Vec::new();
        for alias in aliases {
            let (ended, effects) =
                live.nodes
                    .end_sessions(alias)
                    .map_err(|refused| match refused {
                        Refused::Unsaved => internal(&refused),
                        refused => BackendError::NotFound(format!("{refused}.")),
                    })?;
            let list = if ended.is_empty() {
                &mut outcome.not_online
            } else {
                &mut outcome.logged_off
            };
            list.push(alias.to_string());
            changes.push((ended, effects));
        }
        for (ended, effects) in changes {
            // Who is not logged off for good is not told so.
            live.delivery.tell(effects.saved().await.map_err(internal)?);
            ended.iter().for_each(|to| live.delivery.last_word(to));
        }
        Ok(outcome)
    }

    fn farewell(&self, to: &CallBackRef, reason: &str) -> Relay {
        let text = if reason.is_empty() {
            "You were signed out by an administrator.".to_owned()
        } else {
            format!("You were signed out by an administrator: {reason}")
        };
        system_message(to, &self.random.guid(), &text)
    }
}
