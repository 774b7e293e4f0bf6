//! `cargo xtask sqlx`: renews `.sqlx`, so that nobody needs a database, or sqlx's own command
//! line, to compile the server.
//!
//! sqlx's macros read three variables (sqlx 0.9, macros core, `query/metadata.rs`): with
//! `SQLX_OFFLINE=false` and a `DATABASE_URL` they ask the database, and write what they learn into
//! `SQLX_OFFLINE_DIR`, one file a query.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{needs, process, sha256};

/// Renew .sqlx from the migrations and the server's queries.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; fail if .sqlx is not what the queries need
    #[arg(long)]
    check: bool,
}

/// The query data by file name.
type Queries = BTreeMap<String, Vec<u8>>;

/// Compiles the server against a scratch database and takes over what the macros wrote.
pub(crate) fn prepare(workspace: &Workspace, args: &Args) -> Result<()> {
    let scratch = Scratch::make(workspace)?;
    let mut check = workspace.cargo();
    // The selection of all other calls, so that no dependency is compiled for this alone.
    check.args([
        "check",
        "--workspace",
        "--exclude",
        "xtask",
        "--all-targets",
    ]);
    scratch.ask_database(&mut check);
    process::run(&mut check)?;
    if args.check {
        return scratch.compare(workspace);
    }
    let kept = workspace.root.join(".sqlx");
    let (old, new) = (read(&kept)?, read(&scratch.fresh)?);
    if old == new {
        println!("{} queries, .sqlx is up to date", new.len());
        return Ok(());
    }
    replace(&kept, &old, &new)?;
    println!(
        "{} queries, .sqlx renewed ({})",
        new.len(),
        differences(&old, &new)
    );
    Ok(())
}

/// Whether `.sqlx` is what the queries need, found out while somebody compiles them anyway.
pub(crate) struct Freshness {
    scratch: Scratch,
    state: String,
}

impl Freshness {
    /// `None` if nothing has changed since it was found to be right.
    pub(crate) fn of(workspace: &Workspace) -> Result<Option<Self>> {
        let state = state(workspace)?;
        if fs::read_to_string(Self::remembered(workspace)).is_ok_and(|it| it == state) {
            return Ok(None);
        }
        let scratch = Scratch::make(workspace)?;
        Ok(Some(Self { scratch, state }))
    }

    /// Has the queries of this compilation looked at.
    pub(crate) fn ask_database(&self, cargo: &mut Command) {
        self.scratch.ask_database(cargo);
    }

    /// Fails if `.sqlx` is not what they need.
    pub(crate) fn check(self, workspace: &Workspace) -> Result<()> {
        self.scratch.compare(workspace)?;
        let remembered = Self::remembered(workspace);
        fs::write(&remembered, self.state)
            .with_context(|| format!("{} cannot be written", remembered.display()))
    }

    fn remembered(workspace: &Workspace) -> PathBuf {
        workspace.target.join("sqlx-checked")
    }
}

/// All that the query data depends on, in short.
fn state(workspace: &Workspace) -> Result<String> {
    let inputs = ["migrations", ".sqlx", "server/src"].map(|it| workspace.root.join(it));
    sha256::of_trees(&inputs)
}

/// A database with the schema of the migrations, and where the macros write what they learn of it.
struct Scratch {
    database: PathBuf,
    fresh: PathBuf,
}

impl Scratch {
    fn make(workspace: &Workspace) -> Result<Self> {
        needs::ensure(&needs::SQLX)?;
        // Not straight into .sqlx: a query that does not compile must not cost the data of the
        // others.
        let scratch = workspace.target.join("sqlx");
        let (database, fresh) = (scratch.join("schema.db"), scratch.join("queries"));
        if scratch.exists() {
            fs::remove_dir_all(&scratch)
                .with_context(|| format!("{} cannot be emptied", scratch.display()))?;
        }
        fs::create_dir_all(&fresh)
            .with_context(|| format!("{} cannot be made", fresh.display()))?;
        fs::create_dir_all(workspace.site())?;
        migrate(workspace, &database)?;
        touch_sources(workspace)?;
        Ok(Self { database, fresh })
    }

