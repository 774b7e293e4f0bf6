//! From the compiler's module to the files a browser loads: `rollcall.js`, `rollcall_bg.wasm`, and
//! each compressed with brotli and gzip, at the best ratio, since it is done once.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

use crate::sha256;
use crate::workspace::Workspace;

const NAME: &str = "rollcall";
/// The largest window brotli has without its large-window extension, as a power of two.
const BROTLI_WINDOW: u32 = 24;
const BROTLI_BEST: u32 = 11;
const BUFFER: usize = 64 * 1024;

/// Whether all files of the site are there.
pub(super) fn complete(workspace: &Workspace) -> bool {
    let pkg = pkg(workspace);
    ["rollcall.js", "rollcall_bg.wasm"].iter().all(|name| {
        ["", ".br", ".gz"]
            .iter()
            .all(|ending| pkg.join(format!("{name}{ending}")).is_file())
    })
}

/// Makes the site anew from a module and says how large its files came out. The files take the
/// place of the old ones all at once, so that no build embeds half of them.
pub(super) fn make(workspace: &Workspace, module: &Path) -> Result<()> {
    let pkg = pkg(workspace);
    let fresh = pkg.with_extension("new");
    remove(workspace, &fresh)?;
    eprintln!("binding {} to JavaScript", workspace.shown(module));
    Bindgen::new()
        .input_path(module)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&fresh)
        .context(
            "wasm-bindgen refused the module: `wasm-bindgen` and `wasm-bindgen-cli-support` \
             must be of one version in Cargo.toml",
        )?;

    let mut files = Vec::new();
    sha256::collect(&fresh, &mut files)?;
    files.sort();
    for file in files {
        let sizes = compress(&file)?;
        let name = file.file_name().unwrap_or_default();
        eprintln!("{}: {sizes}", workspace.shown(&pkg.join(name)));
    }
    remove(workspace, &pkg)?;
    fs::rename(&fresh, &pkg).with_context(|| format!("{} cannot be written", workspace.shown(&pkg)))
}

fn remove(workspace: &Workspace, directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)
            .with_context(|| format!("{} cannot be emptied", workspace.shown(directory)))?;
    }
    Ok(())
}

fn pkg(workspace: &Workspace) -> PathBuf {
    workspace.site().join("pkg")
}

/// Writes `FILE.br` and `FILE.gz` beside a file, at the same time.
fn compress(file: &Path) -> Result<String> {
    let plain = fs::read(file)?;
    let (brotli, gzip) = thread::scope(|scope| {
        let brotli = scope.spawn(|| with_brotli(&plain, &beside(file, ".br")));
        let gzip = with_gzip(&plain, &beside(file, ".gz"));
        (brotli.join(), gzip)
    });
    let brotli = brotli.map_err(|_| anyhow!("brotli panicked on {}", file.display()))?;
    Ok(format!(
        "{}, brotli {}, gzip {}",
        kilobytes(plain.len() as u64),
        kilobytes(brotli?),
        kilobytes(gzip?)
    ))
}

fn with_brotli(plain: &[u8], path: &Path) -> Result<u64> {
    let mut encoder =
        brotli::CompressorWriter::new(create(path)?, BUFFER, BROTLI_BEST, BROTLI_WINDOW);
    encoder.write_all(plain)?;
    encoder.flush()?;
    drop(encoder);
    Ok(fs::metadata(path)?.len())
}

fn with_gzip(plain: &[u8], path: &Path) -> Result<u64> {
    let mut encoder = GzEncoder::new(create(path)?, Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()?;
    Ok(fs::metadata(path)?.len())
}

fn create(path: &Path) -> Result<File> {
    File::create(path)
        .with_context(|| format!("{} cannot be written: is the disk full?", path.display()))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn kilobytes(bytes: u64) -> String {
    format!("{} KB", bytes.div_ceil(1000))
}
