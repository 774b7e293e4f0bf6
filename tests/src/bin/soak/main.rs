//! The soak behind `cargo xtask soak`: for minutes, clients sign on, change their state, send
//! messages, vanish without a word, come back, log off. Meanwhile and at quiet points it is
//! checked that leases end in time, that watchers know what is so, that no message is lost which
//! was acknowledged, and that the server's memory stays what it was.

mod client;
mod oracle;
mod report;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Parser;
use oracle::Oracle;
use tests::Failure;
use tests::random::{self, Random};
use tests::server::Server;
use tokio::time::Instant;
use world::World;

/// Random clients against a server for a while; says whether all went well.
#[derive(Debug, Parser)]
#[command(name = "soak")]
struct Options {
    /// How long, in minutes
    #[arg(long, default_value_t = 10.0)]
    minutes: f32,
    /// How many clients
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u16).range(10..=400))]
    clients: u16,
    /// What their chances are drawn from; a random one if left out
    #[arg(long)]
    seed: Option<u64>,
}

/// Leases are short, so that many end; a silent client is given up soon.
const CONFIG: &str = "[presence]\nmin_lease_s = 1\ngrace_s = 5\n\
                      [delivery]\nconnect_timeout_ms = 1000\nanswer_timeout_ms = 2000\n\
                      [log]\nfilter = \"warn\"\n";

/// From one quiet point to the next.
const ROUND: Duration = Duration::from_secs(20);

/// How long it is quiet before anything is compared.
const SETTLING: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(random::seed);
    println!(
        "{} clients for {} min, --seed {seed}",
        options.clients, options.minutes
    );
    match run(&options, seed) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("soak: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options, seed: u64) -> Result<bool, Failure> {
    let server = Server::start(CONFIG)?;
    let world = Arc::new(World::open(&server, options.clients.into())?);
    let mut random = Random::new(seed);
    let clients: Vec<_> = (0..world.clients.len())
        .map(|place| {
            let (world, random) = (world.clone(), random.split());
            thread::spawn(move || client::live(&world, place, random))
        })
        .collect();

    let end = Instant::now() + Duration::from_secs_f32(options.minutes * 60.0);
    let mut oracle = Oracle::new(server.id()?);
    loop {
        let round = Instant::now() + ROUND;
        while Instant::now() < round.min(end) {
            thread::sleep(Duration::from_millis(50));
            oracle.look_for_late_leases(&world);
        }
        world.phases.rest();
        thread::sleep(SETTLING);
        oracle.look_for_late_leases(&world);
        oracle.compare(&world)?;
        if Instant::now() >= end {
            world.phases.end();
            break;
        }
        world.phases.go_on();
    }
    for client in clients {
        if client.join().is_err() {
            oracle.failed("a client panicked");
        }
    }
    Ok(report::print(&world, &oracle, &server.output()))
}
