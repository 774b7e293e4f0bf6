//! What policies forbade, and which clients they do not reach.

use crate::cli::client::Client;
use crate::cli::{DataArgs, output};
use api::{ClientReach, CompliancePage, ComplianceQuery, ListRefusals, Part, RefusalRow};

pub(super) async fn list(
    data: DataArgs,
    query: ComplianceQuery,
    limit: usize,
    json: bool,
) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let page = whole(&mut client, query, limit).await;
    client.close().await;
    let page = page?;
    if json {
        return output::json(&page);
    }
    let refusal = |row: RefusalRow| {
        [
            output::moment(row.at),
            row.sender,
            row.recipient,
            row.feature,
            row.application,
            format!("{} (for {})", row.policy, row.decided_for),
        ]
    };
    let more = (page.matching as usize).saturating_sub(page.rows.len());
    let rows: Vec<_> = page.rows.into_iter().map(refusal).collect();
    output::table(
        ["WHEN", "FROM", "TO", "WHAT", "APPLICATION", "FORBIDDEN BY"],
        &rows,
    );
    if more > 0 {
        output::line(format_args!("… and {more} more (--limit)"));
    }
    output::line("");
    let client = |it: ClientReach| {
        let reach = match (it.program, it.unknown.as_slice()) {
            (None, _) => "no registry option that is known".to_owned(),
            (Some(program), []) => format!("every option, as {program}"),
            (Some(program), unknown) => format!("as {program} all but {}", unknown.join(", ")),
        };
        [it.agent, it.sessions.to_string(), reach]
    };
    let rows: Vec<_> = page.clients.into_iter().map(client).collect();
    output::table(["CLIENT", "SIGN-ONS", "WHAT REACHES IT"], &rows);
    Ok(())
}

/// The page with so many refusals.
async fn whole(
    client: &mut Client,
    query: ComplianceQuery,
    limit: usize,
) -> anyhow::Result<CompliancePage> {
    let ask = |part| ListRefusals {
        query: query.clone(),
        part,
    };
    let mut page = client.call(ask(Part::after(""))).await?;
    while page.rows.len() < limit {
        let Some(next) = page.next.take() else { break };
        let more = client.call(ask(Part::after(next))).await?;
        page.rows.extend(more.rows);
        page.next = more.next;
    }
    page.rows.truncate(limit);
    Ok(page)
}
