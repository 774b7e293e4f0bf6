//! `rollcall audit`

use super::client::Client;
use super::{DataArgs, output};
use api::{AuditFormat, AuditQuery, AuditRow, ExportAudit, ListAudit, MAX_ROWS, Part};
use clap::Args;

/// Entries that a table shows where nothing else is said.
const SHOWN: u32 = 100;

#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Only entries with this text in any column.
    #[arg(long, default_value = "")]
    search: String,
    /// Only what this account, token or user of the command line did.
    #[arg(long, default_value = "")]
    actor: String,
    /// Only such acts: `user.create`, or `user` for all that was done to users.
    #[arg(long, default_value = "")]
    action: String,
    /// Only what was done to this user, group, policy or account.
    #[arg(long, default_value = "")]
    target: String,
    /// Only from this moment on: 2026-11-25, or 2026-11-25T14:05:09Z (UTC).
    #[arg(long, default_value = "", value_name = "MOMENT")]
    since: String,
    /// Only until this moment; a day is meant with its end.
    #[arg(long, default_value = "", value_name = "MOMENT")]
    until: String,
    /// So many entries at the most, the newest [default: 100; with --json, --jsonl or --csv all].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// As JSON.
    #[arg(long, group = "format")]
    json: bool,
    /// As JSON lines: an entry a line.
    #[arg(long, group = "format")]
    jsonl: bool,
    /// As comma-separated values.
    #[arg(long, group = "format")]
    csv: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: AuditArgs) -> anyhow::Result<()> {
    let query = AuditQuery {
        search: args.search,
        actor: args.actor,
        action: args.action,
        target: args.target,
        since: args.since,
        until: args.until,
        page: 0,
    };
    let mut client = args.data.client()?;
    let format = match (args.csv, args.jsonl) {
        (true, _) => Some(AuditFormat::Csv),
        (_, true) => Some(AuditFormat::Jsonl),
        _ => None,
    };
    let limit = args.limit.unwrap_or(u32::MAX);
    let said = match format {
        Some(format) => export(&mut client, &query, format, limit).await,
        None if args.json => json(&mut client, &query, limit).await,
        None => table(&mut client, &query, args.limit.unwrap_or(SHOWN)).await,
    };
    client.close().await;
    said
}

async fn export(
    client: &mut Client,
    query: &AuditQuery,
    format: AuditFormat,
    mut left: u32,
) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let limit = left.min(MAX_ROWS);
        let ask = ExportAudit {
            format,
            query: query.clone(),
            part: Part { limit, after },
        };
        let part = client.call(ask).await?;
        // Lines of ours: in a cell a line break is written out.
        for line in part.text.lines() {
            match format {
                AuditFormat::Csv => output::line(line),
                AuditFormat::Jsonl => output::json_line(line),
            }
        }
        left -= limit;
        match part.next {
            Some(next) if left > 0 => after = next,
            _ => return Ok(()),
        }
    }
}

async fn rows(
    client: &mut Client,
    query: &AuditQuery,
    mut left: u32,
) -> anyhow::Result<Vec<AuditRow>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let limit = left.min(MAX_ROWS);
        let ask = ListAudit {
            query: query.clone(),
            part: Part { limit, after },
        };
        let page = client.call(ask).await?;
        rows.extend(page.rows);
        left -= limit;
        match page.next {
            Some(next) if left > 0 => after = next,
            _ => return Ok(rows),
        }
    }
}

async fn json(client: &mut Client, query: &AuditQuery, limit: u32) -> anyhow::Result<()> {
    output::json(&rows(client, query, limit).await?)
}

async fn table(client: &mut Client, query: &AuditQuery, limit: u32) -> anyhow::Result<()> {
    let rows = rows(client, query, limit).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .map(|it| {
            [
                output::moment(it.at),
                it.actor,
                it.from,
                it.action,
                it.target,
                it.detail,
            ]
        })
        .collect();
    output::table(["WHEN", "WHO", "FROM", "WHAT", "WHOM", "DETAIL"], &rows);
    Ok(())
}
