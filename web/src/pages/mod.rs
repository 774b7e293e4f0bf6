//! The pages, one file or folder each.

mod access;
mod accounts;
mod audit;
mod catalogue;
mod compliance;
mod contacts;
mod dashboard;
mod deployment;
mod first_run;
mod groups;
mod hooks;
mod lockouts;
mod nowhere;
mod online;
mod policies;
mod sign_in;
mod tokens;
mod users;

pub(crate) use access::AccessPage;
pub(crate) use accounts::{
    AccountPage, AccountsPage, DeleteAccountPage, NewAccountPage, OwnAccountPage,
};
pub(crate) use audit::AuditPage;
pub(crate) use catalogue::CataloguePage;
pub(crate) use compliance::CompliancePage;
pub(crate) use contacts::ContactsPage;
pub(crate) use dashboard::DashboardPage;
pub(crate) use deployment::DeploymentPage;
pub(crate) use first_run::FirstRunPage;
pub(crate) use groups::{DeleteGroupPage, GroupLinks, GroupPage, GroupsPage, NewGroupPage};
pub(crate) use hooks::HooksPage;
pub(crate) use lockouts::LockoutsPage;
pub(crate) use nowhere::{NowherePage, ProblemPage};
pub(crate) use online::{LogoffPage, OnlinePage};
pub(crate) use policies::{
    DeletePolicyPage, ImportPolicyPage, NewPolicyPage, PoliciesPage, PolicyHistoryPage, PolicyPage,
    PolicyValuesPage,
};
pub(crate) use sign_in::SignInPage;
pub(crate) use tokens::TokensPage;
pub(crate) use users::{DeleteUserPage, NewUserPage, UserPage, UsersPage};
