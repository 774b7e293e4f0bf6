//! What an online user with 20 contacts costs: the server's memory with everybody online, less
//! what it had with the same accounts and nobody online.

use tests::Failure;

use crate::bench::Bench;
use crate::report::{Goal, Report};
use crate::statistics::number;
use crate::system::{Memory, settled_memory};

/// KiB for each online user.
const GOAL: Goal = Goal::AtMost(8.0);

/// Takes the figure; no connection of the load is open any more.
pub(crate) async fn measure(
    bench: &Bench,
    before: Memory,
    report: &mut Report,
) -> Result<(), Failure> {
    let after = settled_memory(bench.rollcall.process()?).await?;
    let people = number(bench.principals.len() as u64);
    let each = |before: u64, after: u64| number(after.saturating_sub(before)) / people;
    report.figure(
        "memory of an online user",
        each(before.resident, after.resident),
        "KB",
        GOAL,
        &format!(
            "VmRSS {:.1} MB with nobody online, {:.1} MB with {people} online; of RssAnon alone {:.2} KB ({:.1} MB, {:.1} MB)",
            megabytes(before.resident),
            megabytes(after.resident),
            each(before.anonymous, after.anonymous),
            megabytes(before.anonymous),
            megabytes(after.anonymous),
        ),
    );
    Ok(())
}

fn megabytes(kibibytes: u64) -> f64 {
    number(kibibytes) / 1024.0
}
