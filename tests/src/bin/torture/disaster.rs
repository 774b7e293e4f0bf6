//! What happens to the server.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use tests::Failure;
use tests::faults::Disk;
use tests::random::Random;
use tests::server::Server;

/// How far the clock is set from the true time, in seconds: leases are longer, since after a
/// restart they end by the clock on the wall.
const HOUR: i64 = 3600;

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
    /// Its clock is set.
    Clock,
    /// Its disk fails for a while.
    BrokenDisk,
}

pub(crate) const ALL: [Disaster; 7] = [
    Disaster::Kill,
    Disaster::Terminate,
    Disaster::FullDisk,
    Disaster::Handles,
    Disaster::Crowd,
    Disaster::Clock,
    Disaster::BrokenDisk,
];

impl Disaster {
    /// Lets it happen, and be over.
    pub(crate) fn strike(self, server: &mut Server, random: &mut Random) -> Result<(), Failure> {
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
                server.small_disk()?.fill()?;
                thread::sleep(lasts);
                // The power can go while it is full, too.
                let dies = random.percent(30);
                if dies {
                    server.kill9()?;
                }
                server.small_disk()?.make_room()?;
                if dies { server.restart() } else { Ok(()) }
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
                Ok(())
            }
            Self::Clock => {
                let by = *random.pick(&[-HOUR, -HOUR / 9, 0, HOUR / 7, HOUR]);
                server.faults()?.clock(by)
            }
            Self::BrokenDisk => {
                let how = *random.pick(&[Disk::Broken, Disk::ReadOnly, Disk::Forgetful]);
                server.faults()?.disk(how)?;
                thread::sleep(lasts);
                // The power can go while it fails, too.
                let dies = random.percent(30);
                if dies {
                    server.kill9()?;
                }
                server.faults()?.disk(Disk::Sound)?;
                if dies { server.restart() } else { Ok(()) }
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
