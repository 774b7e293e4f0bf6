//! `rollcall logoff`

use super::{DataArgs, output};
use api::Logoff;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct LogoffArgs {
    /// Whom.
    #[arg(
        required_unless_present = "all",
        conflicts_with = "all",
        value_name = "ALIAS"
    )]
    aliases: Vec<String>,
    /// Everybody who is signed on.
    #[arg(long)]
    all: bool,
    /// Why: the users and the audit read it.
    #[arg(long, default_value = "")]
    reason: String,
    /// What it did, as JSON.
    #[arg(long)]
    json: bool,
    /// Refuse fresh sign-ons for a time, such as 10m, 2h or 1d.
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    block_for: Option<u32>,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: LogoffArgs) -> anyhow::Result<()> {
    let order = Logoff {
        aliases: args.aliases,
        all: args.all,
        reason: args.reason,
        block_minutes: args.block_for,
    };
    let outcome = args.data.call_live(order).await?;
    if args.json {
        return output::json(&outcome);
    }
    for alias in &outcome.logged_off {
        output::line(format_args!("{alias}: logged off"));
    }
    for alias in &outcome.not_online {
        output::note(format_args!("{alias}: was not online"));
    }
    Ok(())
}

/// Whole minutes of a time such as `10m`; less than one counts as one.
fn minutes(text: &str) -> Result<u32, String> {
    let wrong = || format!("{text:?} is not a time; write for example 10m, 2h or 1d");
    let (number, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let number: u32 = number.parse().map_err(|_| wrong())?;
    match unit {
        "s" => Ok(number.div_ceil(60)),
        "m" => Ok(number),
        "h" => number.checked_mul(60).ok_or_else(wrong),
        "d" => number.checked_mul(24 * 60).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn times_are_read_in_every_unit() {
        assert_eq!(minutes("90s"), Ok(2));
        assert_eq!(minutes("10m"), Ok(10));
        assert_eq!(minutes("2h"), Ok(120));
        assert_eq!(minutes("1d"), Ok(1440));
        for wrong in ["", "10", "m", "-1m", "10 m", "4000000000d", "1ü"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }
}
