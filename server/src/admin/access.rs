//! Whether one user may see another and write to them, and which entry decides.

use super::registry::Handle;
use super::{Admin, internal};
use crate::clock::UnixMs;
use api::{Access, AccessRow, Actor, Error, GetAccess};
use rvp::{Acl, Alias, Credential, LogicalUrl, PrincipalRef, Rights, State};

/// The ways of proving who one is that a server asks for.
const PROOFS: [(&str, Credential); 2] =
    [("digest", Credential::Digest), ("ntlm", Credential::Ntlm)];

impl Handle<GetAccess> for Admin {
    async fn handle(&self, _: &Actor, asked: GetAccess) -> Result<Access, Error> {
        let from = self.url_of(&asked.from).map_err(at("from"))?;
        let owner = Self::alias(&asked.to).map_err(at("to"))?;
        let kept = self.list_of(&owner).await?;
        let standard = kept.is_none();
        let acl = kept.unwrap_or_else(|| self.standard_list(&owner));
        let local = self.local(&from);
        let is_owner = local.as_ref() == Some(&owner);
        let mut rights = Vec::new();
        for right in Rights::ALL.iter() {
            for (credential, proof) in PROOFS {
                let decision = acl.decide(&PrincipalRef::User(&from), proof, right);
                let (allowed, why) = if is_owner {
                    (true, format!("{owner} is the owner"))
                } else {
                    let allowed = decision.allowed;
                    (
                        allowed,
                        self.reason(&owner, &acl, standard, decision.entry, allowed, right),
                    )
                };
                rights.push(AccessRow {
                    right: word(right),
                    credential: credential.to_owned(),
                    allowed,
                    why,
                });
            }
        }
        let presence = word(Rights::PRESENCE);
        let seen = rights.iter().any(|r| r.right == presence && r.allowed);
        let mut hindrances = Vec::new();
        if let Some(alias) = &local {
            self.hindrance(alias, &mut hindrances).await?;
        }
        if !is_owner {
            self.hindrance(&owner, &mut hindrances).await?;
        }
        Ok(Access {
            from_alias: local.map(|alias| alias.to_string()),
            to_alias: owner.to_string(),
            from: from.as_str().to_owned(),
            to: LogicalUrl::compose(&self.realm.domain, owner.as_str())
                .as_str()
                .to_owned(),
            hindrances,
            sees: self.seen_state(&owner, seen),
            rights,
        })
    }
}

impl Admin {
    fn reason(
        &self,
        owner: &Alias,
        acl: &Acl,
        standard: bool,
        entry: Option<usize>,
        allowed: bool,
        right: Rights,
    ) -> String {
        if standard {
            return "no list: the default lets everybody see and send, and nothing else".to_owned();
        }
        let right = word(right);
        entry.map_or_else(
            || format!("{owner}'s list: no entry grants {right}"),
            |index| {
                let who = self.called(&acl.entries[index].who);
                let verb = if allowed { "granted" } else { "denied" };
                format!("{owner}'s list: {who} is {verb} {right}")
            },
        )
    }

    /// Says what keeps a user of this domain from signing on.
    async fn hindrance(&self, alias: &Alias, say: &mut Vec<String>) -> Result<(), Error> {
        let user = self.store.user(alias.as_str()).await.map_err(internal)?;
        let Some(user) = user else {
            say.push(format!(
                "There is no user {alias}: nobody can sign on by this name."
            ));
            return Ok(());
        };
        if !user.enabled {
            say.push(format!(
                "The account of {alias} is disabled: {alias} cannot sign on."
            ));
        }
        let now: UnixMs = self.clock.now_ms();
        if user.blocked_until_ms.is_some_and(|until| until > now) {
            say.push(format!(
                "An administrator keeps {alias} from signing on for a while."
            ));
        }
        Ok(())
    }

    /// The state that a watcher is told now.
    fn seen_state(&self, owner: &Alias, may_see: bool) -> Option<String> {
        let live = self.live.as_ref()?;
        let state = live.nodes.properties(owner).ok()?.state;
        let state = if may_see { state } else { State::Offline };
        Some(state.name().to_owned())
    }
}

/// Says at which field something is wrong.
fn at(field: &'static str) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::Invalid { message, .. } => Error::invalid(field, message),
        error => error,
    }
}

fn word(right: Rights) -> String {
    right.names().next().unwrap_or_default().to_owned()
}
