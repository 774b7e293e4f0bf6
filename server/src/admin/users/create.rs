//! New accounts, one or many.

use super::{checked_email, checked_name, thing};
use crate::admin::change::{Change, field};
use crate::admin::registry::Handle;
use crate::admin::{Admin, Live, internal, invalid};
use crate::auth::kept;
use crate::delivery::SYSTEM_ALIAS;
use crate::presence::Account;
use crate::store::{FieldChange, NewUserRow, TakenName, Thing};
use api::{Actor, CreateUser, Done, Error, ImportUsers, NewUser};
use rvp::Alias;
use std::collections::HashSet;
use std::sync::Arc;

/// The longest password, in characters.
const MAX_PASSWORD: usize = 256;

/// How many names a refusal names.
const SHOWN: usize = 10;

impl Handle<CreateUser> for Admin {
    async fn handle(&self, actor: &Actor, order: CreateUser) -> Result<Done, Error> {
        let rows = vec![self.row(&order.user)?];
        let mut change = self.begin(actor).await?;
        change.add_users(&rows).await?;
        for new in &rows {
            let (thing, changes) = made(new)?;
            change.audit_change("user.create", &new.alias, thing, changes);
        }
        change.commit(put(rows)).await?;
        Ok(Done {})
    }
}

impl Handle<ImportUsers> for Admin {
    async fn handle(&self, actor: &Actor, order: ImportUsers) -> Result<u32, Error> {
        let rows = order.users.iter().enumerate().map(|(number, user)| {
            let row = self.row(user);
            row.map_err(|error| of_account(number, &user.alias, error))
        });
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        refuse_twice(&rows)?;
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut change = self.begin(actor).await?;
        change.add_users(&rows).await?;
        if order.dry_run || rows.is_empty() {
            return Ok(count);
        }
        let things = rows.iter().map(made).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = rows.iter().map(|row| row.alias.as_str()).collect();
        let target = match names.as_slice() {
            [one] => (*one).to_owned(),
            several => format!("{} users", several.len()),
        };
        change.audit_changes("user.import", &target, names.join(" "), things);
        change.commit(put(rows)).await?;
        Ok(count)
    }
}

impl Admin {
    fn row(&self, user: &NewUser) -> Result<NewUserRow, Error> {
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

    /// What proves a password, sealed for an alias.
    pub(super) fn sealed(
        &self,
        alias: &Alias,
        spelled: &str,
        password: &str,
    ) -> Result<Vec<u8>, Error> {
        if password.is_empty() {
            return Err(invalid(
                "password",
                "A user needs a password. Choose one, and tell the user.",
            ));
        }
        if password.chars().count() > MAX_PASSWORD {
            return Err(invalid(
                "password",
                "The password is longer than 256 characters. Choose a shorter one.",
            ));
        }
        let kept = kept::keep(spelled, password, &self.realm);
        Ok(self.key.seal(self.random.bytes(), alias.as_str(), &kept))
    }
}

impl Change<'_> {
    /// Adds accounts of names that nobody has.
    async fn add_users(&mut self, rows: &[NewUserRow]) -> Result<(), Error> {
        let aliases: Vec<_> = rows.iter().map(|row| row.alias.clone()).collect();
        let taken = self.rows.taken(&aliases).await.map_err(internal)?;
        if !taken.is_empty() {
            return Err(refusal_of(rows, &taken));
        }
        self.rows.add_users(rows).await.map_err(internal)
    }
}

/// What is new of an account, for the audit.
fn made(row: &NewUserRow) -> Result<(Thing, Vec<FieldChange>), Error> {
    let fields = [
        field("alias", "", &row.spelled),
        field("display_name", "", &row.display_name),
        field("email", "", &row.email),
    ];
    let alias = Alias::new(&row.alias).map_err(internal)?;
    Ok((thing(&alias), fields.into_iter().flatten().collect()))
}

/// Takes accounts into memory.
fn put(rows: Vec<NewUserRow>) -> impl FnOnce(&Live) + Send + 'static {
    move |live| {
        for row in &rows {
            // Only what can be an alias was let in.
            if let Ok(alias) = Alias::new(&row.alias) {
                live.nodes.put_account(&alias, account(row));
            }
        }
    }
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

/// Says which of many accounts an error is about.
fn of_account(number: usize, alias: &str, error: Error) -> Error {
    match error {
        Error::Invalid { field, message } => Error::invalid(
            format!("users[{number}].{field}"),
            format!(
                "Account {} of the list, {:?}: {message} Nobody was added.",
                number + 1,
                alias.trim()
            ),
        ),
        error => error,
    }
}

fn refuse_twice(rows: &[NewUserRow]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    let mut aliases = rows.iter().map(|row| row.alias.as_str());
    match aliases.find(|alias| !seen.insert(*alias)) {
        None => Ok(()),
        Some(twice) => Err(Error::Conflict(format!(
            "{twice} stands in the list twice. Nobody was added."
        ))),
    }
}

/// Says why users could not be added some of whom have names that are taken.
fn refusal_of(rows: &[NewUserRow], taken: &[TakenName]) -> Error {
    Error::Conflict(match (rows, taken) {
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
