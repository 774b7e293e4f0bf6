//! Whether what was acknowledged is kept, and is what watchers saw.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::rvp_client::User;
use tests::{Failure, eventually};

use crate::administrator::{Account, Administrator};
use crate::world::{CROWD, World, alias};

/// How long the last notifications may take to arrive after all is quiet.
/// The machine may have more to do than this.
const SETTLING: Duration = Duration::from_secs(90);

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) states: u64,
    pub(crate) sights: u64,
    pub(crate) blocks: u64,
    pub(crate) messages: u64,
    pub(crate) accounts: u64,
    pub(crate) members: u64,
    pub(crate) audited: u64,
}

impl Compared {
    pub(crate) fn all(&self) -> u64 {
        self.states
            + self.sights
            + self.blocks
            + self.messages
            + self.accounts
            + self.members
            + self.audited
    }
}

/// Compares everything; the actors rest meanwhile.
pub(crate) fn compare(
    world: &World,
    administrators: &[Administrator],
    database: &Path,
    compared: &mut Compared,
) -> Result<(), Failure> {
    let states = states(world, compared)?;
    blocks(world, compared)?;
    sights(world, &states, compared)?;
    messages(world, compared)?;
    accounts(world, administrators, compared)?;
    members(world, administrators, compared)?;
    audit(world, administrators, database, compared)
}

/// The state of each client, as the server tells it.
fn states(world: &World, compared: &mut Compared) -> Result<Vec<String>, Failure> {
    let mut all = Vec::with_capacity(world.clients.len());
    for client in &world.clients {
        let name = client.user.alias();
        // A client sees itself whatever it blocks.
        let state = client.user.state_of(name)?;
        compared.states += 1;
        let mut model = client.model();
        let known = model.state.clone();
        let candidate = known.candidates().find(|it| **it == state).copied();
        match candidate {
            Some(state) => _ = model.state.found(&state),
            None => world.fault(format!("{name} is {state}, and can only be {known:?}")),
        }
        all.push(state);
    }
    Ok(all)
}

fn blocks(world: &World, compared: &mut Compared) -> Result<(), Failure> {
    for client in &world.clients {
        let name = client.user.alias();
        let list = blocked_by(&client.user)?;
        let mut model = client.model();
        for (&place, known) in &mut model.blocks {
            compared.blocks += 1;
            let found = list.contains(&alias(place));
            let before = known.clone();
            if !known.found(&found) {
                world.fault(format!(
                    "that {name} blocks {} is {found}, and can only be {before:?}",
                    alias(place)
                ));
            }
        }
    }
    Ok(())
}

/// The aliases that a list denies to send.
fn blocked_by(user: &User) -> Result<BTreeSet<String>, Failure> {
    let list = user.expect(200, &user.request("ACL", user.alias()))?.text();
    let denied = |entry: &str| {
        let (_, rest) = entry.split_once("/instmsg/aliases/")?;
        let alias = rest.split('<').next()?;
        let (_, denied) = entry.split_once("<a:deny>")?;
        denied.contains("<a:send-to").then(|| alias.to_owned())
    };
    Ok(list.split("<a:ace>").filter_map(denied).collect())
}

