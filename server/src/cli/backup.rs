//! `rollcall backup`

use super::DataArgs;
use crate::store::Store;
use anyhow::bail;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not exist. Keep the key file (verifiers.key) beside it, or no
    /// password fits after you restore it.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: BackupArgs) -> anyhow::Result<()> {
    if args.file.exists() {
        bail!("{} exists already; name a new file", args.file.display());
    }
    let store = Store::open(&args.data.config()?.data_dir()).await?;
    store.backup(&args.file).await?;
    Ok(())
}
