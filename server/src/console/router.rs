//! Everything on the console's listener.

use super::client_address::{self, TrustedProxies};
use super::{ConsoleBackend, Health, health, metrics};
use crate::admin::{Admin, Live};
use crate::admin_http;
use crate::config::ConsoleConfig;
use axum::Router;
use axum::middleware::from_fn_with_state;
use metrics_exporter_prometheus::PrometheusHandle;
use std::borrow::Cow;
use std::sync::Arc;
use time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};
use web::ConsoleState;

/// How long a console session lives without a request.
const SESSION: Duration = Duration::hours(8);

/// What the console's listener is made of.
pub struct ConsoleParts<'a> {
    /// What may be ordered.
    pub admin: Admin,
    /// What is live.
    pub live: Live,
    /// For who watches over the process.
    pub health: Health,
    /// The browser's part, a file by its name.
    pub files: fn(&str) -> Option<Cow<'static, [u8]>>,
    /// The figures.
    pub figures: Option<PrometheusHandle>,
    /// What the configuration says of the console.
    pub config: &'a ConsoleConfig,
}

/// The console, `/metrics`, `/healthz` and `/readyz`.
pub fn router(parts: ConsoleParts<'_>) -> Router {
    let config = parts.config;
    let backend = ConsoleBackend::new(parts.admin.clone(), &parts.live);
    let sessions = SessionManagerLayer::new(parts.admin.sessions().clone())
        .with_name("rollcall")
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(config.secure_cookies)
        .with_expiry(Expiry::OnInactivity(SESSION))
        // Reading keeps a session alive, too.
        .with_always_save(true);
    let console = web::router(ConsoleState {
        backend: Arc::new(backend),
        files: parts.files,
        random: crate::clock::fill_from_system,
        live_pages_per_session: config.limits.live_pages_per_session,
        secure_cookies: config.secure_cookies,
    });
    let console = console.layer(sessions);
    let console = match parts.figures {
        Some(figures) => metrics::router(parts.admin.clone(), figures).merge(console),
        None => console,
    };
    let console = admin_http::network(parts.admin, config.limits.token_rate()).merge(console);
    let proxies = TrustedProxies::new(&config.trusted_proxies);
    let console = console.layer(from_fn_with_state(proxies, client_address::note));
    health::router(parts.health).merge(console)
}
