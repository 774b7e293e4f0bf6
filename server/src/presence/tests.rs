//! The node database, driven with a clock that stands still.

mod restart;
mod told;
mod unsaved;

use super::*;
use crate::auth::Scheme;
use crate::clock::{Clock, UnixMs};
use crate::groups::GroupsNow;
use crate::names::LocalNames;
use crate::store::writer::Writer;
use crate::store::{NewUserRow, Store};
use rvp::{Alias, LogicalUrl, PropertyOut, State, StateChange, ViewId};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tempfile::TempDir;

const LIMITS: LeaseLimits = LeaseLimits {
    default: 1200,
    floor: 30,
    ceiling: 14_400,
    grace: 60,
    sign_ons: 3,
    subscriptions: 8,
    watches_per_node: 4,
    address_watches_per_node: 2,
    address_watches: 3,
    watchers: 6,
    properties: 2,
};

struct House {
    nodes: Arc<Nodes>,
    store: Store,
    clock: Clock,
    _directory: TempDir,
}

fn alias(name: &str) -> Alias {
    Alias::new(name).unwrap()
}

fn url(name: &str) -> LogicalUrl {
    LogicalUrl::compose("im.example.com", name)
}

fn machine(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
}

impl House {
    /// A house where alice, bob and carol have accounts.
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let rows: Vec<_> = ["alice", "bob", "carol"]
            .map(|name| NewUserRow {
                alias: name.into(),
                spelled: name.into(),
                display_name: String::new(),
                email: String::new(),
                verifiers: Vec::new(),
                created_ms: 0,
                generation: 1,
            })
            .into();
        let mut change = store.begin().await.unwrap();
        change.add_users(&rows).await.unwrap();
        change.commit().await.unwrap();
        Self::on(store, directory).await
    }

    async fn on(store: Store, directory: TempDir) -> Self {
        Self::at(store, directory, Clock::manual(1_000_000)).await
    }

    async fn at(store: Store, directory: TempDir, clock: Clock) -> Self {
        let (writer, task) = Writer::open(&store, clock.clone()).await.unwrap();
        let first = store.first_free_id().await.unwrap();
        let nodes = Arc::new(Nodes::new(
            LocalNames::of_domain("im.example.com"),
            LIMITS,
            writer,
            first,
            crate::events::EventLog::new(clock.clone()),
        ));
        nodes.save_with(task);
        nodes.reserve_ids().await.unwrap();
        nodes.restore(
            store.users().await.unwrap(),
            &GroupsNow::default(),
            store.saved_presence().await.unwrap(),
            clock.now_ms(),
        );
        Self {
            nodes,
            store,
            clock,
            _directory: directory,
        }
    }

    /// The same database after a crash: memory is gone.
    async fn crashed(self) -> Self {
        let Self {
            nodes,
            store,
            clock,
            _directory,
        } = self;
        drop(nodes);
        Self::at(store, _directory, clock).await
    }

    fn now(&self) -> UnixMs {
        self.clock.now_ms()
    }

    async fn sign_on(&self, name: &str, from: IpAddr, lifetime: u32) -> Granted {
        let wish = SignOn {
            alias: alias(name),
            url: url(name),
            call_back: SocketAddr::new(from, 4711),
            peer: from,
            client: String::new(),
            scheme: Scheme::Digest,
            lifetime: Some(lifetime),
            at: self.clock.wall_ms(),
        };
        let (granted, effects) = self.nodes.sign_on(wish, self.now()).unwrap();
        effects.saved().await.unwrap();
        granted
    }

    async fn set(
        &self,
        name: &str,
        from: IpAddr,
        state: State,
        view: Option<ViewId>,
    ) -> (StateGranted, Vec<Event>) {
        let change = StateChange {
            value: state,
            default: None,
            timeout: Some(1200),
            leased: true,
            view_id: view,
        };
        let (granted, effects) = self
            .nodes
            .set_state(&alias(name), change, from, self.now())
            .unwrap();
        let events = effects.saved().await.unwrap();
        (granted, events)
    }

    async fn watch(&self, who: &str, whom: &str) -> Granted {
        let wish = Watching {
            subscriber: Who::Here(alias(who)),
            href: url(whom),
            direct: None,
            sink: false,
            lifetime: Some(14_400),
        };
        let (granted, _, _, effects) = self.nodes.watch(wish, self.now()).unwrap();
        effects.saved().await.unwrap();
        granted
    }

    fn state(&self, name: &str) -> State {
        self.nodes.properties(&alias(name)).unwrap().state
    }

    fn expire(&self) -> Vec<Event> {
        self.nodes.expire(self.now())
    }
}

