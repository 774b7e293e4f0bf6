//! The same client policies, applied to invitations on the wire: for the client that no registry
//! file reaches.
//!
//! An invitation is refused when the effective policy of its sender or of its recipient forbids
//! what it invites to, and so is every answer that would accept one. To cancel or to leave is
//! always allowed.

mod record;
mod seen;
mod table;

pub use record::{Mark, Record, Unwritten};
pub use table::{AssignedPolicy, Table};

use crate::clock::UnixMs;
use crate::presence::Who;
use parking_lot::{Mutex, RwLock};
use policies::{Feature, FeatureSet, invited_features};
use rvp::{Alias, Invitation, Payload, PayloadKind};
use seen::{Pair, Seen};
use std::sync::Arc;

/// The longest name of an application that is taken down, in characters.
const LONGEST_TEXT: usize = 128;

/// What an invitation says of its application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// Its GUID, as sent; may be empty.
    pub guid: Box<str>,
    /// Its name, as sent; may be empty.
    pub name: Box<str>,
}

/// Why an invitation does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it invites to.
    pub feature: Feature,
    /// The policy that forbids it.
    pub policy: Arc<str>,
    /// The one of the two whom that policy reaches.
    pub decided_for: Alias,
    /// `INVITE`, or `ACCEPT`.
    pub command: &'static str,
    /// The application.
    pub application: Application,
}

/// Policies on the wire.
#[derive(Debug)]
pub struct Enforcement {
    table: RwLock<Arc<Table>>,
    seen: Mutex<Seen>,
    record: Record,
}

impl Enforcement {
    /// Nothing is forbidden yet; what is refused is taken down in `record`.
    #[must_use]
    pub fn new(record: Record) -> Self {
        Self {
            table: RwLock::default(),
            seen: Mutex::default(),
            record,
        }
    }

    /// Follows this table from now on.
    pub fn follow(&self, table: Table) {
        *self.table.write() = Arc::new(table);
    }

    /// What was refused lately.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Whether a message may pass from one to another; `None`: it may. What may not is counted and
    /// taken down.
    #[must_use]
    pub fn check(&self, from: &Who, to: &Who, payload: &Payload, now: UnixMs) -> Option<Verdict> {
        if payload.content_type() != PayloadKind::Invite {
            return None;
        }
        let invitation = payload.invitation()?;
        if invitation.is_command("CANCEL") {
            return None;
        }
        let (sender, recipient) = (from.to_string(), to.to_string());
        let (features, application) = self.wanted(&invitation, &sender, &recipient, now);
        if features.is_empty() {
            return None;
        }
        let verdict = {
            let table = self.table.read();
            [from, to].into_iter().find_map(|who| {
                // Policies are of our own users.
                let Who::Here(alias) = who else { return None };
                let (feature, policy) = table.rules(alias).against(features)?;
                Some((feature, policy, alias.clone()))
            })
        };
        let (feature, policy, decided_for) = verdict?;
        let verdict = Verdict {
            feature,
            policy,
            decided_for,
            command: if invitation.is_command("ACCEPT") {
                "ACCEPT"
            } else {
                "INVITE"
            },
            application,
        };
        metrics::counter!("rollcall_invitations_refused_total", "feature" => feature.title())
            .increment(1);
        self.record.take(&sender, &recipient, &verdict, now);
        Some(verdict)
    }

    /// Whether somebody accepts a file that they offered themselves, without saying where the other
    /// one is to connect: clients crash over it (observed: librvp).
    #[must_use]
    pub fn is_own_acceptance(&self, from: &Who, to: &Who, payload: &Payload, now: UnixMs) -> bool {
        let Some(invitation) = payload.invitation() else {
            return false;
        };
        let is_empty = |name| invitation.header(name).is_none_or(str::is_empty);
        if !invitation.is_command("ACCEPT") || !is_empty("IP-Address") {
            return false;
        }
        let (sender, recipient) = (from.to_string(), to.to_string());
        let cookie = invitation.cookie.as_deref().unwrap_or_default();
        let pair = Pair::of(&sender, &recipient);
        let is_first = pair.is_first(&sender);
        self.seen.lock().is_offered_by(&pair, cookie, is_first, now)
    }

    /// What an invitation is about. One that names its application is remembered; an answer does
    /// not name it.
    fn wanted(
        &self,
        invitation: &Invitation,
        sender: &str,
        recipient: &str,
        now: UnixMs,
    ) -> (FeatureSet, Application) {
        let application = Application {
            guid: short(invitation.application_guid.as_deref()),
            name: short(invitation.application_name.as_deref()),
        };
        let named = invited_features(
            &application.guid,
            &application.name,
            invitation.header("Context-Data").unwrap_or_default(),
        );
        let Some(cookie) = invitation.cookie.as_deref() else {
            return (named, application);
        };
        let pair = Pair::of(sender, recipient);
        let mut seen = self.seen.lock();
        let before = seen.recall(&pair, cookie, now);
        if !named.is_empty() {
            let is_first = pair.is_first(sender);
            seen.remember(pair, cookie, is_first, named, &application, now);
        }
        match before {
            Some((features, known)) if named.is_empty() => (features, known),
            Some((features, _)) => (features.union(named), application),
            None => (named, application),
        }
    }
}

