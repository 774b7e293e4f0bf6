//! For whom policies count, and the proxy script.

use super::order::{Fields, Order};
use crate::model::Assignment;
use crate::query::path;
use crate::ssr::state::AppState;
use api::{AssignPolicy, Difference, Done, ServeProxyScript};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/{name}/assign", post(assign))
        .route("/policies/{name}/proxy-script", post(serve))
}

/// What a form says of for whom a policy counts; nobody, where it does not ask.
pub(super) fn assignment(fields: &Fields) -> Result<Assignment, api::Error> {
    if fields.get("counts") != "shown" {
        return Ok(Assignment::default());
    }
    let priority = match fields.text("priority").as_str() {
        "" => 0,
        typed => typed.parse().map_err(|_| {
            api::Error::invalid(
                "priority",
                format!("“{typed}” is not a whole number. Type digits only, such as 10."),
            )
        })?,
    };
    let users = fields.text("users");
    Ok(Assignment {
        everyone: fields.get("everyone") == "true",
        groups: fields.all("groups").map(str::to_owned).collect(),
        users: users
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .collect(),
        priority,
    })
}

/// `POST /policies/{name}/assign`: revision, everyone (`true` or nothing), groups (any number),
/// users (aliases in one text), priority.
async fn assign(Path(name): Path<String>, mut order: Order) -> Response {
    let said = match assignment(&order.fields) {
        Ok(wanted) => {
            let assign = AssignPolicy::whole(name.clone(), order.revision(), wanted.clone());
            let said = order.call(assign).await;
            if let Err(api::Error::Stale { since, .. }) = &said {
                order.fields = touched(&order.fields, &wanted, since);
            }
            said.map(|counts| format!("{name} counts for {} from now on.", counts.words()))
        }
        Err(error) => Err(error),
    };
    end(&order, &name, said).await
}

/// What the form changes, on a page that is the new one: what was not touched there has to be what
/// others made of it, or sending it once more would take that back.
fn touched(fields: &Fields, wanted: &Assignment, since: &[Difference]) -> Fields {
    let mut fields = fields.clone();
    for (field, typed) in wanted.fields() {
        let theirs = since.iter().find(|it| it.field == field);
        let Some(theirs) = theirs.filter(|it| it.before == typed) else {
            continue;
        };
        let now = theirs.after.as_str();
        fields = match (field, now) {
            ("everyone", "yes") => fields.with(field, &["true"]),
            ("everyone", _) => fields.with(field, &[]),
            ("groups", now) => {
                let names: Vec<_> = now.split(", ").filter(|it| !it.is_empty()).collect();
                fields.with(field, &names)
            }
            _ => fields.with(field, &[now]),
        };
    }
    fields
}

/// `POST /policies/{name}/proxy-script`: serve (`yes` or `no`).
async fn serve(Path(name): Path<String>, order: Order) -> Response {
    let wanted = order.fields.get("serve") == "yes";
    let policy = wanted.then(|| name.clone());
    let said = order.call(ServeProxyScript { policy }).await;
    let told = if wanted {
        format!("The proxy settings of {name} are handed out from now on.")
    } else {
        "No proxy script is handed out any more.".to_owned()
    };
    end(&order, &name, said.map(|Done {}| told)).await
}

async fn end(order: &Order, name: &str, said: Result<String, api::Error>) -> Response {
    let address = path(&["policies", name]);
    match said {
        Ok(told) => order.done(&address, told).await,
        Err(error) => order.refused(&address, error).await,
    }
}
