//! The face of the node database: finding principals, accounts, numbers, counters.

use super::event::{Effects, Event, Forgotten, Untold, Watcher};
use super::expiry::Deadlines;
use super::group::MEMBERS;
use super::limits::LeaseLimits;
use super::principal::{Account, Block, NodeProperties, Principal};
use super::quota::Quotas;
use super::subscription::Watch;
use super::undo::{Before, Previous};
use super::{Refused, Who};
use crate::clock::UnixMs;
use crate::events::{EventLog, Happening};
use crate::names::LocalNames;
use crate::store::AuditEntry;
use crate::store::StoreError;
use crate::store::writer::{AclRow, Commit, Trouble, Write, Writer};
use parking_lot::{Mutex, MutexGuard, RwLock};
use rvp::{
    Acl, Alias, Credential, LogicalUrl, PrincipalRef, PropertyName, PropertyOut, Rights, State,
    SubscriptionId, ViewId,
};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use tokio::sync::{mpsc, watch};

const SHARDS: usize = 64;

/// What the default ACL lets everybody do: the shape that Exchange handed out.
const EVERYBODY: [Rights; 4] = [
    Rights::LIST,
    Rights::READ,
    Rights::SEND_TO,
    Rights::PRESENCE,
];

/// How many host names and client names are kept once for all.
const INTERNED: usize = 4096;

/// What a sign-in is checked against.
#[derive(Clone, Debug)]
pub struct Login {
    /// The alias, sharing the account's own text.
    pub alias: Alias,
    /// The alias as it was typed when the account was made.
    pub spelled: Arc<str>,
    /// Sealed verifiers.
    pub verifiers: Arc<[u8]>,
    /// May sign on.
    pub enabled: bool,
    /// The account's, as it is now.
    pub generation: i64,
}

/// The node database.
#[derive(Debug)]
pub struct Nodes {
    shards: Box<[Mutex<HashMap<Alias, Principal>>]>,
    hasher: RandomState,
    /// What this server is called in the ACLs that are kept.
    pub(super) names: LocalNames,
    pub(super) limits: LeaseLimits,
    pub(super) writer: Writer<Previous>,
    pub(super) untold: Untold,
    forgotten: Mutex<Option<Forgotten>>,
    pub(super) deadlines: Deadlines,
    /// How many watches each subscriber has.
    pub(super) quotas: Quotas<Who>,
    /// How many of them name an address of their own.
    pub(super) address_quotas: Quotas<Who>,
    next_id: AtomicU32,
    sequence: AtomicU64,
    interned: Mutex<HashSet<Arc<str>>>,
    version: watch::Sender<u64>,
    signed_on: AtomicU32,
    accounts: AtomicU32,
    /// Held by whoever acts as a user; alone by who changes what proves one.
    proofs: RwLock<()>,
    /// What happens, for administrators.
    pub(super) happenings: EventLog,
}

