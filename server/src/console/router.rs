//! Everything on the console's listener.

use super::client_address::{self, TrustedProxies};
use super::{ConsoleBackend, Health, files, health, metrics};
use crate::admin::Admin;
use crate::store::ConsoleSessions;
use axum::Router;
use axum::middleware::from_fn_with_state;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};
use web::ConsoleState;

/// How long a console session lives without a request.
const SESSION: Duration = Duration::hours(8);

/// What the console's listener is made of.
pub struct ConsoleParts {
    /// The port.
    pub backend: ConsoleBackend,
    /// Admin, for `/metrics`.
    pub admin: Admin,
    /// Where sessions are kept.
    pub sessions: ConsoleSessions,
    /// For who watches over the process.
    pub health: Health,
    /// The figures.
    pub figures: Option<PrometheusHandle>,
    /// Browsers come over TLS.
    pub secure_cookies: bool,
    /// Live pages of one session that may be open at once.
    pub live_pages_per_session: usize,
    /// Proxies that say who speaks through them.
    pub trusted_proxies: Vec<IpNet>,
}

/// The console, `/metrics`, `/healthz` and `/readyz`.
pub fn router(parts: ConsoleParts) -> Router {
    let sessions = SessionManagerLayer::new(parts.sessions)
        .with_name("rollcall")
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(parts.secure_cookies)
        .with_expiry(Expiry::OnInactivity(SESSION))
        // Reading keeps a session alive, too.
        .with_always_save(true);
    let console = web::router(ConsoleState {
        backend: Arc::new(parts.backend),
        files: files::file,
        random: crate::clock::fill_from_system,
        live_pages_per_session: parts.live_pages_per_session,
        secure_cookies: parts.secure_cookies,
    });
    let console = console.layer(sessions);
    let console = match parts.figures {
        Some(figures) => metrics::router(parts.admin, figures).merge(console),
        None => console,
    };
    let proxies = TrustedProxies::new(&parts.trusted_proxies);
    let console = console.layer(from_fn_with_state(proxies, client_address::note));
    health::router(parts.health).merge(console)
}
