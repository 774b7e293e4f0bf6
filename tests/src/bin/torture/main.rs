//! The torture behind `cargo xtask torture`: clients and administrators do what they do, several at
//! once, while the server is killed, told to end, out of room, out of file handles. They believe
//! what was acknowledged. At quiet points that must be what the server keeps, in memory and after
//! a restart, and what those who watch have seen.

mod administrator;
mod client;
mod disaster;
mod known;
mod oracle;
mod world;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use administrator::Administrator;
use clap::Parser;
use disaster::Disaster;
use oracle::Compared;
use tests::Failure;
use tests::random::{self, Random};
use tests::rvp_client::CallBackListener;
use tests::server::Server;
use tokio::time::Instant;
use world::World;

/// Disasters for a while; says whether all that was acknowledged was kept.
#[derive(Debug, Parser)]
#[command(name = "torture")]
struct Options {
    /// How long, in minutes
    #[arg(long, default_value_t = 10.0)]
    minutes: f32,
    /// How many clients
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(10..=200))]
    clients: u16,
    /// How many administrators
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=8))]
    administrators: u16,
    /// What everything is drawn from; a random one if left out
    #[arg(long)]
    seed: Option<u64>,
}

/// Whoever watches and never answers.
const SILENT: usize = 4;

/// From one quiet point to the next.
const ROUND: Duration = Duration::from_secs(15);

/// Room for the data directory: small enough to fill at once.
const ROOM_KIB: u32 = 48 * 1024;

const CONFIG: &str = "[delivery]\nconnect_timeout_ms = 2000\nanswer_timeout_ms = 8000\n\
                      [log]\nfilter = \"warn\"\n";

fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(random::seed);
    println!(
        "{} clients and {} administrators for {} min, --seed {seed}",
        options.clients, options.administrators, options.minutes
    );
    match run(&options, seed) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("torture: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options, seed: u64) -> Result<bool, Failure> {
    let mut server = Server::start_tortured(ROOM_KIB, CONFIG)?;
    let database = server.data_dir().join("rollcall.db");
    let (clients, administrators) = (
        usize::from(options.clients),
        usize::from(options.administrators),
    );
    let world = Arc::new(World::new(&server, clients, clients + administrators)?);
    let staff: Arc<[Administrator]> = (0..administrators)
        .map(|_| Administrator::default())
        .collect();
    let _silent = silent_watchers(&server, &world)?;

    let mut random = Random::new(seed);
    let mut actors: Vec<_> = (0..clients)
        .map(|place| {
            let (world, random) = (world.clone(), random.split());
            thread::spawn(move || client::live(&world, place, random))
        })
        .collect();
    actors.extend((0..administrators).map(|number| {
        let (world, staff, random) = (world.clone(), staff.clone(), random.split());
        thread::spawn(move || staff[number].live(&world, number, administrators, random))
    }));

    let end = Instant::now() + Duration::from_secs_f32(options.minutes * 60.0);
    let mut struck: BTreeMap<Disaster, u32> = BTreeMap::new();
    let mut compared = Compared::default();
    loop {
        let round = (Instant::now() + ROUND).min(end);
        while Instant::now() < round {
            thread::sleep(Duration::from_millis(random.number(500..3000)));
            let disaster = *random.pick(&disaster::ALL);
            disaster.strike(&mut server, &mut random)?;
            *struck.entry(disaster).or_default() += 1;
        }
        world.phases.rest();
        oracle::compare(&world, &staff, &database, &mut compared)?;
        // What memory believes is what the disk holds.
        let again = if random.percent(50) {
            Disaster::Kill
        } else {
            Disaster::Terminate
        };
        again.strike(&mut server, &mut random)?;
        *struck.entry(again).or_default() += 1;
        oracle::compare(&world, &staff, &database, &mut compared)?;
        if Instant::now() >= end || world.faults() > 0 {
            world.phases.end();
            break;
        }
        world.phases.go_on();
    }
    for actor in actors {
        if actor.join().is_err() {
            world.fault("an actor panicked".to_owned());
        }
    }
    let output = server.output();
    for line in output.lines().filter(|it| it.contains("panicked")) {
        world.fault(line.to_owned());
    }
    drop(server);
    report(&world, &struck, &compared);
    Ok(world.faults() == 0 && compared.all() > 0)
}

/// Users who watch everybody and whose call-backs take connections and say nothing.
fn silent_watchers(server: &Server, world: &World) -> Result<Vec<CallBackListener>, Failure> {
    let mut all = Vec::with_capacity(SILENT);
    for number in 0..SILENT {
        let user = server.user(&format!("silent{number}"))?;
        let call_back = CallBackListener::new();
        let address = call_back.listen(0)?;
        call_back.hang();
        user.sign_on(&format!("http://{address}"), 14_400)?;
        for client in &world.clients {
            user.watch(client.user.alias())?;
        }
        all.push(call_back);
    }
    Ok(all)
}

fn report(world: &World, struck: &BTreeMap<Disaster, u32>, compared: &Compared) {
    let counts = &world.counts;
    let get = |it: &AtomicU64| it.load(Ordering::Relaxed);
    println!();
    for (what, number) in [
        ("changes acknowledged", get(&counts.done)),
        ("changes refused", get(&counts.refused)),
        ("changes without an answer", get(&counts.unknown)),
        ("messages delivered", get(&counts.delivered)),
        ("orders of administrators", get(&counts.orders)),
        ("states compared", compared.states),
        ("states as watchers saw them", compared.sights),
        ("blocks compared", compared.blocks),
        ("messages looked for", compared.messages),
        ("accounts compared", compared.accounts),
        ("members compared", compared.members),
        ("entries of the audit counted", compared.audited),
    ] {
        println!("      {what:40} {number:>9}");
    }
    for (disaster, times) in struck {
        println!("      {:40} {times:>9}", format!("{disaster:?}"));
    }
    let verdict = if world.faults() == 0 { "PASS" } else { "FAIL" };
    println!("{verdict}  {:40} {:>9}", "differences", world.faults());
}
