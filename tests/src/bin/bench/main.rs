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

use clap::Parser as _;
use options::{Command, Options};

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
        None => runtime.block_on(bench::run(&options)),
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
