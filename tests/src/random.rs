//! Chances that can be had again: everything a client does is drawn from one seed.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::ops::Range;

/// A seed that nobody chose.
#[must_use]
pub fn seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

/// The generator known as `SplitMix64`: small, and good enough for dice.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Draws from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one, which goes its own way.
    #[must_use]
    pub fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of the range.
    pub fn number(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start).max(1)
    }

    /// One of these, of which there must be some.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let place = self.number(0..from.len() as u64);
        &from[usize::try_from(place).unwrap_or(0)]
    }

    /// True so often of a hundred times.
    pub fn percent(&mut self, often: u64) -> bool {
        self.number(0..100) < often
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let throw = |seed| {
            let mut random = Random::new(seed);
            let mut other = random.split();
            [
                random.number(1..7),
                other.number(1..7),
                *random.pick(&[1, 2]),
            ]
        };
        assert_eq!(throw(7), throw(7));
        let mut random = Random::new(1);
        let seen: std::collections::BTreeSet<_> = (0..200).map(|_| random.number(1..7)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    }
}
