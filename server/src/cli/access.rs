//! `rollcall user privacy …` and `rollcall user access …`

use super::{DataArgs, output};
use api::{GetAccess, GetPrivacy, PrivacyChange, SetPrivacy};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum PrivacyCommand {
    /// Show the list.
    Show,
    /// Allow everybody except those blocked.
    AllowAll {
        /// Block these, too: aliases with commas between, or URLs of users elsewhere.
        #[arg(long, value_delimiter = ',')]
        except: Vec<String>,
    },
    /// Deny everybody except those allowed.
    DenyAll {
        /// Allow these, too: aliases with commas between, or URLs of users elsewhere.
        #[arg(long, value_delimiter = ',')]
        except: Vec<String>,
    },
    /// Let one see the user and write to them.
    Allow {
        /// An alias, or the URL of a user elsewhere.
        who: String,
    },
    /// Let one neither see the user nor write to them.
    Block {
        /// An alias, or the URL of a user elsewhere.
        who: String,
    },
    /// Take the entry of one out of the list.
    Forget {
        /// An alias, or the URL of a user elsewhere.
        who: String,
    },
    /// Go back to the list that every user starts with.
    Default,
}

pub(super) async fn privacy(
    data: DataArgs,
    alias: String,
    command: Option<PrivacyCommand>,
    json: bool,
) -> anyhow::Result<()> {
    let change = match command {
        None | Some(PrivacyCommand::Show) => return show(data, alias, json).await,
        Some(PrivacyCommand::AllowAll { except }) => PrivacyChange::AllowAll(except),
        Some(PrivacyCommand::DenyAll { except }) => PrivacyChange::DenyAll(except),
        Some(PrivacyCommand::Allow { who }) => PrivacyChange::Allow(who),
        Some(PrivacyCommand::Block { who }) => PrivacyChange::Block(who),
        Some(PrivacyCommand::Forget { who }) => PrivacyChange::Forget(who),
        Some(PrivacyCommand::Default) => PrivacyChange::Reset,
    };
    data.call(SetPrivacy { alias, change }).await.map(drop)
}

async fn show(data: DataArgs, alias: String, json: bool) -> anyhow::Result<()> {
    let list = data.call(GetPrivacy { alias }).await?;
    if json {
        return output::json(&list);
    }
    let rows: Vec<_> = list
        .entries
        .into_iter()
        .map(|e| {
            [
                e.who,
                e.granted.join(" "),
                e.denied.join(" "),
                e.credentials.join(" "),
            ]
        })
        .collect();
    output::table(["WHO", "GRANTED", "DENIED", "CREDENTIALS"], &rows);
    Ok(())
}

pub(super) async fn access(
    data: DataArgs,
    from: String,
    to: String,
    json: bool,
) -> anyhow::Result<()> {
    let access = data.call(GetAccess { from, to }).await?;
    if json {
        return output::json(&access);
    }
    let rows: Vec<_> = access
        .rights
        .into_iter()
        .map(|r| {
            let may = if r.allowed { "yes" } else { "no" };
            [r.right, r.credential, may.to_owned(), r.why]
        })
        .collect();
    output::table(["RIGHT", "CREDENTIAL", "MAY", "WHY"], &rows);
    if let Some(state) = access.sees {
        output::line(format_args!("A watcher sees now: {state}"));
    }
    for sentence in access.hindrances {
        output::line(format_args!("{sentence}"));
    }
    Ok(())
}
