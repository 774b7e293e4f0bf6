//! What cannot be saved: memory is what it was, and what the disk says.

use super::*;
use crate::store::StoreError;
use rvp::{Ace, AcePrincipal, Acl, Credentials, PropertyName, Rights};
use std::fmt::Write as _;

/// Tables that presence is written to.
const TABLES: [&str; 6] = [
    "subscriptions",
    "leases",
    "views",
    "properties",
    "users",
    "facts",
];

impl House {
    /// Has rows of a table refused, by a damage that only they meet: those `when` says.
    async fn damage(&self, table: &str, when: &str) {
        for act in ["INSERT", "UPDATE", "DELETE"] {
            let row = if act == "DELETE" { "OLD" } else { "NEW" };
            let when = when.replace("ROW", row);
            let trigger = format!(
                "CREATE TRIGGER damaged_{table}_{act} BEFORE {act} ON {table} WHEN {when}
                 BEGIN SELECT RAISE(ABORT, 'damaged'); END"
            );
            self.store.execute(&trigger).await;
        }
    }

    async fn mend(&self) {
        for table in TABLES {
            for act in ["INSERT", "UPDATE", "DELETE"] {
                let mend = format!("DROP TRIGGER IF EXISTS damaged_{table}_{act}");
                self.store.execute(&mend).await;
            }
        }
    }

    /// All that memory holds of a user.
    fn memory(&self, name: &str) -> String {
        let alias = alias(name);
        let mut shard = self.nodes.shard(&alias);
        let p = shard.get_mut(&alias).unwrap();
        p.watches.sort_by_key(|w| w.id);
        p.views.sort_by_key(|v| v.id);
        let mut text = String::new();
        for login in &p.logins {
            let _ = writeln!(text, "{} until {}", login.id, login.expires);
        }
        for view in &p.views {
            let _ = writeln!(
                text,
                "{} {:?} {:?} {} {}",
                view.id, view.value, view.default, view.set, view.expires
            );
        }
        for watch in &p.watches {
            let _ = writeln!(text, "{} {} {}", watch.id, watch.subscriber, watch.expires);
        }
        let mut properties: Vec<_> = p.properties.iter().collect();
        properties.sort_by_key(|(name, _)| name.to_string());
        let _ = writeln!(
            text,
            "{properties:?} {:?} {:?} {:?}",
            p.acl, p.shown, p.account.last_sign_on
        );
        text
    }

    pub(super) fn set_property(&self, name: &str, value: Option<&str>) -> Result<Effects, Refused> {
        let value = value.map(|value| PropertyValue {
            is_xml: false,
            value: value.into(),
            default: "".into(),
            expires: None,
        });
        self.nodes
            .set_property(&alias("alice"), &PropertyName::new("x:", name), value)
    }

    fn state_effects(&self, name: &str, state: State, view: Option<ViewId>) -> Effects {
        let change = StateChange {
            value: state,
            default: None,
            timeout: Some(1200),
            leased: true,
            view_id: view,
        };
        let set = self
            .nodes
            .set_state(&alias(name), change, machine(1), self.now());
        set.unwrap().1
    }

    fn block(&self, whom: &str) -> Effects {
        let whom = url(whom);
        let change = |acl: Option<&Acl>| {
            let mut acl = acl.cloned().unwrap_or_default();
            acl.merge(Acl {
                entries: vec![Ace {
                    who: AcePrincipal::Principal(whom.as_str().into()),
                    credentials: Credentials::DIGEST | Credentials::NTLM,
                    grant: Rights::NONE,
                    deny: Rights::SEND_TO | Rights::PRESENCE,
                }],
            });
            Ok::<_, Refused>((Some(acl), None, ()))
        };
        self.nodes.change_acl(&alias("alice"), change).unwrap().1
    }
}

fn is_unsaved(result: &Result<Vec<Event>, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unsaved(_)))
}

