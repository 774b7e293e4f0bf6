use super::super::budget::MessageBytes;
use super::*;
use crate::presence::CallBackRef;
use rvp::{LogicalUrl, State};
use std::net::SocketAddr;
use std::time::Duration;

fn queue() -> Queue {
    let alias = Alias::new("bob").unwrap();
    let address = SocketAddr::from(([10, 0, 0, 1], 4711));
    let to = Destination::Client(CallBackRef {
        login: SubscriptionId::new(1).unwrap(),
        alias: alias.clone(),
        url: LogicalUrl::compose("im.example.com", "bob"),
        address,
    });
    Queue::new(to, Party::User(alias), Target::Address(address))
}

fn message(text: &str, is_presence: bool) -> (Message, oneshot::Receiver<Outcome>) {
    message_of(None, text, is_presence)
}

fn message_of(
    sender: Option<&str>,
    text: &str,
    is_presence: bool,
) -> (Message, oneshot::Receiver<Outcome>) {
    let (done, answer) = oneshot::channel();
    let sender = sender.map(Arc::from);
    let charge = Arc::new(MessageBytes::default()).charge(sender.as_ref(), text.len());
    let message = Message {
        subscription: SubscriptionId::new(1).unwrap(),
        from_principal: "".into(),
        hops: 2,
        body: Bytes::copy_from_slice(text.as_bytes()),
        is_presence,
        until: Instant::now() + Duration::from_secs(20),
        charge: charge.unwrap(),
        _under_way: tokio_util::task::TaskTracker::new().token(),
        done,
    };
    (message, answer)
}

fn presence(node: &str, sequence: u64, state: State) -> Presence {
    let value = PropertyOut::State(state);
    Presence {
        subscription: SubscriptionId::new(2).unwrap(),
        authority: "im.example.com".into(),
        spelled: node.into(),
        change: Arc::new(Change {
            node: Alias::new(node).unwrap(),
            name: Arc::new(value.name()),
            sequence,
            value,
        }),
        counted: Counted::of(&Arc::default(), 1),
    }
}

