//! File handles: how many the system lets this process have, and who may use how many.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Those that are no connection: the database, logs, listeners, questions to the DNS.
const OWN: usize = 64;

/// Connections of the command line at once.
const CONTROL: usize = 32;

/// Connections to the servers of other domains at once.
const PEERS: usize = 128;

/// With fewer nobody can be served.
const FEWEST: usize = 64;

/// Each one's share of the file handles: none can take another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handles {
    /// Connections of RVP clients.
    pub rvp: usize,
    /// Connections of browsers.
    pub console: usize,
    /// Connections of the command line.
    pub control: usize,
    /// Connections to clients.
    pub call_backs: usize,
    /// Connections to the servers of other domains.
    pub peers: usize,
}

/// How many are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Connections of RVP clients.
    pub rvp: usize,
    /// Connections of browsers.
    pub console: usize,
    /// Connections to clients.
    pub call_backs: usize,
}

/// The system gives too few.
#[derive(Debug, thiserror::Error)]
#[error(
    "this user may open {0} files only, and the server needs {FEWEST} at least: raise the bound on open files (ulimit -n, LimitNOFILE)"
)]
pub struct TooFewHandles(usize);

impl Handles {
    /// Raises this process' bound on open files as far as it is allowed to and needs it, and
    /// shares what it then has.
    ///
    /// # Errors
    /// The bound is too low to serve anybody.
    pub fn reserve(wanted: Wanted) -> Result<Self, TooFewHandles> {
        let needed = wanted
            .rvp
            .saturating_add(wanted.console)
            .saturating_add(wanted.call_backs)
            .saturating_add(OWN + CONTROL + PEERS);
        let files = raise(u64::try_from(needed).unwrap_or(u64::MAX))
            .map_or(usize::MAX, |files| files.try_into().unwrap_or(usize::MAX));
        if files < FEWEST {
            return Err(TooFewHandles(files));
        }
        let share = Self::of(files, wanted);
        if share.rvp < wanted.rvp || share.console < wanted.console {
            tracing::warn!(
                files,
                rvp = share.rvp,
                console = share.console,
                "fewer connections than limits.connections and console.limits.connections allow: raise this user's bound on open files (ulimit -n, LimitNOFILE)"
            );
        }
        Ok(share)
    }

    /// The small shares first; clients get what is left, which is most.
    fn of(files: usize, wanted: Wanted) -> Self {
        let files = files.max(FEWEST);
        let left = files - OWN.min(files / 2);
        let control = CONTROL.min(left / 16);
        let peers = PEERS.min(left / 16);
        let console = wanted.console.min(left / 8);
        let call_backs = wanted.call_backs.min(left / 4);
        Self {
            rvp: wanted
                .rvp
                .min(left - control - peers - console - call_backs),
            console,
            control,
            call_backs,
            peers,
        }
    }
}

/// The bound on open files, raised if need be; `None`: there is none.
fn raise(needed: u64) -> Option<u64> {
    let mut files = getrlimit(Resource::Nofile);
    if files.current.is_some_and(|current| current < needed) {
        files.current = Some(files.maximum.map_or(needed, |most| most.min(needed)));
        if let Err(error) = setrlimit(Resource::Nofile, files) {
            tracing::warn!(%error, "the bound on open files could not be raised");
            files = getrlimit(Resource::Nofile);
        }
    }
    files.current
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted {
        rvp: 16_384,
        console: 512,
        call_backs: 768,
    };

    #[test]
    fn with_plenty_everybody_has_what_is_wanted() {
        let share = Handles::of(1_000_000, WANTED);
        assert_eq!((share.rvp, share.console), (16_384, 512));
        assert_eq!(
            (share.control, share.call_backs, share.peers),
            (CONTROL, 768, PEERS)
        );
        let few = Wanted {
            rvp: 10,
            console: 10,
            call_backs: 10,
        };
        assert_eq!(Handles::of(1024, few).rvp, 10);
    }

    #[test]
    fn with_few_everybody_has_some_and_all_together_not_more_than_there_are() {
        for files in FEWEST..5000 {
            let share = Handles::of(files, WANTED);
            let Handles {
                rvp,
                console,
                control,
                call_backs,
                peers,
            } = share;
            let all = [rvp, console, control, call_backs, peers];
            assert!(all.iter().all(|it| *it >= 2), "{files}: {share:?}");
            let spare = files - all.iter().sum::<usize>();
            assert!(spare >= 32, "{files}: {share:?}");
            assert!(rvp >= call_backs, "{files}: {share:?}");
        }
        assert_eq!(Handles::of(1024, WANTED).rvp, 508);
    }
}
