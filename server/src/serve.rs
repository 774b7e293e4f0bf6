//! The daemon: builds everything, binds the listeners, and ends gracefully.

use crate::access_log::AccessLog;
use crate::auth::{DigestServer, Nonces, NtlmServer, Rules, Throttle};
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::console::{self, ConsoleBackend, ConsoleParts};
use crate::control::ControlSocket;
use crate::data_dir::Purpose;
use crate::delivery::{CallBackRules, Delivery};
use crate::diagnosis::Settings;
use crate::dns::Dns;
use crate::enforcement::{Enforcement, Record};
use crate::federation::Federation;
use crate::groups::{Groups, GroupsNow};
use crate::history;
use crate::methods::{self, Allowance, Authenticator, Pace, Referral, RequestCounters, Rvp};
use crate::opening::{self, Opened};
use crate::orders::{Live, Orders, Overview};
use crate::presence::{Nodes, run_expiry};
use crate::proxy_script::ProxyScript;
use crate::store::ConsoleSessions;
use crate::store::writer::Writer;
use crate::telemetry;
use anyhow::{Context as _, anyhow};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Runs the server until it is told to stop (SIGTERM or SIGINT).
pub async fn run(config: Config) -> anyhow::Result<()> {
    let figures = telemetry::start_metrics();
    let (clock, random) = (Clock::system(), Random::system());
    let Opened {
        directory: held,
        store,
        key,
        realm,
    } = opening::open(&config, Purpose::Serve, &clock, random).await?;
    let directory = held.path();
    let started = clock.wall_ms();
    let control = ControlSocket::bind(directory).await?;
    let rvp_listener = bind(config.rvp.listen, "--rvp-listen").await?;
    let console_listener = bind(config.console.listen, "--console-listen").await?;
    let rvp_address = rvp_listener.local_addr()?;
    let console_address = console_listener.local_addr()?;

    let users = store.users().await?;
    let (writer, writing) = Writer::open(&store, clock.clone()).await?;
    let first_id = store.first_free_id().await?;
    let nodes = Arc::new(Nodes::new(
        &realm.domain,
        config.presence.limits(&config.limits),
        writer,
        first_id,
    ));
    nodes.save_with(writing);
    if let Err(error) = nodes.reserve_ids().await {
        // What is there goes on; nobody can sign on until the disk takes changes.
        tracing::error!(%error, "no numbers of subscriptions could be set aside");
    }
    let groups = GroupsNow::of_rows(&store.groups().await?, &store.members().await?);
    nodes.restore(
        users,
        &groups,
        store.saved_presence().await?,
        clock.now_ms(),
    );
    // What ended while nobody was there is over before anybody asks; its watchers hear of it with
    // all the others.
    drop(nodes.expire(clock.now_ms()));

    let settings = Arc::new(Settings::new(&config, rvp_address));
    let federation = Federation::new(
        config.federation.peers.clone(),
        &settings.authority(),
        Dns::new(&config.federation.dns),
        clock.clone(),
        config.delivery.timeouts(),
    );
    let delivery = Delivery::new(
        nodes.clone(),
        clock.clone(),
        config.delivery.timeouts(),
        federation.clone(),
    );
    let groups = Arc::new(Groups::default());
    let (record, refusals) = Record::new();
    record.restore(&store).await?;
    let enforcement = Arc::new(Enforcement::new(record));
    let proxy_script = Arc::new(ProxyScript::default());
    let sign_ins = Throttle::new(Rules::CLIENTS, clock.clone());
    let live = Live {
        sign_ins: sign_ins.clone(),
        nodes: nodes.clone(),
        delivery: delivery.clone(),
        groups: groups.clone(),
        enforcement: enforcement.clone(),
        proxy_script: proxy_script.clone(),
        settings,
    };
    let orders = Orders::new(
        store.clone(),
        key.clone(),
        realm.clone(),
        clock.clone(),
        random,
        Some(live.clone()),
    );
    orders.redraw().await?;

    let authenticator = Authenticator::new(
        nodes.clone(),
        key,
        realm.clone(),
        DigestServer::new(realm.realm.clone(), Nonces::new(random.bytes())),
        NtlmServer::new(&realm, &realm.domain, config.auth.ntlm_minimum),
        config.auth.schemes.clone(),
        sign_ins,
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
        groups,
        enforcement,
        referral: Referral::to(config.rvp.home.as_deref()),
        tell_sender: config.policy.tell_sender,
        proxy_script,
        federation,
        call_backs: CallBackRules::new(
            config.rvp.call_back_networks.clone(),
            &[rvp_address, console_address],
        ),
        store: store.clone(),
        clock: clock.clone(),
        random,
        domain: realm.domain.clone(),
        access,
        counters: RequestCounters::default(),
        pace: Pace::new(
            config.limits.address_rate(),
            config.limits.user_rate(),
            clock.clone(),
        ),
        contacts: config.contacts.serve.then(|| orders.clone()),
    });

    let overview = Overview {
        rvp_url: format!("http://{}", live.settings.authority()),
        started,
    };
    let sessions = ConsoleSessions::new(store.clone(), clock.clone());
    let console = console::router(ConsoleParts {
        backend: ConsoleBackend::new(orders.clone(), &live, overview),
        orders: orders.clone(),
        sessions: sessions.clone(),
        figures: figures.clone(),
        secure_cookies: config.console.secure_cookies,
        trusted_proxies: config.console.trusted_proxies.clone(),
    });

    let stop = CancellationToken::new();
    if let Some(figures) = figures {
        let keep = telemetry::keep_metrics(figures);
        tokio::spawn(stop.clone().run_until_cancelled_owned(keep));
    }
    let refresh = {
        let (nodes, delivery) = (nodes.clone(), delivery.clone());
        async move { nodes.tell_all(|events| delivery.tell(events)).await }
    };
    tokio::spawn(stop.clone().run_until_cancelled_owned(refresh));
    let expiry = run_expiry(nodes.clone(), clock.clone(), {
        let delivery = delivery.clone();
        move |events| delivery.tell(events)
    });
    tokio::spawn(stop.clone().run_until_cancelled_owned(expiry));
    if let Some(forgotten) = nodes.forgotten() {
        let delivery = delivery.clone();
        let told = forgotten.tell(move |events| delivery.tell(events));
        tokio::spawn(stop.clone().run_until_cancelled_owned(told));
    }
    let refusals = refusals.write(store.clone(), nodes.clone(), clock.clone(), stop.clone());
    let refusals = tokio::spawn(refusals);
    let history = history::run(store, nodes, failures, delivery.tally(), sessions, clock);
    tokio::spawn(stop.clone().run_until_cancelled_owned(history));
    let control = tokio::spawn(control.serve(orders.clone(), stop.clone()));
    let allowance = Allowance {
        connections: methods::connections(config.limits.connections),
        ..config.limits.allowance()
    };
    let rvp = tokio::spawn(methods::serve(rvp_listener, rvp, allowance, stop.clone()));
    let console = axum::serve(
        console_listener,
        console.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop.clone().cancelled_owned());
    let console = tokio::spawn(console.into_future());

    let stop_signals = StopSignals::listen()?;
    println!("listening rvp=http://{rvp_address} console=http://{console_address}");
    if let Some(token) = orders.first_run_token().await? {
        println!(
            "first run: make the first administrator at http://{console_address}/first-run?token={token}"
        );
    }
    tracing::info!(domain = %realm.domain, rvp = %rvp_address, console = %console_address, data = %directory.display(), "ready");
    let integrity = opening::report_damage(directory.to_owned());
    tokio::spawn(stop.clone().run_until_cancelled_owned(integrity));

    stop_signals.wait().await;
    tracing::info!("stopping");
    stop.cancel();
    rvp.await?;
    refusals.await?;
    control.await?;
    if let Some(task) = access_log {
        // The listener is gone, and the log with it: what is left is written.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), task).await;
    }
    // A browser's live stream has no end of its own.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), console).await;
    Ok(())
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

/// What tells the server to stop.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Listens from now on: before this, a signal ends the process as it is.
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals are not to be had");
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
