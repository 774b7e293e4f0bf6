//! A user's list, read and changed by an administrator: the same list that the user's client
//! reads and sets on the wire.

use super::change::{entry as audit_entry, tell};
use super::registry::Handle;
use super::{Admin, internal, invalid, no_such_user};
use crate::names::NotKnown;
use crate::presence::Refused;
use api::{
    Actor, Done, Error, GetPrivacy, Privacy, PrivacyAbout, PrivacyChange, PrivacyEntry, SetPrivacy,
};
use rvp::Credential;
use rvp::{Ace, AcePrincipal, Acl, Alias, Credentials, LogicalUrl, PrincipalRef, Rights};

/// How the entry for everybody is called.
const EVERYBODY: &str = "everybody";

/// The most entries that a list may have.
pub(crate) const MOST_ENTRIES: usize = 1000;

impl Handle<GetPrivacy> for Admin {
    async fn handle(&self, actor: &Actor, asked: GetPrivacy) -> Result<Privacy, Error> {
        let alias = Self::alias(&asked.alias)?;
        let kept = self.list_of(&alias).await?;
        let standard = kept.is_none();
        let acl = kept.unwrap_or_else(|| self.standard_list(&alias));
        // Nobody's URL: only what stands for everybody is heard.
        let stranger = PrincipalRef::Anonymous;
        let open = acl.decide(&stranger, Credential::Digest, contact()).allowed;
        let entries = acl.entries.iter();
        let entries = entries.map(|ace| self.entry(&alias, ace)).collect();
        self.note_read(actor, "user.read-privacy", alias.as_str())
            .await;
        Ok(Privacy {
            alias: alias.to_string(),
            standard,
            open,
            entries,
        })
    }
}

impl Handle<SetPrivacy> for Admin {
    async fn handle(&self, actor: &Actor, order: SetPrivacy) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let change = &order.change;
        let Some(live) = &self.live else {
            let mut order = self.begin(actor).await?;
            let edit = self.edit(&alias, change).await?;
            let kept = self.list_of(&alias).await?;
            let (acl, detail) = self.apply(&alias, kept.clone(), edit)?;
            if acl == kept {
                return Ok(Done {});
            }
            let document = acl.as_ref().map(rvp::rvpacl);
            order
                .rows
                .set_acl(alias.as_str(), document.as_deref())
                .await
                .map_err(no_such_user(alias.as_str()))?;
            order.audit("user.privacy", alias.as_str(), detail);
            order.commit(|_| ()).await?;
            return Ok(Done {});
        };
        let _turn = self.turn().await;
        let edit = self.edit(&alias, change).await?;
        // As the user's own client does it, which may be changing the same list: nothing comes
        // between reading and writing.
        let changed = live.nodes.change_acl(&alias, |kept| {
            let (acl, detail) = self.apply(&alias, kept.cloned(), edit)?;
            if acl.as_ref() == kept {
                return Err(ListError::Same);
            }
            let now = self.clock.wall_ms();
            let entry = audit_entry(actor, now, "user.privacy", alias.as_str(), detail);
            Ok::<_, ListError>((acl, Some(entry.clone()), entry))
        });
        let (entry, effects) = match changed {
            Err(ListError::Same) => return Ok(Done {}),
            changed => changed?,
        };
        live.delivery.tell(effects.saved().await.map_err(internal)?);
        tell(Some(live), &entry);
        Ok(Done {})
    }
}

