//! Dependencies that a crate names and does not use: each is compiled by everybody, and read by
//! whoever looks for what the program is made of.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::sha256;
use crate::workspace::Workspace;

/// Fails if a crate of the workspace names a dependency that none of its sources name, or the
/// workspace one that none of its crates name.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let metadata = metadata(workspace)?;
    let manifest = fs::read_to_string(workspace.root.join("Cargo.toml"))
        .context("the workspace's Cargo.toml cannot be read")?;
    let used: BTreeSet<_> = members(&metadata)
        .flat_map(dependencies)
        .map(name)
        .collect();
    let mut unused: Vec<_> = shared(&manifest)
        .filter(|name| !used.contains(name))
        .map(|name| format!("no crate uses {name}"))
        .collect();
    for package in members(&metadata) {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().context("a manifest without a folder")?;
        let sources = code(folder)?;
        for dependency in dependencies(package) {
            let called = text(&dependency["rename"]);
            let called = if called.is_empty() {
                library(&metadata, name(dependency))
            } else {
                called.replace('-', "_")
            };
            if !names(&sources, &called) {
                unused.push(format!(
                    "{} does not use {}",
                    name(package),
                    name(dependency)
                ));
            }
        }
    }
    ensure!(
        unused.is_empty(),
        "{}: take them out of Cargo.toml",
        unused.join("; ")
    );
    Ok(())
}

fn metadata(workspace: &Workspace) -> Result<Value> {
    let mut cargo: Command = workspace.cargo();
    let output = cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .context("`cargo metadata` cannot be started")?;
    ensure!(
        output.status.success(),
        "`cargo metadata` failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).context("`cargo metadata` said what is no JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn name(of: &Value) -> &str {
    text(&of["name"])
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().into_iter().flatten()
}

/// What the workspace's manifest has under `[workspace.dependencies]`.
fn shared(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.split("[workspace.dependencies]").nth(1);
    let lines = section.unwrap_or_default().lines();
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| Some(line.split_once(" = ")?.0.trim()).filter(|it| !it.starts_with('#')))
}

/// The crates of the workspace: those that come from nowhere else.
fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    packages(metadata).filter(|package| package["source"].is_null())
}

/// What sources call a package by: the name of its library.
fn library(metadata: &Value, package: &str) -> String {
    let is_library = |target: &&Value| {
        let kinds = target["kind"].as_array().into_iter().flatten();
        kinds
            .map(text)
            .any(|kind| kind.contains("lib") || kind == "proc-macro")
    };
    packages(metadata)
        .find(|it| text(&it["name"]) == package)
        .and_then(|it| it["targets"].as_array()?.iter().find(is_library))
        .map_or(package, |target| text(&target["name"]))
        .replace('-', "_")
}

/// What the sources below `folder` say, but for comments and other crates in it.
fn code(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    sha256::collect(folder, &mut files)?;
    let is_another = |file: &Path| {
        let mut folders = file.ancestors().skip(1).take_while(|it| *it != folder);
        folders.any(|it| it.join("Cargo.toml").is_file())
    };
    let mut code = String::new();
    for file in files {
        if file.extension().is_some_and(|it| it == "rs") && !is_another(&file) {
            let source =
                fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            let lines = source
                .lines()
                .filter(|it| !it.trim_start().starts_with("//"));
            code.extend(lines.flat_map(|line| [line, "\n"]));
        }
    }
    Ok(code)
}

/// Whether a source names a crate: as a word of its own, before `::` or in a `use`.
fn names(sources: &str, called: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    sources.match_indices(called).any(|(at, _)| {
        let before = &sources[..at];
        let after = &sources[at + called.len()..];
        let alone = !before.ends_with(is_word) && !before.ends_with("::");
        let used = before.ends_with("use ") && after.starts_with([';', ' ']);
        alone && (after.starts_with("::") || used)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_as_a_word_of_its_own() {
        for source in [
            "use md5::Md5;",
            "    md5::compute(b\"\")",
            "use md5;",
            "use md5 as hash;",
            "#[md5::test]",
        ] {
            assert!(names(source, "md5"), "{source}");
        }
        for source in [
            "let md5 = 1;",
            "use my_md5::Md5;",
            "use other::md5::Md5;",
            "use md5_more::Md5;",
        ] {
            assert!(!names(source, "md5"), "{source}");
        }
    }

    #[test]
    fn what_crates_share_is_read_from_the_manifest() {
        let manifest = "[workspace]\nmembers = []\n\n[workspace.dependencies]\nrvp = { path = \"rvp\" }\n\
            # toml = \"1\"\nserde_json = \"1\"\n\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        assert_eq!(shared(manifest).collect::<Vec<_>>(), ["rvp", "serde_json"]);
    }

    #[test]
    fn a_library_may_be_called_otherwise_than_its_package() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "md-5", "targets": [{ "kind": ["lib"], "name": "md5" }] },
            { "name": "server", "targets": [
                { "kind": ["bin"], "name": "rollcall-bin" },
                { "kind": ["lib"], "name": "rollcall" },
            ] },
            { "name": "async-trait", "targets": [{ "kind": ["proc-macro"], "name": "async_trait" }] },
        ] });
        for (package, called) in [
            ("md-5", "md5"),
            ("server", "rollcall"),
            ("async-trait", "async_trait"),
            ("not-there", "not_there"),
        ] {
            assert_eq!(library(&metadata, package), called);
        }
    }
}
