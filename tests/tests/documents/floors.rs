//! The floors of the server in `docs/ARCHITECTURE.md` against its imports: a room uses only those
//! below it. Whoever needs an arrow that runs up moves what is needed, or the room, and the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use tests::Failure;

use crate::rust_source::rooms;

/// The heading under which the table stands.
const HEADING: &str = "## Floors of the server";

/// What is nobody's room: it holds the others together.
const FRAME: &str = "lib";

/// Rooms by their floor, of which 0 is the top.
type Floors = BTreeMap<String, usize>;

/// One import: the room that has it, where, and the room that it names.
struct Import {
    room: String,
    place: String,
    uses: String,
}

/// Reads the table: names without `.rs` or `/`, a floor a line, before two blanks and what is said
/// of them.
fn floors(document: &str) -> Floors {
    let section = document.split(HEADING).nth(1).unwrap_or_default();
    let table = section.split("```").nth(1).unwrap_or_default();
    let lines = table
        .lines()
        .filter(|line| line.starts_with(|it: char| it.is_ascii_lowercase()));
    let mut floors = Floors::new();
    for (floor, line) in lines.enumerate() {
        let names = line.split("  ").next().unwrap_or_default();
        for name in names.split(',').map(str::trim) {
            let name = name.trim_end_matches('/').trim_end_matches(".rs");
            let twice = floors.insert(name.to_owned(), floor);
            assert!(twice.is_none(), "the table has {name} twice");
        }
    }
    floors
}

/// What is wrong with these imports, a line each.
fn faults(floors: &Floors, imports: &[Import]) -> Vec<String> {
    let fault = |import: &Import| {
        let Import { room, place, uses } = import;
        if room == uses || room == FRAME {
            return None;
        }
        let why = match (floors.get(room), floors.get(uses)) {
            (Some(own), Some(other)) if own < other => return None,
            (Some(own), Some(other)) if own == other => "is beside it",
            (Some(_), Some(_)) => "is above it",
            (None, _) => return Some(format!("{place}: {room} is not in the table")),
            (_, None) => "is not in the table",
        };
        Some(format!("{place}: {room} uses {uses}, which {why}"))
    };
    imports.iter().filter_map(fault).collect()
}

fn server() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src")
}

/// The room that a source file is in.
fn room_of(file: &Path) -> String {
    let first = file.components().next().map(Component::as_os_str);
    let name = first.unwrap_or_default().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

/// All source files below `folder`, by their place in it.
fn sources(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let listed = fs::read_dir(folder.join(below)).map_err(Failure::io("listing the sources"))?;
    for entry in listed {
        let entry = entry.map_err(Failure::io("listing the sources"))?;
        let place = below.join(entry.file_name());
        if entry.path().is_dir() {
            sources(folder, &place, found)?;
        } else if place.extension().is_some_and(|it| it == "rs") {
            found.push(place);
        }
    }
    Ok(())
}

#[test]
fn no_room_uses_one_above_it() -> Result<(), Failure> {
    let document = server().join("../../docs/ARCHITECTURE.md");
    let document = fs::read_to_string(document).map_err(Failure::io("reading the table"))?;
    let floors = floors(&document);
    let mut files = Vec::new();
    sources(&server(), Path::new(""), &mut files)?;
    let mut imports = Vec::new();
    for file in &files {
        let text =
            fs::read_to_string(server().join(file)).map_err(Failure::io("reading a source"))?;
        let room = room_of(file);
        let used = rooms(&text, "crate");
        // The program names the library as others do.
        let named = if room == "main" {
            rooms(&text, "rollcall")
        } else {
            BTreeSet::new()
        };
        imports.extend(used.into_iter().chain(named).map(|(uses, line)| Import {
            room: room.clone(),
            place: format!("server/src/{}:{line}", file.display()),
            uses,
        }));
    }
    assert!(imports.len() > 300, "only {} imports found", imports.len());
    let faults = faults(&floors, &imports);
    assert!(
        faults.is_empty(),
        "imports that run up the floors of docs/ARCHITECTURE.md:\n{}",
        faults.join("\n")
    );

    let rooms: BTreeSet<_> = files
        .iter()
        .map(|file| room_of(file))
        .filter(|room| room != FRAME)
        .collect();
    let listed: BTreeSet<_> = floors.into_keys().collect();
    assert_eq!(rooms, listed, "the rooms that are there, and the table");
    Ok(())
}

/// A made-up house: what the rule is good for.
#[test]
fn an_arrow_that_runs_up_is_found() {
    let document = "## Floors of the server\n\nFrom the top.\n\n```\nmain.rs, cli/  one\n\
        admin/   the acts\n         of all\nstore/, keys.rs  below\n```\n\n## More\n";
    let floors = floors(document);
    let place = "server/src/store/pool.rs:3".to_owned();
    let import = |room: &str, uses: &str| {
        let import = Import {
            room: room.to_owned(),
            place: place.clone(),
            uses: uses.to_owned(),
        };
        faults(&floors, &[import]).pop()
    };
    for (room, uses) in [
        ("cli", "admin"),
        ("main", "store"),
        ("admin", "keys"),
        ("store", "store"),
        ("lib", "cli"),
    ] {
        assert_eq!(import(room, uses), None, "{room} uses {uses}");
    }
    for (room, uses, why) in [
        ("store", "admin", "store uses admin, which is above it"),
        ("admin", "cli", "admin uses cli, which is above it"),
        ("store", "keys", "store uses keys, which is beside it"),
        ("store", "*", "store uses *, which is not in the table"),
        ("cli", "attic", "cli uses attic, which is not in the table"),
        ("attic", "store", "attic is not in the table"),
    ] {
        let expected = format!("{place}: {why}");
        assert_eq!(import(room, uses), Some(expected), "{room} uses {uses}");
    }
}
