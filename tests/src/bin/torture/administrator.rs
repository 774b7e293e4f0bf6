//! An administrator at the command line, with accounts and a group of their own, and one group
//! that all of them change at the same time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use tests::Failure;
use tests::random::Random;

use crate::known::{Known, Outcome};
use crate::world::{CROWD, World, alias, lock};

/// Accounts of each administrator.
const ACCOUNTS: u64 = 4;

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) enabled: bool,
    pub(crate) password: String,
}

/// What an administrator knows of what they did.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    /// By alias; the inner `None`: there is no such account.
    pub(crate) accounts: BTreeMap<String, Known<Option<Account>>>,
    /// By place of a client: whether it is in the group of all.
    pub(crate) members: BTreeMap<usize, Known<bool>>,
    /// By action and target: orders that were acknowledged, and those that had no answer.
    pub(crate) audited: BTreeMap<(&'static str, String), (u32, u32)>,
}

/// One administrator.
#[derive(Debug, Default)]
pub(crate) struct Administrator(Mutex<Deeds>);

impl Administrator {
    pub(crate) fn deeds(&self) -> MutexGuard<'_, Deeds> {
        lock(&self.0)
    }

    /// Administers until it is over; `share` of `all` clients are theirs to put into the crowd.
    pub(crate) fn live(&self, world: &World, number: usize, all: usize, mut random: Random) {
        while world.phases.goes_on() {
            thread::sleep(Duration::from_millis(random.number(20..300)));
            let done = if random.percent(50) {
                self.change_account(world, number, &mut random)
            } else {
                self.change_crowd(world, number, all, &mut random)
            };
            if let Err(failure) = done {
                world.fault(format!("administrator {number}: {failure}"));
            }
        }
    }

    fn change_account(
        &self,
        world: &World,
        number: usize,
        random: &mut Random,
    ) -> Result<(), Failure> {
        let name = format!("extra{number}x{}", random.number(0..ACCOUNTS));
        let known = self.deeds().accounts.get(&name).cloned();
        let known = known.unwrap_or_else(|| Known::new(None));
        // What had no answer is looked at when it is quiet.
        let Some(now) = known.certain().cloned() else {
            return Ok(());
        };
        let secret = format!("secret {}", random.number(0..1_000_000));
        let (action, words, next) = match (now, random.number(0..3)) {
            (None, _) => (
                "user.create",
                vec!["user", "add", &name, "--password-stdin"],
                Some(Account {
                    enabled: true,
                    password: secret.clone(),
                }),
            ),
            (Some(_), 0) => ("user.delete", vec!["user", "remove", &name], None),
            (Some(account), 1) => (
                "user.password",
                vec!["user", "passwd", &name, "--password-stdin"],
                Some(Account {
                    password: secret.clone(),
                    ..account
                }),
            ),
            (Some(account), _) => {
                let word = if account.enabled { "disable" } else { "enable" };
                let next = Account {
                    enabled: !account.enabled,
                    ..account
                };
                ("", vec!["user", word, &name], Some(next))
            }
        };
        let outcome = world.order(&words, &format!("{secret}\n"))?;
        let mut deeds = self.deeds();
        let known = deeds.accounts.entry(name.clone());
        known
            .or_insert_with(|| Known::new(None))
            .changed(next, outcome);
        if !action.is_empty() {
            deeds.note(action, name, outcome);
        }
        Ok(())
    }

    fn change_crowd(
        &self,
        world: &World,
        number: usize,
        all: usize,
        random: &mut Random,
    ) -> Result<(), Failure> {
        let mine: Vec<_> = (0..world.clients.len())
            .filter(|place| place % all == number)
            .collect();
        let place = *random.pick(&mine);
        let known = self.deeds().members.get(&place).cloned();
        let known = known.unwrap_or_else(|| Known::new(false));
        let Some(&is_in) = known.certain() else {
            return Ok(());
        };
        let word = if is_in { "remove-member" } else { "add-member" };
        let outcome = world.order(&["group", word, CROWD, &alias(place)], "")?;
        let mut deeds = self.deeds();
        let known = deeds.members.entry(place);
        known
            .or_insert_with(|| Known::new(false))
            .changed(!is_in, outcome);
        Ok(())
    }
}

impl Deeds {
    fn note(&mut self, action: &'static str, target: String, outcome: Outcome) {
        let (sure, perhaps) = self.audited.entry((action, target)).or_default();
        match outcome {
            Outcome::Done => *sure += 1,
            Outcome::Unknown => *perhaps += 1,
            Outcome::Refused => {}
        }
    }
}
