//! `rollcall online`

use super::{DataArgs, output};
use crate::admin_socket::ControlError;
use api::{ListOnline, OnlineQuery, OnlineRow, SessionCell};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct OnlineArgs {
    /// As JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: OnlineArgs) -> anyhow::Result<()> {
    let query = OnlineQuery::default();
    let ask = |part| ListOnline {
        query: query.clone(),
        part,
    };
    let client = args.data.client()?;
    let users = client.all_live(ask, |page| (page.rows, page.next)).await?;
    let users = users.ok_or(ControlError::NotRunning)?;
    if args.json {
        return output::json(&users);
    }
    let rows: Vec<_> = users
        .iter()
        .flat_map(|u| u.sessions.iter().map(move |s| row(u, s)))
        .collect();
    output::table(
        [
            "USER",
            "STATE",
            "SINCE",
            "LEASE ENDS",
            "ADDRESS",
            "CLIENT",
            "AUTH",
            "WATCHERS",
        ],
        &rows,
    );
    Ok(())
}

fn row(user: &OnlineRow, session: &SessionCell) -> [String; 8] {
    let unreachable = session.unreachable.map_or_else(String::new, |since| {
        let (since, ends) = (output::moment(since), output::moment(session.lease_ends));
        format!(" (does not answer since {since}, ends {ends})")
    });
    [
        user.alias.clone(),
        output::word(&user.state),
        output::moment(session.since),
        output::moment(user.lease_ends),
        format!("{}:{}{unreachable}", session.address, session.port),
        session.client.clone(),
        session.auth.clone(),
        user.watchers.to_string(),
    ]
}