#[tokio::test]
async fn every_change_that_cannot_be_saved_is_taken_back() {
    let house = House::new().await;
    let desk = house.sign_on("alice", machine(1), 3600).await;
    house.sign_on("alice", machine(2), 3600).await;
    let (first, _) = house.set("alice", machine(1), State::Online, None).await;
    house.set("alice", machine(2), State::Busy, None).await;
    let watch = house.watch("bob", "alice").await;
    house
        .set_property("a", Some("1"))
        .unwrap()
        .saved()
        .await
        .unwrap();
    house.block("carol").saved().await.unwrap();
    let before = house.memory("alice");
    house.clock.advance(5000);

    let me = Who::Here(alias("alice"));
    let it = Result::<Effects, Refused>::unwrap;
    let sign_on = SignOn {
        alias: alias("alice"),
        url: url("alice"),
        call_back: SocketAddr::new(machine(3), 4711),
        peer: machine(3),
        client: String::new(),
        scheme: Scheme::Digest,
        lifetime: None,
        at: house.now(),
    };
    let watching = Watching {
        subscriber: me.clone(),
        href: url("alice"),
        direct: None,
        sink: false,
        lifetime: None,
    };
    let a = alias("alice");
    let bob = Who::Here(alias("bob"));
    let (nodes, now) = (&house.nodes, house.now());
    let change = |what: &str| match what {
        "sign on" => nodes.sign_on(sign_on.clone(), now).unwrap().1,
        "watch" => nodes.watch(watching.clone(), now).unwrap().3,
        "renew" => nodes.renew(&a, &me, desk.id, Some(9000), now).unwrap().1,
        "renew a watch" => nodes.renew(&a, &bob, watch.id, Some(9000), now).unwrap().1,
        "end a watch" => it(nodes.unsubscribe(&a, &me, watch.id)),
        "sign off" => it(nodes.unsubscribe(&a, &me, desk.id)),
        "a state" => house.state_effects("alice", State::Away, Some(first.view)),
        "offline" => house.state_effects("alice", State::Offline, Some(first.view)),
        "a property" => it(house.set_property("a", Some("2"))),
        "a new property" => it(house.set_property("b", Some("2"))),
        "no property" => it(house.set_property("a", None)),
        _ => house.block("bob"),
    };
    // The last ones end what the others need.
    let changes = [
        "sign on",
        "watch",
        "renew",
        "renew a watch",
        "a state",
        "offline",
        "a property",
        "a new property",
        "no property",
        "the list",
        "end a watch",
        "sign off",
    ];
    for table in TABLES {
        house.damage(table, "1").await;
    }
    for what in changes {
        let result = change(what).saved().await;
        assert!(is_unsaved(&result), "{what}: {result:?}");
        assert_eq!(house.memory("alice"), before, "{what}");
    }
    // Several at once, each on top of the one before.
    let at_once = [
        house.state_effects("alice", State::Away, Some(first.view)),
        house.block("bob"),
        it(house.set_property("a", None)),
        it(house.nodes.unsubscribe(&a, &me, desk.id)),
        house.nodes.sign_on(sign_on.clone(), house.now()).unwrap().1,
    ];
    for effects in at_once {
        assert!(is_unsaved(&effects.saved().await));
    }
    assert_eq!(house.memory("alice"), before, "all at once");
    assert_eq!(house.nodes.signed_on(), 1);

    house.mend().await;
    for what in changes {
        assert!(change(what).saved().await.is_ok(), "{what}");
    }
    let told = house.memory("alice");
    let house = house.crashed().await;
    assert_eq!(house.memory("alice"), told, "memory is what the disk says");
}

#[tokio::test]
async fn who_was_signed_off_stays_so_whatever_cannot_be_saved() {
    let house = House::new().await;
    let desk = house.sign_on("alice", machine(1), 3600).await;
    house.sign_on("alice", machine(2), 3600).await;
    house.set("alice", machine(1), State::Busy, None).await;
    house.set("alice", machine(2), State::Away, None).await;
    house.watch("bob", "alice").await;
    for table in TABLES {
        house.damage(table, "1").await;
    }
    let a = alias("alice");
    // One of them is about to sign off by itself.
    let own = house
        .nodes
        .unsubscribe(&a, &Who::Here(a.clone()), desk.id)
        .unwrap();
    let sessions = house.nodes.begin_to_leave(&a);
    assert_eq!(sessions.len(), 1);
    let left = house.nodes.end_sessions(&a, &sessions).unwrap();
    assert_eq!(told(&left.events), [("bob".to_owned(), State::Offline)]);
    assert!(is_unsaved(&own.saved().await));
    let _ = left.commit.wait().await;
    assert_eq!(house.nodes.signed_on(), 0);
    assert_eq!(house.state("alice"), State::Offline);
    // Who signs on afterwards is another.
    house.mend().await;
    house.sign_on("alice", machine(3), 3600).await;
    assert_eq!(house.nodes.signed_on(), 1);
}

