//! The first run: whoever has the word that the server printed makes the first administrator.

use super::{Admin, internal, invalid};
use crate::store::StoreError;
use api::{Actor, Error, Role, Secret, Viewer};
use subtle::ConstantTimeEq as _;
use web::backend::Account;

/// Name of the fact that holds the one-time word of the first run.
pub(super) const FIRST_RUN_FACT: &str = "first_run_token";

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
    pub async fn first_run(&self) -> Result<bool, Error> {
        Ok(self.store.admins().await.map_err(internal)?.is_empty())
    }

    /// Makes the first administrator.
    pub async fn create_first_admin(
        &self,
        token: &str,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, Error> {
        // Before the password is hashed, as nobody else may make the server work.
        let known = self.store.fact(FIRST_RUN_FACT).await.map_err(internal)?;
        check_token(known.as_deref(), token)?;
        let password = Secret::from(password);
        let row = self
            .new_account(name, Role::Administrator, &password)
            .await?;
        let actor = Actor {
            name: row.name.clone(),
            role: Role::Administrator,
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
        change.rows.add_admin(&row).await.map_err(internal)?;
        let cleared = change.rows.clear_fact(FIRST_RUN_FACT).await;
        cleared.map_err(internal)?;
        let at = self.clock.wall_ms();
        let noted = change
            .rows
            .admin_signed_in(&row.name, row.generation, at, from)
            .await;
        noted.map_err(internal)?;
        change.audit("admin.create", &row.name, "first run");
        change.commit(|_| ()).await?;
        Ok(Account {
            viewer: Viewer {
                name: row.name,
                role: Role::Administrator,
            },
            generation: row.generation,
            signed_in: api::Millis(at),
        })
    }
}

/// Checks the word of the first run; there is none once there is an administrator.
fn check_token(known: Option<&str>, token: &str) -> Result<(), Error> {
    let known = known.ok_or_else(there_is_one)?;
    if bool::from(known.as_bytes().ct_eq(token.trim().as_bytes())) {
        return Ok(());
    }
    Err(invalid(
        "token",
        "This is not the word that the server printed. Open the link from its output, or start it again to see it.",
    ))
}

fn there_is_one() -> Error {
    Error::Conflict("There is an administrator already. Sign in, or ask them.".into())
}
