use super::*;
use futures::future::join_all;
use std::sync::atomic::{AtomicU32, Ordering};

const NOW: i64 = 1_000_000_000_000;

fn throttle() -> (Arc<Throttle>, Clock) {
    let clock = Clock::manual(NOW);
    (Throttle::new(Rules::CONSOLE, clock.clone()), clock)
}

fn here() -> IpAddr {
    IpAddr::from([10, 0, 0, 1])
}

async fn wrong(
    throttle: &Arc<Throttle>,
    name: &Name,
    looked_at: &AtomicU32,
) -> Result<(), LockedOut> {
    let attempt = throttle.enter(name.clone(), here(), || false).await?;
    looked_at.fetch_add(1, Ordering::SeqCst);
    tokio::task::yield_now().await;
    attempt.wrong();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn attempts_of_one_name_at_once_never_pass_the_lockout() {
    for round in 0..200 {
        let (throttle, clock) = throttle();
        let name = Name::account(format!("user{round}"));
        let looked_at = Arc::new(AtomicU32::new(0));
        let tasks = (0..32).map(|_| {
            let (throttle, name, looked_at) = (throttle.clone(), name.clone(), looked_at.clone());
            tokio::spawn(async move { wrong(&throttle, &name, &looked_at).await })
        });
        let answers = join_all(tasks).await;
        let refused = answers.iter().filter(|it| matches!(it, Ok(Err(_)))).count();
        assert_eq!(looked_at.load(Ordering::SeqCst), 5, "round {round}");
        assert_eq!(refused, 27);
        clock.advance(30_000);
        let again = (0..32).map(|_| wrong(&throttle, &name, &looked_at));
        join_all(again).await;
        assert_eq!(looked_at.load(Ordering::SeqCst), 6, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_right_ones_at_once_all_come_in() {
    let (throttle, _) = throttle();
    let tasks = (0..200).map(|_| {
        let throttle = throttle.clone();
        tokio::spawn(async move {
            let attempt = throttle
                .enter(Name::account("alice"), here(), || false)
                .await?;
            tokio::task::yield_now().await;
            attempt.right();
            Ok::<_, LockedOut>(())
        })
    });
    let answers = join_all(tasks).await;
    assert!(answers.iter().all(|it| matches!(it, Ok(Ok(())))));
}

#[tokio::test]
async fn who_goes_away_is_not_counted_and_keeps_nobody_waiting() {
    let (throttle, _) = throttle();
    let name = Name::account("alice");
    for _ in 0..50 {
        drop(
            throttle
                .enter(name.clone(), here(), || false)
                .await
                .unwrap(),
        );
    }
    let held = join_all((0..5).map(|_| throttle.enter(name.clone(), here(), || false))).await;
    let waits = {
        let (throttle, name) = (throttle.clone(), name.clone());
        tokio::spawn(async move { throttle.enter(name, here(), || false).await.map(drop) })
    };
    tokio::task::yield_now().await;
    assert!(!waits.is_finished());
    drop(held);
    assert_eq!(waits.await.unwrap(), Ok(()));
    assert!(throttle.is_empty());
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    let (throttle, _) = throttle();
    let name = Name::account("alice");
    let held = join_all((0..5).map(|_| throttle.enter(name.clone(), here(), || false))).await;
    let more = (0..WAITING + 50).map(|_| {
        let (throttle, name) = (throttle.clone(), name.clone());
        tokio::spawn(async move { throttle.enter(name, here(), || false).await.map(drop) })
    });
    let more: Vec<_> = more.collect();
    while more.iter().filter(|it| it.is_finished()).count() < 50 {
        tokio::task::yield_now().await;
    }
    drop(held);
    let answers = join_all(more).await;
    let refused = answers.iter().filter(|it| matches!(it, Ok(Err(_)))).count();
    assert_eq!(refused, 50);
    assert_eq!(throttle.waiting.available_permits(), WAITING);
}

#[tokio::test]
async fn a_name_is_let_go_in_any_spelling() {
    let (throttle, _) = throttle();
    let looked_at = AtomicU32::new(0);
    for spelled in ["alice", "DOM\\Alice", "ALICE@im.example.com", "%61lice"] {
        for _ in 0..5 {
            let _ = wrong(&throttle, &Name::account("alice"), &looked_at).await;
        }
        let held = || throttle.held().iter().any(|it| it.name.is_some());
        assert!(held(), "{spelled}");
        assert!(throttle.release(spelled) > 0, "{spelled}");
        assert!(!held(), "{spelled}");
    }
    assert_eq!(throttle.release("alice"), 0);
}
