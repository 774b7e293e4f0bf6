//! The server under load: the release binary on a data directory of its own.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tests::Failure;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::child::Child;

/// The load is one address with ten thousand users: nobody is to slow it down.
const CONFIGURATION: &str = "[limits]\nrequests_per_address = 0\nrequests_per_user = 0\n";

/// How many of the log's last complaints are shown when something failed.
const LAST_LINES: usize = 10;

/// A data directory, and the server that runs on it.
#[derive(Debug)]
pub(crate) struct Rollcall {
    directory: TempDir,
    program: PathBuf,
    child: Option<Child>,
    pub(crate) rvp: SocketAddr,
    pub(crate) console: SocketAddr,
}

impl Rollcall {
    /// A fresh data directory; nothing runs yet.
    pub(crate) fn new() -> Result<Self, Failure> {
        let directory = TempDir::new().map_err(Failure::io("making the data directory"))?;
        fs::write(directory.path().join("rollcall.toml"), CONFIGURATION)
            .map_err(Failure::io("writing the configuration"))?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok(Self {
            directory,
            program: program()?,
            child: None,
            rvp: any,
            console: any,
        })
    }

    /// Starts the server, on the ports that it had before. Says how long it took until it
    /// listened.
    pub(crate) async fn start(&mut self) -> Result<Duration, Failure> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .map_err(Failure::io("making the log"))?;
        let child = Child::start(
            self.command(&["serve"])
                .arg("--config")
                .arg(self.scratch("rollcall.toml"))
                .args(["--rvp-listen", &self.rvp.to_string()])
                .args(["--console-listen", &self.console.to_string()])
                .stderr(Stdio::from(log)),
        )
        .await?;
        self.rvp = child.address("rvp=")?;
        self.console = child.address("console=")?;
        let took = child.start_took;
        self.child = Some(child);
        Ok(took)
    }

    /// Ends the server as a power cut would.
    pub(crate) async fn kill9(&mut self) -> Result<(), Failure> {
        match self.child.take() {
            Some(child) => child.kill9().await.map(drop),
            None => Ok(()),
        }
    }

    /// The server's process id.
    pub(crate) fn process(&self) -> Result<u32, Failure> {
        let child = self.child.as_ref();
        child
            .map(Child::id)
            .ok_or_else(|| Failure::Unexpected("the server does not run".to_owned()))
    }

    /// Runs another command of the program on the same data directory; gives what it prints.
    pub(crate) async fn run(&self, arguments: &[&str], input: &str) -> Result<String, Failure> {
        let mut process = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Failure::io("running the command line"))?;
        if let Some(mut stdin) = process.stdin.take() {
            // A command that reads nothing closes its end: not our matter.
            let _ignored = stdin.write_all(input.as_bytes()).await;
        }
        let output = process
            .wait_with_output()
            .await
            .map_err(Failure::io("waiting for the command line"))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(Failure::Unexpected(format!(
                "`rollcall {}` ended with {}: {}",
                arguments.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// A file beside the data directory, removed with it.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The size of the database with its log, in bytes.
    pub(crate) fn database_size(&self) -> u64 {
        ["rollcall.db", "rollcall.db-wal"]
            .iter()
            .filter_map(|name| fs::metadata(self.data().join(name)).ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// The last warnings and errors that the server logged.
    pub(crate) fn complaints(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let is_complaint = |line: &&str| line.contains(" WARN ") || line.contains(" ERROR ");
        let lines: Vec<_> = log.lines().filter(is_complaint).collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data())
            .args(["--domain", "127.0.0.1"]);
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }
}

/// `ROLLCALL_BIN`, or `rollcall` beside this program.
fn program() -> Result<PathBuf, Failure> {
    let path = match env::var_os("ROLLCALL_BIN") {
        Some(path) => PathBuf::from(path),
        None => env::current_exe()
            .map_err(Failure::io("asking for the own program"))?
            .parent()
            .unwrap_or(Path::new("."))
            .join("rollcall"),
    };
    if path.is_file() {
        Ok(path)
    } else {
        Err(Failure::Unexpected(format!(
            "no server at {}: run `cargo xtask bench`, which builds it, or set ROLLCALL_BIN",
            path.display()
        )))
    }
}
