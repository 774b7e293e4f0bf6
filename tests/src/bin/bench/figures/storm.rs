//! What a storm leaves behind: the server's memory a minute after ten notifications for each user
//! came at once, against what it was before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tests::Failure;
use tokio::time::{Instant, sleep};

use crate::bench::Bench;
use crate::client::Client;
use crate::population::CONTACTS;
use crate::ramp_up::everybody;
use crate::report::{Goal, Report};
use crate::statistics::number;
use crate::system::{memory, settled_memory};

/// Of the memory before.
const GOAL: Goal = Goal::AtMost(1.2);

/// How many are told something, for each principal.
const EACH: usize = 10;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Without a notification for so long, the storm is over.
const QUIET: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(300);
/// From then on.
const REST: Duration = Duration::from_secs(60);

/// Takes the figure.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let process = bench.rollcall.process()?;
    let before = settled_memory(process).await?;
    let taken_before = bench.call_backs.taken();

    let (over, peak) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let watching = tokio::spawn({
        let (over, peak) = (over.clone(), peak.clone());
        async move {
            while !over.load(Ordering::Relaxed) {
                if let Ok(now) = memory(process) {
                    peak.fetch_max(now.resident, Ordering::Relaxed);
                }
                sleep(LOOK_EVERY).await;
            }
        }
    });
    let began = Instant::now();
    let server = bench.rollcall.rvp;
    // Each change is told to as many as each has contacts.
    let every = CONTACTS / EACH;
    everybody(&bench.principals, move |all, place| async move {
        if place % every == 0 {
            let who = &all[place];
            let mut client = Client::connect(server).await?;
            client.meet_challenge(who).await?;
            client.set_state(who, "at-lunch", Some(who.view)).await?;
        }
        Ok(())
    })
    .await?;
    let (mut last, mut since) = (bench.call_backs.taken(), Instant::now());
    while since.elapsed() < QUIET && began.elapsed() < PATIENCE {
        sleep(LOOK_EVERY).await;
        let now = bench.call_backs.taken();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    let took = began.elapsed();
    sleep(REST).await;
    over.store(true, Ordering::Relaxed);
    // It only looks.
    let _ended = watching.await;
    let after = memory(process)?;
    report.figure(
        "memory after a storm",
        number(after.resident) / number(before.resident.max(1)),
        "of before",
        GOAL,
        &format!(
            "VmRSS {:.1} MB before, {:.1} MB at the peak, {:.1} MB {} s after {} notifications in {:.1} s (RssAnon {:.1} MB before, {:.1} MB after)",
            megabytes(before.resident),
            megabytes(peak.load(Ordering::Relaxed)),
            megabytes(after.resident),
            REST.as_secs(),
            last - taken_before,
            took.as_secs_f64(),
            megabytes(before.anonymous),
            megabytes(after.anonymous),
        ),
    );
    Ok(())
}

fn megabytes(kibibytes: u64) -> f64 {
    number(kibibytes) / 1024.0
}
