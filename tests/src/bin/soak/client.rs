//! What one client does all the time: something, at random.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tests::Failure;
use tests::rvp_client::{MARK, Response, between, message, state_update_without_lease};
use tokio::time::Instant;

use crate::world::{Client, Expected, World};
use tests::random::Random;

/// Seconds that sign-on and state are leased for.
const LEASE: u32 = 30;
/// Seconds that a contact is watched for: what is left behind ends soon, too.
const WATCH: u32 = 90;
/// A client renews its leases so often, its watches every third time.
const RENEW: Duration = Duration::from_secs(10);
/// The longest pause after which the server tries a client again that came back.
const TRIED_AGAIN: Duration = Duration::from_secs(20);

const STATES: [&str; 5] = ["online", "busy", "away", "on-phone", "at-lunch"];

/// The ways to be gone without a word.
#[derive(Clone, Copy)]
enum Gone {
    /// Nobody listens any more.
    Refusing,
    /// Whoever connects gets no answer.
    Hanging,
    /// It answers, but renews nothing: only its lease can tell.
    Asleep,
}

/// A client that is signed on, or was when it vanished.
struct Session {
    address: SocketAddr,
    login: u32,
    view: u32,
    state: &'static str,
    watches: Vec<(usize, u32)>,
    renewed: Instant,
    renewals: u32,
    /// It vanished: when it comes back.
    back: Option<Instant>,
    /// How it vanished.
    gone: Gone,
}

struct Life<'a> {
    world: &'a World,
    me: &'a Client,
    place: usize,
    random: Random,
    said: u32,
}

