//! The application: one frame, and the pages in it.

use crate::frame::{Console, Header, Notice, PageFocus, Toast};
use crate::model::Frame;
use crate::pages;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// The whole console, as the server renders it and the browser takes it over.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let frame = SharedValue::new(frame_of_request).into_inner();
    let problem = frame.problem.clone();
    provide_context(Console::new(frame));
    view! {
        <Title formatter=|page: String| format!("{page} – Rollcall")/>
        <Router>
            <PageFocus/>
            <a class="skip" href="#main">"Skip to content"</a>
            <Header/>
            <main id="main" tabindex="-1">
                <Notice/>
                {match problem {
                    Some(problem) => view! { <pages::ProblemPage problem/> }.into_any(),
                    None => view! { <Pages/> }.into_any(),
                }}
            </main>
            <Toast/>
        </Router>
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <pages::NowherePage/> }>
            <Route path=path!("/") view=pages::DashboardPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view=pages::SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/first-run") view=pages::FirstRunPage ssr=SsrMode::Async/>
            <Route path=path!("/online") view=pages::OnlinePage ssr=SsrMode::Async/>
            <Route path=path!("/online/logoff") view=pages::LogoffPage ssr=SsrMode::Async/>
            <Route path=path!("/users") view=pages::UsersPage ssr=SsrMode::Async/>
            <Route path=path!("/users/new") view=pages::NewUserPage ssr=SsrMode::Async/>
            <Route path=path!("/users/:alias") view=pages::UserPage ssr=SsrMode::Async/>
            <Route path=path!("/users/:alias/delete") view=pages::DeleteUserPage ssr=SsrMode::Async/>
            <Route path=path!("/contacts") view=pages::ContactsPage ssr=SsrMode::Async/>
            <Route path=path!("/access") view=pages::AccessPage ssr=SsrMode::Async/>
            <Route path=path!("/tokens") view=pages::TokensPage ssr=SsrMode::Async/>
            <Route path=path!("/lockouts") view=pages::LockoutsPage ssr=SsrMode::Async/>
            <Route path=path!("/hooks") view=pages::HooksPage ssr=SsrMode::Async/>
            <Route path=path!("/compliance") view=pages::CompliancePage ssr=SsrMode::Async/>
            <Route path=path!("/groups") view=pages::GroupsPage ssr=SsrMode::Async/>
            <Route path=path!("/groups/new") view=pages::NewGroupPage ssr=SsrMode::Async/>
            <Route path=path!("/groups/:name") view=pages::GroupPage ssr=SsrMode::Async/>
            <Route path=path!("/groups/:name/delete") view=pages::DeleteGroupPage ssr=SsrMode::Async/>
            <Route path=path!("/policies") view=pages::PoliciesPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/new") view=pages::NewPolicyPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/import") view=pages::ImportPolicyPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/:name") view=pages::PolicyPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/:name/values") view=pages::PolicyValuesPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/:name/history") view=pages::PolicyHistoryPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/:name/delete") view=pages::DeletePolicyPage ssr=SsrMode::Async/>
            <Route path=path!("/catalogue") view=pages::CataloguePage ssr=SsrMode::Async/>
            <Route path=path!("/deployment") view=pages::DeploymentPage ssr=SsrMode::Async/>
            <Route path=path!("/account") view=pages::OwnAccountPage ssr=SsrMode::Async/>
            <Route path=path!("/accounts") view=pages::AccountsPage ssr=SsrMode::Async/>
            <Route path=path!("/accounts/new") view=pages::NewAccountPage ssr=SsrMode::Async/>
            <Route path=path!("/accounts/:name") view=pages::AccountPage ssr=SsrMode::Async/>
            <Route path=path!("/accounts/:name/delete") view=pages::DeleteAccountPage ssr=SsrMode::Async/>
            <Route path=path!("/audit") view=pages::AuditPage ssr=SsrMode::Async/>
        </Routes>
    }
}

#[cfg(feature = "ssr")]
fn frame_of_request() -> Frame {
    crate::ssr::frame_of_request()
}

/// In the browser the frame comes with the page; an empty one leads to the sign-in.
#[cfg(not(feature = "ssr"))]
fn frame_of_request() -> Frame {
    Frame::default()
}
