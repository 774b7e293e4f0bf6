//! The order of things: accounts, a server with nobody online, everybody online, and then each
//! figure, the restart last.

use std::fs;
use std::sync::Arc;

use tests::Failure;
use tokio::time::Instant;

use crate::call_backs::CallBacks;
use crate::client::Client;
use crate::figures::{fan_out, large_policy, live, memory, renewals, restart, storm};
use crate::options::{Name, Options};
use crate::population::{self, Principal};
use crate::ramp_up;
use crate::report::Report;
use crate::rollcall::Rollcall;
use crate::statistics::number;
use crate::system::settled_memory;

/// What every figure is taken from.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) rollcall: Rollcall,
    pub(crate) principals: Arc<Vec<Principal>>,
    pub(crate) call_backs: Arc<CallBacks>,
}

/// Takes the figures; says whether all goals were reached.
pub(crate) async fn run(options: &Options) -> Result<bool, Failure> {
    let mut report = Report::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    report.information(
        "machine",
        &format!("{cores} cores, shared by the server and the load"),
    );

    let mut rollcall = Rollcall::new()?;
    let began = Instant::now();
    let file = rollcall.scratch("accounts.tsv");
    fs::write(&file, population::accounts(options.principals))
        .map_err(Failure::io("writing the accounts"))?;
    rollcall
        .run(&["user", "import", &file.to_string_lossy()], "")
        .await?;
    report.information(
        "import",
        &format!(
            "{} accounts in {:.1} s",
            options.principals,
            began.elapsed().as_secs_f64()
        ),
    );

    rollcall.start().await?;
    let outcome = with_server(rollcall, options, &mut report).await;
    outcome.map(|()| report.all_met())
}

async fn with_server(
    rollcall: Rollcall,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failure> {
    let before = settled_memory(rollcall.process()?).await?;
    let realm = Client::realm(rollcall.rvp).await?;
    let principals = population::principals(options.principals, rollcall.rvp, &realm);
    let mut bench = Bench {
        principals: Arc::new(principals),
        call_backs: Arc::new(CallBacks::listen().await?),
        rollcall,
    };
    let server = bench.rollcall.rvp;
    let took = ramp_up::run(&mut bench.principals, server, &bench.call_backs)
        .await
        .map_err(|failure| bench.explain(failure))?;
    let people = number(options.principals.into());
    report.information(
        "ramp-up",
        &format!(
            "{:.0} sign-ons/s (connection, 401, SUBSCRIBE, PROPPATCH each), then {:.0} watches/s",
            people / took.sign_ons.as_secs_f64(),
            people * number(population::CONTACTS as u64) / took.watches.as_secs_f64()
        ),
    );

    if options.wants(Name::Memory) {
        let result = memory::measure(&bench, before, report).await;
        bench.noted("memory", result, report);
    }
    if options.wants(Name::Renewals) {
        let result = renewals::measure(&bench, options, report).await;
        bench.noted("renewals", result, report);
    }
    if options.wants(Name::FanOut) {
        let result = fan_out::measure(&bench, report).await;
        bench.noted("fan-out", result, report);
    }
    if options.wants(Name::Browser) {
        let result = live::measure(&bench, report).await;
        bench.noted("browser", result, report);
    }
    if options.wants(Name::LargePolicy) {
        let result = large_policy::measure(&bench, report).await;
        bench.noted("large policy", result, report);
    }
    if options.wants(Name::Storm) {
        let result = storm::measure(&bench, report).await;
        bench.noted("storm", result, report);
    }
    if options.wants(Name::Restart) {
        let result = restart::measure(&mut bench.rollcall, options, report).await;
        bench.noted("restart", result, report);
    }
    bench.rollcall.kill9().await
}

impl Bench {
    fn noted(&self, name: &str, result: Result<(), Failure>, report: &mut Report) {
        if let Err(failure) = result {
            report.broken(name, &self.explain(failure));
        }
    }

    /// A failure with what the server itself complains of.
    fn explain(&self, failure: Failure) -> Failure {
        match self.rollcall.complaints() {
            none if none.is_empty() => failure,
            some => Failure::Unexpected(format!("{failure}\nthe server's log:\n{some}")),
        }
    }
}
