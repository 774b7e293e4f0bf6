//! Accounts of people who sign on with a client.

mod create;
mod delete;
mod edit;
mod show;
mod sign_on;

use super::change::Change;
use super::{internal, invalid, no_such_user};
use crate::store::{Noun, StoreError, Thing, UserRow};
use api::Error;
use rvp::Alias;

pub(super) use show::presence_state;

/// The longest texts, in characters.
const MAX_NAME: usize = 128;

/// An account, as something that has a revision.
pub(super) fn thing(alias: &Alias) -> Thing {
    Thing::new(Noun::User, alias.as_str())
}

impl Change<'_> {
    /// The account of this alias, as it is now.
    async fn user(&mut self, alias: &Alias) -> Result<UserRow, Error> {
        let found = self.rows.user(alias.as_str()).await.map_err(internal)?;
        found.ok_or_else(|| no_such_user(alias.as_str())(StoreError::Missing))
    }
}

fn is_bad(text: &str) -> bool {
    text.chars().count() > MAX_NAME || text.chars().any(char::is_control)
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if is_bad(name) {
        return Err(invalid(
            "display_name",
            "The name is longer than 128 characters, or holds a control character. Use a shorter one, in one line.",
        ));
    }
    Ok(name.to_owned())
}

fn checked_email(email: &str) -> Result<String, Error> {
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
