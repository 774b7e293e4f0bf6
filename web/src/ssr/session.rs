//! What the console keeps in a session: the account's name, the token of its forms, and what
//! the last order did.

use crate::model::Flash;
use tower_sessions::Session;
use tower_sessions::session::Error;

const NAME: &str = "name";
const CSRF: &str = "csrf";
const FLASH: &str = "flash";

/// Begins the session of an account under a fresh session id, so that an id that was known
/// before the sign-in is worth nothing after it.
pub(crate) async fn begin(
    session: &Session,
    name: &str,
    random: fn(&mut [u8]),
) -> Result<(), Error> {
    let mut token = [0_u8; 32];
    random(&mut token);
    let token = token
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    session.cycle_id().await?;
    session.insert(NAME, name).await?;
    session.insert(CSRF, token).await
}

/// The account that the session belongs to, and the token of its forms.
pub(crate) async fn account(session: &Session) -> Result<Option<(String, String)>, Error> {
    let name = session.get::<String>(NAME).await?;
    let csrf = session.get::<String>(CSRF).await?;
    Ok(name.zip(csrf))
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
