//! The built `rollcall` as a process, on ports of its own and a data directory
//! of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::faults::{Faults, SmallDisk};
use crate::{Deadline, Failure, eventually, programs};

/// How long a debug build may take from start to its listeners.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end after SIGTERM.
const STOP: Duration = Duration::from_secs(40);

/// What the process wrote, line by line, for the message of a failed test.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn push(&self, line: String) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What whoever starts a server does to it before.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// It may open so many files.
    pub files: Option<u32>,
    /// A line of shell before it starts, such as `trap '' HUP`.
    pub shell: &'static str,
    /// Where its log goes, if not to the test.
    pub log: Option<Stdio>,
}

impl Surroundings {
    /// The command that starts the program in them.
    fn command(&self) -> Result<Command, Failure> {
        let program = programs::rollcall()?;
        let mut script = String::new();
        if let Some(files) = self.files {
            script.push_str(&format!("ulimit -n {files} || exit 3\n"));
        }
        script.push_str(self.shell);
        if script.is_empty() {
            return Ok(Command::new(program));
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{script}\nexec \"$@\""), "sh"])
            .arg(program);
        Ok(command)
    }
}

/// A running server. Dropped, it is killed, and what it wrote is printed.
#[derive(Debug)]
pub struct Server {
    directory: TempDir,
    process: Option<Child>,
    faults: Option<Faults>,
    small_disk: Option<SmallDisk>,
    domain: String,
    rvp: SocketAddr,
    console: SocketAddr,
    log: Log,
}

/// Runs a command of the program on a data directory, whether or not a server runs there.
///
/// # Errors
/// [`Failure::Io`] if it cannot be run. Its exit status is the caller's matter.
pub fn command(data_dir: &Path, arguments: &[&str], input: &str) -> Result<Output, Failure> {
    let mut process = Command::new(programs::rollcall()?)
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Failure::io("running the command line"))?;
    if let Some(mut stdin) = process.stdin.take() {
        // A command that reads nothing closes its end: not our matter.
        let _ignored = stdin.write_all(input.as_bytes());
    }
    process
        .wait_with_output()
        .map_err(Failure::io("waiting for the command line"))
}

impl Server {
    /// Starts a server on a fresh data directory. `config` is TOML, may be empty.
    ///
    /// # Errors
    /// [`Failure::NoServer`] if it was not built; [`Failure::Unexpected`] with
    /// its output if it ends at once; [`Failure::TimedOut`] if it never says
    /// that it listens.
    pub fn start(config: &str) -> Result<Self, Failure> {
        Self::start_for("127.0.0.1", config)
    }