/// Who is told which state.
fn told(events: &[Event]) -> Vec<(String, State)> {
    let mut told: Vec<_> = events
        .iter()
        .flat_map(|e| {
            let PropertyOut::State(state) = &e.change else {
                return Vec::new();
            };
            e.watchers
                .iter()
                .map(|w| (w.subscriber.to_string(), state.clone()))
                .collect()
        })
        .collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    told
}

#[tokio::test]
async fn a_watcher_is_told_once_for_each_new_state() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.watch("bob", "alice").await;
    let (_, events) = house.set("alice", machine(1), State::Online, None).await;
    assert_eq!(told(&events), [("bob".to_owned(), State::Online)]);
    let (_, events) = house.set("alice", machine(1), State::Online, None).await;
    assert!(
        events.is_empty(),
        "a refresh with the same value notifies nobody"
    );
}

#[tokio::test]
async fn presence_needs_a_sign_on() {
    let house = House::new().await;
    let change = |value| StateChange {
        value,
        default: None,
        timeout: None,
        leased: true,
        view_id: None,
    };
    let set = |state| {
        house
            .nodes
            .set_state(&alias("alice"), change(state), machine(1), house.now())
    };
    assert!(matches!(set(State::Online), Err(Refused::NotSignedOn)));
    assert!(set(State::Offline).is_ok(), "who signs off may say so");
    assert_eq!(house.state("alice"), State::Offline);
}

#[tokio::test]
async fn a_request_without_a_view_means_the_clients_own() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    let (first, _) = house.set("alice", machine(1), State::Online, None).await;
    let (again, _) = house.set("alice", machine(1), State::Busy, None).await;
    assert_eq!(first.view, again.view, "views must not pile up");
    house.set("alice", machine(1), State::Offline, None).await;
    assert_eq!(house.state("alice"), State::Offline);
}

#[tokio::test]
async fn of_two_machines_the_newest_state_wins_and_one_may_leave() {
    let house = House::new().await;
    let desk = house.sign_on("alice", machine(1), 3600).await;
    house.set("alice", machine(1), State::Online, None).await;
    house.sign_on("alice", machine(2), 3600).await;
    let (laptop, _) = house.set("alice", machine(2), State::Busy, None).await;
    assert_eq!(house.state("alice"), State::Busy);
    house
        .set("alice", machine(2), State::Offline, Some(laptop.view))
        .await;
    assert_eq!(
        house.state("alice"),
        State::Online,
        "the other machine is still there"
    );
    let effects = house
        .nodes
        .unsubscribe(&alias("alice"), &Who::Here(alias("alice")), desk.id)
        .unwrap();
    effects.saved().await.unwrap();
    assert_eq!(house.state("alice"), State::Offline);
}

#[tokio::test]
async fn a_machine_whose_sign_on_has_ended_does_not_end_the_state_of_another() {
    let house = House::new().await;
    let desk = house.sign_on("alice", machine(1), 3600).await;
    let (first, _) = house.set("alice", machine(1), State::Busy, None).await;
    house.sign_on("alice", machine(2), 3600).await;
    house.set("alice", machine(2), State::Away, None).await;
    let effects = house
        .nodes
        .unsubscribe(&alias("alice"), &Who::Here(alias("alice")), desk.id)
        .unwrap();
    effects.saved().await.unwrap();
    // Its word that it is offline comes after the end of its sign-on: clients send both at once.
    for view in [Some(first.view), None] {
        let (_, events) = house.set("alice", machine(1), State::Offline, view).await;
        assert!(told(&events).is_empty(), "nobody is told of it");
        assert_eq!(house.state("alice"), State::Away, "{view:?}");
    }
}

#[tokio::test]
async fn two_clients_of_one_address_have_a_view_each() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    let (first, _) = house.set("alice", machine(1), State::Online, None).await;
    house.sign_on("alice", machine(1), 3600).await;
    let (second, _) = house.set("alice", machine(1), State::Away, None).await;
    assert_ne!(first.view, second.view);
}

