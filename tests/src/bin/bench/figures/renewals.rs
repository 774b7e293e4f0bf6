//! Committed, authenticated renewals a second, against a bare axum route in the same run: the
//! same client, the same bytes, the same number of connections, in turns.

use std::fmt;
use std::iter;
use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tests::Failure;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use crate::bare;
use crate::bench::Bench;
use crate::client::Client;
use crate::ntlm;
use crate::options::Options;
use crate::population::Principal;
use crate::report::{Goal, Report};
use crate::statistics::{median, number};
use crate::system::{idle_time, processor_time};
use crate::wire::Wire;

/// Renewals for each request to the bare route.
const GOAL: Goal = Goal::AtLeast(0.3);
const ROUNDS: usize = 5;

/// Threads of the load, of which each serves its share of the connections.
const THREADS: usize = 2;

/// Whom a round asks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// Rollcall; each request proves who sends it.
    Digest,
    /// Rollcall; each connection proves once whose it is.
    Ntlm,
    /// The bare route.
    Bare,
}

/// One round.
#[derive(Clone, Debug)]
struct Load {
    side: Side,
    address: SocketAddr,
    principals: Arc<Vec<Principal>>,
    connections: usize,
    length: Duration,
    /// Rounds begin with different principals.
    round: usize,
}

/// What a round found.
#[derive(Clone, Copy, Debug)]
struct Found {
    per_second: f64,
    /// Microseconds of the server's processor time for each request.
    cost: f64,
    /// The same of the load itself.
    load_cost: f64,
    /// The part of all processor time in which nobody had anything to do.
    idle: f64,
    /// The part that programs outside of this measurement took.
    others: f64,
}

/// Processor time used so far.
#[derive(Clone, Copy, Debug)]
struct Used {
    server: Duration,
    load: Duration,
    idle: Duration,
}

impl Used {
    fn read(server: u32) -> Result<Self, Failure> {
        Ok(Self {
            server: processor_time(server)?,
            load: processor_time(std::process::id())?,
            idle: idle_time()?,
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            server: self.server.saturating_sub(before.server),
            load: self.load.saturating_sub(before.load),
            idle: self.idle.saturating_sub(before.idle),
        }
    }
}

/// Takes the figure.
pub(crate) async fn measure(
    bench: &Bench,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failure> {
    let bare = bare::start().await?;
    let servers = |side| match side {
        Side::Bare => Ok::<_, Failure>((bare.address("bare=")?, bare.id())),
        Side::Digest | Side::Ntlm => Ok((bench.rollcall.rvp, bench.rollcall.process()?)),
    };
    let connections = usize::from(options.connections).min(bench.principals.len());
    let load = |side, round, length| {
        let (address, process) = servers(side)?;
        let load = Load {
            side,
            address,
            principals: bench.principals.clone(),
            connections,
            length,
            round,
        };
        Ok::<_, Failure>((load, process))
    };
    let one = async |side, round, length| {
        let (load, process) = load(side, round, length)?;
        load.run(process).await
    };

    let length = Duration::from_secs(options.seconds);
    for side in [Side::Digest, Side::Bare] {
        one(side, 0, Duration::from_secs(1)).await?;
    }
    let (mut renewals, mut plain) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        renewals.push(one(Side::Digest, round, length).await?);
        plain.push(one(Side::Bare, round, length).await?);
    }
    let ntlm = one(Side::Ntlm, 0, length).await?;

    // Neighbours in time are compared: what else the machine did weighed on both alike.
    let ratios: Vec<_> = iter::zip(&renewals, &plain)
        .map(|(renewal, plain)| renewal.per_second / plain.per_second)
        .collect();
    let (renewals, plain) = (Found::median(&renewals), Found::median(&plain));
    report.figure(
        "renewals against a bare axum route",
        median(&ratios),
        "",
        GOAL,
        &format!(
            "{:.0} committed renewals/s, Digest on each request, against {:.0} requests/s; {connections} keep-alive connections, medians of {ROUNDS} rounds of {} s in turns",
            renewals.per_second, plain.per_second, options.seconds,
        ),
    );
    report.information("renewals", &renewals.to_string());
    report.information("bare route", &plain.to_string());
    report.information("renewals over NTLM connections", &ntlm.to_string());
    bare.kill9().await.map(drop)
}

impl Found {
    fn median(all: &[Self]) -> Self {
        let of = |part: fn(&Self) -> f64| median(&all.iter().map(part).collect::<Vec<_>>());
        Self {
            per_second: of(|found| found.per_second),
            cost: of(|found| found.cost),
            load_cost: of(|found| found.load_cost),
            idle: of(|found| found.idle),
            others: of(|found| found.others),
        }
    }

