//! Logs on standard error, figures for Prometheus.

use crate::config::LogConfig;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// How often samples of figures are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts the log.
///
/// # Errors
/// The filter cannot be read.
pub fn start_log(config: &LogConfig) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.filter).map_err(|e| {
        format!("the setting log.filter is not right: {e}; write for example \"info\"")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second log in one process (tests) leaves the first as it is.
    let _ = if config.json {
        log.json().try_init()
    } else {
        log.with_ansi(false).try_init()
    };
    Ok(())
}

/// Keeps what the figures hold small, for ever: samples wait until they are summed up, whether or
/// not anybody reads the figures.
pub async fn keep_metrics(figures: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        figures.run_upkeep();
    }
}

/// Starts the figures; `None` if they were started before in this process.
#[must_use]
pub fn start_metrics() -> Option<PrometheusHandle> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    metrics::describe_counter!(
        "rollcall_requests_total",
        "RVP requests, by method and status"
    );
    metrics::describe_counter!(
        "rollcall_notify_total",
        "NOTIFYs to clients, by kind and outcome"
    );
    metrics::describe_counter!(
        "rollcall_sign_in_refused_total",
        "Refused RVP sign-ins, by scheme"
    );
    metrics::describe_counter!(
        "rollcall_invitations_refused_total",
        "Invitations that a policy forbids, by feature"
    );
    metrics::describe_counter!(
        "rollcall_requests_too_fast_total",
        "Requests delayed or dropped, by address or user"
    );
    metrics::describe_counter!(
        "rollcall_connections_refused_total",
        "Connections closed because their address had too many"
    );
    metrics::describe_counter!(
        "rollcall_connections_cut_total",
        "Connections of clients that dawdled over a head or an answer"
    );
    metrics::describe_counter!(
        "rollcall_presence_dropped_total",
        "Presence values dropped because too many waited for call-backs"
    );
    metrics::describe_gauge!("rollcall_users_online", "Users with a live sign-on");
    metrics::describe_histogram!(
        "rollcall_commit_requests",
        "Requests that shared one transaction"
    );
    Some(handle)
}
