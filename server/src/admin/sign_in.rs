//! Signing in at the console and at `/metrics`, and what the audit says of it.

use super::admins::{LONGEST_NAME, role};
use super::{Admin, internal, invalid};
use crate::auth::admin::DUMMY_HASH;
use crate::auth::{HasherError, LockedOut, Name};
use crate::store::{AdminRow, StoreError};
use api::{Actor, Error, Millis, Role, Viewer};
use std::net::{IpAddr, Ipv4Addr};
use web::backend::{Account, SignInError};

/// Who fails to sign in, in the audit: what was typed is the target, as it proves nothing.
const NOBODY: &str = "(not signed in)";

impl Admin {
    /// Signs somebody in at the console.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, SignInError> {
        let admin = self.check_password(name, password, from).await?;
        let actor = Actor {
            name: admin.name.clone(),
            role: role(&admin.role),
            from: from.to_owned(),
            only: None,
        };
        let at = self.clock.wall_ms();
        match self.note_sign_in(&actor, admin.generation, at).await {
            // It was removed or disabled while the password was looked at.
            Ok(false) => return Err(SignInError::Refused),
            Ok(true) => {}
            Err(error) => {
                // Who is to make room on the disk must get in.
                tracing::warn!(%error, name = actor.name, "a sign-in could not be written down");
            }
        }
        Ok(Account {
            viewer: Viewer {
                role: actor.role,
                name: actor.name,
            },
            generation: admin.generation,
            signed_in: Millis(at),
        })
    }

    /// Somebody ended their own session.
    pub async fn signed_out(&self, actor: &Actor) -> Result<(), Error> {
        let mut change = self.begin(actor).await?;
        change.audit("sign-out", &actor.name, "");
        change.commit(self.tell_sessions()).await.map(drop)
    }

    /// Checks a name and a password, without a session. The attempt is counted before it is looked
    /// at, by the account that the name means and by address; what comes of it counts even where
    /// nobody waits for it any more.
    pub async fn check_password(
        &self,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<AdminRow, SignInError> {
        let name = name.trim();
        let known = if name.chars().count() <= LONGEST_NAME {
            self.store.admin(name).await.map_err(internal)?
        } else {
            None
        };
        let counted = known.as_ref().map_or_else(
            || Name::unknown(name),
            |admin| Name::account(admin.name.to_lowercase()),
        );
        let address = from.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let attempt = self.throttle.enter(counted, address, || false).await;
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(LockedOut { seconds }) => {
                tracing::warn!(
                    name,
                    from,
                    seconds,
                    "console sign-in refused: too many failures"
                );
                self.note_refusal(name, from, "too many failures: it was not looked at")
                    .await;
                return Err(SignInError::LockedOut { seconds });
            }
        };
        let hash = known.as_ref().map_or(DUMMY_HASH, |a| &a.password_hash);
        let (hasher, password, hash) = (self.hasher.clone(), password.to_owned(), hash.to_owned());
        let may = known.as_ref().is_some_and(|admin| admin.enabled);
        let checked = tokio::spawn(async move {
            let right = hasher.verify(password, hash).await? && may;
            if right {
                attempt.right();
            } else {
                attempt.wrong();
            }
            Ok(right)
        });
        let right = match checked.await.map_err(internal)? {
            Err(HasherError::Busy) => return Err(SignInError::Busy),
            checked => checked.map_err(internal)?,
        };
        let why = match &known {
            Some(admin) if !admin.enabled => "the account is disabled",
            Some(_) => "wrong password",
            None => "no such account",
        };
        let Some(admin) = known.filter(|_| right) else {
            tracing::warn!(name, from, "console sign-in refused");
            self.note_refusal(name, from, why).await;
            return Err(SignInError::Refused);
        };
        Ok(admin)
    }

    /// Writes a failed sign-in down, unless it is one too many.
    async fn note_refusal(&self, name: &str, from: &str, why: &str) {
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let now = self.clock.now_ms();
        let Some(left_out) = self.refused.take(&name, from, now) else {
            return;
        };
        let detail = match left_out {
            0 => why.to_owned(),
            left_out => format!("{why}; {left_out} more before it are not written down"),
        };
        let nobody = Actor {
            name: NOBODY.to_owned(),
            role: Role::Viewer,
            from: from.to_owned(),
            only: None,
        };
        if let Err(error) = self.act(&nobody, "sign-in.refused", &name, detail).await {
            tracing::warn!(%error, name, from, "a failed sign-in could not be written down");
        }
    }

    /// Whether this is the password of an account that is signed in: its guesses count like those
    /// of a stranger.
    pub(super) async fn prove_own(
        &self,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<AdminRow, Error> {
        let checked = self.check_password(name, password, from).await;
        checked.map_err(|error| match error {
            SignInError::Refused => invalid(
                "old_password",
                "This is not your present password. Type it again.",
            ),
            SignInError::LockedOut { .. } | SignInError::Busy => Error::TooMany {
                message: error.to_string(),
                seconds: error.retry_after().unwrap_or(1),
            },
            SignInError::Backend(error) => error,
        })
    }

    /// Writes a sign-in down; false: the account is another meanwhile.
    async fn note_sign_in(&self, actor: &Actor, generation: i64, at: i64) -> Result<bool, Error> {
        let mut change = self.begin(actor).await?;
        let noted = change
            .rows
            .admin_signed_in(&actor.name, generation, at, &actor.from)
            .await;
        match noted {
            Err(StoreError::Missing) => return Ok(false),
            noted => noted.map_err(internal)?,
        }
        change.audit("sign-in", &actor.name, "");
        change.commit(|_| ()).await?;
        Ok(true)
    }
}