/// A header's value, cut where it is longer than any client's.
fn short(text: Option<&str>) -> Box<str> {
    text.unwrap_or_default()
        .chars()
        .take(LONGEST_TEXT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::GroupsNow;
    use policies::{Policy, Setting, Target};

    fn alias(text: &str) -> Alias {
        Alias::new(text).unwrap()
    }

    fn here(text: &str) -> Who {
        Who::Here(alias(text))
    }

    fn enforcement() -> Enforcement {
        Enforcement::new(
            Record::new(crate::events::EventLog::new(crate::clock::Clock::manual(0))).0,
        )
    }

    fn forbid(enforcement: &Enforcement, option: &'static str, user: &str) {
        let policy = AssignedPolicy {
            policy: Policy::new("Lockdown").with(option, Setting::On),
            targets: vec![Target::User(user.to_owned())],
            priority: 0,
        };
        enforcement.follow(Table::new(&[policy], &GroupsNow::default()));
    }

    fn payload(lines: &str) -> Payload {
        let head = "Content-Type: text/x-msmsgsinvite\r\nSession-Id: {1}\r\n\r\n";
        Payload::parse(&format!("{head}{lines}")).unwrap()
    }

    fn invite(cookie: &str) -> Payload {
        payload(&format!(
            "Application-Name: File Transfer\r\nApplication-GUID: {}\r\n\
             Invitation-Command: INVITE\r\nInvitation-Cookie: {cookie}\r\n",
            Invitation::FILE_TRANSFER
        ))
    }

    fn command(command: &str, cookie: &str) -> Payload {
        payload(&format!(
            "Invitation-Command: {command}\r\nInvitation-Cookie: {cookie}\r\n"
        ))
    }

    #[test]
    fn sender_and_recipient_are_both_looked_at() {
        let enforcement = enforcement();
        forbid(&enforcement, "disable-file-transfer", "bob");
        let check = |a, b| enforcement.check(&here(a), &here(b), &invite("7"), 0);
        for (a, b) in [("alice", "bob"), ("bob", "alice")] {
            let verdict = check(a, b).unwrap();
            assert_eq!(verdict.feature, Feature::FileTransfer);
            assert_eq!(
                (&*verdict.policy, verdict.decided_for),
                ("Lockdown", alias("bob"))
            );
            assert_eq!(verdict.command, "INVITE");
        }
        assert_eq!(check("alice", "carol"), None);
        assert!(
            enforcement
                .record()
                .mark_of("bob")
                .is_some_and(|mark| mark.sent)
        );
        assert!(
            enforcement
                .record()
                .mark_of("alice")
                .is_some_and(|mark| !mark.sent)
        );
        assert_eq!(enforcement.record().mark_of("carol"), None);
    }

    #[test]
    fn an_answer_is_refused_by_the_cookie_of_what_it_accepts() {
        let enforcement = enforcement();
        let (alice, bob) = (here("alice"), here("bob"));
        assert_eq!(
            enforcement.check(&here("alice"), &bob, &invite("7"), 0),
            None
        );
        let accept = command("ACCEPT", "7");
        assert_eq!(enforcement.check(&here("bob"), &alice, &accept, 1), None);

        forbid(&enforcement, "disable-file-transfer", "bob");
        let verdict = enforcement.check(&here("bob"), &alice, &accept, 2).unwrap();
        assert_eq!(verdict.command, "ACCEPT");
        assert_eq!(&*verdict.application.name, "File Transfer");
        for passes in [command("CANCEL", "7"), command("ACCEPT", "8")] {
            assert_eq!(enforcement.check(&here("bob"), &alice, &passes, 2), None);
        }
        // Only who was invited accepts without an address.
        let is_own = |who: &Who, to: &Who, cookie: &str| {
            let accept = command("ACCEPT", cookie);
            enforcement.is_own_acceptance(who, to, &accept, 2)
        };
        assert!(is_own(&alice, &bob, "7"));
        assert!(!is_own(&bob, &alice, "7") && !is_own(&alice, &bob, "8"));
        let placed = payload(
            "Invitation-Command: ACCEPT\r\nInvitation-Cookie: 7\r\nIP-Address: 10.0.0.1\r\n\
             Port: 9\r\n",
        );
        assert!(!enforcement.is_own_acceptance(&alice, &bob, &placed, 2));
        let leaves = Payload::parse("Content-Type: text/x-imleave\r\nSession-Id: {1}\r\n\r\n");
        assert_eq!(
            enforcement.check(&here("bob"), &alice, &leaves.unwrap(), 2),
            None
        );

        enforcement.follow(Table::default());
        assert_eq!(enforcement.check(&here("bob"), &alice, &accept, 3), None);
    }

    #[test]
    fn a_user_of_another_domain_is_under_the_policy_of_who_is_invited() {
        let enforcement = enforcement();
        forbid(&enforcement, "disable-file-transfer", "bob");
        let url = rvp::LogicalUrl::parse("http://im.other.test/instmsg/aliases/bob").unwrap();
        let elsewhere = Who::elsewhere(&url);
        let check = |to| enforcement.check(&elsewhere, &here(to), &invite("7"), 0);
        assert!(check("bob").is_some());
        assert_eq!(
            check("carol"),
            None,
            "the name is the same, the user is not"
        );
    }
}
