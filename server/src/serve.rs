//! The daemon: builds everything, binds the listeners, and ends gracefully.

use crate::access_log::AccessLog;
use crate::admin::Live;
use crate::admin_http;
use crate::admin_socket::ControlSocket;
use crate::auth::{DigestServer, Nonces, NtlmServer};
use crate::clock::{Clock, Random};
use crate::config::{Config, ListenerLimits};
use crate::console::{self, ConsoleParts, Health};
use crate::data_dir::{DataDirectory, Purpose};
use crate::delivery::{self, CallBackRules, Delivery};
use crate::engine::{Engine, Foundation};
use crate::history;
use crate::listener::{self, Authenticator, RateLimiter, Referral, RequestCounters, Rvp};
use crate::net::{Handles, Wanted};
use crate::opening::{self, Opened};
use crate::presence::{Previous, run_expiry};
use crate::signals::Signals;
use crate::stop::Stop;
use crate::store::Store;
use crate::store::writer::Writer;
use crate::syslog::Syslog;
use crate::tasks::Tasks;
use crate::telemetry::{self, Announcer};
use anyhow::{Context as _, anyhow};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long each of the last steps of the end may take.
const LAST_STEP: Duration = Duration::from_millis(1500);

/// Runs the server until it is told to stop (SIGTERM, SIGINT, SIGHUP or SIGQUIT); a second
/// signal hastens the end.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let start = start(config);
    tokio::pin!(start);
    let early = tokio::select! {
        server = start.as_mut() => return server?.run(signals).await,
        signal = signals.next() => signal,
    };
    tracing::info!(signal = early, "told to stop before it is ready");
    tokio::select! {
        server = start => server?.end(signals).await,
        signal = signals.next() => tracing::info!(signal, "stopped as it is"),
    }
    Ok(())
}

/// A server that serves.
struct Server {
    stop: Stop,
    /// What answers requests; ends with the last of them.
    listeners: Tasks,
    /// What works beside them.
    background: Tasks,
    /// What must be there to the end, and has none of its own.
    lasting: Tasks,
    control: Tasks,
    delivery: Delivery,
    writer: Writer<Previous>,
    store: Store,
    /// Nobody else works on the data directory before all is over.
    _held: DataDirectory,
    closed: CancellationToken,
    access_log: Option<JoinHandle<()>>,
    /// What whoever started it wants to know.
    announced: Vec<String>,
}

