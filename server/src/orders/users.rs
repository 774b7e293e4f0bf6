//! Accounts of people who sign on with a client.

use super::{Orders, internal, invalid, no_such_user, require};
use crate::auth::kept;
use crate::delivery::SYSTEM_ALIAS;
use crate::presence::Account;
use crate::store::{NewUserRow, StoreError};
use rvp::Alias;
use std::sync::Arc;
use web::backend::{Actor, BackendError};
use web::model::{NewUser, Role, UserEdit};

/// Longest texts, in characters.
const LONGEST_NAME: usize = 128;
const LONGEST_PASSWORD: usize = 256;

impl Orders {
    /// Makes accounts, all or none.
    pub async fn create_users(&self, actor: &Actor, users: &[NewUser]) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let mut rows = Vec::with_capacity(users.len());
        for user in users {
            rows.push(self.row(user)?);
        }
        match self.store.add_users(&rows).await {
            Ok(()) => {}
            Err(StoreError::Exists) => return Err(self.taken(&rows).await?),
            Err(error) => return Err(internal(error)),
        }
        for row in rows {
            if let Some(live) = &self.live {
                live.nodes
                    .put_account(&Self::alias(&row.alias)?, account(&row));
            }
            self.audit(actor, "user.create", &row.alias, row.display_name)
                .await?;
        }
        Ok(())
    }

    /// Why users could not be added of whom one has a name that is taken.
    async fn taken(&self, rows: &[NewUserRow]) -> Result<BackendError, BackendError> {
        let [only] = rows else {
            return Ok(BackendError::Conflict(
                "One of these users exists already, has the name of a group, or stands in the list twice. Nobody was added.".into(),
            ));
        };
        let alias = &only.alias;
        let group = self.store.has_group(alias).await.map_err(internal)?;
        Ok(BackendError::Conflict(if group {
            format!(
                "There is a group {alias} already, and a user may not have the same name: both stand in addresses. Choose another alias."
            )
        } else {
            format!("There is a user {alias} already. Choose another alias.")
        }))
    }

    fn row(&self, user: &NewUser) -> Result<NewUserRow, BackendError> {
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
        let (display_name, email) = checked_texts(&user.display_name, &user.email)?;
        Ok(NewUserRow {
            verifiers: self.sealed(&alias, spelled, &user.password)?,
            alias: alias.to_string(),
            spelled: spelled.to_owned(),
            display_name,
            email,
            created_ms: self.clock.now_ms(),
        })
    }

    fn sealed(
        &self,
        alias: &Alias,
        spelled: &str,
        password: &str,
    ) -> Result<Vec<u8>, BackendError> {
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

    /// Changes what can be changed of an account; one that is disabled is signed off at once.
    pub async fn edit_user(
        &self,
        actor: &Actor,
        alias: &str,
        edit: &UserEdit,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let (display_name, email) = checked_texts(&edit.display_name, &edit.email)?;
        self.store
            .edit_user(alias.as_str(), &display_name, &email, edit.enabled)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        let detail = format!(
            "name {display_name:?}, mail {email:?}, {}",
            if edit.enabled { "enabled" } else { "disabled" }
        );
        if let Some(live) = &self.live {
            let renamed = live
                .nodes
                .account(&alias)
                .is_some_and(|a| *a.display_name != *display_name);
            live.nodes.edit_account(&alias, |account| {
                account.display_name = display_name.into();
                account.email = email.into();
                account.enabled = edit.enabled;
            });
            if renamed {
                live.delivery.tell(live.nodes.display_name_changed(&alias));
            }
            if !edit.enabled {
                self.end_sessions(std::slice::from_ref(&alias), "Your account was disabled.")
                    .await?;
            }
        }
        self.audit(actor, "user.edit", alias.as_str(), detail).await
    }

    /// Enables or disables an account and leaves the rest of it.
    pub async fn enable_user(
        &self,
        actor: &Actor,
        alias: &str,
        enabled: bool,
    ) -> Result<(), BackendError> {
        let key = Self::alias(alias)?;
        let users = self.store.users().await.map_err(internal)?;
        let user = users
            .into_iter()
            .find(|u| u.alias == key.as_str())
            .ok_or_else(|| BackendError::NotFound(format!("There is no user {key}.")))?;
        let edit = UserEdit {
            display_name: user.display_name,
            email: user.email,
            enabled,
        };
        self.edit_user(actor, alias, &edit).await
    }

    /// Sets a password; live sessions stay.
    pub async fn set_password(
        &self,
        actor: &Actor,
        alias: &str,
        password: &str,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        let users = self.store.users().await.map_err(internal)?;
        let user = users
            .into_iter()
            .find(|u| u.alias == alias.as_str())
            .ok_or_else(|| BackendError::NotFound(format!("There is no user {alias}.")))?;
        let verifiers = self.sealed(&alias, &user.spelled, password)?;
        self.store
            .set_verifiers(alias.as_str(), &verifiers)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        if let Some(live) = &self.live {
            live.nodes
                .edit_account(&alias, |account| account.verifiers = verifiers.into());
        }
        self.audit(actor, "user.password", alias.as_str(), "").await
    }

    /// Lets a user sign on again before their block ends.
    pub async fn unblock_user(&self, actor: &Actor, alias: &str) -> Result<(), BackendError> {
        require(actor, Role::Operator)?;
        let alias = Self::alias(alias)?;
        self.store
            .set_block(alias.as_str(), None, None)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        if let Some(live) = &self.live {
            live.nodes
                .edit_account(&alias, |account| account.block = None);
        }
        self.audit(actor, "user.unblock", alias.as_str(), "").await
    }

    /// Deletes an account for good, after signing it off.
    pub async fn delete_user(&self, actor: &Actor, alias: &str) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let alias = Self::alias(alias)?;
        if let Some(live) = &self.live {
            if live.nodes.account(&alias).is_none() {
                return Err(BackendError::NotFound(format!("There is no user {alias}.")));
            }
            live.nodes
                .edit_account(&alias, |account| account.enabled = false);
            self.end_sessions(std::slice::from_ref(&alias), "Your account was deleted.")
                .await?;
            live.nodes.remove_account(&alias);
        }
        self.store
            .remove_user(alias.as_str())
            .await
            .map_err(no_such_user(alias.as_str()))?;
        self.redraw().await?;
        self.audit(actor, "user.delete", alias.as_str(), "").await
    }
}

fn checked_texts(display_name: &str, email: &str) -> Result<(String, String), BackendError> {
    let (display_name, email) = (display_name.trim(), email.trim());
    let bad =
        |text: &str| text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control);
    if bad(display_name) {
        return Err(invalid(
            "display_name",
            "The name is longer than 128 characters, or holds a control character.",
        ));
    }
    if bad(email)
        || (!email.is_empty() && (!email.contains('@') || email.contains(char::is_whitespace)))
    {
        return Err(invalid(
            "email",
            "This is not a mail address: write name@example.com, or leave it empty.",
        ));
    }
    Ok((display_name.to_owned(), email.to_owned()))
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
    }
}
