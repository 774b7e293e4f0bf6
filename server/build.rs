//! Tells the compiler where the browser's part of the console is. Without it the console works
//! from the server alone, so that a plain `cargo build` needs no WASM toolchain.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=ROLLCALL_SITE_DIR");
    println!("cargo:rerun-if-changed=../migrations");
    let site = std::env::var_os("ROLLCALL_SITE_DIR").map_or_else(
        || PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("no-site"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&site).expect("the directory of the browser's part can be made");
    println!("cargo:rerun-if-changed={}", site.display());
    println!("cargo:rustc-env=ROLLCALL_SITE_DIR={}", site.display());
}
