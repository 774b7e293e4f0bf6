//! The table in the end.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::oracle::Oracle;
use crate::world::World;

/// Sessions that may end while their client thinks they live, of a hundred sign-ons: on a busy
/// machine a client may answer too late twice in a row.
const LOST_SESSIONS: u64 = 2;

/// Prints what happened; says whether all is well.
pub(crate) fn print(world: &World, oracle: &Oracle, log: &str) -> bool {
    let counts = &world.counts;
    let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!();
    for (what, counter) in [
        ("signed on", &counts.sign_ons),
        ("changed their state", &counts.changes),
        ("renewed their leases", &counts.renewals),
        ("messages delivered", &counts.delivered),
        ("messages undelivered (recipient away)", &counts.undelivered),
        ("vanished without a word", &counts.vanished),
        ("came back", &counts.returned),
        ("logged off", &counts.log_offs),
    ] {
        println!("      {what:40} {:>9}", get(counter));
    }
    let mut well = true;
    let mut line = |good: bool, what: &str, text: String| {
        well &= good;
        println!("{}  {what:40} {text}", if good { "PASS" } else { "FAIL" });
    };
    line(
        oracle.leases > 0,
        "leases, each as a watcher saw it end",
        format!("{:>9}, the latest {:?} late", oracle.leases, oracle.latest),
    );
    line(
        oracle.compared > 0,
        "states compared",
        format!(
            "{:>9}, at {} quiet points",
            oracle.compared, oracle.quiet_points
        ),
    );
    line(
        oracle.messages > 0,
        "acknowledged messages looked for",
        format!("{:>9}", oracle.messages),
    );
    line(
        oracle.faults == 0,
        "faults",
        format!("{:>9}", oracle.faults),
    );
    let (lost, sign_ons) = (get(&counts.refusals), get(&counts.sign_ons));
    line(
        lost * 100 <= sign_ons * LOST_SESSIONS,
        "sessions lost unawares",
        format!("{lost:>9}"),
    );
    match oracle.memory_is_flat() {
        Some((first, last, flat)) => line(
            flat,
            "memory after warm-up and in the end",
            format!("{:>9.1} MiB, {:.1} MiB", first / 1024.0, last / 1024.0),
        ),
        None => println!("      memory: too short to say, {:?} KiB", oracle.memory),
    }
    let complaints: Vec<_> = log
        .lines()
        .filter(|line| line.contains("ERROR") || line.contains("panicked"))
        .collect();
    line(
        complaints.is_empty(),
        "errors in the server's log",
        format!("{:>9}", complaints.len()),
    );
    for complaint in complaints.iter().take(5) {
        println!("      {complaint}");
    }
    well
}
