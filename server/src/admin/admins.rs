//! Console accounts: making and removing them.

use super::{Admin, Live, internal, invalid, require};
use crate::auth::admin::check_strength;
use crate::store::{AdminRow, StoreError};
use api::Actor;
use api::{Role, Viewer};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;
use web::backend::Account;

/// Name of the fact that holds the one-time word of the first run.
const FIRST_RUN_FACT: &str = "first_run_token";

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 64;

impl Admin {
    /// The one-time word that lets a browser make the first administrator; `None` once there
    /// is one.
    pub async fn first_run_token(&self) -> Result<Option<String>, StoreError> {
        if !self.store.admins().await?.is_empty() {
            return Ok(None);
        }
        let mut change = self.store.begin().await?;
        if !change.admins().await?.is_empty() {
            return Ok(None);
        }
        if let Some(token) = change.fact(FIRST_RUN_FACT).await? {
            return Ok(Some(token));
        }
        let token = self.random.word();
        change.set_fact(FIRST_RUN_FACT, &token).await?;
        change.commit().await?;
        Ok(Some(token))
    }

    /// True until the first administrator exists.
    pub async fn first_run(&self) -> Result<bool, api::Error> {
        Ok(self.store.admins().await.map_err(internal)?.is_empty())
    }

    /// Makes the first administrator.
    pub async fn create_first_admin(
        &self,
        token: &str,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, api::Error> {
        // Before the password is hashed, as nobody else may make the server work.
        let known = self.store.fact(FIRST_RUN_FACT).await.map_err(internal)?;
        check_token(known.as_deref(), token)?;
        let row = self.admin_row(name, Role::Administrator, password).await?;
        let viewer = Viewer {
            name: row.name.clone(),
            role: Role::Administrator,
        };
        let actor = Actor {
            name: viewer.name.clone(),
            role: viewer.role,
            from: from.to_owned(),
            only: None,
        };
        let mut change = self.begin(&actor).await?;
        // Another browser may have been faster.
        if !change.rows.admins().await.map_err(internal)?.is_empty() {
            return Err(there_is_one());
        }
        let known = change.rows.fact(FIRST_RUN_FACT).await.map_err(internal)?;
        check_token(known.as_deref(), token)?;
        let now = change.now;
        change.rows.add_admin(&row, now).await.map_err(internal)?;
        change
            .rows
            .clear_fact(FIRST_RUN_FACT)
            .await
            .map_err(internal)?;
        change.audit("admin.create", &viewer.name, "first run");
        change.commit(|_| ()).await?;
        Ok(Account {
            viewer,
            generation: row.generation,
        })
    }

    /// Makes a console account.
    pub async fn create_admin(
        &self,
        actor: &Actor,
        name: &str,
        role: Role,
        password: &str,
    ) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let row = self.admin_row(name, role, password).await?;
        let mut change = self.begin(actor).await?;
        let now = change.now;
        change
            .rows
            .add_admin(&row, now)
            .await
            .map_err(|error| match error {
                StoreError::Exists => api::Error::Conflict(format!(
                    "There is a console account {} already.",
                    row.name
                )),
                error => internal(error),
            })?;
        // Whoever has the word of the first run comes too late.
        change
            .rows
            .clear_fact(FIRST_RUN_FACT)
            .await
            .map_err(internal)?;
        change.audit("admin.create", &row.name, row.role.as_str());
        change.commit(|_| ()).await.map(drop)
    }

    /// Removes a console account, but never the last administrator.
    pub async fn remove_admin(&self, actor: &Actor, name: &str) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let mut change = self.begin(actor).await?;
        let admins = change.rows.admins().await.map_err(internal)?;
        let is_it = |a: &&AdminRow| a.name.eq_ignore_ascii_case(name);
        let Some(found) = admins.iter().find(is_it) else {
            return Err(api::Error::NotFound(format!(
                "There is no console account {name}."
            )));
        };
        let others = admins
            .iter()
            .filter(|a| !is_it(a))
            .any(|a| role(&a.role) == Role::Administrator);
        if role(&found.role) == Role::Administrator && !others {
            return Err(api::Error::Conflict(format!(
                "{name} is the last administrator: add another first."
            )));
        }
        change.rows.remove_admin(name).await.map_err(internal)?;
        change.audit("admin.remove", &found.name, "");
        // Streams that it left open end at once.
        let changed = self.admins_changed.clone();
        let tell = move |_: &Live| changed.send_modify(|version| *version += 1);
        change.commit(tell).await.map(drop)
    }

    /// All console accounts.
    pub async fn admins(&self) -> Result<Vec<Viewer>, api::Error> {
        let admins = self.store.admins().await.map_err(internal)?;
        Ok(admins
            .into_iter()
            .map(|a| Viewer {
                role: role(&a.role),
                name: a.name,
            })
            .collect())
    }

    /// The account behind a console session, as it is now; none if it is not the one that the
    /// session was begun with, whatever its name.
    pub async fn viewer(&self, name: &str, generation: i64) -> Result<Option<Viewer>, api::Error> {
        let admin = self.store.admin(name).await.map_err(internal)?;
        let same = admin.filter(|admin| admin.generation == generation);
        Ok(same.map(|a| Viewer {
            role: role(&a.role),
            name: a.name,
        }))
    }

    /// A number that changes whenever a console account is removed.
    #[must_use]
    pub fn admins_version(&self) -> watch::Receiver<u64> {
        self.admins_changed.subscribe()
    }

    async fn admin_row(
        &self,
        name: &str,
        role: Role,
        password: &str,
    ) -> Result<AdminRow, api::Error> {
        let name = name.trim();
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            return Err(invalid(
                "name",
                "The name must have 1 to 64 characters and no control character.",
            ));
        }
        check_strength(password).map_err(|why| invalid("password", why))?;
        let hash = self
            .hasher
            .hash(password.to_owned(), self.random.bytes())
            .await;
        Ok(AdminRow {
            name: name.to_owned(),
            role: role_name(role).to_owned(),
            password_hash: hash.map_err(internal)?,
            generation: self.generation(),
        })
    }
}

/// Checks the word of the first run; there is none once there is an administrator.
fn check_token(known: Option<&str>, token: &str) -> Result<(), api::Error> {
    let known = known.ok_or_else(there_is_one)?;
    if bool::from(known.as_bytes().ct_eq(token.trim().as_bytes())) {
        return Ok(());
    }
    Err(invalid(
        "token",
        "This is not the word that the server printed. Open the link from its output, or start it again to see it.",
    ))
}

fn there_is_one() -> api::Error {
    api::Error::Conflict("There is an administrator already. Sign in, or ask them.".into())
}

/// A role as the database says it.
#[must_use]
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Administrator => "administrator",
    }
}

/// A role by its name; what is not known may only look.
pub(super) fn role(name: &str) -> Role {
    match name {
        "administrator" => Role::Administrator,
        "operator" => Role::Operator,
        _ => Role::Viewer,
    }
}
