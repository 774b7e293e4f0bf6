//! `rollcall backup`

use super::DataArgs;
use crate::store::{backup, database_path};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not exist. Keep the key file (verifiers.key) with it, or no
    /// password fits after you restore it. Nobody is signed in to the console in it.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: BackupArgs) -> anyhow::Result<()> {
    let database = database_path(&args.data.config()?.data_dir());
    Ok(backup(&database, &args.file).await?)
}
