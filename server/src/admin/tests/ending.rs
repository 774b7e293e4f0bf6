//! What works in the background ends with those for whom it works.

use super::House;
use crate::clock::Clock;
use crate::enforcement::Record;
use crate::events::EventLog;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn who_writes_refusals_ends_when_nobody_is_left_to_refuse_anything() {
    let house = House::new().await;
    let (record, unwritten) = Record::new(EventLog::new(Clock::manual(0)));
    let never = CancellationToken::new();
    let (nodes, clock) = (house.live.nodes.clone(), house.clock.clone());
    let writing = tokio::spawn(unwritten.write(house.store.clone(), nodes, clock, never));
    drop(record);
    let ended = tokio::time::timeout(Duration::from_secs(20), writing).await;
    ended.unwrap().unwrap();
}
