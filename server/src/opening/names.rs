//! What the server is called, and what happens when it is called something else.
//!
//! The Digest realm stays what it was under the first name, since the verifiers of all passwords
//! hold for it; the names around it follow the configuration, and those of before are kept, so
//! that who signs on as `OLD\alice` still can. Lists of who may do what are kept in the server's
//! own spelling and move with it.

use crate::auth::{FormerNames, Realm, SealKey, Verifiers, kept};
use crate::clock::{Clock, Random};
use crate::store::{AuditEntry, NamesChange, Store, StoreError, UserRow, database_path, fact_of};
use rvp::{AcePrincipal, LogicalUrl};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Name of the fact.
const FACT: &str = "names";

/// The names as they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The Digest realm.
    pub realm: String,
    /// The `NetBIOS` domain name.
    pub nt_domain: String,
    /// The DNS name of the IM domain.
    pub domain: String,
    /// What it was called before, the newest last.
    #[serde(default)]
    pub former: Vec<FormerNames>,
}

impl Names {
    fn first(realm: &Realm) -> Self {
        Self {
            realm: realm.realm.to_string(),
            nt_domain: realm.nt_domain.to_string(),
            domain: realm.domain.to_string(),
            former: Vec::new(),
        }
    }

    /// These names as passwords are checked under them.
    ///
    /// # Errors
    /// [`crate::auth::verifier::BadRealm`] where they can be none.
    pub fn realm(&self) -> Result<Realm, crate::auth::verifier::BadRealm> {
        let mut realm = Realm::new(&self.domain, Some(&self.nt_domain))?;
        realm.realm = self.realm.as_str().into();
        realm.former = self.former.as_slice().into();
        Ok(realm)
    }

    fn renamed(mut self, to: &Realm) -> Self {
        let before = FormerNames {
            nt_domain: self.nt_domain.as_str().into(),
            domain: self.domain.as_str().into(),
        };
        let now = FormerNames {
            nt_domain: to.nt_domain.clone(),
            domain: to.domain.clone(),
        };
        self.former.retain(|it| *it != before && *it != now);
        if before != now {
            self.former.push(before);
        }
        self.nt_domain = to.nt_domain.to_string();
        self.domain = to.domain.to_string();
        self
    }
}

/// The names that a server has had on this database; `None`: none ran on it yet.
///
/// # Errors
/// [`StoreError`].
async fn kept_names(store: &Store) -> Result<Option<Names>, StoreError> {
    let text = store.fact(FACT).await?;
    Ok(text.and_then(|it| serde_json::from_str(&it).ok()))
}

/// The domain of the server that last ran on a data directory, told without opening it.
pub async fn kept_domain(directory: &Path) -> Option<String> {
    let text = fact_of(&database_path(directory), FACT).await?;
    let names: Names = serde_json::from_str(&text).ok()?;
    Some(names.domain)
}

/// The names for a command without a server: those of the server, or, before the first one,
/// those of the configuration, which are not settled.
pub(super) async fn known(store: &Store, configured: Realm) -> Result<Realm, super::OpeningError> {
    Ok(match kept_names(store).await? {
        Some(names) => names.realm()?,
        None => Realm {
            settled: false,
            ..configured
        },
    })
}

/// Makes the configured names those of the server: before anybody is let in, and in one
/// transaction with all that hangs on them.
pub(super) async fn settle(
    store: &Store,
    key: &SealKey,
    configured: Realm,
    users: &[UserRow],
    clock: &Clock,
    random: Random,
) -> Result<Realm, super::OpeningError> {
    let kept = kept_names(store).await?;
    let before = kept
        .clone()
        .or_else(|| made_under(key, &configured, users).map(|realm| Names::first(&realm)));
    let now = match &before {
        Some(before) => before.clone().renamed(&configured),
        None => Names::first(&configured),
    };
    let realm = now.realm()?;
    if kept.as_ref() == Some(&now) {
        return Ok(realm);
    }

    let renamed = before.filter(|before| before.domain != now.domain);
    let acls = renamed.as_ref().map_or_else(Vec::new, |before| {
        let moved = |user: &UserRow| {
            let acl = moved_acl(user.acl.as_deref()?, &before.domain, &now.domain)?;
            Some((user.alias.clone(), acl))
        };
        users.iter().filter_map(moved).collect()
    });
    let derived = |user: &UserRow| {
        let opened = key.open(&user.alias, &user.verifiers).ok()?;
        let bytes = kept::keep(&user.spelled, kept::waiting(&opened)?, &realm);
        Some((
            user.alias.clone(),
            key.seal(random.bytes(), &user.alias, &bytes),
        ))
    };
    let verifiers = users.iter().filter_map(derived).collect();
    let audit = renamed.map(|before| {
        tracing::warn!(
            before = before.domain,
            now = now.domain,
            "the domain was changed: users sign on with their plain names and those of before; who \
             signs on by Digest with a new name (NEW\\alice, alice@new) needs the password set again"
        );
        AuditEntry {
            id: 0,
            at_ms: clock.now_ms(),
            actor: "server".to_owned(),
            came_from: "configuration".to_owned(),
            action: "server.rename".to_owned(),
            target: now.domain.clone(),
            detail: format!("it was {}", before.domain),
        }
    });
    let names = serde_json::to_string(&now).expect("names are plain text");
    store
        .change_names(&NamesChange {
            fact: (FACT, names),
            verifiers,
            acls,
            audit,
        })
        .await?;
    Ok(realm)
}

/// The names under which a database of before was made, where they are not the configured ones
/// and can be told.
fn made_under(key: &SealKey, configured: &Realm, users: &[UserRow]) -> Option<Realm> {
    let opened = users.iter().find_map(|user| {
        let bytes = key.open(&user.alias, &user.verifiers).ok()?;
        Verifiers::from_bytes(&bytes).ok()
    })?;
    if opened.fits(configured) {
        return None;
    }
    let hosts = users.iter().filter_map(|user| user.acl.as_deref());
    let hosts = hosts.flat_map(hosts_of);
    let found = crate::config::host_name()
        .into_iter()
        .chain(hosts)
        .filter_map(|name| Realm::new(&name, None).ok())
        .find(|realm| opened.fits(realm));
    if found.is_none() {
        tracing::error!(
            domain = &*configured.domain,
            "the accounts were made under another domain, and which is not known: Digest sign-ons \
             fail until their passwords are set again; or start once with the old --domain, and \
             then with this one"
        );
    }
    found
}

fn hosts_of(acl: &[u8]) -> Vec<String> {
    let Ok(acl) = rvp::read_acl(acl) else {
        return Vec::new();
    };
    let host = |who: &AcePrincipal| match who {
        AcePrincipal::Principal(name) => Some(LogicalUrl::parse(name).ok()?.host().to_owned()),
        AcePrincipal::All => None,
    };
    acl.entries.iter().filter_map(|it| host(&it.who)).collect()
}

/// A list in the spelling of the new domain; `None`: nothing of it moves.
fn moved_acl(document: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    let mut acl = rvp::read_acl(document).ok()?;
    let mut moved = false;
    for entry in &mut acl.entries {
        if let AcePrincipal::Principal(name) = &mut entry.who
            && let Ok(url) = LogicalUrl::parse(name)
            && url.host().eq_ignore_ascii_case(from)
        {
            *name = LogicalUrl::compose(to, url.spelled_alias()).as_str().into();
            moved = true;
        }
    }
    moved.then(|| rvp::rvpacl(&acl))
}