/// Lives until it is over.
pub(crate) fn live(world: &World, place: usize, random: Random) {
    let mut life = Life {
        world,
        me: &world.clients[place],
        place,
        random,
        said: 0,
    };
    let mut session = None;
    loop {
        let pause = life.random.number(200..1000);
        thread::sleep(Duration::from_millis(pause));
        if !world.phases.goes_on() {
            return;
        }
        session = life.step(session).unwrap_or_else(|failure| {
            // It can happen that a session ends while its client thinks it lives. Clients
            // sign on again then; that it was not too often is looked at in the end.
            count(&world.counts.refusals);
            if world.counts.refusals.load(Ordering::Relaxed) <= 5 {
                println!("{}: {failure}", life.me.user.alias());
            }
            life.leave();
            None
        });
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Life<'_> {
    fn step(&mut self, session: Option<Session>) -> Result<Option<Session>, Failure> {
        let Some(mut session) = session else {
            return match self.random.number(0..4) {
                0 => self.sign_on().map(Some),
                _ => Ok(None),
            };
        };
        if let Some(back) = session.back {
            return if Instant::now() < back {
                Ok(Some(session))
            } else {
                self.come_back(session)
            };
        }
        if session.renewed.elapsed() >= RENEW {
            self.renew(&mut session)?;
            return Ok(Some(session));
        }
        match self.random.number(0..100) {
            0..30 => self.change(&mut session)?,
            30..60 => self.say()?,
            60..62 => self.vanish(&mut session),
            62..63 => return self.log_off(&session).map(|()| None),
            _ => {}
        }
        Ok(Some(session))
    }

    fn sign_on(&mut self) -> Result<Session, Failure> {
        let address = self.me.call_back.listen(0)?;
        let user = &self.me.user;
        let login = user.sign_on(&format!("http://{address}"), LEASE)?;
        let state = *self.random.pick(&STATES);
        let view = user.set_state(state, LEASE, None)?;
        *self.me.expected() = Expected::There(state);
        let mut session = Session {
            address,
            login,
            view,
            state,
            watches: Vec::new(),
            renewed: Instant::now(),
            renewals: 0,
            back: None,
            gone: Gone::Asleep,
        };
        self.watch(&mut session)?;
        *self.me.knows() = Some(Instant::now());
        count(&self.world.counts.sign_ons);
        Ok(session)
    }

    /// Watches all contacts, and learns what they do now.
    fn watch(&self, session: &mut Session) -> Result<(), Failure> {
        session.watches.clear();
        let user = &self.me.user;
        for contact in self.world.contacts(self.place) {
            let alias = self.world.clients[contact].user.alias();
            let request = user
                .request("SUBSCRIBE", alias)
                .header("Notification-Type", "update/propchange")
                .header("Subscription-Lifetime", WATCH.to_string())
                .header("Call-Back", user.url(user.alias()));
            let asked = Instant::now();
            let answer = user.expect(207, &request)?;
            let id = number(&answer, "Subscription-Id")?;
            session.watches.push((contact, id));
            let body = answer.text();
            let state = between(&body, "<r:state><r:", "/>").unwrap_or_default();
            let mut heard = self.me.call_back.heard();
            // What was pushed since it was asked is newer.
            let known = heard.states.get(alias).map(|(_, when)| *when);
            if known.is_none_or(|when| when < asked) {
                heard
                    .states
                    .insert(alias.to_owned(), (state.to_owned(), asked));
            }
        }
        Ok(())
    }

    fn renew(&self, session: &mut Session) -> Result<(), Failure> {
        let user = &self.me.user;
        let answer = user.renew(user.alias(), session.login, LEASE)?;
        if answer.status != 200 {
            return Err(Failure::Unexpected(format!(
                "a renewal was answered with {} {}",
                answer.status,
                answer.text()
            )));
        }
        session.view = user.set_state(session.state, LEASE, Some(session.view))?;
        session.renewed = Instant::now();
        session.renewals += 1;
        if session.renewals.is_multiple_of(3) {
            for (contact, id) in &session.watches {
                let alias = self.world.clients[*contact].user.alias();
                user.renew(alias, *id, WATCH)?;
            }
        }
        count(&self.world.counts.renewals);
        Ok(())
    }

    fn change(&mut self, session: &mut Session) -> Result<(), Failure> {
        let state = *self.random.pick(&STATES);
        session.view = self.me.user.set_state(state, LEASE, Some(session.view))?;
        session.state = state;
        *self.me.expected() = Expected::There(state);
        count(&self.world.counts.changes);
        Ok(())
    }

    fn say(&mut self) -> Result<(), Failure> {
        let contacts: Vec<_> = self.world.contacts(self.place).collect();
        let to = &self.world.clients[*self.random.pick(&contacts)];
        self.said += 1;
        let text = format!("{}-{}", self.me.user.alias(), self.said);
        let user = &self.me.user;
        let body = message(
            &user.url(user.alias()),
            &user.url(to.user.alias()),
            &format!("{MARK}{text}"),
        );
        match user.send(&user.say_request(to.user.alias(), body))?.status {
            200 => {
                to.promised().push(text);
                count(&self.world.counts.delivered);
            }
            412 => count(&self.world.counts.undelivered),
            other => {
                return Err(Failure::Unexpected(format!("a message got {other}")));
            }
        }
        Ok(())
    }

    /// Is gone, without a word.
    fn vanish(&mut self, session: &mut Session) {
        session.gone = *self
            .random
            .pick(&[Gone::Refusing, Gone::Hanging, Gone::Asleep]);
        match session.gone {
            Gone::Refusing => self.me.call_back.close(session.address),
            Gone::Hanging => self.me.call_back.hang(),
            Gone::Asleep => {}
        }
        // The sign-on ends with its own lease, whatever was leased later.
        let due = session.renewed + Duration::from_secs(LEASE.into());
        *self.me.expected() = Expected::Vanished {
            due,
            checked: false,
        };
        *self.me.knows() = None;
        let away = Duration::from_secs(self.random.number(1..60));
        session.back = Some(Instant::now() + away);
        count(&self.world.counts.vanished);
    }

    fn come_back(&mut self, mut session: Session) -> Result<Option<Session>, Failure> {
        let user = &self.me.user;
        count(&self.world.counts.returned);
        // What it renews from here on is not late, even if the answer takes its time.
        if let Expected::Vanished { checked, .. } = &mut *self.me.expected() {
            *checked = true;
        }
        // The same process again, on the same port; a client that hung wakes up.
        match session.gone {
            Gone::Refusing => _ = self.me.call_back.listen(session.address.port())?,
            Gone::Hanging => self.me.call_back.answer(),
            Gone::Asleep => {}
        }
        let renewed = user.renew(user.alias(), session.login, LEASE)?;
        if renewed.status != 200 {
            // Too late: its session is over, and it signs on anew when it likes.
            self.leave();
            self.me.call_back.close(session.address);
            return Ok(None);
        }
        session.view = user.set_state(session.state, LEASE, Some(session.view))?;
        *self.me.expected() = Expected::There(session.state);
        (session.back, session.renewed) = (None, Instant::now());
        self.watch(&mut session)?;
        // What waits for it comes when the server tries again.
        *self.me.knows() = Some(Instant::now() + TRIED_AGAIN);
        Ok(Some(session))
    }

    fn log_off(&mut self, session: &Session) -> Result<(), Failure> {
        let user = &self.me.user;
        // It is not told what happens from now on.
        *self.me.knows() = None;
        let offline = user
            .request("PROPPATCH", user.alias())
            .header("Content-Type", "text/xml")
            .body(state_update_without_lease("offline", session.view));
        user.expect(207, &offline)?;
        if self.random.number(0..2) == 0 {
            for (contact, id) in &session.watches {
                user.unsubscribe(self.world.clients[*contact].user.alias(), *id)?;
            }
        }
        user.unsubscribe(user.alias(), session.login)?;
        self.leave();
        self.me.call_back.close(session.address);
        count(&self.world.counts.log_offs);
        Ok(())
    }

    /// Is not there any more, and everybody knows, or soon will.
    fn leave(&self) {
        *self.me.expected() = Expected::Away;
        *self.me.knows() = None;
    }
}

fn number(answer: &Response, header: &str) -> Result<u32, Failure> {
    answer
        .header(header)
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| Failure::Unexpected(format!("no {header} in {}", answer.head)))
}
