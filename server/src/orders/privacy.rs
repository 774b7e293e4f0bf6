//! A user's list, read and changed by an administrator: the same list that the user's client
//! reads and sets on the wire.

use super::{Orders, internal, invalid, no_such_user, require};
use rvp::Credential;
use rvp::{Ace, AcePrincipal, Acl, Alias, Credentials, LogicalUrl, PrincipalRef, Rights};
use std::sync::Arc;
use web::backend::{Actor, BackendError};
use web::model::{Privacy, PrivacyChange, PrivacyEntry, Role};

/// The most entries that a list may have.
pub(crate) const MOST_ENTRIES: usize = 1000;

impl Orders {
    /// The list of a user as it stands.
    pub async fn privacy(&self, alias: &str) -> Result<Privacy, BackendError> {
        let alias = Self::alias(alias)?;
        let kept = self.list_of(&alias).await?;
        let standard = kept.is_none();
        let acl = kept.unwrap_or_else(|| self.standard_list(&alias));
        // Nobody's URL: only what stands for everybody is heard.
        let stranger = PrincipalRef::Anonymous;
        let open = acl.decide(&stranger, Credential::Digest, contact()).allowed;
        let entries = acl.entries.iter().map(|ace| self.entry(ace)).collect();
        Ok(Privacy {
            alias: alias.to_string(),
            standard,
            open,
            entries,
        })
    }

    /// Changes the list of a user. Watchers who may see the user no longer, or again, are told.
    pub async fn set_privacy(
        &self,
        actor: &Actor,
        alias: &str,
        change: &PrivacyChange,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let kept = self.list_of(&alias).await?;
        let mut acl = kept.unwrap_or_else(|| self.standard_list(&alias));
        let (ace, detail) = match change {
            PrivacyChange::AllowAll => (
                entry(AcePrincipal::All, everybody(), Rights::NONE),
                "allow everybody except those blocked".to_owned(),
            ),
            PrivacyChange::DenyAll => (
                entry(AcePrincipal::All, Rights::NONE, contact()),
                "deny everybody except those allowed".to_owned(),
            ),
            PrivacyChange::Allow(who) => {
                let who = self.another(&alias, who).await?;
                let detail = format!("allow {}", self.called(&who));
                (entry(who, contact(), Rights::NONE), detail)
            }
            PrivacyChange::Block(who) => {
                let who = self.another(&alias, who).await?;
                let detail = format!("block {}", self.called(&who));
                (entry(who, Rights::NONE, contact()), detail)
            }
            PrivacyChange::Forget(who) => {
                let who = principal(&self.url_of(who)?);
                self.refuse_owner(&alias, &who)?;
                let before = acl.entries.len();
                acl.entries.retain(|ace| !ace.who.same(&who));
                let called = self.called(&who);
                if acl.entries.len() == before {
                    return Err(BackendError::NotFound(format!(
                        "The list of {alias} has no entry for {called}. Nothing was changed."
                    )));
                }
                let detail = format!("forget {called}");
                return self.keep_list(actor, &alias, acl, detail).await;
            }
        };
        acl.merge(Acl { entries: vec![ace] });
        if acl.entries.len() > MOST_ENTRIES {
            return Err(BackendError::Conflict(format!(
                "The list of {alias} is full. Take entries out first."
            )));
        }
        self.keep_list(actor, &alias, acl, detail).await
    }

    async fn keep_list(
        &self,
        actor: &Actor,
        alias: &Alias,
        acl: Acl,
        detail: String,
    ) -> Result<(), BackendError> {
        self.store
            .set_acl(alias.as_str(), &rvp::rvpacl(&acl))
            .await
            .map_err(no_such_user(alias.as_str()))?;
        if let Some(live) = &self.live {
            let told = live.nodes.set_acl(alias, Arc::new(acl));
            live.delivery.tell(told.map_err(internal)?);
        }
        self.audit(actor, "user.privacy", alias.as_str(), detail)
            .await
    }

