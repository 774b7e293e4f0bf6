//! Invitations that went by. An answer to one carries nothing but its cookie, so what it is about
//! is known from here (observed: librvp, file transfer). Bounded in number and in time.

use super::Application;
use crate::clock::UnixMs;
use policies::{Feature, FeatureSet};
use std::collections::{HashMap, VecDeque};

/// How long an invitation may be answered, in milliseconds. Clients give up after minutes.
const LASTS: i64 = 60 * 60 * 1000;

/// Invitations that are remembered at once.
const MOST: usize = 16_384;

/// Those of one pair of users; the oldest makes room.
const MOST_OF_A_PAIR: usize = 16;

/// The longest cookie that is told apart from others; clients write ten digits.
const LONGEST_COOKIE: usize = 64;

/// Two users, in whichever order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pair(Box<str>, Box<str>);

impl Pair {
    /// Which of the two somebody is.
    pub(super) fn is_first(&self, who: &str) -> bool {
        *self.0 == *who
    }

    pub(super) fn of(one: &str, other: &str) -> Self {
        Self(one.min(other).into(), one.max(other).into())
    }
}

#[derive(Debug)]
struct Invited {
    cookie: Box<str>,
    at: UnixMs,
    /// Whether the first of the two sent it, and whether the second did.
    by: [bool; 2],
    features: FeatureSet,
    application: Application,
}

/// What went by.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pairs: HashMap<Pair, Vec<Invited>>,
    order: VecDeque<(UnixMs, Pair)>,
}

impl Seen {
    /// Remembers an invitation. One cookie for two applications stands for both.
    pub(super) fn remember(
        &mut self,
        pair: Pair,
        cookie: &str,
        is_first: bool,
        features: FeatureSet,
        application: &Application,
        now: UnixMs,
    ) {
        self.forget(now);
        let cookie = known_part(cookie);
        let of_pair = self.pairs.entry(pair.clone()).or_default();
        if let Some(again) = of_pair.iter_mut().find(|i| *i.cookie == *cookie) {
            again.features = again.features.union(features);
            again.by[usize::from(!is_first)] = true;
            return;
        }
        if of_pair.len() >= MOST_OF_A_PAIR {
            of_pair.remove(0);
        }
        of_pair.push(Invited {
            cookie: cookie.into(),
            at: now,
            by: [is_first, !is_first],
            features,
            application: application.clone(),
        });
        self.order.push_back((now, pair));
    }

    /// What an answer with this cookie is about.
    pub(super) fn recall(
        &self,
        pair: &Pair,
        cookie: &str,
        now: UnixMs,
    ) -> Option<(FeatureSet, Application)> {
        let cookie = known_part(cookie);
        self.pairs
            .get(pair)?
            .iter()
            .find(|i| *i.cookie == *cookie && now - i.at <= LASTS)
            .map(|i| (i.features, i.application.clone()))
    }

    /// Whether one of the two offered a file with this cookie, or may have: of so many invitations
    /// that not all are remembered.
    pub(super) fn is_offered_by(
        &self,
        pair: &Pair,
        cookie: &str,
        is_first: bool,
        now: UnixMs,
    ) -> bool {
        let cookie = known_part(cookie);
        let Some(of_pair) = self.pairs.get(pair) else {
            return false;
        };
        let theirs = |i: &Invited| {
            i.by[usize::from(!is_first)]
                && i.features.contains(Feature::FileTransfer)
                && now - i.at <= LASTS
        };
        match of_pair.iter().find(|i| *i.cookie == *cookie) {
            Some(known) => theirs(known),
            None => of_pair.len() >= MOST_OF_A_PAIR && of_pair.iter().any(theirs),
        }
    }

    /// Lets go of what nobody can answer any more, and of the oldest where it is too much.
    fn forget(&mut self, now: UnixMs) {
        while let Some((at, pair)) = self.order.front() {
            if now - at <= LASTS && self.order.len() < MOST {
                return;
            }
            if let Some(of_pair) = self.pairs.get_mut(pair) {
                of_pair.retain(|i| i.at > *at);
                if of_pair.is_empty() {
                    self.pairs.remove(pair);
                }
            }
            self.order.pop_front();
        }
    }
}

