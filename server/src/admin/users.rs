//! Accounts of people who sign on with a client.

use super::leaving::Leaving;
use super::{Admin, Live, internal, invalid, no_such_user, require};
use crate::auth::kept;
use crate::delivery::SYSTEM_ALIAS;
use crate::presence::Account;
use crate::store::{NewUserRow, StoreError, TakenName};
use api::Actor;
use api::{NewUser, Role, UserEdit};
use rvp::Alias;
use std::collections::HashSet;
use std::sync::Arc;

/// Longest texts, in characters.
const LONGEST_NAME: usize = 128;
const LONGEST_PASSWORD: usize = 256;

/// How many names a refusal names.
const SHOWN: usize = 10;

impl Admin {
    /// Makes accounts, all or none.
    pub async fn create_users(&self, actor: &Actor, users: &[NewUser]) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let rows = users
            .iter()
            .map(|user| self.row(user))
            .collect::<Result<Vec<_>, _>>()?;
        let aliases: Vec<_> = rows.iter().map(|row| row.alias.clone()).collect();
        refuse_twice(&aliases)?;
        let mut change = self.begin(actor).await?;
        let taken = change.rows.taken(&aliases).await.map_err(internal)?;
        if !taken.is_empty() {
            return Err(refuse_taken(&rows, &taken));
        }
        change.rows.add_users(&rows).await.map_err(internal)?;
        for row in &rows {
            change.audit("user.create", &row.alias, row.display_name.as_str());
        }
        let add = move |live: &Live| {
            for row in &rows {
                // Only what can be an alias was let in.
                if let Ok(alias) = Alias::new(&row.alias) {
                    live.nodes.put_account(&alias, account(row));
                }
            }
        };
        change.commit(add).await.map(drop)
    }

    fn row(&self, user: &NewUser) -> Result<NewUserRow, api::Error> {
        let spelled = user.alias.trim();
        let alias = Self::alias(spelled)?;
        if alias.as_str() == SYSTEM_ALIAS {
            return Err(invalid(
                "alias",
                "The server itself speaks as \"system\". Choose another alias.",
            ));
        }
        if spelled.contains('@') {
            return Err(invalid(
                "alias",
                "The alias is the part before the @ of the address: leave the rest out.",
            ));
        }
        Ok(NewUserRow {
            verifiers: self.sealed(&alias, spelled, user.password.expose())?,
            alias: alias.to_string(),
            spelled: spelled.to_owned(),
            display_name: checked_name(&user.display_name)?,
            email: checked_email(&user.email)?,
            created_ms: self.clock.now_ms(),
            generation: self.generation(),
        })
    }

    fn sealed(&self, alias: &Alias, spelled: &str, password: &str) -> Result<Vec<u8>, api::Error> {
        if password.is_empty() {
            return Err(invalid("password", "A user needs a password."));
        }
        if password.chars().count() > LONGEST_PASSWORD {
            return Err(invalid(
                "password",
                "The password is longer than 256 characters.",
            ));
        }
        let kept = kept::keep(spelled, password, &self.realm);
        Ok(self.key.seal(self.random.bytes(), alias.as_str(), &kept))
    }

    /// Changes what the edit names of an account; one that is disabled is signed off at once.
    pub async fn edit_user(
        &self,
        actor: &Actor,
        alias: &str,
        edit: &UserEdit,
    ) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let name = edit.display_name.as_deref().map(checked_name).transpose()?;
        let email = edit.email.as_deref().map(checked_email).transpose()?;
        let enabled = edit.enabled;
        let generation = self.generation();
        let mut change = self.begin(actor).await?;
        change
            .rows
            .edit_user(
                alias.as_str(),
                name.as_deref(),
                email.as_deref(),
                enabled,
                generation,
            )
            .await
            .map_err(no_such_user(alias.as_str()))?;
        if enabled == Some(false) {
            let ended = change.rows.end_sign_ons(&[alias.to_string()]).await;
            ended.map_err(internal)?;
        }
        let detail = said(name.as_deref(), email.as_deref(), enabled);
        change.audit("user.edit", alias.as_str(), detail);
        let random = self.random;
        let leaving = change
            .commit(move |live| {
                let renamed = name.is_some()
                    && live.nodes.account(&alias).map(|a| a.display_name)
                        != name.as_deref().map(Into::into);
                live.nodes.edit_account(&alias, |account| {
                    if let Some(name) = name {
                        account.display_name = name.into();
                    }
                    if let Some(email) = email {
                        account.email = email.into();
                    }
                    if let Some(enabled) = enabled.filter(|now| *now != account.enabled) {
                        account.enabled = enabled;
                        account.generation = generation;
                    }
                });
                if renamed {
                    live.delivery.tell(live.nodes.display_name_changed(&alias));
                }
                (enabled == Some(false))
                    .then(|| Leaving::start(live, random, &[alias], "Your account was disabled."))
            })
            .await?;
        match leaving.flatten() {
            Some(leaving) => leaving.over().await.map(drop),
            None => Ok(()),
        }
    }

    /// Enables or disables an account and leaves the rest of it.
    pub async fn enable_user(
        &self,
        actor: &Actor,
        alias: &str,
        enabled: bool,
    ) -> Result<(), api::Error> {
        let edit = UserEdit {
            enabled: Some(enabled),
            ..UserEdit::default()
        };
        self.edit_user(actor, alias, &edit).await
    }

    /// Sets a password. Connections that proved the old one prove the new one; sessions that are
    /// signed on stay until they renew.
    pub async fn set_password(
        &self,
        actor: &Actor,
        alias: &str,
        password: &str,
    ) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let missing = || no_such_user(alias.as_str())(StoreError::Missing);
        let before = self.store.user(alias.as_str()).await.map_err(internal)?;
        let spelled = before.ok_or_else(missing)?.spelled;
        let verifiers = self.sealed(&alias, &spelled, password)?;
        let generation = self.generation();
        let mut change = self.begin(actor).await?;
        // They are made for the alias as it is spelled: by now it may be another account's.
        let now = change.rows.user(alias.as_str()).await.map_err(internal)?;
        if now.ok_or_else(missing)?.spelled != spelled {
            return Err(api::Error::Conflict(format!(
                "{alias} was deleted and made anew meanwhile. Look at the account, then try again."
            )));
        }
        change
            .rows
            .set_verifiers(alias.as_str(), &verifiers, Some(generation))
            .await
            .map_err(no_such_user(alias.as_str()))?;
        change.audit("user.password", alias.as_str(), "");
        let set = move |live: &Live| {
            live.nodes.edit_account(&alias, |account| {
                account.verifiers = verifiers.into();
                account.generation = generation;
            });
        };
        change.commit(set).await.map(drop)
    }

    /// Lets a user sign on again before their block ends.
    pub async fn unblock_user(&self, actor: &Actor, alias: &str) -> Result<(), api::Error> {
        require(actor, Role::Operator)?;
        let alias = Self::alias(alias)?;
        let mut change = self.begin(actor).await?;
        change
            .rows
            .set_block(&[alias.to_string()], None, None)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        change.audit("user.unblock", alias.as_str(), "");
        let lift = move |live: &Live| {
            live.nodes
                .edit_account(&alias, |account| account.block = None);
        };
        change.commit(lift).await.map(drop)
    }

    /// Deletes an account for good, and signs it off.
    pub async fn delete_user(&self, actor: &Actor, alias: &str) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let mut change = self.begin(actor).await?;
        change
            .rows
            .remove_user(alias.as_str())
            .await
            .map_err(no_such_user(alias.as_str()))?;
        change.audit("user.delete", alias.as_str(), "");
        let random = self.random;
        let (removed, turn) = change
            .commit_in_turn(move |live| {
                let removed = live.nodes.remove_account(&alias)?;
                live.delivery.tell(removed.events);
                let why = "Your account was deleted.";
                let leaving = Leaving::of_removed(live, random, removed.sessions, why);
                Some((leaving, removed.commit))
            })
            .await?;
        let Some((leaving, commit)) = removed.flatten() else {
            return Ok(());
        };
        // What was still to be written of the user is over before the alias can be made anew.
        if let Err(error) = commit.wait().await {
            tracing::warn!(%error, "what is left of a deleted user ends at the next start");
        }
        drop(turn);
        leaving.over().await.map(drop)
    }
}

