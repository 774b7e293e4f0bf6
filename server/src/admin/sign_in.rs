//! Signing in at the console and at `/metrics`.

use super::admins::{LONGEST_NAME, role};
use super::{Admin, internal};
use crate::auth::admin::DUMMY_HASH;
use crate::auth::{HasherError, LockedOut, Name};
use api::Viewer;
use std::net::{IpAddr, Ipv4Addr};
use web::backend::{Account, SignInError};

impl Admin {
    /// Checks a name and a password. The attempt is counted before it is looked at, by the
    /// account that the name means and by address; what comes of it counts even where nobody
    /// waits for it any more.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, SignInError> {
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
        let attempt = attempt.map_err(|LockedOut { seconds }| {
            tracing::warn!(
                name,
                from,
                seconds,
                "console sign-in refused: too many failures"
            );
            SignInError::LockedOut { seconds }
        })?;
        let hash = known.as_ref().map_or(DUMMY_HASH, |a| &a.password_hash);
        let (hasher, password, hash) = (self.hasher.clone(), password.to_owned(), hash.to_owned());
        let is_known = known.is_some();
        let checked = tokio::spawn(async move {
            let right = hasher.verify(password, hash).await? && is_known;
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
        let Some(admin) = known.filter(|_| right) else {
            tracing::warn!(name, from, "console sign-in refused");
            return Err(SignInError::Refused);
        };
        Ok(Account {
            viewer: Viewer {
                role: role(&admin.role),
                name: admin.name,
            },
            generation: admin.generation,
        })
    }
}
