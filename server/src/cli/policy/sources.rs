//! The files that somebody wants to import: named ones, and those in folders of Group Policy.

use anyhow::{Context as _, bail};
use policies::SourceFile;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The largest file, in bytes: registries of a whole computer are smaller.
const LARGEST: u64 = 32 * 1024 * 1024;
/// All files together.
const LARGEST_TOGETHER: usize = 64 * 1024 * 1024;
/// Folders within folders, and entries in all of them: a folder of Group Policy has few.
const DEEPEST: usize = 16;
const MOST_ENTRIES: usize = 20_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) files: Vec<SourceFile>,
    /// What the policy is called where nobody says it.
    pub(super) name: String,
    /// The names of what was asked for, without the folders that they lie in.
    pub(super) label: String,
    entries: usize,
    bytes: usize,
    display_name: Option<String>,
}

/// Reads the files of these paths. Of folders those are taken whose names say that they may hold
/// values of the registry.
pub(super) fn read(paths: &[PathBuf]) -> anyhow::Result<Sources> {
    let mut sources = Sources::default();
    for path in paths {
        let about =
            fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            sources.folder(path, 0)?;
        } else {
            sources.file(path, true)?;
        }
    }
    let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
    let stem = if first.is_dir() {
        first.file_name()
    } else {
        first.file_stem()
    };
    let stem = stem.unwrap_or_default().to_string_lossy().into_owned();
    sources.name = usable(&sources.display_name.take().unwrap_or(stem));
    let label = |path: &PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    sources.label = paths.iter().map(label).collect::<Vec<_>>().join(", ");
    Ok(sources)
}

impl Sources {
    fn folder(&mut self, folder: &Path, depth: usize) -> anyhow::Result<()> {
        if depth > DEEPEST {
            bail!(
                "{} lies {DEEPEST} folders deep; name a folder closer to the files",
                folder.display()
            );
        }
        let cannot = || format!("cannot read {}", folder.display());
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                bail!(
                    "there are more than {MOST_ENTRIES} files in the folder; name the folder of one Group Policy object"
                );
            }
            // What is merely linked lies somewhere else, and may lead round in circles.
            let kind = entry.file_type().with_context(cannot)?;
            if !kind.is_symlink() {
                entries.push((entry.path(), kind.is_dir()));
            }
        }
        entries.sort();
        for (path, is_folder) in entries {
            if is_folder {
                self.folder(&path, depth + 1)?;
            } else if is_wanted(&path) {
                self.file(&path, false)?;
            } else if has_name(&path, "bkupInfo.xml") && self.display_name.is_none() {
                let text = contents(&path)?;
                self.display_name = display_name(&String::from_utf8_lossy(&text));
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, asked: bool) -> anyhow::Result<()> {
        let bytes = contents(path)?;
        self.bytes += bytes.len();
        if self.bytes > LARGEST_TOGETHER {
            bail!(
                "the files are larger than {} MB together; import fewer at a time",
                LARGEST_TOGETHER / (1024 * 1024)
            );
        }
        // The folder says whose a Registry.pol is, even where nobody wrote it down.
        let bare = path
            .parent()
            .is_none_or(|parent| parent.as_os_str().is_empty());
        let full = bare.then(|| std::path::absolute(path).ok()).flatten();
        let name = full.as_deref().unwrap_or(path).display().to_string();
        self.files.push(SourceFile { name, bytes, asked });
        Ok(())
    }
}

fn contents(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        bail!(
            "{} is larger than {} MB; take the keys out of it that are not about these clients",
            path.display(),
            LARGEST / (1024 * 1024)
        );
    }
    Ok(bytes)
}

/// Whether a file may hold values of the registry. Those of Group Policy preferences are not
/// read, and named.
fn is_wanted(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    if has_name(path, "Registry.xml") {
        return true;
    }
    ["reg", "pol"]
        .iter()
        .any(|wanted| extension.eq_ignore_ascii_case(wanted))
}

fn has_name(path: &Path, name: &str) -> bool {
    path.file_name()
        .is_some_and(|it| it.eq_ignore_ascii_case(name))
}

/// A name that a policy may have, from one that a file has.
fn usable(name: &str) -> String {
    let allowed = |c: char| {
        if c.is_control() || "/\\?#%".contains(c) {
            '-'
        } else {
            c
        }
    };
    name.chars().map(allowed).take(64).collect()
}

/// The name that a backup's index gives the Group Policy object.
fn display_name(index: &str) -> Option<String> {
    let (_, rest) = index.split_once("<GPODisplayName>")?;
    let (name, _) = rest.split_once("</GPODisplayName>")?;
    let name = name.trim();
    let name = name.strip_prefix("<![CDATA[").unwrap_or(name);
    let name = name.strip_suffix("]]>").unwrap_or(name).trim();
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_names_its_object() {
        let index =
            "<BackupInst><GPODisplayName><![CDATA[Lock down]]></GPODisplayName></BackupInst>";
        assert_eq!(display_name(index).as_deref(), Some("Lock down"));
        assert_eq!(display_name("<GPODisplayName></GPODisplayName>"), None);
        assert_eq!(display_name("<x/>"), None);
        assert_eq!(usable("50% of #1"), "50- of -1");
    }

    #[test]
    fn a_folder_gives_its_registry_files_in_one_order_and_follows_no_link() {
        let scratch = tempfile::tempdir().unwrap();
        let gpo = scratch.path().join("{31B2F340}");
        for folder in ["Machine", "User"] {
            fs::create_dir_all(gpo.join(folder)).unwrap();
            fs::write(gpo.join(folder).join("registry.pol"), b"PReg").unwrap();
        }
        fs::write(gpo.join("GPT.INI"), b"[General]").unwrap();
        std::os::unix::fs::symlink(&gpo, gpo.join("User").join("round")).unwrap();
        let sources = read(std::slice::from_ref(&gpo)).unwrap();
        let names: Vec<_> = sources.files.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), 2);
        assert!(names[0].ends_with("Machine/registry.pol"));
        assert!(names[1].ends_with("User/registry.pol"));
        assert_eq!(
            (sources.name.as_str(), sources.label.as_str()),
            ("{31B2F340}", "{31B2F340}")
        );
        assert!(read(&[gpo.join("nowhere")]).is_err());
    }
}
