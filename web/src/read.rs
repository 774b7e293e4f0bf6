//! What pages read, as server functions: called in place while the server makes a page,
//! and over GET once the browser has taken over.

use crate::Problem;
use crate::model::{
    AuditPage, AuditQuery, Dashboard, Deployment, OnlinePage, OnlineQuery, PolicySheet,
    PolicySummary, UserDetail, UserPage, UserQuery,
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

#[cfg(feature = "ssr")]
use crate::{model::Role, ssr};
#[cfg(feature = "ssr")]
use ssr::reader;

/// The dashboard's figures.
#[server(prefix = "/api", endpoint = "dashboard", input = GetUrl)]
pub(crate) async fn read_dashboard() -> Result<Dashboard, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.answer(reader.backend().dashboard().await)
}

/// One page of who is online.
#[server(prefix = "/api", endpoint = "online", input = GetUrl)]
pub(crate) async fn read_online(query: OnlineQuery) -> Result<OnlinePage, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.answer(reader.backend().online(&query).await)
}

/// One page of accounts.
#[server(prefix = "/api", endpoint = "users", input = GetUrl)]
pub(crate) async fn read_users(query: UserQuery) -> Result<UserPage, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.answer(reader.backend().users(&query).await)
}

/// One account.
#[server(prefix = "/api", endpoint = "user", input = GetUrl)]
pub(crate) async fn read_user(alias: String) -> Result<UserDetail, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.answer(reader.backend().user(&alias).await)
}

/// All policies.
#[server(prefix = "/api", endpoint = "policies", input = GetUrl)]
pub(crate) async fn read_policies() -> Result<Vec<PolicySummary>, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.answer(reader.backend().policies().await)
}

/// One policy with all its page shows; a new one under an empty name.
#[server(prefix = "/api", endpoint = "policy", input = GetUrl)]
pub(crate) async fn read_policy(name: String) -> Result<PolicySheet, Problem> {
    let reader = reader(Role::Viewer).await?;
    if name.is_empty() {
        return Ok(ssr::policy_sheet(&policies::Policy::default(), None));
    }
    let view = reader.answer(reader.backend().policy(&name).await)?;
    let policy = reader.answer(ssr::open_policy(&view))?;
    Ok(ssr::policy_sheet(&policy, Some(view.summary)))
}

/// One page of the audit.
#[server(prefix = "/api", endpoint = "audit", input = GetUrl)]
pub(crate) async fn read_audit(query: AuditQuery) -> Result<AuditPage, Problem> {
    let reader = reader(Role::Administrator).await?;
    reader.answer(reader.backend().audit(&query).await)
}

/// What stands between clients and the server.
#[server(prefix = "/api", endpoint = "deployment", input = GetUrl)]
pub(crate) async fn read_deployment() -> Result<Deployment, Problem> {
    let reader = reader(Role::Administrator).await?;
    reader.answer(reader.backend().deployment().await)
}