/// Builds everything, and begins to serve.
async fn start(config: Config) -> anyhow::Result<Server> {
    let handles = Handles::reserve(Wanted {
        rvp: config.limits.connections,
        console: config.console.limits.connections,
        call_backs: delivery::CONNECTIONS,
    })?;
    let figures = telemetry::start_metrics();
    let (clock, random) = (Clock::system(), Random::system());
    let Opened {
        directory: held,
        store,
        key,
        realm,
    } = opening::open(&config, Purpose::Serve, &clock, random).await?;
    let directory = held.path();
    let socket = ControlSocket::bind(directory).await?;
    let rvp_listener = bind(config.rvp.listen, "--rvp-listen").await?;
    let console_listener = bind(config.console.listen, "--console-listen").await?;
    let rvp_address = rvp_listener.local_addr()?;
    let console_address = console_listener.local_addr()?;

    let Engine {
        admin,
        live,
        federation,
        refusals,
        telling,
        writer,
        writing,
    } = Engine::build(Foundation {
        config: &config,
        store: store.clone(),
        key: key.clone(),
        realm: realm.clone(),
        clock: clock.clone(),
        random,
        listen: rvp_address,
        call_backs: handles.call_backs,
        peers: handles.peers,
    })
    .await?;
    let mut lasting = Tasks::default();
    lasting.spawn("database writer", async move {
        // Its panic is in the log; that it has ended is all that counts here.
        let _ = writing.await;
    });
    let Live {
        nodes,
        delivery,
        events,
        ..
    } = live.clone();

    let authenticator = Authenticator::new(
        nodes.clone(),
        key,
        realm.clone(),
        DigestServer::new(realm.realm.clone(), Nonces::new(random.bytes())),
        NtlmServer::new(&realm, &realm.domain, config.auth.ntlm_minimum),
        config.auth.schemes.clone(),
        live.sign_ins.clone(),
        clock.clone(),
        random,
    );
    let failures = authenticator.failures();
    let (access, access_log) = if config.log.access {
        let logs = directory.join("logs");
        let (log, task) = AccessLog::start(&logs, clock.clone()).with_context(|| {
            format!(
                "cannot write the access log to {}; give this user the right to write there, or set log.access = false",
                logs.display()
            )
        })?;
        (log, Some(task))
    } else {
        (AccessLog::off(), None)
    };
    let rvp = Arc::new(Rvp {
        nodes: nodes.clone(),
        delivery: delivery.clone(),
        authenticator,
        enforcement: live.enforcement.clone(),
        referral: Referral::to(config.rvp.home.as_deref()),
        tell_sender: config.policy.tell_sender,
        proxy_script: live.proxy_script.clone(),
        federation,
        call_backs: CallBackRules::new(
            config.rvp.call_back_networks.clone(),
            &[rvp_address, console_address],
        ),
        clock: clock.clone(),
        random,
        names: live.names.clone(),
        access,
        counters: RequestCounters::default(),
        rate_limiter: RateLimiter::new(
            config.limits.address_rate(),
            config.limits.user_rate(),
            clock.clone(),
        ),
        contacts: config.contacts.serve.then(|| admin.clone()),
    });

    let stop = Stop::default();
    let sessions = admin.sessions().clone();
    let console = console::router(ConsoleParts {
        admin: admin.clone(),
        live,
        health: Health::new(
            nodes.clone(),
            directory.to_owned(),
            clock.clone(),
            stop.clone(),
        ),
        files: console::embedded_file,
        figures: figures.clone(),
        config: &config.console,
    });

    let ended = stop.ended();
    let mut background = Tasks::default();
    if let Some(figures) = figures {
        let keep = telemetry::keep_metrics(figures);
        background.spawn("metrics", until(ended.clone(), keep));
    }
    let refresh = {
        let (nodes, delivery) = (nodes.clone(), delivery.clone());
        async move { nodes.tell_all(|events| delivery.tell(events)).await }
    };
    // It ends by itself.
    tokio::spawn(until(ended.clone(), refresh));
    let expiry = run_expiry(nodes.clone(), clock.clone(), {
        let delivery = delivery.clone();
        move |events| delivery.tell(events)
    });
    background.spawn("leases", until(ended.clone(), expiry));
    if let Some(forgotten) = nodes.forgotten() {
        let delivery = delivery.clone();
        let told = forgotten.tell(move |events| delivery.tell(events));
        background.spawn("forgotten changes", until(ended.clone(), told));
    }
    let refusals = refusals.write(store.clone(), nodes.clone(), clock.clone(), ended.clone());
    background.spawn("refusals", refusals);
    background.spawn("hooks", telling.run(ended.clone()));
    if let Some(target) = config.log.syslog.clone() {
        let syslog = Syslog::new(target, events, clock.clone());
        background.spawn("syslog", syslog.run(ended.clone()));
    }
    let history = history::run(
        store.clone(),
        nodes,
        failures,
        delivery.tally(),
        sessions,
        clock,
    );
    background.spawn("figures", until(ended.clone(), history));

    let mut listeners = Tasks::default();
    let limits = ListenerLimits {
        connections: handles.rvp,
        ..config.limits.listener()
    };
    listeners.spawn(
        "rvp",
        listener::serve(rvp_listener, rvp, limits, stop.clone()),
    );
    let limits = ListenerLimits {
        connections: handles.console,
        ..config.console.limits.listener(&config.limits)
    };
    let proxies = config.console.trusted_proxies.as_slice().into();
    listeners.spawn(
        "console",
        console::serve(console_listener, console, limits, proxies, stop.clone()),
    );
    let (under_way, closed) = (TaskTracker::new(), CancellationToken::new());
    under_way.close();
    listeners.spawn("orders", {
        let (under_way, stop) = (under_way.clone(), stop.clone());
        async move {
            stop.begun().await;
            tokio::select! {
                () = under_way.wait() => {}
                () = stop.over() => {}
            }
        }
    });
    let router = admin_http::local(admin.clone());
    let socket = socket.serve(
        router,
        handles.control,
        under_way,
        stop.clone(),
        closed.clone(),
    );
    let mut control = Tasks::default();
    control.spawn("control", socket);

    let mut announced = vec![format!(
        "listening rvp=http://{rvp_address} console=http://{console_address}"
    )];
    if let Some(token) = admin.first_run_token().await? {
        announced.push(format!(
            "first run: make the first administrator at http://{console_address}/first-run?token={token}"
        ));
    }
    tracing::info!(domain = %realm.domain, rvp = %rvp_address, console = %console_address, data = %directory.display(), "ready");
    // It ends by itself.
    tokio::spawn(until(ended, opening::report_damage(directory.to_owned())));
    Ok(Server {
        stop,
        listeners,
        background,
        lasting,
        control,
        delivery,
        writer,
        store,
        _held: held,
        closed,
        access_log,
        announced,
    })
}

