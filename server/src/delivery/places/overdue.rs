//! Places for those who take long: who of them may go on, and who has to make room.

use super::{Held, Party, Urgency};
use std::collections::{HashMap, VecDeque};
use tokio::sync::oneshot;

/// One that takes long.
#[derive(Debug)]
struct Slow {
    number: u64,
    urgency: Urgency,
    /// Told when it has to make room.
    leave: oneshot::Sender<()>,
}

#[derive(Debug)]
pub(super) struct Overdue {
    most: usize,
    /// Of those for presence, which can be told again.
    most_presence: usize,
    party: usize,
    slow: HashMap<Party, VecDeque<Slow>>,
    all: usize,
    presence: usize,
    next: u64,
}

impl Overdue {
    pub(super) fn new(most: usize, most_presence: usize, party: usize) -> Self {
        Self {
            most,
            most_presence,
            party,
            slow: HashMap::new(),
            all: 0,
            presence: 0,
            next: 0,
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all
    }

    /// Takes one in; gives its number, and what tells it to leave. `None`: there is no room.
    pub(super) fn admit(&mut self, held: &Held) -> Option<(u64, oneshot::Receiver<()>)> {
        let is_presence = held.urgency == Urgency::Presence;
        let own = self.slow.get(&held.party).map_or(0, VecDeque::len);
        if own >= self.party || is_presence && self.presence >= self.most_presence {
            return None;
        }
        if self.all >= self.most && (is_presence || !self.make_room(own)) {
            return None;
        }
        self.next += 1;
        let number = self.next;
        let (leave, told) = oneshot::channel();
        self.slow
            .entry(held.party.clone())
            .or_default()
            .push_back(Slow {
                number,
                urgency: held.urgency,
                leave,
            });
        self.all += 1;
        self.presence += usize::from(is_presence);
        Some((number, told))
    }

    /// Has one leave of the party that has the most, if those are clearly more than `own`.
    fn make_room(&mut self, own: usize) -> bool {
        let most = self.slow.iter().max_by_key(|(_, slow)| slow.len());
        let Some(party) = most
            .filter(|(_, slow)| slow.len() > own + 1)
            .map(|(party, _)| party.clone())
        else {
            return false;
        };
        let number = self.slow.get(&party).and_then(|slow| {
            let presence = slow.iter().find(|it| it.urgency == Urgency::Presence);
            presence.or_else(|| slow.front()).map(|it| it.number)
        });
        let left = number.and_then(|number| self.remove(&party, number));
        if let Some(left) = left {
            // One that has ended meanwhile needs no telling.
            let _ = left.leave.send(());
        }
        true
    }

    /// One has ended; it may have been told to leave before.
    pub(super) fn end(&mut self, party: &Party, number: u64) {
        self.remove(party, number);
    }

    fn remove(&mut self, party: &Party, number: u64) -> Option<Slow> {
        let slow = self.slow.get_mut(party)?;
        let place = slow.iter().position(|it| it.number == number)?;
        let left = slow.remove(place)?;
        if slow.is_empty() {
            self.slow.remove(party);
        }
        self.all -= 1;
        self.presence -= usize::from(left.urgency == Urgency::Presence);
        Some(left)
    }
}