fn refuse_twice(aliases: &[String]) -> Result<(), api::Error> {
    let mut seen = HashSet::new();
    match aliases.iter().find(|alias| !seen.insert(*alias)) {
        None => Ok(()),
        Some(twice) => Err(api::Error::Conflict(format!(
            "{twice} stands in the list twice. Nobody was added."
        ))),
    }
}

/// Says why users could not be added some of whom have names that are taken.
fn refuse_taken(rows: &[NewUserRow], taken: &[TakenName]) -> api::Error {
    api::Error::Conflict(match (rows, taken) {
        (
            [_],
            [
                TakenName {
                    name,
                    of_group: true,
                },
            ],
        ) => format!(
            "There is a group {name} already, and a user may not have the same name: both stand in addresses. Choose another alias."
        ),
        ([_], [TakenName { name, .. }]) => {
            format!("There is a user {name} already. Choose another alias.")
        }
        _ => {
            let shown: Vec<_> = taken
                .iter()
                .take(SHOWN)
                .map(|it| it.name.as_str())
                .collect();
            let more = taken.len() - shown.len();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!(
                "Some of these users exist already, or have the name of a group: {}{more}. Nobody was added.",
                shown.join(", ")
            )
        }
    })
}

/// What an edit changed, for the audit.
fn said(name: Option<&str>, email: Option<&str>, enabled: Option<bool>) -> String {
    let parts = [
        name.map(|name| format!("name {name:?}")),
        email.map(|email| format!("mail {email:?}")),
        enabled.map(|enabled| if enabled { "enabled" } else { "disabled" }.to_owned()),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return "nothing was changed".to_owned();
    }
    parts.join(", ")
}

fn is_bad(text: &str) -> bool {
    text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control)
}

fn checked_name(name: &str) -> Result<String, api::Error> {
    let name = name.trim();
    if is_bad(name) {
        return Err(invalid(
            "display_name",
            "The name is longer than 128 characters, or holds a control character.",
        ));
    }
    Ok(name.to_owned())
}

fn checked_email(email: &str) -> Result<String, api::Error> {
    let email = email.trim();
    if is_bad(email)
        || (!email.is_empty() && (!email.contains('@') || email.contains(char::is_whitespace)))
    {
        return Err(invalid(
            "email",
            "This is not a mail address: write name@example.com, or leave it empty.",
        ));
    }
    Ok(email.to_owned())
}

fn account(row: &NewUserRow) -> Account {
    Account {
        spelled: row.spelled.as_str().into(),
        display_name: row.display_name.as_str().into(),
        email: row.email.as_str().into(),
        enabled: true,
        verifiers: Arc::from(row.verifiers.as_slice()),
        created: row.created_ms,
        last_sign_on: None,
        block: None,
        generation: row.generation,
    }
}