#[tokio::test]
async fn a_machine_that_goes_idle_leaves_the_state_of_another() {
    let house = House::new().await;
    house.sign_on("bob", machine(1), 1200).await;
    let (office, _) = house.set("bob", machine(1), State::Busy, None).await;
    house.sign_on("bob", machine(2), 1200).await;
    let (home, _) = house.set("bob", machine(2), State::Away, None).await;
    let (_, events) = house
        .set("bob", machine(2), State::Idle, Some(home.view))
        .await;
    assert_eq!(events.len(), 1, "busy again, as the other machine says");
    assert_eq!(house.state("bob"), State::Busy);
    house
        .set("bob", machine(1), State::Offline, Some(office.view))
        .await;
    assert_eq!(house.state("bob"), State::Idle);
}

#[tokio::test]
async fn an_invisible_user_is_offline_to_others() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.set("alice", machine(1), State::Online, None).await;
    house.watch("bob", "alice").await;
    let (granted, events) = house.set("alice", machine(1), State::Invisible, None).await;
    assert_eq!(granted.value, State::Invisible);
    assert_eq!(told(&events), [("bob".to_owned(), State::Offline)]);
}

#[tokio::test]
async fn a_state_ends_with_its_lease_and_a_renewal_puts_that_off() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 14_400).await;
    house.watch("bob", "alice").await;
    house.set("alice", machine(1), State::Busy, None).await;
    house.clock.advance(1_100_000);
    house.set("alice", machine(1), State::Busy, None).await;
    house.clock.advance(150_000);
    assert!(
        house.expire().is_empty(),
        "the first lease would have ended by now"
    );
    house.clock.advance(1_049_999);
    assert!(house.expire().is_empty());
    house.clock.advance(1);
    assert_eq!(told(&house.expire()), [("bob".to_owned(), State::Offline)]);
    assert_eq!(house.nodes.signed_on(), 1, "the sign-on lives on");
}

#[tokio::test]
async fn a_sign_on_that_ends_takes_its_state_with_it() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 600).await;
    house.watch("bob", "alice").await;
    house.set("alice", machine(1), State::Online, None).await;
    house.clock.advance(600_000);
    assert_eq!(told(&house.expire()), [("bob".to_owned(), State::Offline)]);
    assert_eq!(house.nodes.signed_on(), 0);
}

#[tokio::test]
async fn leases_are_granted_between_floor_and_ceiling() {
    let house = House::new().await;
    assert_eq!(house.sign_on("alice", machine(1), 1).await.lifetime, 30);
    assert_eq!(
        house.sign_on("alice", machine(1), 99_999).await.lifetime,
        14_400
    );
}

#[tokio::test]
async fn a_session_that_stops_answering_gets_the_grace_time_and_its_lease_back() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 14_400).await;
    house.set("alice", machine(1), State::Online, None).await;
    assert!(
        house
            .nodes
            .mark_unreachable(&alias("alice"), login.id, house.now())
    );
    assert!(
        !house
            .nodes
            .mark_unreachable(&alias("alice"), login.id, house.now()),
        "once"
    );
    assert!(house.nodes.mark_reachable(&alias("alice"), login.id));
    house.clock.advance(61_000);
    assert!(house.expire().is_empty(), "it answered again in time");
    house
        .nodes
        .mark_unreachable(&alias("alice"), login.id, house.now());
    house.clock.advance(60_000);
    house.expire();
    assert_eq!(house.nodes.signed_on(), 0);
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 14_400).await;
    let (state, _) = house.set("alice", machine(1), State::OnPhone, None).await;
    house.watch("bob", "alice").await;
    let house = house.crashed().await;
    assert_eq!(house.state("alice"), State::OnPhone);
    assert!(house.nodes.has_login(&alias("alice"), login.id));
    let fresh = house.sign_on("bob", machine(2), 600).await;
    assert!(
        fresh.id.get() > login.id.get().max(state.view.get()),
        "no number is given out twice"
    );
    let (again, events) = house
        .set("alice", machine(1), State::Away, Some(state.view))
        .await;
    assert_eq!(again.view, state.view);
    assert_eq!(told(&events), [("bob".to_owned(), State::Away)]);
}

#[tokio::test]
async fn an_ended_sign_on_cannot_be_renewed() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 3600).await;
    let sessions = house.nodes.sessions(&alias("alice"));
    let left = house
        .nodes
        .end_sessions(&alias("alice"), &sessions)
        .unwrap();
    left.commit.wait().await.unwrap();
    assert_eq!(left.ended.len(), 1);
    let renewed = house.nodes.renew(
        &alias("alice"),
        &Who::Here(alias("alice")),
        login.id,
        None,
        house.now(),
    );
    assert!(matches!(renewed, Err(Refused::NoSuchSubscription(_))));
    let house = house.crashed().await;
    assert_eq!(
        house.nodes.signed_on(),
        0,
        "nor does it come back with a restart"
    );
}

