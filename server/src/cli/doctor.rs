//! `rollcall doctor`

use super::{DataArgs, output};
use crate::clock::Clock;
use crate::doctor::{ClockReading, Settings, diagnose, file_stamp};
use crate::opening;
use crate::store::{database_path, writer::clock_set};
use anyhow::bail;
use api::{Deployment, Diagnose, Finding, Level};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// What stands after the @ of the users' addresses [default: the domain without its first
    /// label].
    #[arg(long, value_name = "DNSNAME")]
    mail_domain: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: DoctorArgs) -> anyhow::Result<()> {
    let deployment = look(args.data, args.mail_domain).await?;
    if args.json {
        output::json(&deployment)?;
    } else {
        print(&deployment);
    }
    match deployment.count(Level::Problem) {
        0 => Ok(()),
        1 => bail!("1 problem keeps clients out; its remedy stands beside it"),
        count => bail!("{count} problems keep clients out; their remedies stand beside them"),
    }
}

/// Asks the server that runs, which knows where it really listens; without one, looks at what
/// the configuration says.
async fn look(data: DataArgs, mail_domain: Option<String>) -> anyhow::Result<Deployment> {
    let client = data.clone().client()?;
    let asked = Diagnose {
        mail_domain: mail_domain.clone(),
    };
    if let Some(deployment) = client.call_live(&asked).await? {
        return Ok(deployment);
    }
    let config = data.config()?;
    let mut settings = Settings::new(&config, config.rvp.listen);
    if !settings.domain_is_set
        && let Some(domain) = opening::kept_domain(&config.data_dir()).await
    {
        settings.domain = domain;
    }
    let clock = Clock::system();
    let (offset, since) = clock_set(&database_path(&settings.data_dir), &clock).await;
    let reading = ClockReading {
        now: clock.wall_ms(),
        newest: file_stamp(&settings.data_dir),
        offset,
        since,
    };
    Ok(diagnose(&settings, mail_domain.as_deref(), reading).await)
}

fn print(deployment: &Deployment) {
    output::line(format_args!(
        "{} for users of {}, clients sign on at {}",
        deployment.domain, deployment.mail_domain, deployment.rvp_url
    ));
    output::line("");
    for Finding {
        level,
        check,
        found,
        why,
        remedy,
    } in &deployment.findings
    {
        output::line(format_args!("{:<8} {check}: {found}", output::word(level)));
        if *level != Level::Ok {
            output::line(format_args!("         Why: {why}"));
        }
        if !remedy.is_empty() {
            output::line(format_args!("         Do:  {remedy}"));
        }
    }
    output::lines(format_args!(
        "\nDNS records, for BIND:\n{}",
        deployment.records.bind
    ));
    output::lines(format_args!(
        "For Windows DNS:\n{}",
        deployment.records.windows
    ));
}
