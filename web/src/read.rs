//! What pages read, as server functions: called in place while the server makes a page,
//! and over GET once the browser has taken over.

use crate::Problem;
use crate::model::LockoutRow;
use crate::model::{
    Access, AuditPage, AuditQuery, ContactsPage, ContactsView, Dashboard, Deployment, OnlinePage,
    OnlineQuery, PolicySheet, PolicySummary, PolicyValues, Privacy, UserDetail, UserPage,
    UserQuery,
};
use crate::model::{AccountPage, AccountQuery, AccountView, SessionRow};
use crate::model::{CataloguePage, CatalogueQuery, ImportPreview, PolicyHistory};
use crate::model::{
    CompliancePage, ComplianceQuery, EffectivePolicy, GroupPage, GroupQuery, GroupView, PolicyReach,
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
    reader.call(api::GetDashboard {}).await
}

/// One page of who is online.
#[server(prefix = "/api", endpoint = "online", input = GetUrl)]
pub(crate) async fn read_online(query: OnlineQuery) -> Result<OnlinePage, Problem> {
    let reader = reader(Role::Viewer).await?;
    let part = api::Part::default();
    reader.call(api::ListOnline { query, part }).await
}

/// One page of accounts.
#[server(prefix = "/api", endpoint = "users", input = GetUrl)]
pub(crate) async fn read_users(query: UserQuery) -> Result<UserPage, Problem> {
    let reader = reader(Role::Viewer).await?;
    let part = api::Part::default();
    reader.call(api::ListUsers { query, part }).await
}

/// One account.
#[server(prefix = "/api", endpoint = "user", input = GetUrl)]
pub(crate) async fn read_user(alias: String) -> Result<UserDetail, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::GetUser { alias }).await
}

/// The tokens of the REST API.
#[server(prefix = "/api", endpoint = "tokens", input = GetUrl)]
pub(crate) async fn read_tokens() -> Result<Vec<api::TokenRow>, Problem> {
    reader(Role::Operator).await?.call(api::ListTokens {}).await
}

/// Who is locked out after failed sign-ins.
#[server(prefix = "/api", endpoint = "lockouts", input = GetUrl)]
pub(crate) async fn read_lockouts() -> Result<Vec<LockoutRow>, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::ListLockouts {}).await
}

/// Who may see a user and write to them.
#[server(prefix = "/api", endpoint = "privacy", input = GetUrl)]
pub(crate) async fn read_privacy(alias: String) -> Result<Privacy, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::GetPrivacy { alias }).await
}

/// What one user may do with another, and the other way round where both are of this server;
/// nothing while one of them is not named.
#[server(prefix = "/api", endpoint = "access", input = GetUrl)]
pub(crate) async fn read_access(
    from: String,
    to: String,
) -> Result<Option<(Access, Option<Access>)>, Problem> {
    let reader = reader(Role::Viewer).await?;
    if from.is_empty() || to.is_empty() {
        return Ok(None);
    }
    let there = reader.call(api::GetAccess { from, to }).await?;
    let back = match &there.from_alias {
        Some(alias) if *alias != there.to_alias => {
            let (from, to) = (there.to_alias.clone(), alias.clone());
            Some(reader.call(api::GetAccess { from, to }).await?)
        }
        _ => None,
    };
    Ok(Some((there, back)))
}

/// For whom a policy counts; what a new one starts with, under an empty name.
#[server(prefix = "/api", endpoint = "policy-reach", input = GetUrl)]
pub(crate) async fn read_policy_reach(name: String) -> Result<PolicyReach, Problem> {
    let reader = reader(Role::Viewer).await?;
    if !name.is_empty() {
        return reader.call(api::GetReach { name }).await;
    }
    let mut reach = PolicyReach::default();
    let mut next = Some(String::new());
    while let Some(after) = next {
        let query = GroupQuery::default();
        let part = api::Part::after(after);
        let groups = reader.call(api::ListGroups { query, part }).await?;
        reach
            .groups
            .extend(groups.rows.into_iter().map(|it| it.name));
        next = groups.next;
    }
    Ok(reach)
}

/// What counts for a user.
#[server(prefix = "/api", endpoint = "effective", input = GetUrl)]
pub(crate) async fn read_effective(alias: String) -> Result<EffectivePolicy, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::GetEffective { alias }).await
}

/// One page of what policies forbade.
#[server(prefix = "/api", endpoint = "compliance", input = GetUrl)]
pub(crate) async fn read_compliance(query: ComplianceQuery) -> Result<CompliancePage, Problem> {
    let reader = reader(Role::Viewer).await?;
    let part = api::Part::default();
    reader.call(api::ListRefusals { query, part }).await
}

/// One page of groups.
#[server(prefix = "/api", endpoint = "groups", input = GetUrl)]
pub(crate) async fn read_groups(query: GroupQuery) -> Result<GroupPage, Problem> {
    let reader = reader(Role::Viewer).await?;
    let part = api::Part::default();
    reader.call(api::ListGroups { query, part }).await
}

/// One group with a page of its members.
#[server(prefix = "/api", endpoint = "group", input = GetUrl)]
pub(crate) async fn read_group(name: String, query: GroupQuery) -> Result<GroupView, Problem> {
    let reader = reader(Role::Viewer).await?;
    let part = api::Part::default();
    reader.call(api::GetGroup { name, query, part }).await
}

/// The contact list of a user; none if none is kept.
#[server(prefix = "/api", endpoint = "contacts", input = GetUrl)]
pub(crate) async fn read_contacts(alias: String) -> Result<Option<ContactsView>, Problem> {
    let reader = reader(Role::Viewer).await?;
    match reader.ask(api::GetContacts { alias }).await {
        Err(api::Error::NotFound(_)) => Ok(None),
        said => reader.answer(said).map(Some),
    }
}

