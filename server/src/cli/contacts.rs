//! `rollcall contacts …`

use super::{DataArgs, output};
use crate::admin::CONTACTS_PATH;
use anyhow::Context as _;
use api::{Base64, DeleteContacts, ExportContacts, GetContacts, ImportContacts, ListContacts};
use clap::{Args, Subcommand, ValueEnum};
use policies::{CodePage, ScriptPlace, contact_scripts};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct ContactsArgs {
    #[command(subcommand)]
    command: ContactsCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileFormat {
    /// Windows 2000 and later.
    Reg,
    /// Every Windows: REGEDIT4.
    Reg4,
}

#[derive(Debug, Subcommand)]
enum ContactsCommand {
    /// Keep the contacts of a user's exported registry file (.reg), in place of older ones.
    Import {
        /// Whose.
        alias: String,
        /// The file: the key Software\Microsoft\Exchange\Messenger, exported with regedit.
        file: PathBuf,
        /// In which code page an ANSI file is, such as 1252 or 932 [default: a guess, which is
        /// said].
        #[arg(long, value_name = "NUMBER", value_parser = super::policy::code_page)]
        code_page: Option<CodePage>,
        /// Skip lines that cannot be read, and list them, instead of refusing the file.
        #[arg(long)]
        skip_bad_lines: bool,
        /// What was taken, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List whose contacts are kept.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show who is in a user's list.
    Show {
        /// Whose.
        alias: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a user's contacts to a registry file, as they were.
    Export {
        /// Whose.
        alias: String,
        /// Kind of file.
        #[arg(long, value_enum, default_value = "reg")]
        format: FileFormat,
        /// The file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Forget a user's contacts; those on the user's computers stay.
    Remove {
        /// Whose.
        alias: String,
    },
    /// Write logon and logoff scripts that carry contacts from computer to computer.
    #[command(group(clap::ArgGroup::new("place").required(true).multiple(true).args(["share", "server"])))]
    Scripts {
        /// Over this share, a folder for each user: \\server\share.
        #[arg(long, value_name = "SHARE")]
        share: Option<String>,
        /// Over the server: its URL as clients reach it, such as `http://im.example.com`.
        #[arg(long, value_name = "URL")]
        server: Option<String>,
        /// Directory for the scripts.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

pub(super) async fn run(args: ContactsArgs) -> anyhow::Result<()> {
    match args.command {
        ContactsCommand::Import {
            alias,
            file,
            code_page,
            skip_bad_lines,
            json,
        } => {
            let cannot = || format!("cannot read {}", file.display());
            let file = std::fs::read(&file).with_context(cannot)?;
            let order = ImportContacts {
                alias,
                file: Base64(file),
                code_page: code_page.map(CodePage::number),
                skip_bad_lines,
            };
            import(args.data, order, json).await
        }
        ContactsCommand::List { json } => list(args.data, json).await,
        ContactsCommand::Show { alias, json } => show(args.data, alias, json).await,
        ContactsCommand::Export { alias, format, out } => {
            let word = match format {
                FileFormat::Reg => "reg",
                FileFormat::Reg4 => "reg4",
            };
            export(args.data, alias, word.to_owned(), &out).await
        }
        ContactsCommand::Remove { alias } => {
            args.data.call(DeleteContacts { alias }).await.map(drop)
        }
        ContactsCommand::Scripts { share, server, out } => scripts(args.data, share, server, &out),
    }
}

async fn import(data: DataArgs, order: ImportContacts, json: bool) -> anyhow::Result<()> {
    let taken = data.call(order).await?;
    if json {
        return output::json(&taken);
    }
    for line in &taken.refused {
        output::note(format_args!("not taken: {line}"));
    }
    for line in &taken.notices {
        output::note(format_args!("note: {line}"));
    }
    let summary = taken.summary;
    output::line(format_args!(
        "{}: {} contacts, {} values, revision {}",
        summary.alias, summary.contacts, summary.values, summary.revision
    ));
    Ok(())
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let lists = client
        .all(|part| ListContacts { part }, |page| (page.lists, page.next))
        .await;
    client.close().await;
    let lists = lists?;
    if json {
        return output::json(&lists);
    }
    let rows: Vec<_> = lists
        .into_iter()
        .map(|it| {
            [
                it.alias,
                it.contacts.to_string(),
                it.values.to_string(),
                it.revision.to_string(),
                output::moment(it.saved),
                it.saved_by,
            ]
        })
        .collect();
    output::table(
        ["ALIAS", "CONTACTS", "VALUES", "REVISION", "SAVED", "BY"],
        &rows,
    );
    Ok(())
}

async fn show(data: DataArgs, alias: String, json: bool) -> anyhow::Result<()> {
    let view = data.call(GetContacts { alias }).await?;
    if json {
        return output::json(&view);
    }
    let rows: Vec<_> = view
        .contacts
        .into_iter()
        .map(|it| [it.address, it.profile])
        .collect();
    output::table(["CONTACT", "PROFILE"], &rows);
    Ok(())
}

async fn export(data: DataArgs, alias: String, format: String, out: &Path) -> anyhow::Result<()> {
    let file = data.call(ExportContacts { alias, format }).await?;
    std::fs::write(out, file.bytes.0).with_context(|| format!("cannot write {}", out.display()))?;
    output::line(format_args!("{}", out.display()));
    Ok(())
}

/// Needs no server: what the scripts say is known from the command line.
fn scripts(
    data: DataArgs,
    share: Option<String>,
    server: Option<String>,
    out: &Path,
) -> anyhow::Result<()> {
    if server.is_some() && !data.config()?.contacts.serve {
        output::note(format_args!(
            "note: this configuration does not hand contacts out; set serve = true under [contacts]"
        ));
    }
    let url = server.map(|url| format!("{}{CONTACTS_PATH}", url.trim_end_matches('/')));
    let places = share.map(ScriptPlace::Share).into_iter();
    let places = places.chain(url.map(ScriptPlace::Server));
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    for place in places {
        for file in contact_scripts(&place)? {
            let path = out.join(file.file_name);
            std::fs::write(&path, file.bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
            output::line(format_args!("{}", path.display()));
        }
    }
    Ok(())
}
