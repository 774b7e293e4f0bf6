use super::*;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// When somebody who has a place and gets no answer makes room, and when they give up.
const OVERDUE: Duration = Duration::from_millis(400);
const GIVE_UP: Duration = Duration::from_secs(10);

fn user(name: &str) -> Party {
    Party::User(Alias::new(name).unwrap())
}

fn ask(party: Party, machine: u8, class: Class, urgency: Urgency) -> Ask {
    Ask {
        party,
        address: Some(Ipv4Addr::new(10, 0, 0, machine).into()),
        class,
        urgency,
    }
}

/// Keeps trying a call-back that never answers, as its queue would; for ever.
async fn silent(places: Places, party: Party, machine: u8, mut class: Class, urgency: Urgency) {
    loop {
        let mut place = places
            .wait(ask(party.clone(), machine, class, urgency))
            .await
            .unwrap();
        sleep(OVERDUE).await;
        class = Class::Suspect;
        match place.overdue() {
            GoesOn::Yes => sleep(GIVE_UP).await,
            GoesOn::Until(leave) => drop(timeout(GIVE_UP, leave).await),
            GoesOn::No => {}
        }
    }
}

/// The longest that somebody whose call-back answers in 5 ms waits for a place, of so many in a
/// row.
async fn longest_wait(places: &Places, ask: Ask, times: u32) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        let asked = Instant::now();
        let place = places.wait(ask.clone()).await.unwrap();
        longest = longest.max(asked.elapsed());
        sleep(Duration::from_millis(5)).await;
        drop(place);
        sleep(Duration::from_millis(50)).await;
    }
    longest
}

fn crowd(places: &Places, users: u32, each: u32, class: Class, urgency: Urgency) -> JoinSet<()> {
    let mut crowd = JoinSet::new();
    for who in 0..users {
        for _ in 0..each {
            let party = user(&format!("silent{who}"));
            crowd.spawn(silent(places.clone(), party, 1, class, urgency));
        }
    }
    crowd
}

#[tokio::test(start_paused = true)]
async fn thousands_that_never_answer_keep_nobody_waiting() {
    for (class, urgency) in [
        (Class::Suspect, Urgency::Presence),
        (Class::Fresh, Urgency::Presence),
        (Class::Fresh, Urgency::Message),
        // They answered once, to look well.
        (Class::Proven, Urgency::Presence),
        (Class::Proven, Urgency::Message),
    ] {
        let places = Places::new(CONNECTIONS);
        let _crowd = crowd(&places, 40, 60, class, urgency);
        tokio::task::yield_now().await;
        for wanted in [Class::Proven, Class::Fresh] {
            for urgency in [Urgency::Message, Urgency::Presence] {
                let ask = ask(user("alice"), 1, wanted, urgency);
                let waited = longest_wait(&places, ask, 100).await;
                println!("{class:?} crowd, {wanted:?} {urgency:?}: {waited:?}");
                assert!(waited < Duration::from_millis(800), "{waited:?}");
            }
        }
        // Even who has failed once has their turn among them.
        let ask = ask(user("bob"), 2, Class::Suspect, Urgency::Message);
        let waited = longest_wait(&places, ask, 20).await;
        assert!(waited < Duration::from_secs(1), "{waited:?}");
        assert!(places.0.lock().held() <= CONNECTIONS);
    }
}

