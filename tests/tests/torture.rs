//! A short run of the torture; `cargo xtask torture` runs it for longer.

use std::process::Command;

use tests::{Failure, programs};

#[test]
fn what_was_acknowledged_outlives_disasters() -> Result<(), Failure> {
    let output = Command::new(env!("CARGO_BIN_EXE_torture"))
        .args(["--minutes", "1", "--clients", "12", "--administrators", "2"])
        .env("ROLLCALL_BIN", programs::rollcall()?)
        .output()
        .map_err(Failure::io("running the torture"))?;
    println!("{}", String::from_utf8_lossy(&output.stdout));
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}", output.status);
    Ok(())
}
