//! What the console keeps in a session: the account's name, since when and from where it is signed
//! in, the token of its forms, and what the last order did. Whoever keeps sessions lists them by
//! the first of these.

use crate::backend::Account;
use crate::model::Flash;
use tower_sessions::Session;
use tower_sessions::session::Error;

const NAME: &str = "name";
const GENERATION: &str = "generation";
const FROM: &str = "from";
const SINCE: &str = "since";
const CSRF: &str = "csrf";
const FLASH: &str = "flash";

/// Begins the session of an account under a fresh session id, so that an id that was known
/// before the sign-in is worth nothing after it.
pub(crate) async fn begin(
    session: &Session,
    account: &Account,
    from: &str,
    random: fn(&mut [u8]),
) -> Result<(), Error> {
    let mut token = [0_u8; 32];
    random(&mut token);
    let token = token
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    session.cycle_id().await?;
    session.insert(NAME, &account.viewer.name).await?;
    session.insert(GENERATION, account.generation).await?;
    session.insert(FROM, from).await?;
    session.insert(SINCE, account.signed_in).await?;
    session.insert(CSRF, token).await
}

/// Lets a session go on with an account that has a new number, by the order of that session.
pub(crate) async fn keep(session: &Session, generation: i64) -> Result<(), Error> {
    session.insert(GENERATION, generation).await
}

/// The account that a session belongs to, and the token of its forms.
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) generation: i64,
    pub(crate) csrf: String,
}

/// Whose session it is; nobody's before the sign-in.
pub(crate) async fn owner(session: &Session) -> Result<Option<Owner>, Error> {
    let name = session.get::<String>(NAME).await?;
    let generation = session.get::<i64>(GENERATION).await?;
    let csrf = session.get::<String>(CSRF).await?;
    let owner = name.zip(generation).zip(csrf);
    Ok(owner.map(|((name, generation), csrf)| Owner {
        name,
        generation,
        csrf,
    }))
}

/// Keeps what an order did for the next page.
pub(crate) async fn leave(session: &Session, flash: &Flash) -> Result<(), Error> {
    session.insert(FLASH, flash).await
}

/// Takes what the last order did: it is shown once.
pub(crate) async fn take(session: &Session) -> Result<Option<Flash>, Error> {
    // Removing marks the session as changed even if nothing was there, and a page that writes
    // the session back could bring one to life that was just ended.
    let flash = session.get(FLASH).await?;
    if flash.is_some() {
        session.remove_value(FLASH).await?;
    }
    Ok(flash)
}