    /// The list that is kept of a user, if one is.
    pub(super) async fn list_of(&self, alias: &Alias) -> Result<Option<Acl>, BackendError> {
        let missing = || BackendError::NotFound(format!("There is no user {alias}."));
        if let Some(live) = &self.live {
            let acl = live.nodes.acl(alias).map_err(|_| missing())?;
            return Ok(acl.map(|acl| Acl::clone(&acl)));
        }
        let users = self.store.users().await.map_err(internal)?;
        let user = users.into_iter().find(|u| u.alias == alias.as_str());
        let acl = user.ok_or_else(missing)?.acl;
        acl.map(|bytes| rvp::read_acl(&bytes).map_err(internal))
            .transpose()
    }

    /// The list of a user who never set one.
    pub(super) fn standard_list(&self, alias: &Alias) -> Acl {
        Acl::default_for(&LogicalUrl::compose(&self.realm.domain, alias.as_str()))
    }

    /// The URL of somebody named by an alias of this domain, or by their URL.
    pub(super) fn url_of(&self, who: &str) -> Result<LogicalUrl, BackendError> {
        if who.contains("://") {
            return LogicalUrl::parse(who)
                .map_err(|e| invalid("who", format!("{who:?} is not the URL of a user: {e}.")));
        }
        let alias = Self::alias(who)?;
        Ok(LogicalUrl::compose(&self.realm.domain, alias.as_str()))
    }

    /// The alias, where the URL is one of this server's.
    pub(super) fn local(&self, url: &LogicalUrl) -> Option<Alias> {
        let own = LogicalUrl::compose(&self.realm.domain, url.spelled_alias());
        own.same_node(url).then(|| url.alias())
    }

    /// How people here call whom an entry is about.
    pub(super) fn called(&self, who: &AcePrincipal) -> String {
        let AcePrincipal::Principal(name) = who else {
            return "everybody".to_owned();
        };
        let local = LogicalUrl::parse(name).ok().and_then(|u| self.local(&u));
        local.map_or_else(|| name.to_string(), |alias| alias.to_string())
    }

    /// Somebody other than the owner; one of this domain must exist, so that no slip of the pen
    /// leaves the one meant as they were.
    async fn another(&self, owner: &Alias, who: &str) -> Result<AcePrincipal, BackendError> {
        let url = self.url_of(who)?;
        let who = principal(&url);
        self.refuse_owner(owner, &who)?;
        if let Some(alias) = self.local(&url) {
            self.list_of(&alias).await?;
        }
        Ok(who)
    }

    fn refuse_owner(&self, owner: &Alias, who: &AcePrincipal) -> Result<(), BackendError> {
        let own = LogicalUrl::compose(&self.realm.domain, owner.as_str());
        if who.same(&principal(&own)) {
            return Err(invalid(
                "who",
                format!(
                    "{owner} is the owner of this list and keeps every right. Name somebody else."
                ),
            ));
        }
        Ok(())
    }

    fn entry(&self, ace: &Ace) -> PrivacyEntry {
        let owned = |names: &mut dyn Iterator<Item = &'static str>| {
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        PrivacyEntry {
            who: self.called(&ace.who),
            granted: owned(&mut (ace.grant - ace.deny).names()),
            denied: owned(&mut ace.deny.names()),
            credentials: owned(&mut ace.credentials.names()),
        }
    }
}

/// What clients grant and deny when they allow or block a contact (observed: librvp).
fn contact() -> Rights {
    Rights::SEND_TO | Rights::PRESENCE
}

/// What everybody has in the list of a new user.
fn everybody() -> Rights {
    Rights::LIST | Rights::READ | contact()
}

fn principal(url: &LogicalUrl) -> AcePrincipal {
    AcePrincipal::Principal(url.as_str().into())
}

fn entry(who: AcePrincipal, grant: Rights, deny: Rights) -> Ace {
    Ace {
        who,
        credentials: Credentials::ASSERTION | Credentials::DIGEST | Credentials::NTLM,
        grant,
        deny,
    }
}
