//! What belonged to a removed account falls to nobody.

use super::{House, alias, deaf, root, user};
use crate::presence::Refused;
use crate::presence::{Account, PropertyValue, Watching, Who};
use api::{CreateGroup, CreateUser, DeleteGroup, DeleteUser, DisableUser, EnableUser};
use rvp::{Acl, LogicalUrl, PropertyName, State};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn watching(house: &House, who: &str, whom: &str) -> Result<(), Refused> {
    let wish = Watching {
        subscriber: Who::Here(alias(who)),
        href: LogicalUrl::compose(super::DOMAIN, whom),
        direct: Some(deaf()),
        sink: false,
        lifetime: None,
    };
    // Nobody waits: its rows are still under way when the account is removed.
    let (_, _, _, effects) = house.nodes().watch(wish, super::NOW)?;
    drop(effects);
    Ok(())
}

fn property(house: &House, name: &str) {
    let value = PropertyValue {
        is_xml: false,
        value: "hers".into(),
        default: "".into(),
        expires: None,
    };
    let set = house.nodes().set_property(
        &alias(name),
        &PropertyName::new("urn:test", "colour"),
        Some(value),
    );
    drop(set.unwrap());
}

async fn create(house: &House, name: &str) {
    let user = user(name);
    let made = house.admin.call(&root(), CreateUser { user }).await;
    made.unwrap();
}

async fn delete(house: &House, name: &str) {
    let (alias, revision) = (name.to_owned(), None);
    let order = DeleteUser { alias, revision };
    house.admin.call(&root(), order).await.unwrap();
}

fn assert_fresh(house: &House, name: &str) {
    let who = alias(name);
    let nodes = house.nodes();
    let properties = nodes.properties(&who).unwrap();
    assert_eq!(properties.state, State::Offline);
    assert!(properties.others.is_empty(), "{:?}", properties.others);
    assert!(nodes.sessions(&who).is_empty());
    assert_eq!(nodes.watchers(&who), 0);
    assert_eq!(nodes.watchers(&alias("bob")), 0);
    let Account { last_sign_on, .. } = nodes.account(&who).unwrap();
    assert_eq!(last_sign_on, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_removed_account_is_the_next_ones() {
    let house = House::of(&["alice", "bob"]).await;
    for _ in 0..10 {
        house.sign_on("alice").await;
        watching(&house, "alice", "bob").unwrap();
        watching(&house, "bob", "alice").unwrap();
        property(&house, "alice");
        delete(&house, "alice").await;
        assert!(house.nodes().account(&alias("alice")).is_none());
        assert_eq!(house.nodes().signed_on(), 0);
        assert_eq!(house.nodes().watchers(&alias("bob")), 0);

        create(&house, "alice").await;
        assert_fresh(&house, "alice");
        assert_fresh(&house.restarted().await, "alice");
    }
    house.assert_memory_is_disk().await;
}

/// What a request in flight does as a user who is deleted meanwhile, and made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_in_flight_does_nothing_for_the_next_of_its_name() {
    let house = Arc::new(House::of(&["alice", "bob"]).await);
    for _ in 0..60 {
        let who = alias("alice");
        let generation = house.nodes().account(&who).unwrap().generation;
        let over = Arc::new(AtomicBool::new(false));
        let requests: Vec<_> = (0..3)
            .map(|kind| {
                let (house, over, who) = (house.clone(), over.clone(), who.clone());
                tokio::task::spawn_blocking(move || {
                    let nodes = house.nodes();
                    while !over.load(Ordering::SeqCst) {
                        let _ = nodes.acting(&who, generation, || {
                            match kind {
                                0 => watching(&house, "alice", "bob")?,
                                1 => property(&house, "alice"),
                                _ => {
                                    let block = |_: Option<&Acl>| {
                                        Ok::<_, Refused>((Some(Acl::default()), None, ()))
                                    };
                                    drop(nodes.change_acl(&who, block)?);
                                }
                            }
                            Ok::<_, Refused>(())
                        });
                    }
                })
            })
            .collect();
        delete(&house, "alice").await;
        assert_eq!(house.nodes().watchers(&alias("bob")), 0);
        create(&house, "alice").await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        over.store(true, Ordering::SeqCst);
        for request in requests {
            request.await.unwrap();
        }
        assert_fresh(&house, "alice");
        assert_eq!(house.nodes().acl(&who).unwrap(), None);
    }
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_made_anew_has_no_watchers() {
    let house = House::of(&["alice"]).await;
    let group = api::NewGroup {
        name: "branch".into(),
        description: String::new(),
        members: vec!["alice".into()],
    };
    for _ in 0..5 {
        let create = CreateGroup {
            group: group.clone(),
        };
        house.admin.call(&root(), create).await.unwrap();
        assert_eq!(
            house.restarted().await.nodes().watchers(&alias("branch")),
            0
        );
        watching(&house, "alice", "branch").unwrap();
        let delete = DeleteGroup {
            name: "branch".into(),
            revision: None,
        };
        house.admin.call(&root(), delete).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_signed_off_and_one_enabled_again_stays() {
    let house = House::of(&["alice"]).await;
    house.sign_on("alice").await;
    let (admin, root) = (&house.admin, &root());
    let alias_of = || "alice".to_owned();
    let enable = || EnableUser { alias: alias_of() };
    let disable = || DisableUser { alias: alias_of() };
    admin.call(root, disable()).await.unwrap();
    assert!(house.nodes().sessions(&alias("alice")).is_empty());

    admin.call(root, enable()).await.unwrap();
    house.sign_on("alice").await;
    // Both are under way at once, and she signs on as soon as she may.
    let order = admin.clone();
    let actor = root.clone();
    let wish = disable();
    let disabling = tokio::spawn(async move { order.call(&actor, wish).await });
    while house
        .nodes()
        .account(&alias("alice"))
        .is_some_and(|it| it.enabled)
    {
        tokio::task::yield_now().await;
    }
    admin.call(root, enable()).await.unwrap();
    house.sign_on("alice").await;
    disabling.await.unwrap().unwrap();
    assert_eq!(house.nodes().sessions(&alias("alice")).len(), 1);
    house.assert_memory_is_disk().await;
}