#[tokio::test]
async fn nobody_ends_or_renews_what_belongs_to_another() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 3600).await;
    let watch = house.watch("bob", "alice").await;
    let alice = alias("alice");
    let [by_alice, by_bob, by_carol] = ["alice", "bob", "carol"].map(|who| Who::Here(alias(who)));
    assert!(matches!(
        house.nodes.unsubscribe(&alice, &by_bob, login.id),
        Err(Refused::NotYours(_))
    ));
    assert!(matches!(
        house.nodes.unsubscribe(&alice, &by_carol, watch.id),
        Err(Refused::NotYours(_))
    ));
    assert!(matches!(
        house.nodes.renew(&alice, &by_carol, watch.id, None, 0),
        Err(Refused::NotYours(_))
    ));
    assert!(
        house.nodes.unsubscribe(&alice, &by_alice, watch.id).is_ok(),
        "the watched may end a watch"
    );
}

#[tokio::test]
async fn a_block_keeps_fresh_sign_ons_out_until_it_ends() {
    let house = House::new().await;
    let block = Block {
        until: house.now() + 90_000,
        reason: "maintenance".into(),
    };
    house
        .nodes
        .edit_account(&alias("alice"), |account| account.block = Some(block));
    let wish = || SignOn {
        alias: alias("alice"),
        url: url("alice"),
        call_back: SocketAddr::new(machine(1), 4711),
        peer: machine(1),
        client: String::new(),
        scheme: Scheme::Ntlm,
        lifetime: None,
        at: house.now(),
    };
    let refused = house
        .nodes
        .sign_on(wish(), house.now())
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("2 min") && refused.contains("maintenance"),
        "{refused}"
    );
    house.clock.advance(90_000);
    assert!(house.nodes.sign_on(wish(), house.now()).is_ok());
}

#[tokio::test]
async fn bounds_hold() {
    let house = House::new().await;
    let first = house.sign_on("alice", machine(1), 3600).await;
    for last in 2..=4 {
        house.sign_on("alice", machine(last), 3600).await;
    }
    assert!(
        !house.nodes.has_login(&alias("alice"), first.id),
        "the oldest sign-on makes room"
    );
}

impl House {
    /// As somebody with an address of their own, or without.
    fn try_watch(&self, who: Who, whom: &str, port: Option<u16>) -> Result<Granted, Refused> {
        let wish = Watching {
            subscriber: who,
            href: url(whom),
            direct: port.map(|port| SocketAddr::new(machine(9), port)),
            sink: false,
            lifetime: Some(14_400),
        };
        let watched = self.nodes.watch(wish, self.now());
        watched.map(|(granted, ..)| granted)
    }

    /// The numbers of the watches of a node.
    fn watches(&self, node: &str) -> Vec<u32> {
        let kind = crate::store::SubscriptionKind::Watch;
        let listed = self.nodes.subscriptions(&alias(node), kind, self.now());
        listed.unwrap().iter().map(|it| it.id.get()).collect()
    }
}

#[tokio::test]
async fn one_subscriber_does_not_fill_a_node() {
    let house = House::new().await;
    let bob = || Who::Here(alias("bob"));
    let first = house.try_watch(bob(), "alice", None).unwrap();
    house.clock.advance(1000);
    for _ in 0..20 {
        house.try_watch(bob(), "alice", None).unwrap();
    }
    let left = house.watches("alice");
    assert_eq!(left.len(), 4);
    assert!(!left.contains(&first.id.get()), "the oldest makes room");
    let carol = Who::Here(alias("carol"));
    house.try_watch(carol, "alice", None).unwrap();
    // What is gone in memory is gone on disk.
    let house = house.crashed().await;
    assert_eq!(house.watches("alice").len(), 5);
}

#[tokio::test]
async fn addresses_of_watches_are_few() {
    let house = House::new().await;
    let bob = || Who::Here(alias("bob"));
    for port in 5000..5010 {
        house.try_watch(bob(), "alice", Some(port)).unwrap();
    }
    assert_eq!(house.watches("alice").len(), 2, "of one node");
    house.try_watch(bob(), "carol", Some(6000)).unwrap();
    let refused = house.try_watch(bob(), "bob", Some(6001));
    assert!(matches!(refused, Err(Refused::TooMany(_))), "of all nodes");
    house.try_watch(bob(), "carol", Some(6002)).unwrap();
    assert_eq!(
        house.watches("carol").len(),
        1,
        "the oldest of a node makes room"
    );
    house.try_watch(bob(), "bob", None).unwrap();
    let house = house.crashed().await;
    let refused = house.try_watch(bob(), "bob", Some(6001));
    assert!(
        matches!(refused, Err(Refused::TooMany(_))),
        "after a crash, too"
    );
}

