//! Logs on standard error, figures for Prometheus, and what the server announces on standard
//! output. None of them makes anybody wait, whatever becomes of who reads them.

mod filter;
mod lines;

use crate::config::LogConfig;
use lines::{LineWriter, Lines};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io;
use std::sync::OnceLock;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How long the end of the process waits for who reads the log.
const LAST_LINES: Duration = Duration::from_millis(500);

/// How often samples of figures are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

const LINES_LOST: &str = "rollcall_log_lines_lost_total";

static LOG: OnceLock<Log> = OnceLock::new();

/// The log of this process.
#[derive(Debug)]
struct Log(Lines);

impl<'a> MakeWriter<'a> for &'static Log {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        self.0.writer()
    }
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("the setting log.filter is not right: {0}; write for example \"info\"")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Nothing can be written.
    #[error("the log cannot be started: {0}")]
    Io(#[from] io::Error),
}

/// Starts the log.
///
/// # Errors
/// The filter cannot be read, or the system gives no thread.
pub fn start_log(config: &LogConfig) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(filter::with_names_of_today(&config.filter))?;
    let remark = if config.json { lost_json } else { lost };
    let lines = Lines::start("log", io::stderr(), Some(LINES_LOST), remark)?;
    // A second log in one process (tests) leaves the first as it is.
    let log = LOG.get_or_init(|| Log(lines));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(log);
    let _ = if config.json {
        subscriber.json().try_init()
    } else {
        subscriber.with_ansi(false).try_init()
    };
    std::panic::set_hook(Box::new(|panic| {
        // The usual way would wait for who reads standard error.
        let trace = std::backtrace::Backtrace::capture();
        tracing::error!(%panic, %trace, "a fault of the program; please report it");
    }));
    Ok(())
}

/// Says in the log that lines are missing here.
fn lost(lines: u64) -> String {
    format!(
        "WARN {lines} lines of the log were lost here: nobody read them, or they could not be written\n"
    )
}

/// The same where each line is one JSON object.
fn lost_json(lines: u64) -> String {
    let text = lost(lines);
    let message = text.trim_start_matches("WARN ").trim_end();
    format!(
        "{}\n",
        serde_json::json!({ "level": "WARN", "fields": { "message": message, "lost": lines } })
    )
}

/// Whether the log has been started: messages to standard error go through it then.
#[must_use]
pub fn log_line(line: &str) -> bool {
    let log = LOG.get();
    if let Some(log) = log {
        log.0.push(format!("{line}\n").as_bytes());
    }
    log.is_some()
}

/// Writes what is left of the log, at the end of the process.
pub fn finish_log() {
    if let Some(log) = LOG.get() {
        log.0.finish(LAST_LINES);
    }
}

/// What the server says on standard output.
#[derive(Debug)]
pub struct Announcer(Option<Lines>);

impl Announcer {
    /// On this process' standard output.
    #[must_use]
    pub fn start() -> Self {
        let lines = Lines::start("announcements", io::stdout(), None, |_| String::new());
        if let Err(error) = &lines {
            tracing::warn!(%error, "nothing can be said on standard output");
        }
        Self(lines.ok())
    }

    /// Says a line.
    pub fn say(&self, line: &str) {
        if let Some(lines) = &self.0 {
            lines.push(format!("{line}\n").as_bytes());
        }
    }
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
        "Connections closed because their address had too many, by listener"
    );
    metrics::describe_counter!(
        "rollcall_connections_cut_total",
        "Connections of clients that dawdled over a head, a body or an answer"
    );
    metrics::describe_counter!(
        "rollcall_accept_failed_total",
        "Connections that the system could not give to a listener, mostly for want of file handles"
    );
    metrics::describe_counter!(
        "rollcall_connect_shortage_total",
        "Outgoing connections that had to wait for file handles"
    );
    metrics::describe_counter!(
        LINES_LOST,
        "Lines of the log that nobody read or that could not be written"
    );
    metrics::describe_counter!(
        "rollcall_access_log_lines_lost_total",
        "Lines of the access log that the disk did not take"
    );
    metrics::describe_counter!(
        "rollcall_syslog_lost_total",
        "Messages that syslog did not take"
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
