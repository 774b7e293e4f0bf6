//! A policy with 20,000 values from an imported file: what it costs to save, to look at and to
//! export, and what users feel of it meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tests::Failure;
use tokio::time::{Instant, sleep};

use super::live::console_cookie;
use crate::bench::Bench;
use crate::client::Client;
use crate::report::{Goal, Report};
use crate::statistics::{median, worst};
use crate::wire::Wire;

const VALUES: usize = 20_000;
/// Milliseconds.
const PAGE: Goal = Goal::AtMost(300.0);
const SAVE: Goal = Goal::AtMost(2000.0);
const EXPORT: Goal = Goal::AtMost(2000.0);
const MEANWHILE: Goal = Goal::AtMost(20.0);

const ROUNDS: usize = 5;
/// Between two changes of the user whose answers are timed.
const PAUSE: Duration = Duration::from_millis(5);

/// Takes the figures.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let file = bench.rollcall.scratch("large.reg");
    fs::write(&file, registry_file()).map_err(Failure::io("writing a registry file"))?;
    let path = file.to_string_lossy().into_owned();
    let out = bench.rollcall.scratch("large");
    let out = out.to_string_lossy().into_owned();
    let cookie = console_cookie(bench).await?;

    let over = Arc::new(AtomicBool::new(false));
    let user = tokio::spawn(answers(
        bench.rollcall.rvp,
        Arc::clone(&bench.principals),
        over.clone(),
    ));
    let (mut saves, mut pages, mut exports) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let save = [
            "policy",
            "import",
            &path,
            "--name",
            "Large",
            "--keep-unknown",
            "--replace",
        ];
        bench.rollcall.run(&save, "").await?;
        saves.push(milliseconds(began));

        let began = Instant::now();
        page(bench, &cookie).await?;
        pages.push(milliseconds(began));

        let began = Instant::now();
        let export = [
            "policy", "export", "Large", "--format", "reg", "--out", &out,
        ];
        bench.rollcall.run(&export, "").await?;
        exports.push(milliseconds(began));
    }
    over.store(true, Ordering::Relaxed);
    let mut answers = user
        .await
        .map_err(|error| Failure::Unexpected(format!("the user's task ended: {error}")))??;
    answers.sort_by(f64::total_cmp);
    let slow = answers.get(answers.len() * 99 / 100).copied();

    let note = |times: &[f64]| format!("the median of {ROUNDS}; worst {:.0} ms", worst(times));
    let program = "with the start of the command line";
    report.figure(
        "page of a large policy",
        median(&pages),
        "ms",
        PAGE,
        &note(&pages),
    );
    report.figure(
        "saving it",
        median(&saves),
        "ms",
        SAVE,
        &format!("{}, {program}", note(&saves)),
    );
    report.figure(
        "exporting it",
        median(&exports),
        "ms",
        EXPORT,
        &format!("{}, {program}", note(&exports)),
    );
    report.figure(
        "a PROPPATCH meanwhile",
        slow.unwrap_or(f64::MAX),
        "ms",
        MEANWHILE,
        &format!(
            "99 of 100 of {} answers; worst {:.1} ms",
            answers.len(),
            worst(&answers)
        ),
    );
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn registry_file() -> String {
    let mut text = "REGEDIT4\r\n".to_owned();
    for number in 0..VALUES {
        // Writing to a String cannot fail.
        if number % 20 == 0 {
            let _ = write!(
                text,
                "\r\n[HKEY_CURRENT_USER\\Software\\Example\\Key{:06}]\r\n",
                number / 20
            );
        }
        let _ = write!(text, "\"V{number:06}\"=\"some text {number}\"\r\n");
    }
    text
}

/// How long one user waits for answers, until it is `over`.
async fn answers(
    server: std::net::SocketAddr,
    principals: Arc<Vec<crate::population::Principal>>,
    over: Arc<AtomicBool>,
) -> Result<Vec<f64>, Failure> {
    let who = &principals[0];
    let mut client = Client::connect(server).await?;
    client.meet_challenge(who).await?;
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let state = ["busy", "away"][times.len() % 2];
        client.set_state(who, state, Some(who.view)).await?;
        times.push(milliseconds(began));
        sleep(PAUSE).await;
    }
    Ok(times)
}

/// The page of the policy, whole.
async fn page(bench: &Bench, cookie: &str) -> Result<(), Failure> {
    let console = bench.rollcall.console;
    let mut wire = Wire::connect(console).await?;
    // HTTP/1.0: a page for it is not chunked.
    let request =
        format!("GET /policies/Large HTTP/1.0\r\nHost: {console}\r\nCookie: {cookie}\r\n\r\n");
    wire.send(request.as_bytes()).await?;
    wire.answer().await?.with_status(200)?;
    wire.until(b"</html>").await.map(drop)
}