/// What each watcher thinks of each contact that it watches.
fn sights(world: &World, states: &[String], compared: &mut Compared) -> Result<(), Failure> {
    let wrong = || {
        let mut wrong = Vec::new();
        let mut looked = 0;
        for (place, watcher) in world.clients.iter().enumerate() {
            let Some(watched) = watcher.model().watches.clone() else {
                continue;
            };
            let heard = watcher.call_back.heard();
            for contact in watched {
                looked += 1;
                let blocked = world.clients[contact].model().blocks.get(&place).cloned();
                let blocked = blocked.is_some_and(|it| it.certain() == Some(&true));
                let wanted = if blocked { "offline" } else { &states[contact] };
                let name = alias(contact);
                let seen = heard.states.get(&name).map(|(state, _)| state.clone());
                let seen = seen.unwrap_or_default();
                if seen != wanted {
                    wrong.push(format!(
                        "{} thinks that {name} is {seen:?}, it is {wanted}",
                        alias(place)
                    ));
                }
            }
        }
        (wrong, looked)
    };
    let waited = eventually(SETTLING, "the last notifications", || {
        let (wrong, looked) = wrong();
        Ok(wrong.is_empty().then_some(looked))
    });
    match waited {
        Ok(looked) => compared.sights += looked,
        Err(Failure::TimedOut { .. }) => {
            let (wrong, looked) = wrong();
            compared.sights += looked;
            for it in wrong {
                world.fault(it);
            }
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

fn messages(world: &World, compared: &mut Compared) -> Result<(), Failure> {
    for client in &world.clients {
        let promised = std::mem::take(&mut *client.promised());
        compared.messages += promised.len() as u64;
        let mut heard = client.call_back.heard();
        for message in promised {
            if !heard.messages.contains(&message) {
                world.fault(format!("{} never got {message}", client.user.alias()));
            }
        }
        heard.messages.clear();
    }
    Ok(())
}

fn json(world: &World, arguments: &[&str]) -> Result<Value, Failure> {
    let output = world.command(arguments, "")?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Failure::Unexpected(format!("{arguments:?} gave no JSON: {error}; {complaint}"))
    })
}

fn accounts(
    world: &World,
    administrators: &[Administrator],
    compared: &mut Compared,
) -> Result<(), Failure> {
    let listed = json(world, &["user", "list", "--json"])?;
    let listed: BTreeMap<_, _> = listed
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| Some((it["alias"].as_str()?, it["enabled"].as_bool()?)))
        .collect();
    for administrator in administrators {
        for (name, known) in &mut administrator.deeds().accounts {
            compared.accounts += 1;
            let enabled = listed.get(name.as_str()).copied();
            let fits = |it: &&Option<Account>| match (it, enabled) {
                (None, None) => true,
                (Some(account), Some(enabled)) => {
                    account.enabled == enabled
                        // Who is disabled cannot prove a password.
                        && (!enabled || signs_in(&world.witness, name, &account.password))
                }
                _ => false,
            };
            let candidate = known.candidates().find(fits).cloned();
            match candidate {
                Some(found) => _ = known.found(&found),
                None => world.fault(format!(
                    "the account {name} is {enabled:?} (enabled), and can only be {known:?}"
                )),
            }
        }
    }
    Ok(())
}

fn signs_in(witness: &User, alias: &str, password: &str) -> bool {
    let user = User::new(witness.server(), alias, password);
    let found = user.find(alias, "<d:prop><d:displayname/></d:prop>");
    found.is_ok_and(|it| it.status == 207)
}

fn members(
    world: &World,
    administrators: &[Administrator],
    compared: &mut Compared,
) -> Result<(), Failure> {
    let shown = json(world, &["group", "show", CROWD, "--json"])?;
    let shown: BTreeSet<_> = shown["members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["alias"].as_str())
        .collect();
    for administrator in administrators {
        for (&place, known) in &mut administrator.deeds().members {
            compared.members += 1;
            let found = shown.contains(alias(place).as_str());
            let before = known.clone();
            if !known.found(&found) {
                world.fault(format!(
                    "that {} is in the group is {found}, and can only be {before:?}",
                    alias(place)
                ));
            }
        }
    }
    Ok(())
}

/// Each order that was acknowledged has its entry, and none has one that was refused.
fn audit(
    world: &World,
    administrators: &[Administrator],
    database: &Path,
    compared: &mut Compared,
) -> Result<(), Failure> {
    let output = Command::new("sqlite3")
        .args(["-readonly", "-separator", "\t"])
        .arg(database)
        .arg("SELECT action, target, count(*) FROM audit GROUP BY action, target")
        .output()
        .map_err(Failure::io("running sqlite3"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let entries: BTreeMap<_, u32> = text
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let key = (columns.next()?, columns.next()?);
            Some((key, columns.next()?.parse().ok()?))
        })
        .collect();
    for administrator in administrators {
        for ((action, target), (sure, perhaps)) in &administrator.deeds().audited {
            compared.audited += 1;
            let found = entries
                .get(&(*action, target.as_str()))
                .copied()
                .unwrap_or(0);
            if !(*sure..=sure + perhaps).contains(&found) {
                world.fault(format!(
                    "{action} of {target} has {found} entries in the audit: {sure} were \
                     acknowledged, {perhaps} had no answer"
                ));
            }
        }
    }
    Ok(())
}
