//! Forced logoff, and keeping users out for a while.

use super::leaving::Leaving;
use super::{Admin, internal, invalid, require};
use crate::presence::{Block, MAX_BLOCK_MS};
use api::Role;
use api::{Actor, LogoffOutcome};
use rvp::Alias;
use std::collections::BTreeSet;
use web::backend::{LogoffOrder, LogoffTargets};

/// The longest reason, in characters.
const LONGEST_REASON: usize = 300;

impl Admin {
    /// Logs users off.
    pub async fn logoff(
        &self,
        actor: &Actor,
        order: &LogoffOrder,
    ) -> Result<LogoffOutcome, api::Error> {
        require(actor, Role::Operator)?;
        let live = self.live.as_ref().ok_or_else(|| {
            api::Error::Conflict(
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
            .is_some_and(|m| m == 0 || i64::from(m) * 60_000 > MAX_BLOCK_MS)
        {
            return Err(invalid(
                "block",
                "A block lasts from 1 minute to 7 days; disable the account to keep a user out for longer.",
            ));
        }
        let named = match &order.targets {
            LogoffTargets::All => None,
            LogoffTargets::Aliases(names) => {
                let named = names.iter().map(|name| Self::alias(name));
                Some(named.collect::<Result<BTreeSet<_>, _>>()?)
            }
        };
        let mut change = self.begin(actor).await?;
        let everybody = || live.nodes.signed_on_aliases().into_iter().collect();
        let aliases: Vec<_> = named.unwrap_or_else(everybody).into_iter().collect();
        for alias in &aliases {
            if live.nodes.account(alias).is_none() {
                return Err(api::Error::NotFound(format!(
                    "There is no user {alias}. Nobody was logged off."
                )));
            }
        }
        let block = order.block_minutes.map(|minutes| Block {
            until: change.now + i64::from(minutes) * 60_000,
            reason: reason.into(),
        });
        let names: Vec<_> = aliases.iter().map(Alias::to_string).collect();
        let ended = change.rows.end_sign_ons(&names).await;
        ended.map_err(internal)?;
        if let Some(block) = &block {
            change
                .rows
                .set_block(&names, Some(block.until), Some(reason))
                .await
                .map_err(internal)?;
        }
        let told = order
            .block_minutes
            .map_or(String::new(), |m| format!("blocked for {m} min; "));
        for alias in &aliases {
            change.audit("logoff", alias.as_str(), format!("{told}{reason}"));
        }
        let (random, reason) = (self.random, reason.to_owned());
        let leaving = change
            .commit(move |live| {
                for alias in &aliases {
                    live.nodes.edit_account(alias, |account| {
                        if let Some(block) = block.clone() {
                            account.block = Some(block);
                        }
                    });
                }
                Leaving::start(live, random, &aliases, &reason)
            })
            .await?;
        match leaving {
            Some(leaving) => leaving.over().await,
            None => Ok(LogoffOutcome::default()),
        }
    }
}
