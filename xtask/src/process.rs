//! Starting other programs: every one is shown before it runs, and a failure names it.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Shows the command, runs it to its end, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| cannot_start(&line))?;
    ensure!(
        status.success(),
        "`{line}` failed ({status}); its output above says why"
    );
    Ok(())
}

/// What a command prints on its standard output, `None` if it cannot be started or fails.
/// For questions where "no" is an answer.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program of this name is on the search path.
pub(crate) fn installed(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| {
        env::split_paths(&path).any(|directory| {
            directory
                .join(program)
                .with_extension(env::consts::EXE_EXTENSION)
                .is_file()
        })
    })
}

/// The message for a program that does not start.
pub(crate) fn cannot_start(line: &str) -> String {
    let program = line.split(' ').next().unwrap_or(line);
    format!("`{line}` cannot be started: install `{program}`, or put it on the PATH")
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
