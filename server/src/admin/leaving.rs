//! Signing users off: their clients hear why, then all that they had ends at once, then everybody
//! hears that they are offline. On the disk it has ended before, in the transaction of the order: so
//! nothing of this can fail.

use super::{Live, internal};
use crate::clock::Random;
use crate::delivery::{Relay, system_message};
use crate::presence::CallBackRef;
use api::LogoffOutcome;
use futures::future::join_all;
use rvp::Alias;
use tokio::task::JoinHandle;

/// Users who are being signed off. It goes on if nobody waits for it.
#[derive(Debug)]
pub(super) struct Leaving(JoinHandle<LogoffOutcome>);

impl Leaving {
    /// Signs users off who are signed on now. Who signs on later is not meant.
    pub(super) fn start(live: &Live, random: Random, aliases: &[Alias], reason: &str) -> Self {
        let sessions = aliases
            .iter()
            .map(|alias| (alias.clone(), live.nodes.begin_to_leave(alias)))
            .collect();
        let (live, reason) = (live.clone(), reason.to_owned());
        Self(tokio::spawn(async move {
            sign_off(&live, random, sessions, &reason).await
        }))
    }

    /// Tells the clients of a user whose account is gone, and their sign-ons with it.
    pub(super) fn of_removed(
        live: &Live,
        random: Random,
        sessions: Vec<CallBackRef>,
        reason: &str,
    ) -> Self {
        let (live, reason) = (live.clone(), reason.to_owned());
        Self(tokio::spawn(async move {
            say_farewell(&live, random, &sessions, &reason).await;
            sessions.iter().for_each(|to| live.delivery.last_word(to));
            LogoffOutcome::default()
        }))
    }

    /// Waits until it is over; says who was signed on.
    pub(super) async fn over(self) -> Result<LogoffOutcome, api::Error> {
        self.0.await.map_err(internal)
    }
}

async fn sign_off(
    live: &Live,
    random: Random,
    leaving: Vec<(Alias, Vec<CallBackRef>)>,
    reason: &str,
) -> LogoffOutcome {
    let farewells = leaving
        .iter()
        .map(|(_, sessions)| say_farewell(live, random, sessions, reason));
    join_all(farewells).await;

    let mut outcome = LogoffOutcome::default();
    let mut commits = Vec::new();
    for (alias, sessions) in &leaving {
        let list = if sessions.is_empty() {
            &mut outcome.not_online
        } else {
            &mut outcome.logged_off
        };
        list.push(alias.to_string());
        // Whose account was deleted meanwhile has no sign-ons left to end.
        if let Some(left) = live.nodes.end_sessions(alias, sessions) {
            live.delivery.tell(left.events);
            left.ended.iter().for_each(|to| live.delivery.last_word(to));
            commits.push(left.commit);
        }
    }
    for commit in commits {
        if let Err(error) = commit.wait().await {
            tracing::debug!(%error, "what was on its way to the disk of an ended sign-on ends later");
        }
    }
    outcome
}

/// Clients leave sign-ons behind: each address hears it once, at the newest.
async fn say_farewell(live: &Live, random: Random, sessions: &[CallBackRef], reason: &str) {
    let mut farewells: Vec<(CallBackRef, Relay)> = Vec::with_capacity(sessions.len());
    for to in sessions.iter().rev() {
        if farewells
            .iter()
            .all(|(newer, _)| newer.address != to.address)
        {
            farewells.push((to.clone(), farewell(random, to, reason)));
        }
    }
    live.delivery.farewell(&farewells).await;
}

fn farewell(random: Random, to: &CallBackRef, reason: &str) -> Relay {
    let text = if reason.is_empty() {
        "You were signed out by an administrator.".to_owned()
    } else {
        format!("You were signed out by an administrator: {reason}")
    };
    system_message(to, &random.guid(), &text)
}
