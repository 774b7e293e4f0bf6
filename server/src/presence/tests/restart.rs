//! What is as it was after a restart, and when the system's clock is set meanwhile.

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Takes down what is told after a restart, at its own pace.
async fn told_to_all(house: &House) -> Vec<(String, State)> {
    let heard = parking_lot::Mutex::new(Vec::new());
    house
        .nodes
        .tell_all(|events| heard.lock().extend(events))
        .await;
    told(&heard.into_inner())
}

#[tokio::test]
async fn the_state_that_was_set_last_is_the_newest_whatever_its_number() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    let (first, _) = house.set("alice", machine(1), State::Busy, None).await;
    house.sign_on("alice", machine(2), 3600).await;
    let (second, _) = house.set("alice", machine(2), State::Away, None).await;
    assert!(first.view < second.view);
    // In the same millisecond, and then with a clock that goes back.
    house
        .set("alice", machine(1), State::OnPhone, Some(first.view))
        .await;
    house.clock.advance(-5000);
    house
        .set("alice", machine(1), State::AtLunch, Some(first.view))
        .await;
    assert_eq!(house.state("alice"), State::AtLunch);
    let house = house.crashed().await;
    assert_eq!(house.state("alice"), State::AtLunch);
    house
        .set("alice", machine(2), State::Online, Some(second.view))
        .await;
    let house = house.crashed().await;
    assert_eq!(house.state("alice"), State::Online);
}

#[tokio::test]
async fn a_session_that_did_not_answer_has_its_whole_lease_again() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 14_400).await;
    house.set("alice", machine(1), State::Online, None).await;
    let a = alias("alice");
    assert!(house.nodes.mark_unreachable(&a, login.id, house.now()));
    let ends = |house: &House| house.nodes.online(|_| true)[0].sessions[0].expires;
    assert_eq!(ends(&house), house.now() + 60_000);
    let house = house.crashed().await;
    assert_eq!(ends(&house), house.now() + 14_400_000);
    house.clock.advance(61_000);
    house.expire();
    assert_eq!(house.nodes.signed_on(), 1);
    // And it is looked after anew.
    assert!(house.nodes.mark_unreachable(&a, login.id, house.now()));
    house.clock.advance(60_000);
    house.expire();
    assert_eq!(house.nodes.signed_on(), 0);
}

#[tokio::test]
async fn every_watcher_is_told_how_those_are_whom_they_watch() {
    let house = House::new().await;
    for name in ["alice", "bob"] {
        house.sign_on(name, machine(1), 3600).await;
        house.set(name, machine(1), State::Busy, None).await;
    }
    house.sign_on("carol", machine(1), 60).await;
    house.set("carol", machine(1), State::Busy, None).await;
    for (who, whom) in [
        ("bob", "alice"),
        ("carol", "alice"),
        ("alice", "bob"),
        ("alice", "carol"),
    ] {
        house.watch(who, whom).await;
    }
    let who = url("carol");
    let hide = |_: Option<&rvp::Acl>| {
        let body = format!(
            "<?xml version=\"1.0\"?><a:rvpacl xmlns:a=\"http://schemas.microsoft.com/rvp/acl/\"><a:acl><a:ace><a:principal>\
             <a:rvp-principal>{}</a:rvp-principal><a:credentials><a:digest/><a:ntlm/></a:credentials>\
             </a:principal><a:grant/><a:deny><a:presence/></a:deny></a:ace></a:acl></a:rvpacl>",
            who.as_str()
        );
        Ok::<_, Refused>((Some(rvp::read_acl(body.as_bytes()).unwrap()), None, ()))
    };
    let ((), effects) = house.nodes.change_acl(&alias("bob"), hide).unwrap();
    effects.saved().await.unwrap();
    let house = house.crashed().await;
    // Carol's lease ended while nobody was there, so nobody tells her anything.
    house.clock.advance(60_000);
    house.expire();
    let all = told_to_all(&house).await;
    let to = |who: &str, state| (who.to_owned(), state);
    assert_eq!(
        all,
        [
            to("alice", State::Offline),
            to("alice", State::Offline),
            to("bob", State::Busy)
        ],
        "of carol, who is gone; of bob, who hides; of alice"
    );
}

#[tokio::test]
async fn leases_count_on_when_the_clock_is_set() {
    for by in [DAY, -DAY, 600_000, -600_000] {
        let house = House::new().await;
        house.sign_on("alice", machine(1), 3600).await;
        house.set("alice", machine(1), State::Busy, None).await;
        house.clock.set_wall(by);
        assert!(house.expire().is_empty(), "{by}");
        // The next change says so on the disk.
        house.set("alice", machine(1), State::Away, None).await;

        let again = Clock::manual(house.clock.wall_ms());
        let house = house.crashed().await;
        house.store.resume(&again).await.unwrap();
        assert_eq!(again.offset(), by);
        assert!(
            (again.now_ms() - house.now()).abs() < 1000,
            "{by}: a restart goes on counting"
        );
        house.clock.advance(1_199_000);
        assert!(house.expire().is_empty(), "{by}");
        house.clock.advance(1000);
        house.expire();
        assert_eq!(house.state("alice"), State::Offline, "{by}");
    }
}

#[tokio::test]
async fn a_lease_that_a_wrong_clock_granted_is_cut() {
    let house = House::new().await;
    let login = house.sign_on("alice", machine(1), 14_400).await;
    house
        .store
        .execute("UPDATE leases SET expires_ms = expires_ms + 31536000000")
        .await;
    let house = house.crashed().await;
    let ends = house.nodes.online(|_| true)[0].sessions[0].expires;
    assert_eq!(ends, house.now() + 14_400_000);
    assert!(house.nodes.has_login(&alias("alice"), login.id));
}