async fn until(end: CancellationToken, task: impl Future<Output = ()>) {
    end.run_until_cancelled(task).await;
}

impl Server {
    /// Serves until a signal comes or a part of the server fails, and ends.
    async fn run(mut self, mut signals: Signals) -> anyhow::Result<()> {
        let announcer = Announcer::start();
        for line in &self.announced {
            announcer.say(line);
        }
        let failed = tokio::select! {
            signal = signals.next() => {
                tracing::info!(signal, "stopping");
                None
            }
            name = self.listeners.ended() => Some(name),
            name = self.background.ended() => Some(name),
            name = self.lasting.ended() => Some(name),
            name = self.control.ended() => Some(name),
        };
        if let Some(name) = failed {
            tracing::error!(part = name, "a part of the server has failed: it stops");
        }
        self.end(signals).await;
        match failed {
            None => Ok(()),
            Some(name) => Err(anyhow!(
                "a part of the server has failed: {name}; the log says why; start it again"
            )),
        }
    }

    /// Lets everything end in its time; a signal hastens it.
    async fn end(mut self, mut signals: Signals) {
        let stop = self.stop.clone();
        let end = self.end_in_order();
        let steps = stop.run();
        tokio::pin!(end, steps);
        let mut stepping = true;
        loop {
            tokio::select! {
                () = end.as_mut() => break,
                () = steps.as_mut(), if stepping => stepping = false,
                signal = signals.next() => {
                    tracing::info!(signal, "stopping at once");
                    stop.hasten();
                }
            }
        }
        tracing::info!("stopped");
    }

    async fn end_in_order(&mut self) {
        self.listeners.all_ended().await;
        // Some messages are acknowledged before they are delivered.
        tokio::select! {
            biased;
            () = self.delivery.delivered() => {}
            () = self.stop.late() => tracing::warn!("messages to clients that do not answer were given up"),
        }
        self.stop.end();
        within("the background", self.background.all_ended()).await;
        let written = within("the database writer", self.writer.drained()).await;
        if let Some(Err(error)) = written {
            tracing::error!(%error, "the last changes could not be saved");
        }
        self.store.close().await;
        self.closed.cancel();
        within("the control socket", self.control.all_ended()).await;
        if let Some(task) = self.access_log.take() {
            // The listener is gone, and the log with it: what is left is written.
            within("the access log", task).await;
        }
    }
}

/// Waits for the end of something, but not for ever.
async fn within<T>(what: &str, end: impl Future<Output = T>) -> Option<T> {
    let ended = tokio::time::timeout(LAST_STEP, end).await;
    if ended.is_err() {
        tracing::warn!(what, "does not end");
    }
    ended.ok()
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    use std::io::ErrorKind;
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow!("{address} is in use by another program; stop it, or choose another address with {flag}")
        }
        ErrorKind::PermissionDenied => anyhow!(
            "this user may not listen on {address}; choose a port from 1024 up with {flag}, or grant CAP_NET_BIND_SERVICE"
        ),
        ErrorKind::AddrNotAvailable => {
            anyhow!("{address} is not an address of this machine; choose another with {flag}")
        }
        _ => anyhow!("cannot listen on {address}: {error}; choose another address with {flag}"),
    })
}
