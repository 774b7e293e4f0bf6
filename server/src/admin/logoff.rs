//! Forced logoff, and keeping users out for a while.

use super::change::field;
use super::leaving::Leaving;
use super::registry::Handle;
use super::users::thing;
use super::{Admin, internal, invalid};
use crate::presence::{Block, MAX_BLOCK_MS};
use api::{Actor, Error, Logoff, LogoffOutcome};
use rvp::Alias;
use std::collections::BTreeSet;

/// The longest reason, in characters: it has to fit into a message on a client of 2002.
const MAX_REASON: usize = 200;

impl Handle<Logoff> for Admin {
    async fn handle(&self, actor: &Actor, order: Logoff) -> Result<LogoffOutcome, Error> {
        let named = named(&order)?;
        let reason = order.reason.trim();
        if reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
            return Err(invalid(
                "reason",
                "The reason is too long for the client's window, or more than one line. Use one line of at most 200 characters.",
            ));
        }
        if order
            .block_minutes
            .is_some_and(|m| m == 0 || i64::from(m) * 60_000 > MAX_BLOCK_MS)
        {
            return Err(invalid(
                "block_minutes",
                "A block lasts from 1 minute to 7 days; disable the account to keep a user out for longer.",
            ));
        }
        let live = self.live.as_ref().ok_or_else(|| {
            Error::Conflict(
                "No server runs on this data directory, so nobody is signed on. Start it with `rollcall serve`.".into(),
            )
        })?;
        let mut change = self.begin(actor).await?;
        let everybody = || live.nodes.signed_on_aliases().into_iter().collect();
        let aliases: Vec<_> = named.unwrap_or_else(everybody).into_iter().collect();
        for alias in &aliases {
            if live.nodes.account(alias).is_none() {
                return Err(Error::NotFound(format!(
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
        let (target, members) = match names.as_slice() {
            [one] => (one.clone(), String::new()),
            several => (
                format!("{} users", several.len()),
                format!(": {}", several.join(" ")),
            ),
        };
        let detail = format!("{told}{reason}{members}");
        if let Some(minutes) = order.block_minutes {
            let said = format!("for {minutes} min");
            let blocked = field("blocked", "no", &said);
            let each = |alias| (thing(alias), blocked.clone().into_iter().collect());
            let things = aliases.iter().map(each).collect();
            change.audit_changes("logoff", &target, detail, things);
        } else if !names.is_empty() {
            change.audit("logoff", &target, detail);
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

/// Who is named; none: everybody.
fn named(order: &Logoff) -> Result<Option<BTreeSet<Alias>>, Error> {
    match (order.all, order.aliases.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => {
            let named = order.aliases.iter().map(|name| Admin::alias(name));
            Ok(Some(named.collect::<Result<_, _>>()?))
        }
        (false, true) => Err(invalid(
            "aliases",
            "Nobody is chosen. Name users, or say that all are meant.",
        )),
        (true, false) => Err(invalid(
            "aliases",
            "Users are named, and all are meant, too. Say one or the other.",
        )),
    }
}
