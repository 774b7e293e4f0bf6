//! How long it takes until 1,000 watchers know of a change: from the PROPPATCH being sent to
//! the last NOTIFY being read.

use std::time::Duration;

use tests::Failure;
use tokio::time::{Instant, sleep, timeout};

use crate::bench::Bench;
use crate::client::Client;
use crate::report::{Goal, Report};
use crate::statistics::{median, worst};

/// Milliseconds.
const GOAL: Goal = Goal::AtMost(200.0);
const WATCHERS: usize = 1000;
const ROUNDS: usize = 10;
/// How long the slowest round may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between rounds: what is left of one must not weigh on the next.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes the figure. The last principal is the one whom many watch.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let all = &bench.principals;
    let Some((star, others)) = all.split_last() else {
        return Ok(());
    };
    let already: Vec<_> = others
        .iter()
        .map(|who| who.watches.iter().any(|(place, _)| *place == others.len()))
        .collect();
    let watchers = WATCHERS.min(others.len());
    let missing = watchers.saturating_sub(already.iter().filter(|watches| **watches).count());
    let fresh = others
        .iter()
        .zip(&already)
        .filter(|(_, watches)| !**watches)
        .take(missing);
    for (who, _) in fresh {
        let mut client = Client::connect(bench.rollcall.rvp).await?;
        client.meet_challenge(who).await?;
        client.watch(who, star).await?;
    }

    let mut client = Client::connect(bench.rollcall.rvp).await?;
    client.meet_challenge(star).await?;
    let mut times = Vec::with_capacity(ROUNDS);
    let mut answers = Vec::with_capacity(ROUNDS);
    // The first round finds caches cold and does not count.
    for round in 0..=ROUNDS {
        sleep(PAUSE).await;
        let state = ["busy", "away"][round % 2];
        let mark = format!(
            "<d:href>{}</d:href><r:description></r:description></r:contact></r:notification-from>",
            star.url
        );
        let complete = bench.call_backs.expect(mark, watchers);
        let sent = Instant::now();
        client.set_state(star, state, Some(star.view)).await?;
        let answered = sent.elapsed();
        let Ok(Ok(last)) = timeout(PATIENCE, complete).await else {
            return Err(Failure::TimedOut {
                what: format!("{watchers} NOTIFYs"),
                waited: PATIENCE,
                seen: format!("{} came", bench.call_backs.told()),
            });
        };
        if round > 0 {
            times.push(last.duration_since(sent).as_secs_f64() * 1000.0);
            answers.push(answered.as_secs_f64() * 1000.0);
        }
    }
    report.figure(
        &format!("{watchers} watchers told"),
        median(&times),
        "ms",
        GOAL,
        &format!(
            "the median of {ROUNDS} rounds; worst {:.1} ms; the change itself was answered in {:.1} ms",
            worst(&times),
            median(&answers)
        ),
    );
    Ok(())
}
