//! Orders about the same accounts at once.

use super::super::{House, alias, root, user};
use super::{ROUNDS, TASKS, race};
use api::{
    Actor, CreateUser, DeleteUser, DisableUser, EditUser, EnableUser, Error, GetUser, Logoff,
    SetPassword, UnblockUser, UserDetail,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Entries of what may find that nothing is to be changed, and then writes none.
const MAY_BE_NOTHING: [&str; 3] = ["user.enable", "user.disable", "user.unblock"];

fn edit(name: &str, display_name: Option<String>, email: Option<String>) -> EditUser {
    EditUser {
        alias: name.to_owned(),
        revision: None,
        display_name,
        email,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts() {
    let house = Arc::new(House::of(&["u0", "u1", "u2", "u3"]).await);
    let before = house.audited().await;
    let done = race(&house, |house, task, round| async move {
        let (admin, root) = (&house.admin, root());
        let alias = format!("u{}", (task + round) % 4);
        match (task * 7 + round) % 8 {
            0 => {
                let user = user(&alias);
                admin.call(&root, CreateUser { user }).await?;
            }
            1 => {
                let revision = None;
                admin.call(&root, DeleteUser { alias, revision }).await?;
            }
            2 => {
                if round % 2 == 0 {
                    admin.call(&root, EnableUser { alias }).await?;
                } else {
                    admin.call(&root, DisableUser { alias }).await?;
                }
                return Ok(0);
            }
            3 => {
                let password = "another 7".into();
                admin.call(&root, SetPassword { alias, password }).await?;
            }
            4 => {
                admin.call(&root, UnblockUser { alias }).await?;
                return Ok(0);
            }
            5 => {
                let order = Logoff {
                    aliases: vec![alias],
                    all: false,
                    reason: format!("task {task}"),
                    block_minutes: Some(10),
                };
                admin.call(&root, order).await?;
            }
            6 => {
                let name = Some(format!("{task} {round}"));
                admin.call(&root, edit(&alias, name, None)).await?;
            }
            _ => {
                let email = Some(format!("{task}@{round}.example.com"));
                admin.call(&root, edit(&alias, None, email)).await?;
            }
        }
        Ok(1)
    })
    .await;
    assert!(done > 0, "nothing was done");
    let mut entries = house.entries().await;
    entries.truncate(entries.len() - before);
    let certain = entries
        .iter()
        .filter(|it| !MAY_BE_NOTHING.contains(&it.action.as_str()));
    assert_eq!(certain.count(), done);
    // What was enabled is disabled next, or gone; nobody is enabled twice.
    let mut enabled: HashMap<_, _> = (0..4).map(|n| (format!("u{n}"), true)).collect();
    for entry in entries.iter().rev() {
        let now = match entry.action.as_str() {
            "user.create" | "user.enable" => true,
            "user.disable" => false,
            _ => continue,
        };
        let was = enabled.insert(entry.target.clone(), now);
        assert!(
            entry.action == "user.create" || was == Some(!now),
            "{entry:?}"
        );
    }
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_disable_do_not_undo_each_other() {
    let house = House::of(&["alice"]).await;
    let (admin, root) = (&house.admin, &root());
    for round in 0..ROUNDS / 4 {
        let (name, alice) = (format!("round {round}"), || "alice".to_owned());
        let enabled = round % 2 == 0;
        let set = async {
            if enabled {
                admin.call(root, EnableUser { alias: alice() }).await
            } else {
                admin.call(root, DisableUser { alias: alice() }).await
            }
        };
        let secret = SetPassword {
            alias: alice(),
            password: name.as_str().into(),
        };
        let (edited, set, secret) = tokio::join!(
            admin.call(root, edit("alice", Some(name.clone()), None)),
            set,
            admin.call(root, secret),
        );
        edited.and(set).and(secret).unwrap();
        let account = house.nodes().account(&alias("alice")).unwrap();
        assert_eq!((&*account.display_name, account.enabled), (&*name, enabled));
    }
    house.assert_memory_is_disk().await;
}

async fn shown(house: &House) -> UserDetail {
    let alias = "alice".to_owned();
    house.admin.call(&root(), GetUser { alias }).await.unwrap()
}

fn administrator(name: &str) -> Actor {
    Actor {
        name: name.to_owned(),
        ..root()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_edits_other_fields_of_one_revision_loses_nothing() {
    let house = House::of(&["alice"]).await;
    for round in 0..ROUNDS / 4 {
        let revision = Some(shown(&house).await.revision);
        let (name, email) = (format!("name {round}"), format!("a@{round}.example.com"));
        let of_ada = EditUser {
            revision,
            ..edit("alice", Some(name.clone()), None)
        };
        let of_bob = EditUser {
            revision,
            ..edit("alice", None, Some(email.clone()))
        };
        let (ada, bob) = (administrator("ada"), administrator("bob"));
        let (one, other) = tokio::join!(
            house.admin.call(&ada, of_ada),
            house.admin.call(&bob, of_bob)
        );
        one.and(other).unwrap();
        let now = shown(&house).await;
        assert_eq!((now.row.display_name, now.row.email), (name, email));
        assert!(Some(now.revision) > revision);
    }
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_edit_one_field_of_one_revision_one_has_it_and_the_others_hear_of_it() {
    let house = Arc::new(House::of(&["alice"]).await);
    for round in 0..ROUNDS / 20 {
        let before = shown(&house).await;
        let edits = (0..TASKS).map(|task| {
            let house = house.clone();
            let order = EditUser {
                revision: Some(before.revision),
                ..edit("alice", Some(format!("{task} of {round}")), None)
            };
            async move {
                let actor = administrator(&format!("admin{task}"));
                house.admin.call(&actor, order).await.map(|_| task)
            }
        });
        let said = futures::future::join_all(edits).await;
        let done: BTreeSet<_> = said.iter().filter_map(|it| it.clone().ok()).collect();
        assert_eq!(done.len(), 1, "{said:?}");
        let winner = done.first().unwrap();
        let name = format!("{winner} of {round}");
        assert_eq!(shown(&house).await.row.display_name, name);
        for refused in said.into_iter().filter_map(Result::err) {
            let Error::Stale { message, since } = refused else {
                panic!("{refused:?}")
            };
            assert!(message.contains(&name), "{message}");
            let [it] = since.as_slice() else {
                panic!("{since:?}")
            };
            assert_eq!((it.field.as_str(), &it.after), ("display_name", &name));
            assert_eq!(it.before, before.row.display_name);
            assert_eq!(it.by, format!("admin{winner}"));
        }
    }
    // Who takes away what somebody else has just changed is told, too.
    let seen = shown(&house).await.revision;
    let alias = "alice".to_owned();
    let set = SetPassword {
        alias: alias.clone(),
        password: "another 7".into(),
    };
    house.admin.call(&root(), set).await.unwrap();
    let delete = DeleteUser {
        alias,
        revision: Some(seen),
    };
    let refused = house.admin.call(&root(), delete).await;
    assert!(matches!(refused, Err(Error::Stale { .. })), "{refused:?}");
    let audit = house.entries().await;
    assert!(!format!("{audit:?}").contains("another 7"));
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_accounts_are_one_entry_and_a_dry_run_is_none() {
    let house = House::of(&["alice"]).await;
    let before = house.audited().await;
    let users = vec![user("bob"), user("Carol")];
    let dry = api::ImportUsers {
        users: users.clone(),
        dry_run: true,
    };
    assert_eq!(house.admin.call(&root(), dry).await, Ok(2));
    assert_eq!(house.audited().await, before);
    assert!(house.nodes().account(&alias("bob")).is_none());

    assert_eq!(house.import(&users).await, Ok(2));
    let entries = house.entries().await;
    assert_eq!(entries.len(), before + 1);
    let (target, detail) = (&entries[0].target, &entries[0].detail);
    assert_eq!((target.as_str(), detail.as_str()), ("2 users", "bob carol"));
    let alias = "carol".to_owned();
    let carol = house.admin.call(&root(), GetUser { alias }).await.unwrap();
    assert_eq!(i64::from(carol.revision), entries[0].id);

    let mut bad = vec![user("dave"), user("erin")];
    bad[1].password = "".into();
    let refused = house.import(&bad).await.unwrap_err();
    let Error::Invalid { field, message } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(field, "users[1].password");
    assert!(
        message.contains("Account 2 of the list, \"erin\""),
        "{message}"
    );
    let taken = house.import(&[user("dave"), user("alice")]).await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
    assert_eq!(house.audited().await, before + 1);
    house.assert_memory_is_disk().await;
}
