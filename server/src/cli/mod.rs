//! The command line: one file a subcommand. Results go to standard output, messages to
//! standard error; exit status 0 success, 1 failure, 2 usage.

mod access;
mod admin;
mod assign;
mod audit;
mod backup;
mod client;
mod contacts;
mod doctor;
mod events;
mod group;
mod hooks;
mod logoff;
mod network;
mod online;
mod output;
mod policy;
mod request;
mod role;
mod serve;
mod shell;
mod status;
mod token;
mod unlock;
mod user;
#[cfg(test)]
mod words;

use crate::telemetry;
use clap::{Args, Parser, Subcommand};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;

/// An RVP server (Exchange 2000 Instant Messaging) with a web console and client policies.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// People who sign on with a client.
    User(user::UserArgs),
    /// Groups of users.
    Group(group::GroupArgs),
    /// Accounts of the console.
    Admin(admin::AdminArgs),
    /// What administrators did, and who signed in.
    Audit(audit::AuditArgs),
    /// Words with which programs come to the REST API.
    Token(token::TokenArgs),
    /// How the server is, at a glance.
    Status(status::StatusArgs),
    /// Who is online now.
    Online(online::OnlineArgs),
    /// What happens, as it happens.
    Events(events::EventsArgs),
    /// Servers that are told what happens, and what they were told.
    Hooks(hooks::HooksArgs),
    /// Log users off.
    Logoff(logoff::LogoffArgs),
    /// Say who is locked out after failed sign-ins, or let a name or an address in again.
    Unlock(unlock::UnlockArgs),
    /// Client policies.
    Policy(policy::PolicyArgs),
    /// Contact lists of clients, kept so that they follow their users.
    Contacts(contacts::ContactsArgs),
    /// Write a consistent copy of the database to a new file.
    Backup(backup::BackupArgs),
    /// Look at what stands between clients and the server: names, DNS, listener, clock, files.
    Doctor(doctor::DoctorArgs),
    /// Print what a shell needs to complete these commands.
    Completions(shell::CompletionsArgs),
    /// Write the pages of the manual.
    Man(shell::ManArgs),
}

/// Where the data is: all subcommands take this.
#[derive(Clone, Debug, Args)]
struct PlaceArgs {
    /// Configuration file (TOML).
    #[arg(long, global = true, env = "ROLLCALL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory with the database, the keys and the control socket [default: ./rollcall-data].
    #[arg(long, global = true, env = "ROLLCALL_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// DNS name of the IM domain [default: the host's name].
    #[arg(long, global = true, env = "ROLLCALL_DOMAIN", value_name = "DNSNAME")]
    domain: Option<String>,
}

/// The same, and how long to wait for the server that runs there: all but `serve`.
#[derive(Clone, Debug, Args)]
struct DataArgs {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    network: network::NetworkArgs,
    /// Give up on a server that does not answer after so many seconds [default: 30].
    #[arg(
        long,
        global = true,
        env = "ROLLCALL_TIMEOUT",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    timeout: Option<u64>,
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::note(format_args!(
                "rollcall: the system gives no threads: {error}"
            ));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args).await,
            Command::User(args) => user::run(args).await,
            Command::Group(args) => group::run(args).await,
            Command::Admin(args) => admin::run(args).await,
            Command::Audit(args) => audit::run(args).await,
            Command::Token(args) => token::run(args).await,
            Command::Status(args) => status::run(args).await,
            Command::Online(args) => online::run(args).await,
            Command::Events(args) => events::run(args).await,
            Command::Hooks(args) => hooks::run(args).await,
            Command::Logoff(args) => logoff::run(args).await,
            Command::Unlock(args) => unlock::run(args).await,
            Command::Policy(args) => policy::run(args).await,
            Command::Contacts(args) => contacts::run(args).await,
            Command::Backup(args) => backup::run(args).await,
            Command::Doctor(args) => doctor::run(args).await,
            Command::Completions(args) => {
                shell::completions(&args);
                Ok(())
            }
            Command::Man(args) => shell::man(&args),
        }
    });
    // Whatever still runs in the background has said all that it had to say.
    runtime.shutdown_background();
    let status = match result.and_then(|()| output::finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::notes(format_args!("rollcall: {error:#}"));
            ExitCode::FAILURE
        }
    };
    telemetry::finish_log();
    status
}

/// Prints help, the version, or what is wrong with the arguments.
fn not_parsed(error: &clap::Error) -> ExitCode {
    match error.print() {
        Err(failed) if !error.use_stderr() && failed.kind() != ErrorKind::BrokenPipe => {
            output::note(format_args!(
                "rollcall: standard output cannot be written: {failed}"
            ));
            ExitCode::FAILURE
        }
        _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
    }
}
