//! A registry file that becomes a policy.

use crate::cli::{DataArgs, assign, output};
use crate::control::{Order, Reply};
use anyhow::{Context as _, bail};
use policies::{Catalogue, Hive, Imported};
use std::path::Path;
use web::model::Assignment;

/// What the command line said of it.
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) keep_unknown: bool,
    pub(super) hive: Option<Hive>,
    pub(super) assignment: Option<Assignment>,
    pub(super) replace: bool,
    pub(super) dry_run: bool,
}

pub(super) async fn import(data: DataArgs, file: &Path, wanted: Wanted) -> anyhow::Result<()> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = wanted.name.unwrap_or_else(|| {
        let stem = file.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    });
    let hive = wanted.hive.or_else(|| hive_of(file));
    let read = policies::read_file(&bytes, hive)
        .map_err(|error| anyhow::anyhow!("{}: {error}{}", file.display(), hint(&error)))?;
    let imported = policies::import(name, read, Catalogue::get());
    tell(&imported, wanted.keep_unknown);
    let policy = if wanted.keep_unknown {
        imported.keep_unknown()
    } else {
        imported.policy
    };
    if wanted.dry_run {
        return Ok(());
    }
    let (options, others) = (policy.settings.len(), policy.other_values.len());
    // Where it lay on this machine is nobody's business.
    let source = file.file_name().unwrap_or(file.as_os_str());
    let comment = format!("Imported from {}", source.display());
    let comment = comment.chars().take(300).collect();
    let order = Order::ImportPolicy {
        policy: Box::new(policy),
        comment,
        assignment: wanted.assignment,
        replace: wanted.replace,
    };
    let Reply::Saved(saved) = data.clone().order(order).await? else {
        bail!("the server answered something else");
    };
    output::line(format_args!(
        "{} (revision {}): {}, {}",
        saved.name,
        saved.revision,
        counted(options, "option"),
        counted(others, "other value")
    ));
    let counts = assign::assignment_of(data, &saved.name).await?.words();
    match counts.as_str() {
        "nobody" => {
            output::line("It counts for nobody; let it count with: rollcall policy assign");
        }
        counts => output::line(format_args!("It counts for {counts}.")),
    }
    Ok(())
}

/// `1 option`, `2 options`.
fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// What is in the file, one line for each value.
fn tell(imported: &Imported, keep_unknown: bool) {
    let policy = &imported.policy;
    for value in policy.values(Catalogue::get()) {
        let Some(id) = &value.option else { continue };
        output::note(format_args!(
            "found {id} = {}: {}\\{} = {}",
            policy.setting(id.as_str()),
            value.path(),
            value.name,
            value.data
        ));
    }
    let fate = if keep_unknown {
        "kept"
    } else {
        "left out, --keep-unknown keeps it"
    };
    for value in &imported.unknown {
        output::note(format_args!(
            "not in the catalogue, {fate}: {}\\{} = {}",
            value.path(),
            value.name,
            value.data
        ));
    }
    for line in &imported.left_out {
        output::note(format_args!("left out: {line}"));
    }
}

/// A Registry.pol lies in the folder `Machine` or `User`.
fn hive_of(file: &Path) -> Option<Hive> {
    let lies_in = |name: &str| {
        let mut parts = file.components();
        parts.any(|part| part.as_os_str().eq_ignore_ascii_case(name))
    };
    match (lies_in("machine"), lies_in("user")) {
        (true, false) => Some(Hive::LocalMachine),
        (false, true) => Some(Hive::CurrentUser),
        _ => None,
    }
}

fn hint(error: &policies::ImportError) -> &'static str {
    if matches!(error, policies::ImportError::NoHive) {
        " (--hive HKLM or --hive HKCU)"
    } else {
        ""
    }
}
