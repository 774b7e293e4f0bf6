//! `rollcall status`

use super::{DataArgs, output};
use api::GetDashboard;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// As JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: StatusArgs) -> anyhow::Result<()> {
    let status = args.data.call_live(GetDashboard {}).await?;
    if args.json {
        return output::json(&status);
    }
    let notified = status.notified_today;
    let lost = notified.refused + notified.unreachable + notified.timed_out + notified.broken;
    let rows = [
        ("domain", status.domain),
        ("clients sign on at", status.rvp_url),
        ("version", status.version),
        ("started", output::moment(status.started)),
        ("users online", status.online_users.to_string()),
        ("sign-ons", status.sessions.to_string()),
        (
            "sign-ons that do not answer",
            status.unreachable.to_string(),
        ),
        ("signed on today", status.signed_on_today.to_string()),
        (
            "sign-ons refused today",
            status.failed_sign_ons_today.to_string(),
        ),
        ("notifications today", notified.delivered.to_string()),
        ("notifications lost today", lost.to_string()),
        ("accounts", status.users.to_string()),
    ];
    let mut rows: Vec<_> = rows.map(|(fact, value)| [fact.to_owned(), value]).into();
    if let Some(trouble) = status.trouble {
        let told = format!(
            "since {}: {}; {}",
            output::moment(trouble.since),
            trouble.reason,
            trouble.remedy
        );
        rows.push(["database".to_owned(), told]);
    }
    output::table(["FACT", "VALUE"], &rows);
    Ok(())
}