    /// As [`Self::start`], for a domain with a name.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_for(domain: &str, config: &str) -> Result<Self, Failure> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), domain, config)
    }

    /// As [`Self::start_for`], with RVP clients at another address. One that stands for all
    /// addresses of the machine is reached under any of them.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_at(rvp: SocketAddr, domain: &str, config: &str) -> Result<Self, Failure> {
        let mut server = Self::prepare_at(rvp, domain, config)?;
        server.launch(Surroundings::default())?;
        Ok(server)
    }

    /// Starts a server as [`Self::start`] does, in these surroundings.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_in(surroundings: Surroundings, config: &str) -> Result<Self, Failure> {
        let mut server = Self::prepare("127.0.0.1", config)?;
        server.launch(surroundings)?;
        Ok(server)
    }

    /// A server that was never started: [`Self::restart`] starts it.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn prepare(domain: &str, config: &str) -> Result<Self, Failure> {
        Self::prepare_at(SocketAddr::from(([127, 0, 0, 1], 0)), domain, config)
    }

    /// As [`Self::start`], with faults to be brought about.
    ///
    /// # Errors
    /// As [`Self::start`], and if the faults cannot be built.
    pub fn start_with_faults(config: &str) -> Result<Self, Failure> {
        let mut server = Self::prepare("127.0.0.1", config)?;
        server.faults = Some(Faults::in_directory(server.directory.path()));
        server.launch(Surroundings::default())?;
        Ok(server)
    }

    /// As [`Self::start`], with its data on a disk of so many KiB.
    ///
    /// # Errors
    /// As [`Self::start`], and if nothing can be mounted.
    pub fn start_on_small_disk(kib: u32, config: &str) -> Result<Self, Failure> {
        let mut server = Self::prepare("127.0.0.1", config)?;
        server.small_disk = Some(SmallDisk::mount(&server.data_dir(), kib)?);
        server.launch(Surroundings::default())?;
        Ok(server)
    }

    /// As [`Self::start`], with faults to be brought about and its data on a disk of so many KiB.
    ///
    /// # Errors
    /// As [`Self::start_with_faults`] and [`Self::start_on_small_disk`].
    pub fn start_tortured(kib: u32, config: &str) -> Result<Self, Failure> {
        let mut server = Self::prepare("127.0.0.1", config)?;
        server.faults = Some(Faults::in_directory(server.directory.path()));
        server.small_disk = Some(SmallDisk::mount(&server.data_dir(), kib)?);
        server.launch(Surroundings::default())?;
        Ok(server)
    }

    /// What can go wrong with it.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if it was started without.
    pub fn faults(&self) -> Result<&Faults, Failure> {
        let none = || Failure::Unexpected("started without faults".to_owned());
        self.faults.as_ref().ok_or_else(none)
    }

    /// The disk that its data is on.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if it has none of its own.
    pub fn small_disk(&self) -> Result<&SmallDisk, Failure> {
        let none = || Failure::Unexpected("started without a small disk".to_owned());
        self.small_disk.as_ref().ok_or_else(none)
    }

    fn prepare_at(rvp: SocketAddr, domain: &str, config: &str) -> Result<Self, Failure> {
        let directory = TempDir::new().map_err(Failure::io("making the data directory"))?;
        fs::write(directory.path().join("rollcall.toml"), config)
            .map_err(Failure::io("writing the configuration"))?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Ok(Self {
            directory,
            process: None,
            faults: None,
            small_disk: None,
            domain: domain.to_owned(),
            rvp,
            console: any,
            log: Log::default(),
        })
    }

    /// What it is called from its next start on.
    pub fn rename(&mut self, domain: &str) {
        domain.clone_into(&mut self.domain);
    }

    fn launch(&mut self, surroundings: Surroundings) -> Result<(), Failure> {
        let faults = self.faults.as_ref().map(Faults::environment).transpose()?;
        let mut process = surroundings
            .command()?
            .envs(faults.unwrap_or_default())
            .arg("serve")
            .arg("--config")
            .arg(self.config_file())
            .arg("--data-dir")
            .arg(self.data_dir())
            .args(["--rvp-listen", &self.rvp.to_string()])
            .args(["--console-listen", &self.console.to_string()])
            .args(["--domain", &self.domain])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(surroundings.log.unwrap_or_else(Stdio::piped))
            .spawn()
            .map_err(Failure::io("starting the server"))?;

        let (sender, lines) = mpsc::channel();
        if let Some(output) = process.stdout.take() {
            follow(output, self.log.clone(), Some(sender));
        }
        if let Some(output) = process.stderr.take() {
            follow(output, self.log.clone(), None);
        }
        self.process = Some(process);

        let deadline = Deadline::within(START);
        let (mut rvp, mut console) = (None, None);
        while rvp.is_none() || console.is_none() {
            match lines.recv_timeout(deadline.left()) {
                Ok(line) => {
                    rvp = rvp.or_else(|| announced(&line, "rvp="));
                    console = console.or_else(|| announced(&line, "console="));
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure::TimedOut {
                        what: "the server's line `listening rvp=… console=…`".to_owned(),
                        waited: deadline.whole(),
                        seen: self.output(),
                    });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Unexpected(format!(
                        "the server ended instead of listening:\n{}",
                        self.output()
                    )));
                }
            }
        }
        if let (Some(rvp), Some(console)) = (rvp, console) {
            self.rvp = rvp;
            self.console = console;
        }
        Ok(())
    }

    /// Where RVP clients connect.
    #[must_use]
    pub const fn rvp(&self) -> SocketAddr {
        self.rvp
    }

    /// Its process.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if it does not run.
    pub fn id(&self) -> Result<u32, Failure> {
        let process = self.process.as_ref();
        process
            .map(Child::id)
            .ok_or_else(|| Failure::Unexpected("the server does not run".to_owned()))
    }

    /// Where browsers connect.
    #[must_use]
    pub const fn console(&self) -> SocketAddr {
        self.console
    }

    /// The logical URL of an alias, in the spelling clients use.
    #[must_use]
    pub fn principal(&self, alias: &str) -> String {
        format!("http://{}/instmsg/aliases/{alias}", self.rvp)
    }

    /// Its data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Its configuration file. A change is read at the next [`Self::restart`].
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.directory.path().join("rollcall.toml")
    }

    /// A directory of the test's own, removed with the server.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.directory.path()
    }

    /// What it wrote so far, standard output and standard error together.
    #[must_use]
    pub fn output(&self) -> String {
        self.log.lines().join("\n")
    }

    /// Runs another command of the program on the same data directory.
    ///
    /// # Errors
    /// [`Failure::Io`] if it cannot be run. Its exit status is the caller's matter.
    pub fn cli(&self, arguments: &[&str], input: &str) -> Result<Output, Failure> {
        command(&self.data_dir(), arguments, input)
    }

    /// As [`Self::cli`], but anything but exit status 0 is a failure. Gives
    /// standard output.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] with what the command wrote.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<String, Failure> {
        let output = self.cli(arguments, input)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(Failure::Unexpected(format!(
                "`rollcall {}` ended with {}:\n{}{}",
                arguments.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// As [`Self::cli`], where the command has to fail. Gives what it complained of.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if it succeeded.
    pub fn refused(&self, arguments: &[&str]) -> Result<String, Failure> {
        self.refused_with(arguments, "")
    }

    /// The same of a command with this on its standard input.
    ///
    /// # Errors
    ///
    /// If it was carried out.
    pub fn refused_with(&self, arguments: &[&str], input: &str) -> Result<String, Failure> {
        let output = self.cli(arguments, input)?;
        if output.status.success() {
            return Err(Failure::Unexpected(format!(
                "`rollcall {}` was not refused",
                arguments.join(" ")
            )));
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Makes an RVP user.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn add_user(&self, alias: &str, password: &str) -> Result<(), Failure> {
        self.run(
            &["user", "add", alias, "--password-stdin"],
            &format!("{password}\n"),
        )
        .map(drop)
    }

    /// Makes an administrator of the console.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn add_admin(&self, name: &str, password: &str) -> Result<(), Failure> {
        self.run(
            &["admin", "add", name, "--password-stdin"],
            &format!("{password}\n"),
        )
        .map(drop)
    }

    /// `rollcall online --json`, as it is.
    ///
    /// # Errors
    /// As [`Self::run`]; [`Failure::Unexpected`] if it is no JSON.
    pub fn online(&self) -> Result<serde_json::Value, Failure> {
        let text = self.run(&["online", "--json"], "")?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::Unexpected(format!("`online --json` gave no JSON: {error}\n{text}"))
        })
    }

    /// Ends it as a power cut would.
    ///
    /// # Errors
    /// [`Failure::Io`] if the system refuses.
    pub fn kill9(&mut self) -> Result<(), Failure> {
        if let Some(mut process) = self.process.take() {
            process.kill().map_err(Failure::io("killing the server"))?;
            process
                .wait()
                .map_err(Failure::io("waiting for the server"))?;
        }
        Ok(())
    }

    /// Ends it as an init system would, and gives its exit code.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if it does not end.
    pub fn stop(&mut self) -> Result<Option<i32>, Failure> {
        self.signal("TERM")?;
        self.end()
    }

    /// Sends it a signal, by its name without SIG.
    ///
    /// # Errors
    /// [`Failure::Io`] if the system refuses.
    pub fn signal(&self, name: &str) -> Result<(), Failure> {
        let Some(process) = &self.process else {
            return Ok(());
        };
        Command::new("kill")
            .args([&format!("-{name}"), &process.id().to_string()])
            .status()
            .map(drop)
            .map_err(Failure::io("running kill"))
    }

    /// Waits for its end, after [`Self::signal`], and gives its exit code.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if it does not end.
    pub fn end(&mut self) -> Result<Option<i32>, Failure> {
        let Some(mut process) = self.process.take() else {
            return Ok(None);
        };
        let ended = eventually(STOP, "the server's end after a signal", || {
            process
                .try_wait()
                .map_err(Failure::io("waiting for the server"))
        });
        if ended.is_err() {
            let _gone = process.kill();
        }
        Ok(ended?.code())
    }

    /// Starts it again on the same data directory and the same ports, after
    /// [`Self::kill9`] or [`Self::stop`]; stops it first if it runs.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> Result<(), Failure> {
        self.stop()?;
        self.launch(Surroundings::default())
    }
}

/// `http://127.0.0.1:8080` after `key` in a line, as an address.
fn announced(line: &str, key: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once(key)?;
    let address = url.strip_prefix("http://")?;
    let end = address
        .find(|it: char| it == '/' || it.is_whitespace())
        .unwrap_or(address.len());
    address[..end].parse().ok()
}

fn follow(output: impl Read + Send + 'static, log: Log, listener: Option<Sender<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            log.push(line.clone());
            if let Some(listener) = &listener {
                // Nobody listens any more once the addresses are known.
                let _unheard = listener.send(line);
            }
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.kill9();
        // The test runner shows this only when the test fails.
        println!("the server wrote:\n{}", self.output());
    }
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn both_addresses_are_read_from_one_line_or_two() {
        let line = "listening rvp=http://127.0.0.1:4711 console=http://127.0.0.1:4712/";
        assert_eq!(announced(line, "rvp="), Some(([127, 0, 0, 1], 4711).into()));
        assert_eq!(
            announced(line, "console="),
            Some(([127, 0, 0, 1], 4712).into())
        );
        assert_eq!(
            announced("listening rvp=http://127.0.0.1:1", "console="),
            None
        );
    }
}
