//! How long a killed server takes until it listens again and knows everybody who was online.

use tests::Failure;
use tokio::time::Instant;

use crate::options::Options;
use crate::report::{Goal, Report};
use crate::rollcall::Rollcall;
use crate::statistics::number;

/// Seconds.
const GOAL: Goal = Goal::AtMost(2.0);

/// Takes the figure.
pub(crate) async fn measure(
    rollcall: &mut Rollcall,
    options: &Options,
    report: &mut Report,
) -> Result<(), Failure> {
    rollcall.kill9().await?;
    let size = number(rollcall.database_size()) / 1e6;
    let took = rollcall.start().await?;
    let began = Instant::now();
    let online = rollcall.run(&["online", "--json"], "").await?;
    let asked = began.elapsed();
    let online: Vec<serde_json::Value> = serde_json::from_str(&online)
        .map_err(|error| Failure::Unexpected(format!("`online --json` gave no list: {error}")))?;
    report.figure(
        "ready after kill -9",
        took.as_secs_f64(),
        "s",
        GOAL,
        &format!(
            "{size:.0} MB of database and log read; `online --json` lists {} in {:.2} s",
            online.len(),
            asked.as_secs_f64()
        ),
    );
    if online.len() == options.principals as usize {
        Ok(())
    } else {
        Err(Failure::Unexpected(format!(
            "{} were online before, {} are after",
            options.principals,
            online.len()
        )))
    }
}