impl Admin {
    /// What a change says of whom: everybody it names is looked up before the list is touched.
    async fn edit<'a>(&self, alias: &Alias, change: &'a PrivacyChange) -> Result<Edit<'a>, Error> {
        Ok(match change {
            PrivacyChange::AllowAll(except) => Edit::AllowAll(self.others(alias, except).await?),
            PrivacyChange::DenyAll(except) => Edit::DenyAll(self.others(alias, except).await?),
            PrivacyChange::Allow(who) => Edit::Allow(self.another(alias, who).await?),
            PrivacyChange::Block(who) => Edit::Block(self.another(alias, who).await?),
            PrivacyChange::Forget(who) => Edit::Forget(who),
            PrivacyChange::Reset => Edit::Reset,
        })
    }

    /// The list after a change (none: the default again), and the change in words.
    fn apply(
        &self,
        alias: &Alias,
        kept: Option<Acl>,
        edit: Edit<'_>,
    ) -> Result<(Option<Acl>, String), Error> {
        let mut acl = kept.unwrap_or_else(|| self.standard_list(alias));
        let detail = match edit {
            Edit::AllowAll(except) => {
                acl.merge(list(entry(AcePrincipal::All, everybody(), Rights::NONE)));
                let said = self.all_called(&except);
                acl.merge(blocked(except));
                format!("allow everybody except those blocked{said}")
            }
            Edit::DenyAll(except) => {
                acl.merge(list(entry(AcePrincipal::All, Rights::NONE, contact())));
                let said = self.all_called(&except);
                acl.merge(allowed(except));
                format!("deny everybody except those allowed{said}")
            }
            Edit::Allow(who) => {
                let detail = format!("allow {}", self.called(&who));
                acl.merge(allowed(vec![who]));
                detail
            }
            Edit::Block(who) => {
                let detail = format!("block {}", self.called(&who));
                acl.merge(blocked(vec![who]));
                detail
            }
            Edit::Forget(who) => {
                let who = self.listed(&acl, who)?;
                self.refuse_owner(alias, &who)?;
                let before = acl.entries.len();
                acl.entries.retain(|ace| !ace.who.same(&who));
                let called = self.called(&who);
                if acl.entries.len() == before {
                    return Err(Error::NotFound(format!(
                        "The list of {alias} has no entry for {called}. Nothing was changed."
                    )));
                }
                format!("forget {called}")
            }
            Edit::Reset => return Ok((None, "back to the default".to_owned())),
        };
        if acl.entries.len() > MOST_ENTRIES {
            return Err(Error::Conflict(format!(
                "The list of {alias} is full. Take entries out first."
            )));
        }
        Ok((Some(acl), detail))
    }

    /// The list that is kept of a user, if one is.
    pub(super) async fn list_of(&self, alias: &Alias) -> Result<Option<Acl>, Error> {
        let missing = || Error::NotFound(format!("There is no user {alias}."));
        if let Some(live) = &self.live {
            let acl = live.nodes.acl(alias).map_err(|_| missing())?;
            return Ok(acl.map(|acl| live.names.kept_before(&acl)));
        }
        let user = self.store.user(alias.as_str()).await.map_err(internal)?;
        let acl = user.ok_or_else(missing)?.acl;
        acl.map(|bytes| rvp::read_acl(&bytes).map_err(internal))
            .transpose()
    }

    /// The list of a user who never set one.
    pub(super) fn standard_list(&self, alias: &Alias) -> Acl {
        Acl::default_for(&LogicalUrl::compose(&self.realm.domain, alias.as_str()))
    }

    /// The URL of somebody named by an alias of this domain, or by their URL.
    pub(super) fn url_of(&self, who: &str) -> Result<LogicalUrl, Error> {
        if who.contains("://") {
            let url = LogicalUrl::parse(who)
                .map_err(|e| invalid("who", format!("{who:?} is not the URL of a user: {e}.")))?;
            return match &self.live {
                Some(live) => live
                    .names
                    .kept_url(&url, live.names.domain())
                    .ok_or_else(|| {
                        let (who, domain) = (who.to_owned(), live.names.domain().to_owned());
                        invalid("who", format!("{}.", NotKnown(who, domain)))
                    }),
                // What the server is called besides is known while it runs.
                None => Ok(url),
            };
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
            return EVERYBODY.to_owned();
        };
        let local = LogicalUrl::parse(name).ok().and_then(|u| self.local(&u));
        local.map_or_else(|| name.to_string(), |alias| alias.to_string())
    }

    /// Whom the entry is about that people call so; else the user of this name.
    fn listed(&self, acl: &Acl, who: &str) -> Result<AcePrincipal, Error> {
        let mut named = acl.entries.iter().map(|ace| &ace.who);
        let listed = named.find(|it| **it != AcePrincipal::All && self.called(it) == who.trim());
        match listed {
            Some(listed) => Ok(listed.clone()),
            None => Ok(principal(&self.url_of(who)?)),
        }
    }

    /// Several others, for the field of exceptions.
    async fn others(&self, owner: &Alias, names: &[String]) -> Result<Vec<AcePrincipal>, Error> {
        let mut others = Vec::with_capacity(names.len());
        for name in names {
            let other = self.another(owner, name).await.map_err(|e| match e {
                Error::Invalid { message, .. } => invalid("except", message),
                error => error,
            });
            others.push(other?);
        }
        Ok(others)
    }

    fn all_called(&self, others: &[AcePrincipal]) -> String {
        let names: Vec<_> = others.iter().map(|who| self.called(who)).collect();
        if names.is_empty() {
            String::new()
        } else {
            format!(": {}", names.join(", "))
        }
    }

    /// Somebody other than the owner; one of this domain must exist, so that no slip of the pen
    /// leaves the one meant as they were.
    async fn another(&self, owner: &Alias, who: &str) -> Result<AcePrincipal, Error> {
        let url = self.url_of(who)?;
        let who = principal(&url);
        self.refuse_owner(owner, &who)?;
        if let Some(alias) = self.local(&url) {
            self.list_of(&alias).await.map_err(|error| match error {
                // The page is the owner's, who is there: the slip is in the field.
                Error::NotFound(message) => {
                    invalid("who", format!("{message} Nothing was changed."))
                }
                error => error,
            })?;
        }
        Ok(who)
    }

    fn refuse_owner(&self, owner: &Alias, who: &AcePrincipal) -> Result<(), Error> {
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

    fn about(&self, owner: &Alias, who: &AcePrincipal) -> PrivacyAbout {
        let AcePrincipal::Principal(name) = who else {
            return PrivacyAbout::Everybody;
        };
        let local = LogicalUrl::parse(name).ok().and_then(|u| self.local(&u));
        match local {
            Some(alias) if alias == *owner => PrivacyAbout::Owner,
            Some(_) => PrivacyAbout::User,
            None => PrivacyAbout::Elsewhere,
        }
    }

    fn entry(&self, owner: &Alias, ace: &Ace) -> PrivacyEntry {
        let owned = |names: &mut dyn Iterator<Item = &'static str>| {
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        PrivacyEntry {
            who: self.called(&ace.who),
            about: self.about(owner, &ace.who),
            granted: owned(&mut (ace.grant - ace.deny).names()),
            denied: owned(&mut ace.deny.names()),
            credentials: owned(&mut ace.credentials.names()),
        }
    }
}