#[tokio::test]
async fn strangers_leave_room_for_those_whom_the_user_knows() {
    let house = House::new().await;
    let stranger = |n| Who::elsewhere(&LogicalUrl::compose("b.test", &format!("stranger{n}")));
    let watch = |who| house.try_watch(who, "alice", None);
    for n in 0..3 {
        watch(stranger(n)).unwrap();
    }
    let refused = watch(stranger(3));
    assert!(
        matches!(refused, Err(Refused::TooMany(_))),
        "another domain makes up users as it likes"
    );
    watch(stranger(2)).unwrap();
    let (bob, carol) = (Who::Here(alias("bob")), Who::Here(alias("carol")));
    for _ in 0..2 {
        watch(bob.clone()).unwrap();
    }
    assert!(matches!(watch(carol.clone()), Err(Refused::TooMany(_))));
    assert!(watch(bob.clone()).is_ok(), "in place of their own");
    // Whom she watches herself.
    house
        .try_watch(Who::Here(alias("alice")), "carol", None)
        .unwrap();
    watch(carol).unwrap();
    assert_eq!(house.watches("alice").len(), 6);
    watch(Who::Here(alias("alice"))).unwrap();
}

#[tokio::test]
async fn who_is_granted_by_name_has_room_kept() {
    let house = House::new().await;
    let stranger = |n| Who::elsewhere(&LogicalUrl::compose("b.test", &format!("stranger{n}")));
    for n in 0..3 {
        house.try_watch(stranger(n), "alice", None).unwrap();
    }
    for _ in 0..2 {
        let bob = Who::Here(alias("bob"));
        house.try_watch(bob, "alice", None).unwrap();
    }
    let carol = Who::Here(alias("carol"));
    assert!(house.try_watch(carol.clone(), "alice", None).is_err());
    let mut acl = rvp::Acl::default_for(&url("alice"));
    acl.merge(rvp::Acl {
        entries: vec![rvp::Ace {
            who: rvp::AcePrincipal::Principal(url("carol").as_str().into()),
            credentials: rvp::Credentials::DIGEST | rvp::Credentials::NTLM,
            grant: rvp::Rights::SEND_TO | rvp::Rights::PRESENCE,
            deny: rvp::Rights::NONE,
        }],
    });
    let named = house
        .nodes
        .change_acl(&alias("alice"), |_| Ok::<_, Refused>((Some(acl), None, ())));
    named.unwrap().1.saved().await.unwrap();
    house.try_watch(carol, "alice", None).unwrap();
}

#[tokio::test]
async fn a_subscriber_has_so_many_watches_and_the_oldest_of_a_node_makes_room() {
    let house = House::new().await;
    let oldest = house.watch("bob", "alice").await;
    house.clock.advance(1000);
    let others = [
        "alice", "alice", "alice", "carol", "carol", "carol", "carol",
    ];
    for whom in others {
        house.watch("bob", whom).await;
    }
    let newest = house.watch("bob", "alice").await;
    let alices = house.nodes.subscriptions(
        &alias("alice"),
        crate::store::SubscriptionKind::Watch,
        house.now(),
    );
    let ids: Vec<_> = alices.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), 4);
    assert!(!ids.contains(&oldest.id) && ids.contains(&newest.id));

    let wish = Watching {
        subscriber: Who::Here(alias("bob")),
        href: url("bob"),
        direct: None,
        sink: false,
        lifetime: Some(1200),
    };
    let refused = house.nodes.watch(wish.clone(), house.now());
    assert!(matches!(refused, Err(Refused::TooMany(_))));
    house.watch("carol", "alice").await;

    // The count is that of what there is: after a crash, and when leases run out.
    let house = house.crashed().await;
    let refused = house.nodes.watch(wish.clone(), house.now());
    assert!(matches!(refused, Err(Refused::TooMany(_))));
    house.clock.advance(20_000_000);
    house.expire();
    assert!(house.nodes.watch(wish, house.now()).is_ok());
}
