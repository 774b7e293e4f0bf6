//! Orders: plain HTML forms, one file a page. Each posts to the address of the page it is on,
//! so that a sign-in in between leads back there. An order is answered by a redirect, and what
//! it did is shown on the next page; one that was refused leads back to its form with all that
//! was typed, except secrets.

mod accounts;
mod assignments;
mod audit;
mod contacts;
mod download;
mod first_run;
mod groups;
mod lockouts;
mod logoff;
mod order;
mod policies;
mod policy_files;
mod policy_import;
mod privacy;
mod sign_in;
mod tokens;
mod upload;
mod users;

pub(crate) use order::{Fields, LARGEST_FORM, browser};

use super::state::AppState;
use axum::Router;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .merge(sign_in::routes())
        .merge(first_run::routes())
        .merge(accounts::routes())
        .merge(audit::routes())
        .merge(logoff::routes())
        .merge(lockouts::routes())
        .merge(tokens::routes())
        .merge(users::routes())
        .merge(privacy::routes())
        .merge(assignments::routes())
        .merge(groups::routes())
        .merge(contacts::routes())
        .merge(policies::routes())
        .merge(policy_files::routes())
        .merge(policy_import::routes())
}