    fn ask_database(&self, cargo: &mut Command) {
        cargo
            .env(
                "DATABASE_URL",
                format!("sqlite://{}", self.database.display()),
            )
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &self.fresh);
    }

    /// Fails if `.sqlx` is other than what the macros have written.
    fn compare(&self, workspace: &Workspace) -> Result<()> {
        let (old, new) = (read(&workspace.root.join(".sqlx"))?, read(&self.fresh)?);
        if old != new {
            bail!(
                "the queries or the schema changed and .sqlx did not ({}): \
                 run `cargo xtask sqlx` and commit .sqlx",
                differences(&old, &new)
            );
        }
        println!("{} queries, .sqlx is up to date", new.len());
        Ok(())
    }
}

/// Runs all migrations in order into a new database.
fn migrate(workspace: &Workspace, database: &Path) -> Result<()> {
    let directory = workspace.root.join("migrations");
    let mut migrations = Vec::new();
    for entry in fs::read_dir(&directory)
        .with_context(|| format!("{} cannot be listed", directory.display()))?
    {
        let path = entry?.path();
        if let Some(version) = version(&path) {
            migrations.push((version, path));
        }
    }
    migrations.sort();
    for (_, path) in &migrations {
        let script =
            File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut sqlite = Command::new("sqlite3");
        sqlite.arg("-bail").arg(database).stdin(script);
        process::run(sqlite.stdout(Stdio::null()))
            .with_context(|| format!("{} does not run", workspace.shown(path)))?;
    }
    Ok(())
}

/// The number a migration's file name begins with; `None` for what is no forward migration.
fn version(path: &Path) -> Option<i64> {
    let name = path.file_name()?.to_str()?;
    if !name.ends_with(".sql") || name.ends_with(".down.sql") {
        return None;
    }
    name.split_once('_')?.0.parse().ok()
}

/// The macros' answers are no input that cargo knows: only a newer source makes them run again.
fn touch_sources(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join("server/src/lib.rs");
    let file = File::options().append(true).open(&path)?;
    #[expect(clippy::disallowed_methods, reason = "a file's date, not logic")]
    file.set_modified(std::time::SystemTime::now())
        .with_context(|| format!("{} cannot be touched", path.display()))
}

fn read(directory: &Path) -> Result<Queries> {
    let mut queries = Queries::new();
    if directory.is_dir() {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("query-") && name.ends_with(".json") {
                queries.insert(name.into_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(queries)
}

/// Only what differs is written, so that unchanged files keep their dates.
fn replace(kept: &Path, old: &Queries, new: &Queries) -> Result<()> {
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(kept)?;
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            fs::remove_file(kept.join(name))?;
        }
        for (name, data) in new
            .iter()
            .filter(|(name, data)| old.get(*name) != Some(data))
        {
            fs::write(kept.join(name), data)?;
        }
        Ok(())
    };
    write().with_context(|| format!("{} cannot be written", kept.display()))
}

fn differences(old: &Queries, new: &Queries) -> String {
    let added = new.keys().filter(|name| !old.contains_key(*name)).count();
    let removed = old.keys().filter(|name| !new.contains_key(*name)).count();
    let changed = new
        .iter()
        .filter(|(name, data)| old.get(*name).is_some_and(|before| before != *data))
        .count();
    format!("{added} new, {changed} changed, {removed} no longer used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_and_go_forward() {
        assert_eq!(version(Path::new("m/0012_leases.sql")), Some(12));
        assert_eq!(
            version(Path::new("m/20261122_users.up.sql")),
            Some(20_261_122)
        );
        assert_eq!(version(Path::new("m/0012_leases.down.sql")), None);
        assert_eq!(version(Path::new("m/README.md")), None);
    }

    #[test]
    fn differences_count_each_kind() {
        let queries = |pairs: &[(&str, &str)]| -> Queries {
            pairs
                .iter()
                .map(|(name, data)| ((*name).to_owned(), data.as_bytes().to_vec()))
                .collect()
        };
        let old = queries(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let new = queries(&[("a", "1"), ("b", "2"), ("d", "1"), ("e", "1")]);
        assert_eq!(
            differences(&old, &new),
            "2 new, 1 changed, 1 no longer used"
        );
    }
}
