//! `rollcall policy …`

mod catalogue;
mod compliance;
mod counts_for;
mod files;
mod import;
mod report;
mod revisions;
mod sources;

use super::assign::{AssignArgs, EffectiveArgs, ProxyScriptArgs};
use super::{DataArgs, output};
use api::{ComplianceQuery, DeletePolicy, GetPolicy, ListPolicies};
use clap::{Args, Subcommand};
use counts_for::Whom;
use policies::{Catalogue, CodePage, Hive, ReadOptions, Windows};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// List policies.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show what a policy sets, and which registry values that are.
    Show {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say or set for whom a policy counts. It has effect at once.
    Assign(AssignArgs),
    /// Say what counts for a user, and which policy decides.
    Effective(EffectiveArgs),
    /// Hand out the proxy settings of a policy at `/proxy.pac` of the RVP listener.
    ProxyScript(ProxyScriptArgs),
    /// Write a policy to files.
    Export {
        /// Its name.
        name: String,
        /// The kind of file, such as reg (Windows 2000 and later) or reg4 (Windows 9x and NT 4).
        #[arg(long)]
        format: String,
        /// Directory to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Instead the file of that kind that takes the policy back.
        #[arg(long)]
        undo: bool,
    },
    /// Write the client kit of a policy: all files that one Windows version takes, those that
    /// take them back, and how to bring them out.
    Kit {
        /// Its name.
        name: String,
        /// The Windows version: 98 (also 95 and Me), nt4, 2000, xp (also Server 2003), vista (and later).
        #[arg(long, value_parser = windows)]
        windows: Windows,
        /// The archive to write.
        #[arg(long, value_name = "FILE.zip")]
        out: PathBuf,
    },
    /// Say what is wrong with a policy, and what to know before it is used. Exit status 1 if
    /// something stands against an export.
    Check {
        /// Its name.
        name: String,
        /// Also say which options nothing on this Windows version reads: 98, nt4, 2000, xp, vista.
        #[arg(long, value_parser = windows)]
        windows: Option<Windows>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the revisions of a policy: who saved them, when and why.
    History {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what is different between two revisions of a policy.
    Diff {
        /// Its name.
        name: String,
        /// The older revision.
        from: u32,
        /// The newer revision [default: the newest].
        to: Option<u32>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go back to a revision: it is saved again as the newest.
    Revert {
        /// Its name.
        name: String,
        /// The revision.
        revision: u32,
        /// Only if this is the newest revision, or nothing is different since.
        #[arg(long, value_name = "NUMBER")]
        base: Option<u32>,
        /// Say what was saved as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete a policy with all its revisions. Values that were written on computers stay there.
    #[command(alias = "remove")]
    Delete {
        /// Its name.
        name: String,
        /// Only if this is the newest revision, or nothing is different since.
        #[arg(long, value_name = "NUMBER")]
        base: Option<u32>,
    },
    /// List the invitations that policies forbade, and the clients that no policy reaches.
    Compliance {
        /// Part of the alias of who invited, or of whom.
        #[arg(default_value = "")]
        search: String,
        /// Only what is about this feature, such as file-transfer.
        #[arg(long, default_value = "")]
        feature: String,
        /// How many at the most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the options that policies can set, and those that are known and cannot be set.
    Catalogue {
        /// Words that all occur in an option: in its name, description, registry key or value.
        words: Vec<String>,
        /// Only options of this client, such as outlook-2002.
        #[arg(long, default_value = "")]
        client: String,
        /// All that is known of them, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a policy of registry files: .reg, Registry.pol, the folder or the backup of a Group
    /// Policy object, an archive (.zip) of those, or several as one. Options that it knows are
    /// set; the rest is listed, and kept with --keep-unknown.
    Import {
        /// The files, in the order in which they are applied.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Name of the policy [default: the name of the file].
        #[arg(long)]
        name: Option<String>,
        /// Keep values that no option knows, as they are.
        #[arg(long)]
        keep_unknown: bool,
        /// Of which hive a Registry.pol is, HKLM or HKCU [default: as the folder that it lies in,
        /// Machine or User, says].
        #[arg(long, value_parser = hive)]
        hive: Option<Hive>,
        /// In which code page an ANSI file is, such as 1252 or 932 [default: a guess, which is
        /// said].
        #[arg(long, value_name = "NUMBER", value_parser = code_page)]
        code_page: Option<CodePage>,
        /// Skip lines that cannot be read, and list them, instead of refusing the file.
        #[arg(long)]
        skip_bad_lines: bool,
        /// For whom the policy counts: everyone, group:NAME or user:ALIAS; may be given several
        /// times [default: nobody, until it is assigned].
        #[arg(long = "for", value_name = "WHOM", value_parser = counts_for::whom)]
        counts_for: Vec<Whom>,
        /// Make a new revision of the policy of this name. It counts for whom it did before,
        /// unless --for says something else.
        #[arg(long)]
        replace: bool,
        /// Replace it only if this is its newest revision, or nothing is different since.
        #[arg(long, value_name = "NUMBER", requires = "replace")]
        base: Option<u32>,
        /// Only say what is in the files.
        #[arg(long)]
        dry_run: bool,
        /// Say what became of them as JSON.
        #[arg(long)]
        json: bool,
    },
}

fn windows(word: &str) -> Result<Windows, String> {
    Windows::named(word).ok_or_else(|| {
        let words = Windows::ALL.map(Windows::word);
        format!("use one of: {}", words.join(", "))
    })
}

/// A code page as `--code-page` names it.
pub(super) fn code_page(word: &str) -> Result<CodePage, String> {
    CodePage::named(word).ok_or_else(|| {
        let pages = CodePage::all().map(|page| page.number().to_string());
        let pages: Vec<String> = pages.collect();
        format!("use one of: {}", pages.join(", "))
    })
}

fn hive(name: &str) -> Result<Hive, String> {
    Hive::named(name).ok_or_else(|| "use HKLM or HKCU".to_owned())
}

pub(super) async fn run(args: PolicyArgs) -> anyhow::Result<()> {
    match args.command {
        PolicyCommand::List { json } => list(args.data, json).await,
        PolicyCommand::Show { name, json } => show(args.data, name, json).await,
        PolicyCommand::Export {
            name,
            format,
            out,
            undo,
        } => files::export(args.data, name, format, undo, &out).await,
        PolicyCommand::Kit { name, windows, out } => {
            files::kit(args.data, name, windows, &out).await
        }
        PolicyCommand::Check {
            name,
            windows,
            json,
        } => files::check(args.data, &name, windows, json).await,
        PolicyCommand::History { name, json } => revisions::list(args.data, name, json).await,
        PolicyCommand::Diff {
            name,
            from,
            to,
            json,
        } => revisions::diff(args.data, name, from, to, json).await,
        PolicyCommand::Revert {
            name,
            revision,
            base,
            json,
        } => revisions::revert(args.data, name, revision, base, json).await,
        PolicyCommand::Delete { name, base } => {
            let revision = base;
            let delete = DeletePolicy { name, revision };
            args.data.call(delete).await.map(drop)
        }
        PolicyCommand::Compliance {
            search,
            feature,
            limit,
            json,
        } => {
            let page = 1;
            let query = ComplianceQuery {
                search,
                feature,
                page,
            };
            compliance::list(args.data, query, limit, json).await
        }
        PolicyCommand::Catalogue {
            words,
            client,
            json,
        } => catalogue::list(args.data, &words, client, json).await,
        PolicyCommand::Assign(assign) => super::assign::assign(args.data, assign).await,
        PolicyCommand::Effective(whose) => super::assign::effective(args.data, whose).await,
        PolicyCommand::ProxyScript(script) => super::assign::proxy_script(args.data, script).await,
        PolicyCommand::Import {
            files,
            name,
            keep_unknown,
            hive,
            code_page,
            skip_bad_lines,
            counts_for,
            replace,
            base,
            dry_run,
            json,
        } => {
            let wanted = import::Wanted {
                name,
                keep_unknown,
                read: ReadOptions {
                    hive,
                    code_page,
                    skip_bad_lines,
                },
                assignment: counts_for::assignment(counts_for)?,
                replace,
                base,
                dry_run,
                json,
            };
            import::import(args.data, &files, wanted).await
        }
    }
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let policies = data.call(ListPolicies {}).await?;
    if json {
        return output::json(&policies);
    }
    let rows: Vec<_> = policies
        .into_iter()
        .map(|p| {
            [
                p.name,
                p.revision.to_string(),
                p.settings.to_string(),
                output::moment(p.saved),
                p.saved_by,
            ]
        })
        .collect();
    output::table(["NAME", "REVISION", "OPTIONS", "SAVED", "BY"], &rows);
    Ok(())
}

async fn show(data: DataArgs, name: String, json: bool) -> anyhow::Result<()> {
    let view = data.call(GetPolicy { name }).await?;
    let policy = files::read(&view.policy)?;
    if json {
        return output::json(&policy);
    }
    output::line(format_args!(
        "{} (revision {})",
        policy.name, view.summary.revision
    ));
    if !policy.description.is_empty() {
        output::line(format_args!("{}", policy.description));
    }
    output::line("");
    let rows: Vec<_> = policy
        .values(Catalogue::get())
        .into_iter()
        .map(|v| {
            [
                format!("{}\\{}", v.hive, v.key),
                v.name.clone(),
                v.data.to_string(),
            ]
        })
        .collect();
    output::table(["KEY", "VALUE", "DATA"], &rows);
    Ok(())
}
