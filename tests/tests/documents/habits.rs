//! What CONTRIBUTING sends people to is there, and the change log knows the version.

use std::fs;
use std::path::{Path, PathBuf};

use tests::Failure;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> Result<String, Failure> {
    fs::read_to_string(root().join(name)).map_err(Failure::io(format!("reading {name}")))
}

/// What stands between back-quotes and is a place in the checkout. `NAME` and its like stand for
/// any name, so that what is meant is the folder before it.
fn places(document: &str) -> impl Iterator<Item = &str> {
    let quoted = document.split('`').skip(1).step_by(2);
    let places = quoted.filter(|it| it.contains('/') && !it.contains([' ', '\n', '<', '(']));
    places.map(|place| {
        let is_any = |part: &str| part.chars().next().is_some_and(char::is_uppercase);
        let name = place.rsplit('/').next().unwrap_or_default();
        let stem = name.split('.').next().unwrap_or_default();
        let any = is_any(name) && stem.chars().all(char::is_uppercase);
        if any {
            place.strip_suffix(name).unwrap_or(place)
        } else {
            place
        }
    })
}

#[test]
fn what_contributing_names_is_there() -> Result<(), Failure> {
    let text = read("CONTRIBUTING.md")?;
    let named: Vec<_> = places(&text).collect();
    assert!(named.len() > 20, "only {named:?}");
    let missing: Vec<_> = named
        .iter()
        .filter(|place| !root().join(place).exists())
        .collect();
    assert!(missing.is_empty(), "not there: {missing:?}");
    Ok(())
}

#[test]
fn the_change_log_has_this_version() -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let heading = format!("## [{version}] - ");
    let log = read("CHANGELOG.md")?;
    assert!(log.contains(&heading), "no {heading:?} in CHANGELOG.md");
    let (unreleased, _) = log.split_once(&heading).unwrap_or_default();
    assert_eq!(
        unreleased.matches("\n## ").count(),
        1,
        "what is not released stands above it, and nothing else"
    );
    Ok(())
}

#[test]
fn any_name_stands_for_its_folder() {
    let text = "`a/b.rs`, `web/src/NAME.rs` and `tests/X/README.md`, not `a b/c` or `word`";
    let found: Vec<_> = places(text).collect();
    assert_eq!(found, ["a/b.rs", "web/src/", "tests/X/"]);
}
