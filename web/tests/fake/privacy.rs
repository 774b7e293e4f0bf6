//! Lists of users, kept in memory: as much of the real thing as pages can tell.

use super::Fake;
use web::backend::BackendError;
use web::model::{Access, AccessRow, Privacy, PrivacyAbout, PrivacyChange, PrivacyEntry};

const CONTACT: [&str; 2] = ["send-to", "presence"];

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn entry(who: &str, granted: &[&str], denied: &[&str]) -> PrivacyEntry {
    PrivacyEntry {
        who: who.to_owned(),
        about: match who {
            "everybody" => PrivacyAbout::Everybody,
            _ if who.contains("://") => PrivacyAbout::Elsewhere,
            _ => PrivacyAbout::User,
        },
        granted: owned(granted),
        denied: owned(denied),
        credentials: owned(&["assertion", "digest", "ntlm"]),
    }
}

fn standard(alias: &str) -> Privacy {
    Privacy {
        alias: alias.to_owned(),
        standard: true,
        open: true,
        entries: vec![
            entry("everybody", &["list", "read", "send-to", "presence"], &[]),
            PrivacyEntry {
                about: PrivacyAbout::Owner,
                ..entry(alias, &["all"], &[])
            },
        ],
    }
}

impl Fake {
    pub(super) fn list(&self, alias: &str) -> Result<Privacy, BackendError> {
        let inner = self.inner();
        if !inner.users.contains_key(alias) {
            return Err(super::backend::nobody(alias));
        }
        let kept = inner.lists.get(alias).cloned();
        Ok(kept.unwrap_or_else(|| standard(alias)))
    }

    pub(super) fn change_list(
        &self,
        alias: &str,
        change: &PrivacyChange,
    ) -> Result<(), BackendError> {
        let mut list = self.list(alias)?;
        list.standard = false;
        let mut put = |who: &str, granted: &[&str], denied: &[&str]| {
            list.entries.retain(|old| old.who != who);
            list.entries.push(entry(who, granted, denied));
        };
        match change {
            PrivacyChange::AllowAll(except) => {
                self.known(except)?;
                put("everybody", &CONTACT, &[]);
                except.iter().for_each(|who| put(who, &[], &CONTACT));
            }
            PrivacyChange::DenyAll(except) => {
                self.known(except)?;
                put("everybody", &[], &CONTACT);
                except.iter().for_each(|who| put(who, &CONTACT, &[]));
            }
            PrivacyChange::Allow(who) => {
                self.known(std::slice::from_ref(who))?;
                put(who, &CONTACT, &[]);
            }
            PrivacyChange::Block(who) => {
                self.known(std::slice::from_ref(who))?;
                put(who, &[], &CONTACT);
            }
            PrivacyChange::Forget(who) => list.entries.retain(|old| old.who != *who),
            PrivacyChange::Reset => list = standard(alias),
        }
        self.inner().lists.insert(alias.to_owned(), list);
        Ok(())
    }

    fn known(&self, names: &[String]) -> Result<(), BackendError> {
        let inner = self.inner();
        for name in names {
            if !name.contains("://") && !inner.users.contains_key(name) {
                let message = format!("There is no user {name}. Nothing was changed.");
                return Err(BackendError::Invalid {
                    field: "who",
                    message,
                });
            }
        }
        Ok(())
    }

    pub(super) fn may(&self, from: &str, to: &str) -> Result<Access, BackendError> {
        let list = self.list(to)?;
        let local = !from.contains("://");
        if local {
            self.list(from)?;
        }
        let decide = |right: &str| {
            let mut entries = list.entries.iter();
            let own = entries.find(|it| it.who == from && it.says(right).is_some());
            let entry = own.or_else(|| {
                let mut entries = list.entries.iter();
                entries.find(|it| it.about == PrivacyAbout::Everybody)
            });
            let allowed = entry.and_then(|it| it.says(right)).unwrap_or(false);
            let who = entry.map_or("nobody", |it| it.who.as_str());
            let verb = if allowed { "granted" } else { "denied" };
            (allowed, format!("{to}'s list: {who} is {verb} {right}"))
        };
        let rights = ["send-to", "presence"].into_iter().flat_map(|right| {
            let (allowed, why) = decide(right);
            ["digest", "ntlm"].map(|credential| AccessRow {
                right: right.to_owned(),
                credential: credential.to_owned(),
                allowed,
                why: why.clone(),
            })
        });
        let rights: Vec<_> = rights.collect();
        let state = if decide("presence").0 {
            "busy"
        } else {
            "offline"
        };
        Ok(Access {
            from: from.to_owned(),
            from_alias: local.then(|| from.to_owned()),
            to: format!("http://im.example.com/instmsg/aliases/{to}"),
            to_alias: to.to_owned(),
            hindrances: Vec::new(),
            sees: Some(state.to_owned()),
            rights,
        })
    }
}
