//! Client policies: saving and deleting.

use super::assignments::assignment;
use super::order::{Fields, Order};
use crate::model::Role;
use crate::query::path;
use crate::ssr::state::AppState;
use crate::ssr::{off_thread, sheet};
use api::{
    CreatePolicy, DeletePolicy, Done, GetRevision, PolicyDocument, PolicySummary, RevertPolicy,
    SavePolicy, SavedPolicy,
};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use policies::Policy;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/new", post(create))
        .route("/policies/{name}", post(edit))
        .route("/policies/{name}/values", post(values))
        .route("/policies/{name}/delete", post(delete))
        .route("/policies/{name}/revert", post(revert))
}

/// `POST /policies/new`: name, description, mode, and the options.
async fn create(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let name = order.fields.text("name");
    let said = if matches!(name.as_str(), "" | "." | "..") {
        Err(api::Error::invalid(
            "name",
            "A policy needs a name of its own, such as “WAN branch”.",
        ))
    } else {
        make(&order, Policy::new(name)).await
    };
    match said {
        Ok(saved) => {
            let (name, revision) = (&saved.name, saved.revision);
            let told = format!("{name} was saved as revision {revision}.");
            order.done(&address(name), told).await
        }
        Err(error) => order.refused("/policies/new", error).await,
    }
}

/// Makes a policy that counts from its first moment on for whom the form says.
async fn make(order: &Order, policy: Policy) -> Result<PolicySummary, api::Error> {
    let assignment = assignment(&order.fields)?;
    let fields = order.fields.clone();
    let policy = off_thread(move || written(&sheet::from_form(policy, &fields)?)).await?;
    let create = CreatePolicy {
        policy,
        comment: order.fields.text("comment"),
        assignment,
    };
    order.call(create).await
}

/// `POST /policies/{name}`: base (the revision that was edited), description, mode, and the
/// options.
async fn edit(Path(name): Path<String>, mut order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = save(&order, &name, |policy, fields| {
        sheet::from_form(policy, fields)
    });
    match said.await {
        Ok(saved) => {
            order
                .done(&address(&saved.summary.name), told(&order, &saved))
                .await
        }
        Err(error) => {
            if matches!(error, api::Error::Stale { .. }) {
                order.fields = touched(&order, &name).await;
            }
            order.refused(&address(&name), error).await
        }
    }
}

/// What the form changes. The page that it leads back to is the new one: what was not touched
/// there has to be what others made of it, or sending it once more would take that back.
async fn touched(order: &Order, name: &str) -> Fields {
    let fields = order.fields.clone();
    let Ok(base) = order.call(base(order, name)).await else {
        return fields;
    };
    off_thread(move || match sheet::open(&base) {
        Ok(before) => {
            let untouched = sheet::untouched(&before, &fields);
            fields.without(|name| untouched.contains(name))
        }
        Err(_) => fields,
    })
    .await
}

/// `POST /policies/{name}/values`: base, and `drop.N` for each value that no option knows and
/// that is to go; `all` for every one of them.
async fn values(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = save(&order, &name, |mut policy, fields| {
        if fields.get("all").is_empty() {
            sheet::take_out(&mut policy, fields);
        } else {
            policy.other_values.clear();
        }
        Ok(policy)
    });
    match said.await {
        Ok(saved) => {
            order
                .done(&address(&saved.summary.name), told(&order, &saved))
                .await
        }
        Err(error) => {
            let back = path(&["policies", &name, "values"]);
            order.refused(&back, error).await
        }
    }
}

/// The revision that the form's page showed.
fn base(order: &Order, name: &str) -> GetRevision {
    GetRevision {
        name: name.to_owned(),
        // A form without a readable base is of no revision, and there is none of that number.
        number: order.fields.get("base").parse().unwrap_or(0),
    }
}

/// Saves what the form changes in the revision that its page showed. It may be a large one.
async fn save(
    order: &Order,
    name: &str,
    change: fn(Policy, &Fields) -> Result<Policy, api::Error>,
) -> Result<SavedPolicy, api::Error> {
    let base = base(order, name);
    let revision = base.number;
    let stored = order.call(base).await?;
    let fields = order.fields.clone();
    let policy = off_thread(move || written(&change(sheet::open(&stored)?, &fields)?)).await?;
    let save = SavePolicy {
        name: name.to_owned(),
        revision,
        policy,
        comment: order.fields.get("comment").to_owned(),
    };
    order.call(save).await
}

/// A policy on its way to the server.
pub(super) fn written(policy: &Policy) -> Result<PolicyDocument, api::Error> {
    PolicyDocument::of(policy)
        .map_err(|error| api::Error::Internal(format!("the policy cannot be written: {error}")))
}

/// How many changes of others are told of a save that goes together with them.
const TOLD: usize = 5;

fn told(order: &Order, saved: &SavedPolicy) -> String {
    let PolicySummary { name, revision, .. } = &saved.summary;
    if order.fields.get("base") == revision.to_string() {
        return format!("Nothing was changed in {name}.");
    }
    let told = format!("{name} was saved as revision {revision}.");
    if saved.merged.is_empty() {
        return told;
    }
    let first = saved.merged.iter().take(TOLD).map(|it| {
        let (before, after) = (&it.before, &it.after);
        format!("{}: “{before}” became “{after}” ({})", it.field, it.by)
    });
    let more = match saved.merged.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let first = first.collect::<Vec<_>>().join("; ");
    format!("{told} What others changed since you opened it stays: {first}{more}.")
}

/// `POST /policies/{name}/revert`: revision, base (the newest that the page showed).
async fn revert(Path(name): Path<String>, order: Order) -> Response {
    let number = |field: &str| order.fields.get(field).parse().ok();
    let revert = RevertPolicy {
        name: name.clone(),
        // A form without a readable base is of no revision.
        revision: Some(number("base").unwrap_or(0)),
        number: number("revision").unwrap_or(0),
    };
    match order.call(revert).await {
        Ok(saved) => {
            let told = format!(
                "{} is as it was in revision {}; that is revision {} now.",
                saved.name,
                order.fields.get("revision"),
                saved.revision
            );
            order.done(&address(&saved.name), told).await
        }
        Err(error) => {
            let history = path(&["policies", &name, "history"]);
            order.refused(&history, error).await
        }
    }
}

/// `POST /policies/{name}/delete`: revision.
async fn delete(Path(name): Path<String>, order: Order) -> Response {
    let delete = DeletePolicy {
        name: name.clone(),
        revision: order.revision(),
    };
    match order.call(delete).await {
        Ok(Done {}) => {
            let told = format!("{name} was deleted.");
            order.done("/policies", told).await
        }
        Err(error) => order.refused(&address(&name), error).await,
    }
}

fn address(name: &str) -> String {
    path(&["policies", name])
}
