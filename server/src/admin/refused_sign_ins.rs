//! Failed sign-ins in the audit: each once, and no more than so many, so that a stranger who guesses
//! can neither fill the disk nor hide others behind a million entries.

use crate::clock::UnixMs;
use parking_lot::Mutex;
use std::collections::HashSet;

const MINUTE_MS: i64 = 60 * 1000;

/// Entries of a minute, of all addresses.
const MOST: usize = 60;

/// Entries of a minute of one address: that many names are tried there.
const MOST_OF_ADDRESS: usize = 10;

/// Which failed sign-ins of this minute are written down.
#[derive(Debug, Default)]
pub(super) struct RefusedSignIns(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    written: HashSet<(String, String)>,
    left_out: u64,
}

impl RefusedSignIns {
    /// Whether a failure of this name from this address is written down; if it is, how many before
    /// it were not.
    pub(super) fn take(&self, name: &str, from: &str, now: UnixMs) -> Option<u64> {
        let mut minute = self.0.lock();
        let number = now.div_euclid(MINUTE_MS);
        if minute.number != number {
            minute.number = number;
            minute.written.clear();
        }
        let of_address = minute.written.iter().filter(|it| it.1 == from).count();
        let key = (name.to_lowercase(), from.to_owned());
        let room = minute.written.len() < MOST && of_address < MOST_OF_ADDRESS;
        if !room || !minute.written.insert(key) {
            minute.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut minute.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_written_once_a_minute_and_so_many_in_all() {
        let refused = RefusedSignIns::default();
        assert_eq!(refused.take("Ada", "a", 0), Some(0));
        assert_eq!(refused.take("ada", "a", 59_999), None);
        assert_eq!(refused.take("ada", "b", 59_999), Some(1));
        assert_eq!(refused.take("ada", "a", 60_000), Some(0));
        let names = |from: &'static str| {
            let tried = (0..1000).filter_map(|n| refused.take(&format!("x{n}"), from, 120_000));
            tried.collect::<Vec<_>>()
        };
        let mut written = names("a");
        assert_eq!(written.len(), MOST_OF_ADDRESS);
        for from in ["b", "c", "d", "e", "f", "g", "h", "i"] {
            written.extend(names(from));
        }
        assert_eq!(written.len(), MOST);
        // Those that were left out are told with the next.
        let rest = refused.take("ada", "z", 180_000).unwrap();
        let told: u64 = written.iter().sum::<u64>() + rest;
        assert_eq!(told, 9 * 1000 - u64::try_from(MOST).unwrap());
        assert_eq!(refused.take("bert", "z", 180_000), Some(0));
    }
}
