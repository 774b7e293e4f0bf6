//! The corpus, replayed: seeds, what the fuzzer thought worth keeping, and what once went wrong.

use fuzz::TARGETS;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{target} has no corpus at {}: {error}", folder.display()));
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn every_parser_stands_its_corpus() {
    let mut failed = Vec::new();
    for target in TARGETS {
        let files = corpus(target.name);
        println!("{}: {} files", target.name, files.len());
        assert!(!files.is_empty(), "{} has an empty corpus", target.name);
        for file in files {
            let input = fs::read(&file).unwrap();
            if catch_unwind(|| (target.run)(&input)).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_parser_stands_damage_to_its_corpus() {
    for target in TARGETS {
        for file in corpus(target.name) {
            let input = fs::read(&file).unwrap();
            // Cut anywhere, and each byte turned over; of large files every so many.
            let step = 1 + input.len() / 200;
            for at in (0..input.len()).step_by(step) {
                (target.run)(&input[..at]);
                let mut damaged = input.clone();
                damaged[at] ^= 0x20;
                (target.run)(&damaged);
            }
        }
    }
}

#[test]
fn no_folder_is_without_its_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(fuzz::target(&name).is_some(), "{name} is no target");
    }
}
