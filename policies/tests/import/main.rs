//! Files as administrators have them, and what becomes of them.

mod cases;
mod cousins;
mod pol;
mod properties;
mod several;

use policies::{
    Catalogue, Hive, ImportError, Imported, ReadOptions, RegistryFile, SourceFile, import,
    read_files,
};

/// Reads one file, of the computer where it does not say whose it is.
fn read(name: &str, bytes: &[u8], skip_bad_lines: bool) -> Result<RegistryFile, ImportError> {
    let options = ReadOptions {
        hive: Some(Hive::LocalMachine),
        skip_bad_lines,
        ..ReadOptions::default()
    };
    read_files(vec![SourceFile::asked(name, bytes.to_vec())], &options)
}

/// What becomes of it.
fn imported(name: &str, bytes: &[u8]) -> Imported {
    let file = read(name, bytes, false).unwrap_or_else(|error| panic!("{name}: {error}"));
    import("x", file, Catalogue::get())
}

/// The report as lines, such as the command line prints them.
fn report(imported: &Imported) -> Vec<String> {
    let policy = &imported.policy;
    let found = imported.found.iter().map(|found| {
        let setting = policy.setting(found.option.as_str());
        format!("found {} = {setting} {}", found.option, found.note)
    });
    let unknown = imported.unknown.iter().map(|unknown| {
        let value = &unknown.value;
        format!(
            "{}: {}\\{} {} {}",
            unknown.why,
            value.path(),
            value.name,
            value.data.type_name(),
            value.data
        )
    });
    let said = |kind: &'static str| move |line: &String| format!("{kind}: {line}");
    found
        .chain(unknown)
        .chain(imported.left_out.iter().map(said("left out")))
        .chain(imported.superseded.iter().map(said("superseded")))
        .chain(imported.notices.iter().map(said("notice")))
        .chain(
            imported
                .skipped
                .named
                .iter()
                .map(|bad| format!("skipped: {bad}")),
        )
        .collect()
}

/// Asserts that each of these stands in a line of the report, and that so many options were
/// found.
fn assert_says(name: &str, imported: &Imported, found: usize, words: &[&[&str]]) {
    let lines = report(imported);
    let all = lines.join("\n");
    assert_eq!(imported.policy.settings.len(), found, "{name}:\n{all}");
    for words in words {
        assert!(
            lines
                .iter()
                .any(|line| words.iter().all(|word| line.contains(word))),
            "{name}: no line has {words:?}:\n{all}"
        );
    }
}