/// Whose contact lists are kept.
#[server(prefix = "/api", endpoint = "contact-lists", input = GetUrl)]
pub(crate) async fn read_contact_lists() -> Result<ContactsPage, Problem> {
    let reader = reader(Role::Viewer).await?;
    let mut page = ContactsPage {
        lists: Vec::new(),
        served: None,
        next: Some(String::new()),
    };
    while let Some(next) = page.next.take() {
        let part = api::Part::after(next);
        let more = reader.call(api::ListContacts { part }).await?;
        page.lists.extend(more.lists);
        (page.served, page.next) = (more.served, more.next);
    }
    Ok(page)
}

/// All policies.
#[server(prefix = "/api", endpoint = "policies", input = GetUrl)]
pub(crate) async fn read_policies() -> Result<Vec<PolicySummary>, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::ListPolicies {}).await
}

/// One policy with all its page shows; a new one under an empty name.
#[server(prefix = "/api", endpoint = "policy", input = GetUrl)]
pub(crate) async fn read_policy(name: String) -> Result<PolicySheet, Problem> {
    let reader = reader(Role::Viewer).await?;
    let server = reader.backend().server_name();
    if name.is_empty() {
        return Ok(ssr::policy_sheet(
            &policies::Policy::default(),
            None,
            &server,
        ));
    }
    let view = reader.call(api::GetPolicy { name }).await?;
    reader.answer(ssr::policy_opened(view, server).await)
}

/// One page of the values of a policy that no option knows.
#[server(prefix = "/api", endpoint = "policy-values", input = GetUrl)]
pub(crate) async fn read_policy_values(name: String, page: u32) -> Result<PolicyValues, Problem> {
    let reader = reader(Role::Viewer).await?;
    let view = reader.call(api::GetPolicy { name }).await?;
    reader.answer(ssr::policy_values(view, page).await)
}

/// The revisions of a policy, and what is different between two; 0 is the newest and the one
/// before it.
#[server(prefix = "/api", endpoint = "policy-history", input = GetUrl)]
pub(crate) async fn read_policy_history(
    name: String,
    from: u32,
    to: u32,
) -> Result<PolicyHistory, Problem> {
    let reader = reader(Role::Viewer).await?;
    ssr::policy_history(&reader, name, from, to).await
}

/// What an uploaded file holds; `None` where nothing was uploaded.
#[server(prefix = "/api", endpoint = "policy-import", input = GetUrl)]
pub(crate) async fn read_import(upload: String) -> Result<Option<ImportPreview>, Problem> {
    let reader = reader(Role::Administrator).await?;
    if upload.is_empty() {
        return Ok(None);
    }
    reader.upload(&upload).await.map(Some)
}

/// The options of the catalogue.
#[server(prefix = "/api", endpoint = "catalogue", input = GetUrl)]
pub(crate) async fn read_catalogue(query: CatalogueQuery) -> Result<CataloguePage, Problem> {
    let reader = reader(Role::Viewer).await?;
    reader.call(api::ListCatalogue { query }).await
}

/// One page of the console's accounts.
#[server(prefix = "/api", endpoint = "accounts", input = GetUrl)]
pub(crate) async fn read_accounts(query: AccountQuery) -> Result<AccountPage, Problem> {
    let reader = reader(Role::Administrator).await?;
    let part = api::Part::default();
    reader.call(api::ListAccounts { query, part }).await
}

/// One account of the console.
#[server(prefix = "/api", endpoint = "account", input = GetUrl)]
pub(crate) async fn read_account(name: String) -> Result<AccountView, Problem> {
    let reader = reader(Role::Administrator).await?;
    reader.call(api::GetAccount { name }).await
}

/// The newest sessions of an account, and the key of the reader's own.
#[server(prefix = "/api", endpoint = "sessions", input = GetUrl)]
pub(crate) async fn read_sessions(account: String) -> Result<(Vec<SessionRow>, String), Problem> {
    let reader = reader(Role::Viewer).await?;
    let account = Some(account);
    let part = api::Part::after("");
    let page = reader.call(api::ListSessions { account, part }).await?;
    Ok((page.rows, reader.session_key()))
}

/// One page of the audit.
#[server(prefix = "/api", endpoint = "audit", input = GetUrl)]
pub(crate) async fn read_audit(query: AuditQuery) -> Result<AuditPage, Problem> {
    let reader = reader(Role::Administrator).await?;
    let part = api::Part::default();
    reader.call(api::ListAudit { query, part }).await
}

/// What stands between clients and the server.
#[server(prefix = "/api", endpoint = "deployment", input = GetUrl)]
pub(crate) async fn read_deployment() -> Result<Deployment, Problem> {
    let reader = reader(Role::Administrator).await?;
    reader.call(api::Diagnose { mail_domain: None }).await
}

/// The hooks of the configuration, and a part of what they were told.
#[server(prefix = "/api", endpoint = "hooks", input = GetUrl)]
pub(crate) async fn read_hooks(
    after: String,
) -> Result<(Vec<api::HookRow>, api::DeliveryPage), Problem> {
    let reader = reader(Role::Administrator).await?;
    let hooks = reader.call(api::ListHooks {}).await?;
    let part = api::Part { limit: 0, after };
    let hook = String::new();
    let deliveries = reader.call(api::ListDeliveries { hook, part }).await?;
    Ok((hooks, deliveries))
}
