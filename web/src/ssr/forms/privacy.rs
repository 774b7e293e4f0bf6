//! Who may see a user and write to them.

use super::order::{Fields, Order};
use crate::query::path;
use crate::ssr::state::AppState;
use api::{Done, PrivacyChange, SetPrivacy};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/users/{alias}/privacy", post(change))
}

/// `POST /users/{alias}/privacy`: change (`allow-all`, `deny-all`, `allow`, `block`, `forget`,
/// `default`), and blocked, allowed or who with it.
async fn change(Path(alias): Path<String>, order: Order) -> Response {
    let back = path(&["users", &alias]);
    let (change, told) = match wanted(&order.fields, &alias) {
        Ok(wanted) => wanted,
        Err(error) => return order.refused(&back, error).await,
    };
    let set = SetPrivacy {
        alias,
        change: change.clone(),
    };
    match order.call(set).await {
        Ok(Done {}) => order.done(&format!("{back}#privacy"), told).await,
        Err(error) => order.refused(&back, at_field(error, &change)).await,
    }
}

/// The change, and what to say once it is done.
fn wanted(fields: &Fields, alias: &str) -> Result<(PrivacyChange, String), api::Error> {
    let who = fields.text("who");
    let told = match fields.get("change") {
        "allow-all" => (
            PrivacyChange::AllowAll(names(fields.get("blocked"))),
            format!("Everybody may see {alias} and write to {alias}, except those blocked."),
        ),
        "deny-all" => (
            PrivacyChange::DenyAll(names(fields.get("allowed"))),
            format!("Nobody may see {alias} or write to {alias}, except those allowed."),
        ),
        "allow" => {
            let told = format!("{who} may see {alias} and write to {alias}.");
            (PrivacyChange::Allow(who), told)
        }
        "block" => {
            let told = format!("{who} may neither see {alias} nor write to {alias}.");
            (PrivacyChange::Block(who), told)
        }
        "forget" => {
            let told = format!("{who} is not in the list of {alias} any more.");
            (PrivacyChange::Forget(who), told)
        }
        "default" => (
            PrivacyChange::Reset,
            format!("The list of {alias} is the default again."),
        ),
        _ => {
            return Err(api::Error::invalid(
                "change",
                "The form does not say what to change. Use a button of the page.",
            ));
        }
    };
    Ok(told)
}

/// Names as people write them, with commas or spaces between.
fn names(text: &str) -> Vec<String> {
    text.split([',', ';', ' ', '\t', '\r', '\n'])
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Shows a refusal at the field of the form that was sent.
fn at_field(error: api::Error, change: &PrivacyChange) -> api::Error {
    match error {
        api::Error::Invalid { message, .. } => api::Error::invalid(
            match change {
                PrivacyChange::AllowAll(_) => "blocked",
                PrivacyChange::DenyAll(_) => "allowed",
                _ => "who",
            },
            message,
        ),
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_may_stand_in_any_row() {
        assert_eq!(
            names(" bob, carol;dave\r\nerika "),
            ["bob", "carol", "dave", "erika"]
        );
        assert!(names(" , ").is_empty());
    }
}
