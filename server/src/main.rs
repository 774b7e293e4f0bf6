//! The program `rollcall`.

use std::process::ExitCode;

/// Requests allocate many small pieces on many threads: this allocator is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rollcall::cli::main()
}