/// The start of a cookie, up to the longest that is told apart.
fn known_part(cookie: &str) -> &str {
    let mut end = cookie.len().min(LONGEST_COOKIE);
    while !cookie.is_char_boundary(end) {
        end -= 1;
    }
    &cookie[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(feature: Feature) -> FeatureSet {
        FeatureSet::from_iter([feature])
    }

    fn pair() -> Pair {
        Pair::of("bob", "alice")
    }

    #[test]
    fn an_answer_is_known_from_either_side_for_an_hour() {
        let mut seen = Seen::default();
        let files = set(Feature::FileTransfer);
        seen.remember(pair(), "7", true, files, &Application::default(), 1000);
        let other_way = Pair::of("alice", "bob");
        assert_eq!(seen.recall(&other_way, "7", 1000).unwrap().0, files);
        assert!(seen.recall(&other_way, "8", 1000).is_none());
        assert!(
            seen.recall(&Pair::of("alice", "carol"), "7", 1000)
                .is_none()
        );
        assert!(seen.recall(&other_way, "7", 1001 + LASTS).is_none());
    }

    #[test]
    fn who_offered_a_file_is_known_or_taken_for_granted() {
        let mut seen = Seen::default();
        let files = set(Feature::FileTransfer);
        let mut remember = |cookie: &str, is_first, features| {
            seen.remember(
                pair(),
                cookie,
                is_first,
                features,
                &Application::default(),
                0,
            );
            seen.is_offered_by(&pair(), "9", true, 0)
        };
        assert!(!remember("9", false, files), "the other one did");
        assert!(!remember("8", true, files), "another cookie");
        assert!(remember("9", true, files), "both did");
        for n in 0..MOST_OF_A_PAIR {
            remember(&format!("n{n}"), true, set(Feature::NetMeeting));
        }
        assert!(
            !seen.is_offered_by(&pair(), "9", true, 0),
            "only other things"
        );
        seen.remember(pair(), "f", true, files, &Application::default(), 0);
        assert!(
            seen.is_offered_by(&pair(), "9", true, 0),
            "it may have been"
        );
        assert!(!seen.is_offered_by(&pair(), "n9", true, 0), "it was not");
        assert!(!seen.is_offered_by(&pair(), "f", true, LASTS + 1));
    }

    #[test]
    fn a_cookie_used_again_cannot_hide_what_it_stood_for() {
        let mut seen = Seen::default();
        for feature in [Feature::FileTransfer, Feature::Voice] {
            seen.remember(pair(), "7", true, set(feature), &Application::default(), 0);
        }
        let (features, _) = seen.recall(&pair(), "7", 0).unwrap();
        assert!(features.contains(Feature::FileTransfer) && features.contains(Feature::Voice));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut seen = Seen::default();
        for n in 0..3 * MOST {
            let pair = Pair::of("eve", &format!("user{}", n % MOST));
            let cookie = format!("{}{n}", "é".repeat(LONGEST_COOKIE));
            let files = set(Feature::FileTransfer);
            seen.remember(pair, &cookie, true, files, &Application::default(), 5);
        }
        assert!(seen.order.len() <= MOST);
        assert!(seen.pairs.len() <= MOST);
        for n in 0..100 {
            let files = set(Feature::FileTransfer);
            seen.remember(
                pair(),
                &n.to_string(),
                true,
                files,
                &Application::default(),
                6,
            );
        }
        assert_eq!(seen.pairs[&pair()].len(), MOST_OF_A_PAIR);
        seen.remember(
            Pair::of("x", "y"),
            "1",
            true,
            FeatureSet::EMPTY,
            &Application::default(),
            7 + LASTS,
        );
        assert_eq!((seen.pairs.len(), seen.order.len()), (1, 1));
    }
}
