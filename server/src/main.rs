//! The program `rollcall`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
