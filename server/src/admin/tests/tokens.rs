//! Tokens that are used by several at once.

use super::{House, root};
use api::{CreateToken, Error, FOLLOW_EVENTS, Role};
use std::sync::Arc;

fn wish(name: &str, operations: Option<Vec<String>>) -> CreateToken {
    CreateToken {
        name: name.to_owned(),
        role: Role::Viewer,
        operations,
        days: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_uses_of_a_day_one_is_written_down() {
    let house = Arc::new(House::new().await);
    let made = house.admin.call(&root(), wish("many", None)).await.unwrap();
    let before = house.audited().await;
    let uses = (0..32).map(|number| {
        let (house, word) = (house.clone(), made.token.clone());
        tokio::spawn(async move {
            // From several machines in turn: a use is no write for that.
            let from = format!("192.0.2.{}", number % 2);
            house.admin.token_actor(word.expose(), &from).await
        })
    });
    for used in futures::future::join_all(uses).await {
        assert_eq!(used.unwrap().unwrap().name, "token many");
    }
    assert_eq!(house.audited().await - before, 1);
}

#[tokio::test]
async fn a_token_may_be_kept_to_the_stream_of_events() {
    let house = House::new().await;
    let only = Some(vec![FOLLOW_EVENTS.to_owned()]);
    let made = house.admin.call(&root(), wish("ear", only)).await.unwrap();
    let actor = house.admin.token_actor(made.token.expose(), "here").await;
    assert!(actor.unwrap().may(FOLLOW_EVENTS, Role::Viewer));
    let unknown = Some(vec!["events.none".to_owned()]);
    let refused = house.admin.call(&root(), wish("ear2", unknown)).await;
    assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "operations"));
}