#[tokio::test(start_paused = true)]
async fn one_party_never_has_all_and_others_take_turns_with_it() {
    let places = Places::new(CONNECTIONS);
    let of_mallory = || ask(user("mallory"), 1, Class::Proven, Urgency::Presence);
    let mut held = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..1000 {
        match places.ask(of_mallory(), drop) {
            Asked::Now(place) => held.push(place),
            Asked::Later(ticket) => lines.push(ticket),
        }
    }
    assert_eq!(held.len(), CONNECTIONS / 24);
    let free = timeout(
        Duration::ZERO,
        places.wait(ask(user("alice"), 1, Class::Proven, Urgency::Presence)),
    );
    assert!(free.await.is_ok());
    // What was asked for and not waited for goes on to the next, to the last.
    drop(held);
    assert_eq!(places.0.lock().held(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_hangs_delays_no_other() {
    let places = Places::new(CONNECTIONS);
    let mut crowd = JoinSet::new();
    for _ in 0..2000 {
        let party = Party::Peer("hangs.test".into());
        crowd.spawn(silent(
            places.clone(),
            party,
            1,
            Class::Proven,
            Urgency::Presence,
        ));
    }
    sleep(Duration::from_secs(5)).await;
    let other = Ask {
        party: Party::Peer("works.test".into()),
        address: None,
        class: Class::Proven,
        urgency: Urgency::Presence,
    };
    assert!(longest_wait(&places, other, 50).await < Duration::from_millis(100));
    let local = ask(user("alice"), 1, Class::Proven, Urgency::Presence);
    assert!(longest_wait(&places, local, 50).await < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn messages_go_before_presence_and_presence_is_not_forgotten() {
    let places = Places::new(6);
    let first = places
        .wait(ask(user("x"), 1, Class::Suspect, Urgency::Message))
        .await;
    let order = Arc::new(Mutex::new(Vec::new()));
    for number in 0..20 {
        for urgency in [Urgency::Presence, Urgency::Message] {
            let order = order.clone();
            let party = user(&format!("user{number}"));
            let asked = places.ask(ask(party, 1, Class::Suspect, urgency), move |_| {
                order.lock().push(urgency);
            });
            assert!(matches!(asked, Asked::Later(_)));
        }
    }
    drop(first);
    let order = order.lock();
    assert_eq!(order.len(), 40);
    let first_presence = order.iter().position(|it| *it == Urgency::Presence);
    assert_eq!(first_presence, Some(8), "{order:?}");
    let last_message = order.iter().rposition(|it| *it == Urgency::Message);
    assert!(last_message < Some(24), "{order:?}");
}

#[test]
fn who_leaves_the_line_is_not_given_a_place() {
    let places = Places::new(6);
    let of = |name| ask(user(name), 1, Class::Suspect, Urgency::Message);
    let Asked::Now(held) = places.ask(of("a"), drop) else {
        panic!("the first has a place");
    };
    let Asked::Later(ticket) = places.ask(of("b"), |_| panic!("it has left")) else {
        panic!("the second waits");
    };
    assert!(places.cancel(&ticket));
    assert!(!places.cancel(&ticket), "it is not in the line any more");
    drop(held);
    assert_eq!(places.0.lock().held(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_leaves_the_line() {
    let places = Places::new(6);
    let of = |name| ask(user(name), 1, Class::Suspect, Urgency::Message);
    let held = places.wait(of("a")).await;
    let waited = timeout(Duration::from_secs(1), places.wait(of("b"))).await;
    assert!(waited.is_err());
    drop(held);
    let next = timeout(Duration::ZERO, places.wait(of("c"))).await;
    assert!(next.is_ok());
}

#[tokio::test(start_paused = true)]
async fn among_the_overdue_who_has_many_makes_room_for_who_has_few() {
    let places = Places::new(CONNECTIONS);
    let mut crowd = Vec::new();
    for who in 0..40 {
        for _ in 0..16 {
            let party = user(&format!("slow{who}"));
            let asked = places.ask(ask(party, 1, Class::Proven, Urgency::Message), drop);
            if let Asked::Now(mut place) = asked
                && let GoesOn::Until(leave) = place.overdue()
            {
                crowd.push((place, leave));
            }
        }
    }
    let mut told = || {
        let told = crowd.iter_mut().map(|(_, leave)| leave.try_recv());
        told.filter(Result::is_ok).count()
    };
    // Those that came later have found room, too.
    assert!(told() > 100);
    let full = places.0.lock().overdue_count();
    assert_eq!(full, CONNECTIONS / 3);
    let of_alice = |urgency| places.wait(ask(user("alice"), 1, Class::Proven, urgency));
    let mut message = of_alice(Urgency::Message).await.unwrap();
    assert!(
        matches!(message.overdue(), GoesOn::Until(_)),
        "her only one"
    );
    assert_eq!(told(), 1, "one of the others has to go");
    let mut presence = of_alice(Urgency::Presence).await.unwrap();
    assert!(
        matches!(presence.overdue(), GoesOn::No),
        "it can be told again"
    );
    assert_eq!(places.0.lock().overdue_count(), full);
    drop((crowd, message, presence));
    assert_eq!(places.0.lock().held(), 0);
}
