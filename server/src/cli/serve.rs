//! `rollcall serve`

use super::PlaceArgs;
use crate::config::{Config, Overrides};
use crate::{serve, telemetry};
use clap::Args;
use std::net::SocketAddr;

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    data: PlaceArgs,
    /// Address and port of the RVP listener [default: 0.0.0.0:8080].
    #[arg(long, env = "ROLLCALL_RVP_LISTEN", value_name = "ADDR")]
    rvp_listen: Option<SocketAddr>,
    /// Address and port of the console [default: 127.0.0.1:8081].
    #[arg(long, env = "ROLLCALL_CONSOLE_LISTEN", value_name = "ADDR")]
    console_listen: Option<SocketAddr>,
}

pub(super) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let config = Config::load(Overrides {
        config: args.data.config,
        data_dir: args.data.data_dir,
        domain: args.data.domain,
        rvp_listen: args.rvp_listen,
        console_listen: args.console_listen,
        ..Overrides::default()
    })?;
    telemetry::start_log(&config.log)?;
    serve::run(config).await
}
