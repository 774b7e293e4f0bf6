//! How long it takes until an open console knows of a change: from the PROPPATCH's 207 being
//! read to the change being in the page of a real browser, and on the stream that feeds it.

mod page;
mod stream;

use std::time::Duration;

use tests::Failure;
use tokio::time::sleep;

use crate::bench::Bench;
use crate::client::Client;
use crate::report::{Goal, Report};
use crate::statistics::{median, number, worst};
use crate::system::{processor_time, wall_clock};

/// Milliseconds.
const GOAL: Goal = Goal::AtMost(250.0);
const ROUNDS: usize = 20;
/// Between rounds; no multiple of the rhythm in which the server may send.
const PAUSE: Duration = Duration::from_millis(437);

/// The console's administrator.
const NAME: &str = "bench";
const PASSWORD: &str = "a long enough pass phrase 1";

/// Somebody who sees the changes of the first principal.
trait Viewer {
    /// When the state of the principal was seen to be this, in Unix milliseconds.
    async fn saw(&mut self, state: &'static str) -> Result<f64, Failure>;
}

/// Takes both figures.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    make_administrator(bench).await?;
    let alias = &bench.principals[0].alias;
    let console = bench.rollcall.console;
    let stream = stream::Stream::open(console, alias).await?;
    let stream = rounds(bench, stream).await?;
    note(report, "change on the live stream", &stream);
    let page = page::Page::open(console, alias).await?;
    let page = rounds(bench, page).await?;
    note(report, "change in the browser", &page);
    Ok(())
}

/// Makes the console's administrator, who may be there from an earlier figure.
async fn make_administrator(bench: &Bench) -> Result<(), Failure> {
    let there = bench.rollcall.run(&["admin", "list"], "").await?;
    if there.contains(NAME) {
        return Ok(());
    }
    let add = ["admin", "add", NAME, "--password-stdin"];
    bench
        .rollcall
        .run(&add, &format!("{PASSWORD}\n"))
        .await
        .map(drop)
}

/// The cookie of a fresh session at the console.
pub(crate) async fn console_cookie(bench: &Bench) -> Result<String, Failure> {
    make_administrator(bench).await?;
    stream::sign_in(bench.rollcall.console).await
}

/// What the rounds took, in milliseconds: from the 207, and from the sending.
#[derive(Debug, Default)]
struct Times {
    from_answer: Vec<f64>,
    from_sending: Vec<f64>,
    /// The server's processor time for a change, all that it causes included.
    cost: f64,
}

fn note(report: &mut Report, name: &str, times: &Times) {
    report.figure(
        name,
        median(&times.from_answer),
        "ms",
        GOAL,
        &format!(
            "after the 207, the median of {ROUNDS} rounds; worst {:.1} ms; from the sending {:.1} ms, worst {:.1} ms; a change takes {:.1} ms of processor time in the server",
            worst(&times.from_answer),
            median(&times.from_sending),
            worst(&times.from_sending),
            times.cost
        ),
    );
}

async fn rounds(bench: &Bench, mut viewer: impl Viewer) -> Result<Times, Failure> {
    let who = &bench.principals[0];
    let mut client = Client::connect(bench.rollcall.rvp).await?;
    client.meet_challenge(who).await?;
    let mut times = Times::default();
    let server = bench.rollcall.process()?;
    let before = processor_time(server)?;
    for round in 0..ROUNDS {
        sleep(PAUSE).await;
        let state = ["busy", "away"][round % 2];
        let sent = wall_clock();
        client.set_state(who, state, Some(who.view)).await?;
        let answered = wall_clock();
        let seen = viewer.saw(state).await?;
        times.from_answer.push(seen - answered);
        times.from_sending.push(seen - sent);
    }
    let used = processor_time(server)?.saturating_sub(before);
    times.cost = used.as_secs_f64() * 1000.0 / number(ROUNDS as u64);
    // The next viewer's first change must be one.
    client.set_state(who, "online", Some(who.view)).await?;
    Ok(times)
}
