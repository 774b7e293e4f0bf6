//! Forced logoff, of some or of all.

use super::order::{Fields, Order};
use crate::format::counted;
use crate::query::logoff_address;
use crate::ssr::state::AppState;
use api::{Error, Logoff, LogoffOutcome};
use axum::Router;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/online/logoff", post(logoff))
}

/// `POST /online/logoff`: alias (any number) or all, reason, block (minutes, or empty).
async fn logoff(order: Order) -> Response {
    let back = back(&order.fields);
    let wanted = match wanted(&order.fields) {
        Ok(wanted) => wanted,
        Err(error) => return order.refused(&back, error).await,
    };
    let minutes = wanted.block_minutes;
    match order.call(wanted).await {
        Ok(outcome) => order.done("/online", told(&outcome, minutes)).await,
        Err(error) => order.refused(&back, error).await,
    }
}

fn wanted(fields: &Fields) -> Result<Logoff, Error> {
    let aliases = fields.all("alias").filter(|alias| !alias.is_empty());
    let all = fields.get("all") == "true";
    let block_minutes = match fields.get("block") {
        "" => None,
        minutes => Some(minutes.parse().map_err(|_| {
            Error::invalid(
                "block",
                "The block time is not a number of minutes. Choose one of the list.",
            )
        })?),
    };
    Ok(Logoff {
        // Who is ticked beside all is among all.
        aliases: match all {
            true => Vec::new(),
            false => aliases.map(str::to_owned).collect(),
        },
        all,
        reason: fields.text("reason"),
        block_minutes,
    })
}

fn back(fields: &Fields) -> String {
    logoff_address(
        fields
            .iter()
            .filter(|(key, _)| matches!(*key, "alias" | "all")),
    )
}

fn told(outcome: &LogoffOutcome, block_minutes: Option<u32>) -> String {
    let mut text = match outcome.logged_off.as_slice() {
        [] => "Nobody was logged off.".to_owned(),
        [alias] => format!("{alias} was logged off."),
        several => {
            let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
            format!("{} were logged off.", counted(count, "user", "users"))
        }
    };
    if !outcome.not_online.is_empty() {
        text += &format!(" Not online any more: {}.", outcome.not_online.join(", "));
    }
    if let Some(minutes) = block_minutes {
        text += &format!(" Fresh sign-ons are refused for {minutes} minutes.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_told_in_full() {
        let outcome = LogoffOutcome {
            logged_off: vec!["bob".to_owned()],
            not_online: vec!["alice".to_owned()],
        };
        assert_eq!(
            told(&outcome, Some(10)),
            "bob was logged off. Not online any more: alice. \
             Fresh sign-ons are refused for 10 minutes."
        );
        assert_eq!(
            told(&LogoffOutcome::default(), None),
            "Nobody was logged off."
        );
    }
}
