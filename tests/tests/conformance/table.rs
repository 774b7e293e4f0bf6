//! `docs/conformance.md` against the sources: a table that names a test which is
//! not there, or leaves one out, is worse than none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::Failure;

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::io(format!("reading {}", path.display())))
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What stands between back-quotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether it is the name of a test of this suite: `s5_1_…`.
fn is_section(name: &str) -> bool {
    let digits = name.strip_prefix('s').unwrap_or_default();
    digits.starts_with(|it: char| it.is_ascii_digit()) && !name.contains("::")
}

/// The tests of a file, by the line after their attribute.
fn tests_of(source: &str) -> BTreeSet<String> {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == "#[test]" || pair[0].starts_with("#[tokio::test"))
        .filter_map(|pair| pair[1].split_once("fn ")?.1.split('(').next())
        .map(str::to_owned)
        .collect()
}

/// Where the tests of a module are: of the server's own ones (`rollcall::…::tests`) beside the code.
fn file_of(module: &str) -> PathBuf {
    let Some(inside) = module.strip_prefix("rollcall::") else {
        return here().join(format!("{}.rs", module.replace("::", "/")));
    };
    let place = |module: &str| {
        let name = format!("{}.rs", module.replace("::", "/"));
        here().join("../../server/src").join(name)
    };
    let (apart, around) = (place(inside), inside.trim_end_matches("::tests"));
    if apart.is_file() {
        apart
    } else {
        place(around)
    }
}

#[test]
fn the_table_and_the_tests_agree() -> Result<(), Failure> {
    let table = read(&here().join("../../docs/conformance.md"))?;
    let mut ours = BTreeSet::new();
    let folder = here().join("conformance");
    for entry in fs::read_dir(&folder).map_err(Failure::io("reading the suite"))? {
        let entry = entry.map_err(Failure::io("reading the suite"))?;
        ours.extend(tests_of(&read(&entry.path())?));
    }
    ours.retain(|it| is_section(it));
    let listed: BTreeSet<_> = quoted(&table)
        .filter(|it| is_section(it))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = ours.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the table: {missing:#?}");
    let invented: Vec<_> = listed.difference(&ours).collect();
    assert!(invented.is_empty(), "no such test: {invented:#?}");

    for name in quoted(&table).filter(|it| it.contains("::")) {
        let (place, test) = name.rsplit_once("::").unwrap_or_default();
        let file = file_of(place);
        // Not a test but a client's name, such as `Net::RVP`.
        if place.starts_with(char::is_uppercase) {
            continue;
        }
        assert!(
            tests_of(&read(&file)?).contains(test),
            "the table names {name}, which is not in {}",
            file.display()
        );
    }
    Ok(())
}
