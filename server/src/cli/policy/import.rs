//! Registry files that become a policy.

use super::report::{Refusal, Report};
use super::sources;
use crate::cli::client::Client;
use crate::cli::{DataArgs, assign, output};
use anyhow::bail;
use api::{Assignment, ImportPolicy, PolicyDocument, PolicySummary};
use policies::{BadLines, Catalogue, ImportError, ReadOptions, read_files};
use std::path::PathBuf;

/// Bad lines that are named where no program reads them.
const NAMED: usize = 50;

/// What the command line said of it.
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) keep_unknown: bool,
    pub(super) read: ReadOptions,
    pub(super) assignment: Option<Assignment>,
    pub(super) replace: bool,
    /// The newest revision that whoever replaces it has seen.
    pub(super) base: Option<u32>,
    pub(super) dry_run: bool,
    pub(super) json: bool,
}

pub(super) async fn import(
    data: DataArgs,
    paths: &[PathBuf],
    wanted: Wanted,
) -> anyhow::Result<()> {
    let sources = sources::read(paths)?;
    let name = wanted.name.unwrap_or(sources.name);
    let read = match read_files(sources.files, &wanted.read) {
        Ok(read) => read,
        Err(error) => return refuse(&error, &sources.label, wanted.json),
    };
    let imported = policies::import(name, read, Catalogue::get());
    let mut report = Report::new(&imported, wanted.keep_unknown, wanted.dry_run);
    if !wanted.json {
        report.tell();
    }
    if wanted.dry_run {
        return if wanted.json {
            output::json(&report)
        } else {
            Ok(())
        };
    }
    let policy = if wanted.keep_unknown {
        imported.keep_unknown()
    } else {
        imported.policy
    };
    let (options, others) = (policy.settings.len(), policy.other_values.len());
    // Where they lay on this machine is nobody's business.
    let comment = format!("Imported from {}", sources.label);
    let comment = comment
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    let order = ImportPolicy {
        policy: PolicyDocument::of(&policy)?,
        comment,
        assignment: wanted.assignment,
        replace: wanted.replace,
        revision: wanted.base,
    };
    let mut client = data.client()?;
    let done = save(&mut client, order).await;
    client.close().await;
    let (saved, counts) = done?;
    if wanted.json {
        report.saved(&saved, &counts);
        return output::json(&report);
    }
    output::line(format_args!(
        "{} (revision {}): {}, {}",
        saved.name,
        saved.revision,
        counted(options, "option"),
        counted(others, "other value")
    ));
    match counts.as_str() {
        "nobody" => {
            output::line("It counts for nobody; let it count with: rollcall policy assign");
        }
        counts => output::line(format_args!("It counts for {counts}.")),
    }
    Ok(())
}

/// Saves it; gives also for whom it counts, in words.
async fn save(client: &mut Client, order: ImportPolicy) -> anyhow::Result<(PolicySummary, String)> {
    let saved = client.call(order).await?;
    let reach = assign::reach_of(client, &saved.name).await?;
    Ok((saved, reach.assignment.words()))
}

/// Says why nothing was imported; what cannot be read one on each line.
fn refuse(error: &ImportError, label: &str, json: bool) -> anyhow::Result<()> {
    let none = BadLines::default();
    let bad = match error {
        ImportError::Lines(bad) => bad,
        _ => &none,
    };
    if json {
        let refused = match error {
            ImportError::Lines(bad) => format!("{} lines cannot be read", bad.count()),
            error => error.to_string(),
        };
        output::json(&Refusal {
            refused: &refused,
            bad_lines: bad,
        })?;
    }
    match error {
        ImportError::Lines(bad) if bad.count() > 1 => bail!(
            "{label}: {} lines cannot be read, and nothing was imported; correct or remove them, or leave them out with --skip-bad-lines:\n{}",
            bad.count(),
            bad.listed(NAMED)
        ),
        ImportError::Lines(_) => {
            bail!("{label}: {error}\nNothing was imported; --skip-bad-lines leaves it out")
        }
        ImportError::NoHive => bail!("{label}: {error} (--hive HKLM or --hive HKCU)"),
        ImportError::Of { error: inner, .. } if matches!(**inner, ImportError::NoHive) => {
            bail!("{error} (--hive HKLM or --hive HKCU)")
        }
        error => bail!("{label}: {error}"),
    }
}

/// `1 option`, `2 options`.
fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}
