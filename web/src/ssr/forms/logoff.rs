//! Forced logoff, of some or of all.

use super::order::{Fields, Order};
use crate::backend::{LogoffOrder, LogoffTargets};
use crate::format::counted;
use crate::model::Role;
use crate::query::logoff_address;
use crate::ssr::state::AppState;
use api::LogoffOutcome;
use axum::Router;
use axum::response::Response;
use axum::routing::post;

/// Longest reason: it has to fit into a message on a client of 2002.
const REASON_LENGTH: usize = 200;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/online/logoff", post(logoff))
}

/// `POST /online/logoff`: alias (any number) or all, reason, block (minutes, or empty).
async fn logoff(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Operator).await {
        return refusal;
    }
    let back = back(&order.fields);
    let wanted = match wanted(&order.fields) {
        Ok(wanted) => wanted,
        Err(error) => return order.refused(&back, error).await,
    };
    match order.state.backend().logoff(&order.actor(), &wanted).await {
        Ok(outcome) => {
            order
                .done("/online", told(&outcome, wanted.block_minutes))
                .await
        }
        Err(error) => order.refused(&back, error).await,
    }
}

fn wanted(fields: &Fields) -> Result<LogoffOrder, api::Error> {
    let invalid = |field: &'static str, message: &str| api::Error::invalid(field, message);
    let aliases = fields
        .all("alias")
        .filter(|alias| !alias.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let targets = match (fields.get("all") == "true", aliases.is_empty()) {
        (true, _) => LogoffTargets::All,
        (false, false) => LogoffTargets::Aliases(aliases),
        (false, true) => {
            return Err(invalid(
                "alias",
                "Nobody is chosen. Choose users on the page Online.",
            ));
        }
    };
    let reason = fields.text("reason");
    if reason.chars().count() > REASON_LENGTH {
        return Err(invalid(
            "reason",
            "The reason is too long for the client's window. Use at most 200 characters.",
        ));
    }
    let block_minutes = match fields.get("block") {
        "" => None,
        minutes => Some(minutes.parse().map_err(|_| {
            invalid(
                "block",
                "The block time is not a number of minutes. Choose one of the list.",
            )
        })?),
    };
    Ok(LogoffOrder {
        targets,
        reason,
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
