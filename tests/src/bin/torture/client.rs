//! A client: signs on, changes its state, writes to its contacts, blocks them, several at once,
//! and logs off. It believes an answer, and nothing but an answer.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use tests::Failure;
use tests::random::Random;
use tests::rvp_client::{
    MARK, NAMESPACES, Request, Response, User, between, message, state_update_without_lease,
};
use tokio::time::Instant;

use crate::known::{Known, Outcome};
use crate::world::{Client, World};

/// Seconds that everything is leased for: longer than any run, so that no lease ends by itself.
const LEASE: u32 = 14_400;

const STATES: [&str; 5] = ["online", "busy", "away", "on-phone", "at-lunch"];

/// A client's sign-on.
struct Session {
    login: u32,
    view: Option<u32>,
}

struct Life<'a> {
    world: &'a World,
    me: &'a Client,
    place: usize,
    random: Random,
    said: u32,
    session: Option<Session>,
}

/// Lives until it is over.
pub(crate) fn live(world: &World, place: usize, random: Random) {
    let mut life = Life {
        world,
        me: &world.clients[place],
        place,
        random,
        said: 0,
        session: None,
    };
    life.run();
}

impl Life<'_> {
    fn run(&mut self) {
        while self.world.phases.goes_on() {
            thread::sleep(Duration::from_millis(self.random.number(20..400)));
            self.step();
        }
    }

    fn step(&mut self) {
        if self.session.is_none() {
            if self.random.percent(40) {
                match self.me.call_back.listen_anew() {
                    Ok(address) => self.sign_on(address.port()),
                    Err(failure) => {
                        let alias = self.me.user.alias();
                        self.world.fault(format!("{alias}: {failure}"));
                    }
                }
            }
            return;
        }
        if self.me.model().watches.is_none() {
            self.watch();
            return;
        }
        match self.random.number(0..100) {
            0..35 => self.change(),
            35..65 => self.say(),
            65..75 => self.block_some(),
            75..79 => self.log_off(),
            79..81 => self.forced_off(),
            _ => {}
        }
    }

    /// Sends a request: how it ended, and what the answer was, if there was one.
    fn send(&self, request: &Request, wanted: u16) -> (Outcome, Option<Response>) {
        let sent = self.me.user.send(request);
        let outcome = match &sent {
            Ok(answer) if answer.status == wanted => Outcome::Done,
            Ok(_) => Outcome::Refused,
            Err(_) => Outcome::Unknown,
        };
        self.world.counts.count(outcome);
        (outcome, sent.ok())
    }

    fn sign_on(&mut self, port: u16) {
        let request = self
            .me
            .user
            .sign_on_request(&format!("http://127.0.0.1:{port}"), LEASE);
        let (outcome, answer) = self.send(&request, 200);
        let login = answer.and_then(|it| it.header("Subscription-Id")?.parse().ok());
        match (outcome, login) {
            (Outcome::Done, Some(login)) => {
                self.session = Some(Session { login, view: None });
                self.change();
                self.watch();
            }
            (Outcome::Refused, _) => {}
            // There may be a sign-on that nobody knows the number of.
            _ => self.clear_logins(),
        }
    }

    fn change(&mut self) {
        let Some(session) = &self.session else { return };
        let state = *self.random.pick(&STATES);
        let request = self.me.user.set_state_request(state, LEASE, session.view);
        let (outcome, answer) = self.send(&request, 207);
        self.me.model().state.changed(state, outcome);
        let view = answer.and_then(|it| {
            let text = it.text();
            let (_, rest) = text.split_once("<r:view-id>")?;
            rest.split_once('<')?.0.parse().ok()
        });
        if let (Some(session), Some(view)) = (&mut self.session, view) {
            session.view = Some(view);
        }
    }

    /// Watches all contacts, as after a sign-on.
    fn watch(&self) {
        let user = &self.me.user;
        let mut watched = BTreeSet::new();
        for contact in self.world.contacts(self.place) {
            let alias = self.world.clients[contact].user.alias();
            // Clients do one thing at a time: while one waits for an answer it hears nothing.
            let mut heard = self.me.call_back.heard();
            let (outcome, answer) = self.send(&user.watch_request(alias), 207);
            match (outcome, answer) {
                (Outcome::Done, Some(answer)) => {
                    let text = answer.text();
                    let state = between(&text, "<r:state><r:", "/>").unwrap_or_default();
                    let news = (state.to_owned(), Instant::now());
                    heard.states.insert(alias.to_owned(), news);
                    watched.insert(contact);
                }
                // Who is blocked may not watch, and is told nothing.
                (Outcome::Refused, Some(answer)) if answer.status == 403 => {}
                _ => return,
            }
        }
        self.me.model().watches = Some(watched);
    }

    fn say(&mut self) {
        let contacts: Vec<_> = self.world.contacts(self.place).collect();
        let to = &self.world.clients[*self.random.pick(&contacts)];
        self.said += 1;
        let user = &self.me.user;
        let text = format!("{}-{}", user.alias(), self.said);
        let (from, whom) = (user.url(user.alias()), user.url(to.user.alias()));
        let body = message(&from, &whom, &format!("{MARK}{text}"));
        let request = user.say_request(to.user.alias(), body);
        if self.send(&request, 200).0 == Outcome::Done {
            to.promised().push(text);
            self.world.counts.delivered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Blocks or unblocks several contacts at once, as clients do when they sign on.
    fn block_some(&mut self) {
        let contacts: Vec<_> = self.world.contacts(self.place).collect();
        let first = usize::try_from(self.random.number(0..contacts.len() as u64)).unwrap_or(0);
        let chosen: Vec<_> = contacts[first..]
            .iter()
            .map(|&contact| (contact, self.random.percent(50)))
            .collect();
        let ended: Vec<_> = thread::scope(|scope| {
            let this = &*self;
            let send = |&(contact, block): &(usize, bool)| {
                let request = entry(&this.me.user, &this.world.clients[contact].user, block);
                scope.spawn(move || (contact, block, this.send(&request, 200).0))
            };
            let sent: Vec<_> = chosen.iter().map(send).collect();
            sent.into_iter().filter_map(|it| it.join().ok()).collect()
        });
        let mut model = self.me.model();
        for (contact, block, outcome) in ended {
            let known = model.blocks.entry(contact);
            known
                .or_insert_with(|| Known::new(false))
                .changed(block, outcome);
        }
    }

    fn log_off(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        self.me.model().watches = None;
        let user = &self.me.user;
        if let Some(view) = session.view {
            let request = user
                .request("PROPPATCH", user.alias())
                .header("Content-Type", "text/xml")
                .body(state_update_without_lease("offline", view));
            let (outcome, _) = self.send(&request, 207);
            self.me.model().state.changed("offline", outcome);
        }
        let request = user
            .request("UNSUBSCRIBE", user.alias())
            .header("Subscription-Id", session.login.to_string());
        let (outcome, _) = self.send(&request, 200);
        // The end of a sign-on ends its state.
        self.me.model().state.changed("offline", outcome);
        if outcome != Outcome::Done {
            self.clear_logins();
        }
    }

    /// An administrator throws it off.
    fn forced_off(&mut self) {
        let alias = self.me.user.alias().to_owned();
        match self
            .world
            .order(&["logoff", &alias, "--reason", "torture"], "")
        {
            Ok(outcome) => {
                self.me.model().state.changed("offline", outcome);
                if outcome != Outcome::Refused {
                    self.session = None;
                    self.me.model().watches = None;
                }
                if outcome == Outcome::Unknown {
                    self.clear_logins();
                }
            }
            Err(failure) => self.world.fault(format!("{alias}: {failure}")),
        }
    }

    /// Ends what may be left of sign-ons whose end had no answer, until it is certain.
    fn clear_logins(&self) {
        let user = &self.me.user;
        for _ in 0..200 {
            if self.try_to_clear().is_ok() {
                self.me.model().state.changed("offline", Outcome::Done);
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        self.world.fault(format!(
            "{}: no sign-on could be ended for 20 s",
            user.alias()
        ));
    }

    fn try_to_clear(&self) -> Result<(), Failure> {
        let user = &self.me.user;
        let listed = user.subscriptions("pragma/notify")?;
        for part in listed.split("<r:subscription-id>").skip(1) {
            let id = part.split('<').next().unwrap_or_default();
            let request = user
                .request("UNSUBSCRIBE", user.alias())
                .header("Subscription-Id", id);
            user.expect(200, &request)?;
        }
        Ok(())
    }
}

/// What a client sends to block or unblock a contact.
fn entry(user: &User, contact: &User, block: bool) -> Request {
    const RIGHTS: &str = "<a:send-to/><a:presence/>";
    let (grant, deny) = if block { ("", RIGHTS) } else { (RIGHTS, "") };
    let url = user.url(contact.alias());
    user.request("ACL", user.alias()).body(format!(
        "<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>\
         <a:rvp-principal>{url}</a:rvp-principal><a:credentials><a:assertion/><a:digest/><a:ntlm/>\
         </a:credentials></a:principal><a:grant>{grant}</a:grant><a:deny>{deny}</a:deny></a:ace>\
         </a:acl></a:rvpacl>"
    ))
}