/// All that is in a queue, in the order in which it goes.
fn drain(queue: &Queue) -> Vec<String> {
    std::iter::from_fn(|| queue.next(false))
        .map(|taken| match taken {
            Taken::Message(message) => String::from_utf8(message.body.to_vec()).unwrap(),
            Taken::Presence(it) => match &it.change.value {
                PropertyOut::State(state) => format!("{} {}", it.spelled, state.name()),
                other => panic!("{other:?}"),
            },
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn messages_go_first_and_in_their_order() {
    let queue = queue();
    let mut answers = Vec::new();
    queue.lock().add_presence(presence("alice", 1, State::Busy));
    for number in 0..12 {
        let (message, answer) = message(&number.to_string(), false);
        assert!(queue.lock().add_message(message).is_ok());
        answers.push(answer);
    }
    let order = drain(&queue);
    let messages: Vec<_> = order.iter().filter(|it| !it.contains(' ')).collect();
    let numbers: Vec<_> = (0..12).map(|it| it.to_string()).collect();
    assert_eq!(messages, numbers.iter().collect::<Vec<_>>());
    assert_eq!(order[8], "alice busy", "a talk without end hides nothing");
}

#[tokio::test(start_paused = true)]
async fn only_the_newest_value_waits() {
    let queue = queue();
    let mut waiting = queue.lock();
    waiting.add_presence(presence("alice", 1, State::Busy));
    waiting.add_presence(presence("carol", 2, State::Busy));
    waiting.add_presence(presence("alice", 5, State::Away));
    waiting.add_presence(presence("alice", 4, State::Online));
    drop(waiting);
    assert_eq!(drain(&queue), ["alice away", "carol busy"]);
    assert!(queue.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn while_presence_is_held_back_only_messages_go() {
    let queue = queue();
    queue.lock().add_presence(presence("alice", 1, State::Busy));
    assert!(queue.next(true).is_none());
    assert_eq!(queue.lock().urgency(true), None);
    let (message, _answer) = message("hello", false);
    queue.lock().add_message(message).unwrap();
    assert_eq!(queue.lock().urgency(true), Some(Urgency::Message));
    assert!(matches!(queue.next(true), Some(Taken::Message(_))));
    assert!(queue.has_presence());
}

#[tokio::test(start_paused = true)]
async fn so_many_messages_wait_and_so_many_bytes() {
    let queue = queue();
    let mut answers = Vec::new();
    for number in 0..MESSAGES {
        let (message, answer) = message(&number.to_string(), false);
        queue.lock().add_message(message).unwrap();
        answers.push(answer);
    }
    assert!(queue.lock().add_message(message("x", false).0).is_err());
    assert_eq!(drain(&queue).len(), MESSAGES);
    let large = "x".repeat(MESSAGE_BYTES / 4);
    for _ in 0..4 {
        queue.lock().add_message(message(&large, false).0).unwrap();
    }
    assert!(queue.lock().add_message(message("x", false).0).is_err());
    queue.next(false).unwrap();
    assert!(queue.lock().add_message(message("x", false).0).is_ok());
}

#[tokio::test(start_paused = true)]
async fn one_sender_does_not_fill_a_queue() {
    let queue = queue();
    let of = |sender, text: &str| message_of(Some(sender), text, false).0;
    let add = |message| queue.lock().add_message(message);
    let taken = (0..MESSAGES).filter(|_| add(of("mallory", "x")).is_ok());
    assert_eq!(taken.count(), MESSAGES / 2);
    assert!(add(of("alice", "hello")).is_ok());
    drain(&queue);
    let large = "x".repeat(MESSAGE_BYTES / 4);
    let taken = (0..4).filter(|_| add(of("mallory", &large)).is_ok());
    assert_eq!(taken.count(), 2);
    assert!(add(of("alice", &large)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_other_servers_say_takes_no_room_of_messages() {
    let queue = queue();
    let mut answers = Vec::new();
    for number in 0..2 * RELAYED {
        let (message, answer) = message(&format!("notice {number}"), true);
        drop(queue.lock().add_message(message).unwrap());
        answers.push(answer);
    }
    assert!(
        answers[0].try_recv().is_err(),
        "its server hears that it has gone"
    );
    queue.lock().add_message(message("hello", false).0).unwrap();
    queue.lock().add_presence(presence("alice", 1, State::Busy));
    let order = drain(&queue);
    assert_eq!(order.len(), RELAYED + 2);
    assert_eq!(order[0], "hello");
    assert!(order[1..4].contains(&"alice busy".to_owned()), "{order:?}");
    assert_eq!(
        order.last().unwrap(),
        &format!("notice {}", 2 * RELAYED - 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_came_to_its_end_is_not_sent() {
    let queue = queue();
    let (message, answer) = message("hello", false);
    queue.lock().add_message(message).unwrap();
    assert!(queue.first_end().is_some());
    tokio::time::advance(Duration::from_secs(21)).await;
    assert!(queue.next(false).is_none());
    assert_eq!(answer.await, Ok(Outcome::TimedOut));
    assert_eq!(queue.lock().bytes, 0);
}

#[test]
fn a_last_word_is_the_last() {
    let queue = queue();
    let mut waiting = queue.lock();
    waiting.add_presence(presence("alice", 1, State::Busy));
    waiting.finish(presence("bob", 2, State::Offline));
    waiting.add_presence(presence("alice", 3, State::Away));
    drop(waiting);
    assert!(queue.is_urgent());
    let Some(Taken::Presence(last)) = queue.lock().next(false) else {
        panic!("the last word");
    };
    assert_eq!(&*last.spelled, "bob");
    assert!(queue.lock().is_empty());
    queue.over(last, false);
    assert_eq!(drain(&queue), ["bob offline"], "it is tried again");
}

#[test]
fn of_two_values_of_a_property_the_newer_goes_last() {
    let queue = queue();
    let take = || match queue.next(false) {
        Some(Taken::Presence(presence)) => presence,
        other => panic!("{other:?}"),
    };
    queue.lock().add_presence(presence("alice", 1, State::Busy));
    let first = take();
    queue.lock().add_presence(presence("alice", 2, State::Away));
    queue.lock().add_presence(presence("carol", 3, State::Busy));
    assert_eq!(&*take().spelled, "carol", "others do not wait for it");
    assert!(queue.next(false).is_none() && queue.lock().urgency(false).is_none());
    // It did not arrive: the newer one takes its place.
    queue.over(first, false);
    let second = take();
    assert_eq!(second.change.sequence, 2);
    assert!(queue.next(false).is_none());
    // A third, while the second arrives.
    queue
        .lock()
        .add_presence(presence("alice", 4, State::Online));
    queue.over(second, true);
    let third = take();
    queue.over(third, false);
    assert_eq!(take().change.sequence, 4, "and is tried again");
}

#[tokio::test(start_paused = true)]
async fn presence_that_nobody_watches_any_more_is_forgotten() {
    let queue = queue();
    queue.lock().add_presence(presence("alice", 1, State::Busy));
    let is_watched = |_: &Alias, _| {
        // Whoever answers this may be about to tell something itself.
        assert!(queue.waiting.try_lock().is_some());
        false
    };
    assert!(!queue.keep_presence(is_watched));
    assert!(queue.lock().is_empty());
}
