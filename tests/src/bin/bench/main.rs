//! The load program behind `cargo xtask bench`: ten thousand principals against the release
//! build, one line for each figure. It meets the server only through its sockets, its command
//! line and `/proc`, and it reports what it measured, whether or not the goal was reached.

mod bare;
mod bench;
mod call_backs;
mod child;
mod client;
mod digest;
mod figures;
mod ntlm;
mod options;
mod population;
mod ramp_up;
mod report;
mod rollcall;
mod statistics;
mod system;
mod wire;

use std::process::ExitCode;

use ::tests::Failure;
use clap::Parser as _;
use options::{Command, Options};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("bench: the system gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = match options.command {
        Some(Command::BareAxum) => runtime.block_on(bare::serve()),
        None => runtime.block_on(async {
            // Dropping the run ends the servers that it started and removes their data.
            tokio::select! {
                result = bench::run(&options) => result,
                failure = told_to_stop() => Err(failure),
            }
        }),
    };
    // Call-back listeners have no end of their own.
    runtime.shutdown_background();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn told_to_stop() -> Failure {
    let signals = signal(SignalKind::terminate())
        .and_then(|terminate| Ok((terminate, signal(SignalKind::interrupt())?)));
    let (mut terminate, mut interrupt) = match signals {
        Ok(signals) => signals,
        Err(source) => return Failure::io("asking for signals")(source),
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Failure::Unexpected("told to stop".to_owned())
}