impl Nodes {
    /// An empty node database of the server of these names; `first_id` is the first number that was
    /// never given out.
    #[must_use]
    pub fn new(
        names: LocalNames,
        limits: LeaseLimits,
        writer: Writer<Previous>,
        first_id: u32,
        happenings: EventLog,
    ) -> Self {
        let (untold, forgotten) = mpsc::unbounded_channel();
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            names,
            limits,
            writer,
            untold,
            forgotten: Mutex::new(Some(Forgotten(forgotten))),
            deadlines: Deadlines::default(),
            quotas: Quotas::default(),
            address_quotas: Quotas::default(),
            next_id: AtomicU32::new(first_id.max(1)),
            sequence: AtomicU64::new(1),
            interned: Mutex::default(),
            version: watch::Sender::new(0),
            signed_on: AtomicU32::new(0),
            accounts: AtomicU32::new(0),
            proofs: RwLock::default(),
            happenings,
        }
    }

    /// Sets the first numbers aside: none is given out that is not.
    pub async fn reserve_ids(&self) -> Result<(), StoreError> {
        let next = self.next_id.load(Ordering::Relaxed);
        self.writer.set_aside(next).wait().await
    }

    /// What tells watchers of changes whose makers are gone; once.
    pub fn forgotten(&self) -> Option<Forgotten> {
        self.forgotten.lock().take()
    }

    /// Why changes cannot be saved, if they cannot.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.writer.trouble()
    }

    /// Saves something small, which tells whether changes can be saved.
    pub fn try_disk(&self, now: UnixMs) -> Commit {
        self.writer.note(vec![Write::Probe(now)])
    }

    /// A number that changes with every change of presence.
    #[must_use]
    pub fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Users with a live sign-on.
    #[must_use]
    pub fn signed_on(&self) -> u32 {
        self.signed_on.load(Ordering::Relaxed)
    }

    /// Accounts that exist.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.accounts.load(Ordering::Relaxed)
    }

    /// The account of a user.
    #[must_use]
    pub fn account(&self, alias: &Alias) -> Option<Account> {
        let shard = self.shard(alias);
        let person = shard.get(alias).filter(|p| p.members.is_none());
        person.map(|p| p.account.clone())
    }

    /// All that a request needs on its way in.
    #[must_use]
    pub fn verifiers(&self, alias: &Alias) -> Option<Login> {
        let shard = self.shard(alias);
        let principal = shard.get(alias).filter(|p| p.members.is_none())?;
        let account = &principal.account;
        Some(Login {
            alias: principal.alias.clone(),
            spelled: account.spelled.clone(),
            verifiers: account.verifiers.clone(),
            enabled: account.enabled,
            generation: account.generation,
        })
    }

    /// Whether there is an account of this alias.
    #[must_use]
    pub fn has_account(&self, alias: &Alias) -> bool {
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| p.members.is_none())
    }

    /// Whether this user has a live sign-on that was made from this address.
    #[must_use]
    pub fn is_signed_on_from(&self, alias: &Alias, address: IpAddr) -> bool {
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| p.logins.iter().any(|login| login.peer == address))
    }

    /// Whether this account is the one that was let in under this number, and may sign on.
    #[must_use]
    pub fn is_current(&self, alias: &Alias, generation: i64) -> bool {
        self.shard(alias).get(alias).is_some_and(|p| {
            p.members.is_none() && p.account.enabled && p.account.generation == generation
        })
    }

    /// Lets a request do something that was let in as this account under this number. Its proof
    /// may be worth nothing by now, because the account is gone, or another has its name: then it
    /// is not done. `act` must be short, and must not come back here.
    pub fn acting<T, E: From<Refused>>(
        &self,
        alias: &Alias,
        generation: i64,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let _held = self.proofs.read();
        if !self.is_current(alias, generation) {
            return Err(Refused::Outdated.into());
        }
        act()
    }

    /// Why a user is kept out now, if an administrator does so.
    #[must_use]
    pub fn kept_out(&self, alias: &Alias, now: UnixMs) -> Option<Refused> {
        let shard = self.shard(alias);
        let block = Self::live_block(&shard.get(alias)?.account, now)?;
        Some(Refused::blocked(block, now))
    }

    /// Adds an account, or changes it.
    pub fn put_account(&self, alias: &Alias, account: Account) {
        let _alone = self.proofs.write();
        let mut shard = self.shard(alias);
        if let Some(principal) = shard.get_mut(alias) {
            principal.account = account;
        } else {
            shard.insert(alias.clone(), Principal::new(alias.clone(), account));
            self.accounts.fetch_add(1, Ordering::Relaxed);
        }
        drop(shard);
        self.changed();
    }

    /// Changes an account in place; does nothing if there is none.
    pub fn edit_account(&self, alias: &Alias, edit: impl FnOnce(&mut Account)) {
        let _alone = self.proofs.write();
        if let Some(principal) = self.shard(alias).get_mut(alias) {
            edit(&mut principal.account);
        }
        self.changed();
    }

    /// Takes a user out; whatever was begun as that user is done.
    pub(super) fn take_out(&self, alias: &Alias) -> Option<Principal> {
        let _alone = self.proofs.write();
        let mut shard = self.shard(alias);
        shard.get(alias).filter(|it| it.members.is_none())?;
        shard.remove(alias)
    }

    /// Counts an account that was removed.
    pub(super) fn forget(&self) {
        self.accounts.fetch_sub(1, Ordering::Relaxed);
    }

    /// What others may read of a node.
    pub fn properties(&self, alias: &Alias) -> Result<NodeProperties, Refused> {
        self.with(alias, |p| Ok(p.readable()))
    }

    /// The ACL of a node; `None`: the default one.
    pub fn acl(&self, alias: &Alias) -> Result<Option<Arc<Acl>>, Refused> {
        self.with(alias, |p| Ok(p.acl.clone()))
    }

    /// Changes the ACL of a node: `change` gets the list as it stands (`None`: the default one)
    /// and gives the new one, nobody else's change comes between. Watchers who may see its
    /// presence no longer, or again, are told. `audit` is saved in the same transaction.
    pub fn change_acl<T, E: From<Refused>>(
        &self,
        alias: &Alias,
        change: impl FnOnce(Option<&Acl>) -> Result<(Option<Acl>, Option<AuditEntry>, T), E>,
    ) -> Result<(T, Effects), E> {
        self.change(alias, |p, done| {
            let (acl, audit, result) = change(p.acl.as_deref())?;
            done.step(
                Write::PutAcl(Box::new(AclRow {
                    alias: alias.to_string(),
                    created_ms: p.account.created,
                    document: acl.as_ref().map(rvp::rvpacl),
                })),
                Before::Acl(p.acl.clone()),
            );
            done.writes
                .extend(audit.map(|it| Write::Audit(Box::new(it))));
            let before = self.seeing(p);
            p.acl = acl.map(Arc::new);
            let after = self.seeing(p);
            if !p.shown.is_offline() {
                let tell = |told: &HashSet<_>, state| {
                    self.event(p, PropertyOut::State(state), |w| told.contains(&w.id))
                };
                let blind = before.difference(&after).copied().collect();
                let seeing = after.difference(&before).copied().collect();
                let events = [tell(&blind, State::Offline), tell(&seeing, p.shown.clone())];
                let events = events.into_iter().filter(|it| !it.watchers.is_empty());
                done.events.extend(events);
            }
            Ok(result)
        })
    }

    /// Takes in the ACL that was saved.
    pub(super) fn restore_acl(&self, alias: &Alias, acl: Acl) -> Result<(), Refused> {
        self.with(alias, |p| {
            p.acl = Some(Arc::new(acl));
            Ok(())
        })
    }

    fn seeing(&self, principal: &Principal) -> HashSet<SubscriptionId> {
        let sees = |w: &&Watch| self.may(principal, &w.subscriber, Rights::PRESENCE);
        principal
            .watches
            .iter()
            .filter(sees)
            .map(|w| w.id)
            .collect()
    }

    /// What this server is called.
    #[must_use]
    pub fn names(&self) -> &LocalNames {
        &self.names
    }

    /// The bounds on leases.
    #[must_use]
    pub fn limits(&self) -> &LeaseLimits {
        &self.limits
    }

    /// Whether a node's ACL lets somebody do something.
    pub fn allows(&self, node: &Alias, who: &Who, right: Rights) -> Result<bool, Refused> {
        self.with(node, |p| Ok(self.may(p, who, right)))
    }

    /// Whether a principal lets somebody do something, whichever way they signed on. The
    /// default ACL lets everybody see and send; an owner may do all. Of somebody elsewhere the
    /// other server only says who it is, which entries for `assertion` are content with.
    pub(super) fn may(&self, principal: &Principal, who: &Who, right: Rights) -> bool {
        if let Some(members) = &principal.members {
            return MEMBERS.contains(&right)
                && matches!(who, Who::Here(alias) if members.binary_search(alias).is_ok());
        }
        if who.is(&principal.alias) {
            return true;
        }
        let Some(acl) = &principal.acl else {
            return EVERYBODY.contains(&right);
        };
        let allows =
            |url: &LogicalUrl, with| acl.decide(&PrincipalRef::User(url), with, right).allowed;
        match who {
            Who::Here(alias) => {
                let url = LogicalUrl::compose(self.names.domain(), alias.as_str());
                allows(&url, Credential::Digest) || allows(&url, Credential::Ntlm)
            }
            Who::Elsewhere(url) => allows(&self.names.listed(url), Credential::Assertion),
        }
    }

    /// The block that keeps a user out now.
    pub(super) fn live_block(account: &Account, now: UnixMs) -> Option<&Block> {
        account.block.as_ref().filter(|b| b.until > now)
    }

    pub(super) fn shard(&self, alias: &Alias) -> MutexGuard<'_, HashMap<Alias, Principal>> {
        let place = self.hasher.hash_one(alias) % (SHARDS as u64);
        self.shards[usize::try_from(place).unwrap_or(0)].lock()
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, HashMap<Alias, Principal>>> {
        self.shards.iter().map(Mutex::lock)
    }

    pub(super) fn with<T>(
        &self,
        alias: &Alias,
        act: impl FnOnce(&mut Principal) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        match self.shard(alias).get_mut(alias) {
            Some(principal) => act(principal),
            None => Err(Refused::NoSuchNode(alias.to_string())),
        }
    }

    /// A number for a subscription or a view. None is given out that is not set aside on the disk:
    /// after a crash nobody gets it again.
    fn next_number(&self) -> Result<u32, Refused> {
        let mut next = self.next_id.load(Ordering::Relaxed);
        loop {
            if next == 0 || next > i32::MAX.unsigned_abs() {
                // Two thousand million subscriptions later: the first ones have long ended.
                self.writer.begin_ids_anew();
                next = 1;
            }
            // Long before they are used up: a commit takes a while.
            drop(self.writer.set_aside(next));
            if next >= self.writer.reserved_ids() {
                return Err(Refused::Unsaved);
            }
            let seen = self.next_id.load(Ordering::Relaxed);
            let is_first = next == 1 && seen > i32::MAX.unsigned_abs();
            let expected = if is_first { seen } else { next };
            match self.next_id.compare_exchange_weak(
                expected,
                next + 1,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(next),
                Err(other) => next = other,
            }
        }
    }

    /// Numbers that were given out are below this.
    pub(super) fn first_free_number(&self) -> u32 {
        self.next_id.load(Ordering::Relaxed)
    }

    pub(super) fn subscription_id(&self) -> Result<SubscriptionId, Refused> {
        Ok(SubscriptionId::new(self.next_number()?).expect("next_number is in range"))
    }

    pub(super) fn view_id(&self) -> Result<ViewId, Refused> {
        Ok(ViewId::new(self.next_number()?).expect("next_number is in range"))
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// The same text, kept once: host names and client names repeat thousands of times.
    pub(super) fn intern(&self, text: &str) -> Arc<str> {
        let mut interned = self.interned.lock();
        if let Some(known) = interned.get(text) {
            return known.clone();
        }
        let fresh: Arc<str> = Arc::from(text);
        if interned.len() < INTERNED {
            interned.insert(fresh.clone());
        }
        fresh
    }

    /// Tells consoles that figures which they show beside presence are others now.
    pub fn figures_changed(&self) {
        self.changed();
    }

    /// Tells consoles that something changed.
    pub(super) fn changed(&self) {
        self.version.send_modify(|v| *v += 1);
    }

    /// Counts a principal whose number of sign-ons went from `before` to what it is now.
    pub(super) fn count(&self, before: usize, principal: &Principal) {
        match (before, principal.logins.len()) {
            (0, 1..) => {
                self.signed_on.fetch_add(1, Ordering::Relaxed);
                if let Some(login) = principal.logins.last() {
                    self.happenings.record(Happening::SignedOn {
                        alias: principal.alias.to_string(),
                        client: login.client.to_string(),
                        address: login.peer,
                    });
                }
            }
            (1.., 0) => {
                self.signed_on.fetch_sub(1, Ordering::Relaxed);
                self.happenings.record(Happening::SignedOff {
                    alias: principal.alias.to_string(),
                });
            }
            _ => {}
        }
    }

    /// Works the visible state out anew; if it is another one, watchers are to be told.
    pub(super) fn refresh_state(&self, principal: &mut Principal) -> Option<Event> {
        let state = principal.merged_state().shown();
        if state == principal.shown {
            return None;
        }
        principal.shown = state.clone();
        self.state_happened(principal);
        Some(self.event_for_all(principal, PropertyOut::State(state)))
    }

    /// What happens.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.happenings
    }

    /// Says to whoever follows what the visible state is.
    pub(super) fn state_happened(&self, principal: &Principal) {
        self.happenings.record(Happening::State {
            alias: principal.alias.to_string(),
            state: principal.shown.name().to_owned(),
        });
    }

    /// An event for everybody who watches and may see the presence.
    pub(super) fn event_for_all(&self, principal: &Principal, change: PropertyOut) -> Event {
        self.event(principal, change, |w| {
            self.may(principal, &w.subscriber, Rights::PRESENCE)
        })
    }

    pub(super) fn event(
        &self,
        principal: &Principal,
        change: PropertyOut,
        told: impl Fn(&Watch) -> bool,
    ) -> Event {
        let watchers = principal
            .watches
            .iter()
            .filter(|w| !w.sink && told(w))
            .map(|w| Watcher {
                id: w.id,
                subscriber: w.subscriber.clone(),
                authority: w.authority.clone(),
                spelled: w.spelled.clone(),
                direct: w.told_at(),
            })
            .collect();
        Event {
            node: principal.alias.clone(),
            sequence: self.next_sequence(),
            change,
            watchers,
        }
    }

    /// Sets a principal's deadline to the end of what ends first.
    pub(super) fn watch_deadline(&self, principal: &mut Principal) {
        let first = principal.first_end();
        if first < principal.next_check {
            principal.next_check = first;
            self.deadlines.add(first, principal.alias.clone());
        }
    }
}

/// The names of properties that the server itself keeps.
pub(super) fn is_kept_by_server(name: &PropertyName) -> bool {
    *name == PropertyName::displayname() || *name == PropertyName::email()
}
