//! `rollcall completions` and `rollcall man`: what shells and manuals are made of.

use super::{Cli, output};
use anyhow::Context as _;
use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::aot::{Bash, Fish, Zsh, generate};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// For which shell.
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// Save it as /usr/share/bash-completion/completions/rollcall.
    Bash,
    /// Save it as _rollcall in a directory of $fpath.
    Zsh,
    /// Save it as ~/.config/fish/completions/rollcall.fish.
    Fish,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Directory for the pages, one for each command.
    directory: PathBuf,
}

/// Prints what a shell needs to complete our commands.
pub(super) fn completions(args: &CompletionsArgs) {
    let mut command = Cli::command();
    let mut text = Vec::new();
    match args.shell {
        Shell::Bash => generate(Bash, &mut command, "rollcall", &mut text),
        Shell::Zsh => generate(Zsh, &mut command, "rollcall", &mut text),
        Shell::Fish => generate(Fish, &mut command, "rollcall", &mut text),
    }
    output::lines(String::from_utf8_lossy(&text));
}

/// Writes the pages of the manual.
pub(super) fn man(args: &ManArgs) -> anyhow::Result<()> {
    let directory = &args.directory;
    std::fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .with_context(|| format!("cannot write the pages to {}", directory.display()))
}
