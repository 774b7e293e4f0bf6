//! Tokens: words with which programs come to the REST API.

use super::admins::{role, role_name};
use super::registry::Handle;
use super::{Admin, BY_NAME, internal, invalid};
use crate::clock::UnixMs;
use crate::store::{StoreError, TokenRow as Row};
use api::{
    Actor, CreateToken, DeleteToken, Done, Error, FOLLOW_EVENTS, ListTokens, Millis, NewToken,
    Role, TokenRow,
};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest as _, Sha256};

/// What every token begins with, so that a scanner finds one that was left somewhere.
const MARK: &str = "rollcall_";

/// The longest name, in characters.
const MAX_NAME: usize = 64;

/// The longest time that a token may be good for, in days.
const MAX_DAYS: u32 = 3650;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How often the last use, and from where, is written down.
const NOTED_EVERY_MS: i64 = 60 * 1000;

impl Handle<ListTokens> for Admin {
    async fn handle(&self, _: &Actor, _: ListTokens) -> Result<Vec<TokenRow>, Error> {
        let rows = self.store.tokens().await.map_err(internal)?;
        rows.into_iter().map(shown).collect()
    }
}

impl Handle<CreateToken> for Admin {
    async fn handle(&self, actor: &Actor, order: CreateToken) -> Result<NewToken, Error> {
        let name = order.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control)
        {
            return Err(invalid(
                "name",
                "A token needs a name of at most 64 characters, such as the program's.",
            ));
        }
        if order.role > actor.role {
            return Err(invalid(
                "role",
                "A token may not do more than who makes it. Choose a lower role.",
            ));
        }
        if order
            .days
            .is_some_and(|days| !(1..=MAX_DAYS).contains(&days))
        {
            return Err(invalid(
                "days",
                "A token is good for 1 to 3650 days, or without end.",
            ));
        }
        for wanted in order.operations.iter().flatten() {
            let known = BY_NAME.get(wanted.as_str()).map(|it| it.role);
            let follows = (wanted == FOLLOW_EVENTS).then_some(Role::Viewer);
            let Some(least) = known.or(follows) else {
                return Err(invalid(
                    "operations",
                    format!(
                        "There is no operation {wanted:?}. The document of the API names them."
                    ),
                ));
            };
            if least > order.role || !actor.may(wanted, least) {
                return Err(invalid(
                    "operations",
                    format!("{wanted} needs a higher role than this token has."),
                ));
            }
        }
        // Who is kept to some operations gives no more away.
        let operations = order.operations.or_else(|| actor.only.clone());
        let word = format!("{MARK}{}", BASE32_NOPAD.encode(&self.random.bytes::<32>()));
        let mut change = self.begin(actor).await?;
        let now = self.clock.wall_ms();
        let row = Row {
            name: name.to_owned(),
            role: role_name(order.role).to_owned(),
            operations: operations
                .map(|it| serde_json::to_string(&it))
                .transpose()
                .map_err(internal)?,
            created_ms: now,
            created_by: actor.name.clone(),
            expires_ms: order.days.map(|days| now + i64::from(days) * DAY_MS),
            used_ms: None,
            used_from: None,
        };
        let added = change.rows.add_token(&row, &hash(&word)).await;
        added.map_err(|error| match error {
            StoreError::Exists => Error::Conflict(format!(
                "There is a token {name} already. Choose another name, or revoke that one first."
            )),
            error => internal(error),
        })?;
        let days = order
            .days
            .map_or("without end".to_owned(), |days| format!("for {days} days"));
        let only = row.operations.as_ref().map(|it| format!(", only {it}"));
        let detail = format!("{}, {days}{}", row.role, only.unwrap_or_default());
        change.audit("token.create", name, detail);
        change.commit(|_| ()).await?;
        Ok(NewToken {
            token: word.into(),
            row: shown(row)?,
        })
    }
}

impl Handle<DeleteToken> for Admin {
    async fn handle(&self, actor: &Actor, order: DeleteToken) -> Result<Done, Error> {
        let name = order.name.trim();
        let mut change = self.begin(actor).await?;
        let known = change.rows.token(name).await.map_err(internal)?;
        if known.is_some_and(|row| role(&row.role) > actor.role) {
            return Err(Error::Forbidden);
        }
        let removed = change.rows.remove_token(name).await;
        removed.map_err(|error| match error {
            StoreError::Missing => Error::NotFound(format!("There is no token {name}.")),
            error => internal(error),
        })?;
        change.audit("token.delete", name, "");
        change.commit(|_| ()).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// Who comes with this token, from this address. Its first use of a day is in the audit.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if it is none, or good no more.
    pub(crate) async fn token_actor(&self, word: &str, from: &str) -> Result<Actor, Error> {
        let refused = || {
            Error::Unauthorized(
                "This token is not known: it was mistyped or revoked. Make a new one in the console or with `rollcall token add`.".to_owned(),
            )
        };
        if !word.starts_with(MARK) {
            return Err(refused());
        }
        let row = self
            .store
            .token_of_hash(&hash(word))
            .await
            .map_err(internal)?;
        let row = row.ok_or_else(refused)?;
        let now = self.clock.wall_ms();
        if row.expires_ms.is_some_and(|at| at <= now) {
            return Err(Error::Unauthorized(format!(
                "The token {} has expired. Make a new one in the console or with `rollcall token add`.",
                row.name
            )));
        }
        let used = row.used_ms;
        let shown = shown(row)?;
        let actor = Actor {
            name: format!("token {}", shown.name),
            role: shown.role,
            from: from.to_owned(),
            only: shown.operations,
        };
        if is_noted(used, now) {
            return Ok(actor);
        }
        match self.note_use(&actor, &shown.name).await {
            // It was revoked meanwhile.
            Ok(false) => return Err(refused()),
            Ok(true) => {}
            // Who only looks is let in all the same.
            Err(error) => {
                tracing::warn!(%error, token = shown.name, "the use of a token could not be written down");
            }
        }
        Ok(actor)
    }

    /// Writes down that a token is used, unless another request just has. False: there is none.
    async fn note_use(&self, actor: &Actor, name: &str) -> Result<bool, Error> {
        let mut change = self.begin(actor).await?;
        let now = self.clock.wall_ms();
        let Some(row) = change.rows.token(name).await.map_err(internal)? else {
            return Ok(false);
        };
        if is_noted(row.used_ms, now) {
            return Ok(true);
        }
        let noted = change.rows.token_used(name, now, &actor.from).await;
        noted.map_err(internal)?;
        let day = |at: UnixMs| at.div_euclid(DAY_MS);
        if row.used_ms.is_none_or(|at| day(at) != day(now)) {
            change.audit("token.use", name, "the first of the day");
        }
        change.commit(|_| ()).await?;
        Ok(true)
    }
}

/// Whether a use is written down already, as far as it is told: a request is no write.
fn is_noted(used: Option<UnixMs>, now: UnixMs) -> bool {
    used.is_some_and(|at| (0..NOTED_EVERY_MS).contains(&(now - at)))
}

fn hash(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

fn shown(row: Row) -> Result<TokenRow, Error> {
    let operations = row.operations.map(|text| serde_json::from_str(&text));
    Ok(TokenRow {
        role: role(&row.role),
        name: row.name,
        operations: operations.transpose().map_err(internal)?,
        created: Millis(row.created_ms),
        created_by: row.created_by,
        expires: row.expires_ms.map(Millis),
        used: row.used_ms.map(Millis),
        used_from: row.used_from,
    })
}