    fn new(requests: u64, length: Duration, used: Used) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let whole = length.as_secs_f64() * number(cores);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / number(requests.max(1));
        let counted = used.server + used.load + used.idle;
        Self {
            per_second: number(requests) / length.as_secs_f64(),
            cost: each(used.server),
            load_cost: each(used.load),
            idle: used.idle.as_secs_f64() / whole,
            others: (1.0 - counted.as_secs_f64() / whole).max(0.0),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0}/s; processor time for each {:.1} µs in the server and {:.1} µs in the load; the machine was {:.0} % idle and {:.0} % busy with other programs",
            self.per_second,
            self.cost,
            self.load_cost,
            self.idle * 100.0,
            self.others * 100.0
        )
    }
}

impl Load {
    /// Runs the round against a server with this process id.
    async fn run(self, process: u32) -> Result<Found, Failure> {
        let length = self.length;
        let done = spawn_blocking(move || self.on_threads(process)).await;
        let (requests, used) = done.map_err(|error| Failure::Unexpected(error.to_string()))??;
        Ok(Found::new(requests, length, used))
    }

    /// The requests that were answered in time, and the processor time that was used.
    fn on_threads(&self, process: u32) -> Result<(u64, Used), Failure> {
        let ready = Barrier::new(THREADS + 1);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let ready = &ready;
                    scope.spawn(move || self.on_thread(thread, ready))
                })
                .collect();
            ready.wait();
            let before = Used::read(process);
            // The threads of the load take what they used with them.
            thread::sleep(self.length);
            let after = Used::read(process);
            let mut requests = 0;
            for thread in threads {
                let gone = |_| Failure::Unexpected("a thread of the load panicked".to_owned());
                requests += thread.join().map_err(gone)??;
            }
            Ok((requests, after?.since(before?)))
        })
    }

    fn on_thread(&self, thread: usize, ready: &Barrier) -> Result<u64, Failure> {
        let prepared = self.prepare(thread);
        // Also where it failed: the others wait.
        ready.wait();
        let (runtime, clients) = prepared?;
        runtime.block_on(async {
            let end = Instant::now() + self.length;
            let mut tasks = JoinSet::new();
            for (connection, client) in clients {
                tasks.spawn(self.clone().work(connection, client, end));
            }
            let mut requests = 0;
            while let Some(done) = tasks.join_next().await {
                requests += done.map_err(|error| Failure::Unexpected(error.to_string()))??;
            }
            Ok(requests)
        })
    }

    fn prepare(&self, thread: usize) -> Result<(Runtime, Vec<(usize, Client)>), Failure> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::io("making a runtime"))?;
        let clients = runtime.block_on(async {
            let mut clients = Vec::new();
            for connection in (thread..self.connections).step_by(THREADS) {
                clients.push((connection, self.connect(connection).await?));
            }
            Ok::<_, Failure>(clients)
        })?;
        Ok((runtime, clients))
    }

    async fn connect(&self, connection: usize) -> Result<Client, Failure> {
        let who = &self.principals[connection];
        match self.side {
            Side::Bare => Client::connect_unchecked(self.address, "127.0.0.1").await,
            Side::Digest => {
                let mut client = Client::connect(self.address).await?;
                client.meet_challenge(who).await?;
                Ok(client)
            }
            Side::Ntlm => {
                let mut wire = Wire::connect(self.address).await?;
                ntlm::authenticate(&mut wire, who).await?;
                Ok(Client::on(wire))
            }
        }
    }

    /// Renews as clients do: a user's login and then each of their watches, one user after the
    /// other, where the connection may speak for several.
    async fn work(
        self,
        connection: usize,
        mut client: Client,
        end: Instant,
    ) -> Result<u64, Failure> {
        let all = &self.principals;
        let mut place = connection;
        if self.side != Side::Ntlm {
            place = (connection + self.round * 997) % all.len();
        }
        let mut requests = 0;
        loop {
            let who = &all[place];
            let own = iter::once((place, who.login));
            for (target, subscription) in own.chain(who.watches.iter().copied()) {
                client.renew(who, &all[target], subscription).await?;
                if Instant::now() >= end {
                    return Ok(requests);
                }
                requests += 1;
            }
            if self.side != Side::Ntlm {
                place = (place + self.connections) % all.len();
            }
        }
    }
}
