//! How many connections the system lets this process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// File descriptors that are not connections of clients: call-backs, consoles, the database.
const OTHERS: usize = 1024;

/// The fewest connections that are worth serving, whatever the system says.
const FEWEST: usize = 64;

/// Raises this process' bound on open files as far as it is allowed to and needs it; gives the
/// connections that it then can have, `wanted` at the most.
#[must_use]
pub fn connections(wanted: usize) -> usize {
    let needed = u64::try_from(wanted + OTHERS).unwrap_or(u64::MAX);
    let mut files = getrlimit(Resource::Nofile);
    if files.current.is_some_and(|current| current < needed) {
        files.current = Some(files.maximum.map_or(needed, |most| most.min(needed)));
        if let Err(error) = setrlimit(Resource::Nofile, files) {
            tracing::warn!(%error, "the bound on open files could not be raised");
            files = getrlimit(Resource::Nofile);
        }
    }
    let allowed = files
        .current
        .and_then(|current| usize::try_from(current).ok());
    let connections = allowed.map_or(wanted, |files| within(files, wanted));
    if connections < wanted {
        tracing::warn!(
            wanted,
            connections,
            "fewer connections than limits.connections: raise this user's bound on open files (ulimit -n, LimitNOFILE)"
        );
    }
    connections
}

fn within(files: usize, wanted: usize) -> usize {
    // A small bound is shared by halves.
    let left = files.saturating_sub(OTHERS).max(files / 2);
    left.max(FEWEST).min(wanted)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(within(1_000_000, 16_384), 16_384);
        assert_eq!(within(4096, 16_384), 3072);
        assert_eq!(within(1024, 16_384), 512);
        assert_eq!(within(10, 16_384), 64);
        assert_eq!(within(1024, 10), 10);
    }
}
