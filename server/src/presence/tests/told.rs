//! Of two values of a property watchers are told the newer last, whoever comes to tell first.

use super::*;
use rvp::{Ace, AcePrincipal, Acl, Credentials, PropertyName, Rights};

impl House {
    async fn states(&self, states: &[State]) -> Vec<Event> {
        let mut events = Vec::new();
        for state in states {
            let (_, told) = self.set("alice", machine(1), state.clone(), None).await;
            events.extend(told);
        }
        events
    }

    /// Who is still told of an event.
    fn claimed(&self, event: &Event) -> Vec<(String, State)> {
        let mut event = event.clone();
        self.nodes.claim(&mut event);
        told(&[event])
    }
}

fn to(who: &[&str], state: &State) -> Vec<(String, State)> {
    who.iter()
        .map(|name| ((*name).to_owned(), state.clone()))
        .collect()
}

#[tokio::test]
async fn an_older_state_is_not_told_after_a_newer_one() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.watch("bob", "alice").await;
    let events = house.states(&[State::Busy, State::Away]).await;
    // A new watcher, who has been answered what is newer than the first.
    house.watch("carol", "alice").await;
    let later = house.states(&[State::AtLunch]).await;
    assert_eq!(
        house.claimed(&later[0]),
        to(&["bob", "carol"], &State::AtLunch)
    );
    for event in &events {
        assert_eq!(house.claimed(event), [], "{event:?}");
    }
    assert_eq!(
        house.claimed(&later[0]),
        to(&["bob", "carol"], &State::AtLunch),
        "the newest may go again"
    );
}

#[tokio::test]
async fn who_was_told_apart_knows_apart() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.watch("bob", "alice").await;
    house.watch("carol", "alice").await;
    let all = Rights::LIST | Rights::READ | Rights::SEND_TO | Rights::PRESENCE;
    let entry = |who, grant, deny| Ace {
        who,
        credentials: Credentials::ANY,
        grant,
        deny,
    };
    let bob = AcePrincipal::Principal(url("bob").as_str().into());
    let entries = vec![
        entry(bob, Rights::NONE, all),
        entry(AcePrincipal::All, all, Rights::NONE),
    ];
    let events = house.states(&[State::Busy]).await;
    let block = |_: Option<&Acl>| Ok::<_, Refused>((Some(Acl { entries }), None, ()));
    let ((), effects) = house.nodes.change_acl(&alias("alice"), block).unwrap();
    let blocked = effects.saved().await.unwrap();
    assert_eq!(house.claimed(&blocked[0]), to(&["bob"], &State::Offline));
    // Bob may not hear of it any more; Carol has not heard yet.
    assert_eq!(house.claimed(&events[0]), to(&["carol"], &State::Busy));
}

#[tokio::test]
async fn a_watch_that_made_room_leaves_what_was_told_to_its_heir() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.watch("bob", "alice").await;
    let events = house.states(&[State::Busy]).await;
    for _ in 0..LIMITS.watches_per_node {
        house.watch("bob", "alice").await;
    }
    assert_eq!(house.claimed(&events[0]), []);
}

#[tokio::test]
async fn a_client_that_reads_its_answer_last_is_told_once_more() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.states(&[State::Busy]).await;
    let wish = Watching {
        subscriber: Who::Here(alias("bob")),
        href: url("alice"),
        direct: None,
        sink: false,
        lifetime: None,
    };
    let (_, readable, answered, effects) = house.nodes.watch(wish, house.now()).unwrap();
    assert_eq!(readable.state, State::Busy);
    effects.saved().await.unwrap();
    assert!(house.nodes.newer_than(&answered).is_none());
    // Told while the answer is on its way.
    let events = house.states(&[State::Away]).await;
    house.claimed(&events[0]);
    let again = house.nodes.newer_than(&answered).unwrap();
    assert_eq!(house.claimed(&again), to(&["bob"], &State::Away));
    assert_eq!(house.claimed(&events[0]), []);
}

#[tokio::test]
async fn other_properties_have_an_order_each() {
    let house = House::new().await;
    house.watch("bob", "alice").await;
    let mut events = Vec::new();
    for (name, value) in [("a", "1"), ("b", "1"), ("a", "2")] {
        let effects = house.set_property(name, Some(value)).unwrap();
        events.extend(effects.saved().await.unwrap());
    }
    events.reverse();
    let claimed = |event: &Event| {
        let mut event = event.clone();
        house.nodes.claim(&mut event);
        event.watchers.len()
    };
    let told: Vec<_> = events.iter().map(claimed).collect();
    assert_eq!(told, [1, 1, 0]);
    let gone = house.set_property("b", None).unwrap();
    gone.saved().await.unwrap();
    // What was told of names that are no more is forgotten.
    for round in 0..200 {
        let name = format!("n{round}");
        for value in [Some("1"), None] {
            let effects = house.set_property(&name, value).unwrap();
            for event in effects.saved().await.unwrap() {
                claimed(&event);
            }
        }
    }
    let shard = house.nodes.shard(&alias("alice"));
    let told = &shard.get(&alias("alice")).unwrap().told;
    assert!(told.len() <= 2 * LIMITS.properties + 17, "{}", told.len());
    assert!(told.contains_key(&PropertyName::new("x:", "a")));
}
