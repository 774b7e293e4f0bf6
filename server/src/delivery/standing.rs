//! What is known of call-backs: which of them answered when they were last tried.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// How many are remembered well; as many again may be.
const GENERATION: usize = 32_768;

/// How a call-back was when it was last tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It answered at once.
    Proven,
    /// Nobody knows.
    Fresh,
    /// It did not answer, or took its time.
    Suspect,
}

/// What is connected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// A client.
    Address(SocketAddr),
    /// The servers of another domain.
    Peer(Arc<str>),
}

/// What is known of all.
#[derive(Debug, Default)]
pub(super) struct Standings(Mutex<Generations>);

/// Whoever is not heard of for a generation is forgotten: nobody can make this grow.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Target, Class>,
    old: HashMap<Target, Class>,
}

impl Standings {
    pub(super) fn of(&self, target: &Target) -> Class {
        let known = self.0.lock();
        let class = known.young.get(target).or_else(|| known.old.get(target));
        class.copied().unwrap_or(Class::Fresh)
    }

    pub(super) fn set(&self, target: &Target, class: Class) {
        let mut known = self.0.lock();
        if let Some(known) = known.young.get_mut(target) {
            *known = class;
            return;
        }
        if known.young.len() >= GENERATION {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(target.clone(), class);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(number: u32) -> Target {
        Target::Address(SocketAddr::from((number.to_be_bytes(), 4711)))
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_and_who_is_in_use_is_not() {
        let standings = Standings::default();
        let many = 5 * u32::try_from(GENERATION).unwrap();
        for number in 1..many {
            standings.set(&target(number), Class::Suspect);
            if number % 1000 == 0 {
                standings.set(&target(0), Class::Proven);
            }
        }
        let known = standings.0.lock();
        assert!(known.young.len() + known.old.len() <= 2 * GENERATION);
        drop(known);
        assert_eq!(standings.of(&target(0)), Class::Proven);
        assert_eq!(standings.of(&target(1)), Class::Fresh);
        assert_eq!(standings.of(&target(many - 1)), Class::Suspect);
    }
}