/// A change of a list, with those whom it names.
enum Edit<'a> {
    AllowAll(Vec<AcePrincipal>),
    DenyAll(Vec<AcePrincipal>),
    Allow(AcePrincipal),
    Block(AcePrincipal),
    Forget(&'a str),
    Reset,
}

/// Why a list is as it was.
enum ListError {
    /// The change changes nothing.
    Same,
    Node(Refused),
    Order(Error),
}

impl From<Refused> for ListError {
    fn from(refused: Refused) -> Self {
        Self::Node(refused)
    }
}

impl From<Error> for ListError {
    fn from(error: Error) -> Self {
        Self::Order(error)
    }
}

impl From<ListError> for Error {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Node(Refused::NoSuchNode(alias)) => {
                Self::NotFound(format!("There is no user {alias}."))
            }
            ListError::Node(refused) => internal(refused),
            ListError::Same => Self::Conflict("The list is so already.".to_owned()),
            ListError::Order(error) => error,
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

fn allowed(who: Vec<AcePrincipal>) -> Acl {
    let entries = who
        .into_iter()
        .map(|who| entry(who, contact(), Rights::NONE));
    Acl {
        entries: entries.collect(),
    }
}

fn blocked(who: Vec<AcePrincipal>) -> Acl {
    let entries = who
        .into_iter()
        .map(|who| entry(who, Rights::NONE, contact()));
    Acl {
        entries: entries.collect(),
    }
}

fn list(entry: Ace) -> Acl {
    Acl {
        entries: vec![entry],
    }
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
