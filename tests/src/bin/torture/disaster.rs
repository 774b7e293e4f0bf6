//! What happens to the server.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::Failure;
use tests::random::Random;
use tests::server::Server;

/// Room for the data directory: small enough to fill at once.
const ROOM: &str = "48m";

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Disaster {
    /// The power goes.
    Kill,
    /// It is told to end.
    Terminate,
    /// Its file system is full for a while.
    FullDisk,
    /// It may open no more files for a while.
    Handles,
    /// A crowd connects and says nothing.
    Crowd,
}

pub(crate) const ALL: [Disaster; 5] = [
    Disaster::Kill,
    Disaster::Terminate,
    Disaster::FullDisk,
    Disaster::Handles,
    Disaster::Crowd,
];

/// A small file system of its own for the data directory; gone with this.
#[derive(Debug)]
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it at the data directory of a server that was not started yet.
    pub(crate) fn mount(at: &Path) -> Result<Self, Failure> {
        fs::create_dir(at).map_err(Failure::io("making the data directory"))?;
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={ROOM},mode=0700"))
            .arg("tmpfs")
            .arg(at)
            .status()
            .map_err(Failure::io("running mount"))?;
        if done.success() {
            Ok(Self(at.to_owned()))
        } else {
            Err(Failure::Unexpected(
                "a tmpfs cannot be mounted: run this as root".to_owned(),
            ))
        }
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Takes all the room there is.
    fn fill(&self) -> Result<(), Failure> {
        let mut file = File::create(self.ballast()).map_err(Failure::io("making the ballast"))?;
        for size in [1 << 20, 4096, 1] {
            let block = vec![b'.'; size];
            // Until it is refused.
            while file.write_all(&block).is_ok() {}
        }
        Ok(())
    }

    fn free(&self) -> Result<(), Failure> {
        fs::remove_file(self.ballast()).map_err(Failure::io("removing the ballast"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server that lies on it is killed after this.
        let _gone = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

impl Disaster {
    /// Lets it happen, and be over.
    pub(crate) fn strike(
        self,
        server: &mut Server,
        disk: &SmallDisk,
        random: &mut Random,
    ) -> Result<(), Failure> {
        let lasts = Duration::from_millis(random.number(300..2500));
        match self {
            Self::Kill => {
                server.kill9()?;
                server.restart()
            }
            Self::Terminate => {
                let code = server.stop()?;
                if code != Some(0) {
                    return Err(Failure::Unexpected(format!(
                        "after SIGTERM it ended with {code:?}"
                    )));
                }
                server.restart()
            }
            Self::FullDisk => {
                disk.fill()?;
                thread::sleep(lasts);
                // The power can go while it is full, too.
                if random.percent(30) {
                    server.kill9()?;
                    disk.free()?;
                    return server.restart();
                }
                disk.free()
            }
            Self::Handles => {
                let process = server.id()?;
                let open = fs::read_dir(format!("/proc/{process}/fd"))
                    .map_err(Failure::io("counting open files"))?
                    .count();
                let before = limit(process)?;
                set_limit(process, &format!("{}:", open + 3))?;
                thread::sleep(lasts);
                set_limit(process, &format!("{before}:"))
            }
            Self::Crowd => {
                let connect = |_| TcpStream::connect(server.rvp()).ok();
                let mut crowd: Vec<_> = (0..300).filter_map(connect).collect();
                for one in crowd.iter_mut().step_by(2) {
                    // Half of a request; it may have been closed already.
                    let _sent = one.write_all(b"PROPPATCH /instmsg/aliases/user000 HTTP/1.1\r\n");
                }
                thread::sleep(lasts);
                for one in &mut crowd {
                    let _ = one.set_nonblocking(true);
                    let _closed = one.read(&mut [0; 64]);
                }
                Ok(())
            }
        }
    }
}

/// The soft limit of open files of a process.
fn limit(process: u32) -> Result<String, Failure> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits"))
        .map_err(Failure::io("reading the limits"))?;
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|rest| rest.split_whitespace().next())
        .map(ToOwned::to_owned)
        .ok_or_else(|| Failure::Unexpected("no limit of open files".to_owned()))
}

fn set_limit(process: u32, limit: &str) -> Result<(), Failure> {
    let done = Command::new("prlimit")
        .args(["--pid", &process.to_string()])
        .arg(format!("--nofile={limit}"))
        .status()
        .map_err(Failure::io("running prlimit"))?;
    if done.success() {
        Ok(())
    } else {
        Err(Failure::Unexpected(format!("prlimit refused {limit}")))
    }
}