#[tokio::test]
async fn what_one_cannot_save_does_not_stop_the_others() {
    let house = House::new().await;
    for name in ["alice", "bob", "carol"] {
        house.sign_on(name, machine(1), 3600).await;
    }
    house.damage("views", "ROW.alias = 'alice'").await;
    for _ in 0..20 {
        // All on their way together.
        let bad = house.state_effects("alice", State::Busy, None);
        let good = house.state_effects("bob", State::Busy, None);
        let on_top = house.set_property("a", Some("on top of it")).unwrap();
        let well = house.state_effects("carol", State::Away, None);
        assert!(is_unsaved(&bad.saved().await));
        assert!(good.saved().await.is_ok());
        assert!(well.saved().await.is_ok());
        // It may have been submitted before or after the first came back.
        let _ = on_top.saved().await;
        assert_eq!(house.state("alice"), State::Offline);
    }
    let trouble = house.nodes.trouble().unwrap();
    assert!(!trouble.refusing, "{trouble:?}");
    let memory = ["alice", "bob", "carol"].map(|name| house.memory(name));
    let house = house.crashed().await;
    for (name, memory) in ["alice", "bob", "carol"].iter().zip(memory) {
        assert_eq!(house.memory(name), memory);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lists_that_are_set_at_once_keep_every_entry() {
    let house = Arc::new(House::new().await);
    for round in 0..200 {
        let tasks: Vec<_> = (0..32)
            .map(|n| {
                let house = house.clone();
                tokio::spawn(async move { house.block(&format!("user{n}")).saved().await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let kept = house.nodes.acl(&alias("alice")).unwrap().unwrap();
        assert_eq!(kept.entries.len(), 32, "round {round}");
        let users = house.store.users().await.unwrap();
        let alice = users.iter().find(|user| user.alias == "alice").unwrap();
        let saved = rvp::read_acl(alice.acl.as_ref().unwrap()).unwrap();
        assert_eq!(saved, *kept, "round {round}");
        let none = |_: Option<&Acl>| Ok::<_, Refused>((None, None, ()));
        let ((), effects) = house.nodes.change_acl(&alias("alice"), none).unwrap();
        effects.saved().await.unwrap();
    }
}

#[tokio::test]
async fn watchers_hear_of_what_was_saved_though_its_maker_is_gone() {
    let house = House::new().await;
    house.sign_on("alice", machine(1), 3600).await;
    house.watch("bob", "alice").await;
    // The client closes its connection while the server waits for the disk.
    drop(house.state_effects("alice", State::Busy, None));
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let forgotten = house.nodes.forgotten().unwrap();
    tokio::spawn(forgotten.tell(move |events| heard.send(events).unwrap()));
    let events = hears.recv().await.unwrap();
    assert_eq!(told(&events), [("bob".to_owned(), State::Busy)]);
    house.damage("views", "1").await;
    drop(house.state_effects("alice", State::Away, None));
    let busy = house.set_property("a", Some("1")).unwrap().saved().await;
    drop(busy);
    while house.state("alice") != State::Busy {
        tokio::task::yield_now().await;
    }
    let events = hears.recv().await.unwrap();
    assert_eq!(
        told(&events),
        [("bob".to_owned(), State::Busy)],
        "of what was not saved nobody hears"
    );
}

#[tokio::test]
async fn numbers_are_given_out_only_if_they_are_set_aside() {
    let house = House::new().await;
    house.damage("facts", "ROW.name = 'ids_reserved'").await;
    let mut last = 0;
    let refused = loop {
        match house.nodes.subscription_id() {
            Ok(id) => last = id.get(),
            Err(refused) => break refused,
        }
        if last % 1000 == 0 {
            // Those that were asked for come back.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    assert!(matches!(refused, Refused::Unsaved), "{refused}");
    let first_free = house.store.first_free_id().await.unwrap();
    assert_eq!(
        last + 1,
        first_free,
        "all of those that are set aside, and no other"
    );

    house.mend().await;
    let given = loop {
        match house.nodes.subscription_id() {
            Ok(id) => break id.get(),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    };
    assert_eq!(given, first_free, "none was passed over");
}
