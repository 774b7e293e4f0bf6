//! Many orders at once: none is lost, memory is what the disk is, and each has its audit entry.

mod users;

use super::super::MOST_ENTRIES;
use super::{DOMAIN, House, alias, root, user};
use crate::store::AdminRow;
use api::{
    AddMembers, Assignment, CreateGroup, CreateUser, DeleteAccount, DeleteGroup, DeleteUser,
    DisableAccount, EditGroup, NewGroup, PrivacyChange, RemoveMembers, Role, SetAccountRole,
};
use policies::{Policy, Setting};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Tasks that race.
const TASKS: usize = 32;
/// Rounds of each at the most.
const ROUNDS: usize = 200;
/// How long one kind of race lasts at the most: a slow disk has fewer rounds.
const BUDGET: Duration = Duration::from_millis(1500);

/// Lets [`TASKS`] tasks give `order(house, task, round)` again and again; counts what was done, by
/// the number of audit entries that each says it makes. Refusals are for orders to give; anything
/// that the server could not do is a fault.
async fn race<F, R>(house: &Arc<House>, order: F) -> usize
where
    F: Fn(Arc<House>, usize, usize) -> R + Copy + Send + 'static,
    R: Future<Output = Result<usize, api::Error>> + Send,
{
    let done = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (house, done, over) = (house.clone(), done.clone(), over.clone());
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                match order(house.clone(), task, round).await {
                    Ok(entries) => _ = done.fetch_add(entries, Ordering::Relaxed),
                    Err(api::Error::Internal(fault)) => panic!("{fault}"),
                    Err(_) => {}
                }
                if over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
    }
    let whole = tokio::time::timeout(BUDGET, async {
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    });
    if whole.await.is_err() {
        over.store(true, Ordering::Relaxed);
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    done.load(Ordering::Relaxed)
}

/// Races, and checks that each change has its entry and that memory is what the disk is.
async fn race_and_check<F, R>(house: &Arc<House>, order: F)
where
    F: Fn(Arc<House>, usize, usize) -> R + Copy + Send + 'static,
    R: Future<Output = Result<usize, api::Error>> + Send,
{
    let before = house.audited().await;
    let done = race(house, order).await;
    assert!(done > 0, "nothing was done");
    assert_eq!(house.audited().await - before, done);
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_users_of_one_name() {
    let house = Arc::new(House::of(&["a", "b", "c"]).await);
    race_and_check(&house, |house, task, round| async move {
        let (admin, root) = (&house.admin, root());
        let name = format!("g{}", round % 2);
        let member = vec![["a", "b", "c"][(task + round) % 3].to_owned()];
        match (task + round) % 7 {
            0 => {
                let group = NewGroup {
                    name,
                    description: String::new(),
                    members: member,
                };
                admin.call(&root, CreateGroup { group }).await?;
            }
            1 => {
                let revision = None;
                admin.call(&root, DeleteGroup { name, revision }).await?;
            }
            2 => {
                let members = member;
                admin.call(&root, AddMembers { name, members }).await?;
            }
            3 => {
                let members = member;
                admin.call(&root, RemoveMembers { name, members }).await?;
            }
            4 => {
                let user = user(&name);
                admin.call(&root, CreateUser { user }).await?;
            }
            5 => {
                let (alias, revision) = (name, None);
                admin.call(&root, DeleteUser { alias, revision }).await?;
            }
            _ => {
                let edit = EditGroup {
                    name,
                    revision: None,
                    // What changes nothing is no change.
                    description: Some(format!("{task} {round}")),
                };
                admin.call(&root, edit).await?;
            }
        }
        Ok(1)
    })
    .await;
    for name in ["g0", "g1"] {
        let group = house.live.groups.now().get(&alias(name)).is_some();
        assert!(!(group && house.nodes().account(&alias(name)).is_some()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_member_is_lost() {
    let names: Vec<_> = (0..TASKS).map(|n| format!("m{n}")).collect();
    let house = House::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let group = NewGroup {
        name: "all".to_owned(),
        description: String::new(),
        members: Vec::new(),
    };
    house
        .admin
        .call(&root(), CreateGroup { group })
        .await
        .unwrap();
    let (admin, root) = (&house.admin, &root());
    let add = names.iter().map(|name| async move {
        let add = AddMembers {
            name: "all".to_owned(),
            members: vec![name.clone()],
        };
        admin.call(root, add).await.unwrap()
    });
    let added: u32 = futures::future::join_all(add).await.into_iter().sum();
    assert_eq!(added as usize, TASKS);
    let groups = house.live.groups.now();
    assert_eq!(groups.get(&alias("all")).unwrap().members.len(), TASKS);
    house.assert_memory_is_disk().await;
}

fn lockdown(task: usize) -> String {
    let policy = Policy::new("Lockdown")
        .with("disable-file-transfer", Setting::On)
        .with("ie-proxy-enable", Setting::On)
        .with(
            "ie-proxy-server",
            Setting::Text(format!("proxy{task}:8080")),
        );
    serde_json::to_string(&policy).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_and_who_they_count_for() {
    let house = Arc::new(House::of(&["a", "b"]).await);
    race_and_check(&house, |house, task, round| async move {
        let (admin, root) = (&house.admin, root());
        let assignment = Assignment {
            everyone: task % 3 == 0,
            groups: Vec::new(),
            users: vec![["a", "b"][round % 2].to_owned()],
            priority: 0,
        };
        match (task + round) % 8 {
            0 => {
                let (json, why) = (lockdown(task), "made");
                let made = admin.create_policy(&root, &json, why, &assignment);
                made.await?;
                // Saved, and assigned.
                return Ok(2);
            }
            1 => admin.delete_policy(&root, "lockdown").await?,
            2 => {
                let base = admin.policy("Lockdown").await?.summary.revision;
                drop(admin.revert_policy(&root, "Lockdown", 1, base).await?);
            }
            3 => {
                admin.serve_proxy_script(&root, Some("lockdown")).await?;
            }
            4 => admin.serve_proxy_script(&root, None).await?,
            5 => admin.assign_policy(&root, "LOCKDOWN", &assignment).await?,
            _ => {
                let base = admin.policy("Lockdown").await?.summary.revision;
                let json = lockdown(task);
                drop(admin.save_policy(&root, &json, base, "").await?);
            }
        }
        Ok(1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_save_one_revision_one_has_it() {
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    for base in 0..u32::try_from(ROUNDS / 20).unwrap() {
        let save = (0..TASKS).map(|task| async move {
            admin
                .save_policy(root, &lockdown(task), base, "")
                .await
                .is_ok()
        });
        let saved = futures::future::join_all(save).await;
        assert_eq!(saved.into_iter().filter(|saved| *saved).count(), 1);
    }
    let revisions = admin.policy_revisions("Lockdown").await.unwrap();
    assert_eq!(revisions.len(), ROUNDS / 20);
    assert_eq!(house.audited().await, ROUNDS / 20);
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_numbered_without_a_gap() {
    let house = Arc::new(House::of(&["a"]).await);
    let before = house.audited().await;
    let done = race(&house, |house, task, _| async move {
        let values = (0..=task % 3).map(|n| format!("\"{task}-{n}\"=\"x\"\r\n"));
        let file = format!(
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\{}\\im.example.com\\a]\r\n{}",
            policies::CONTACTS_KEY,
            values.collect::<String>()
        );
        let admin = &house.admin;
        if task % 2 == 0 {
            let owner = alias("a");
            let generation = house.nodes().account(&owner).map(|it| it.generation);
            admin
                .keep_own_contacts(&owner, generation.unwrap_or_default(), file.as_bytes())
                .await?;
            return Ok(1);
        }
        admin.import_contacts(&root(), "a", file.as_bytes()).await?;
        let kept = admin.store.contact_list("a").await.unwrap();
        let (list, values) = kept.unwrap();
        assert_eq!(list.values as usize, values.len(), "of two revisions");
        Ok(1)
    })
    .await;
    let kept = house.admin.contacts("a").await.unwrap().unwrap();
    assert_eq!(kept.summary.revision as usize, done);
    assert!(
        house.audited().await - before < done,
        "only administrators' are audited"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_block_of_a_contact_is_lost() {
    let names: Vec<_> = (0..TASKS).map(|n| format!("c{n}")).collect();
    let house = House::of(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (admin, root) = (&house.admin, &root());
    let block = names[1..].iter().map(|name| async move {
        let change = PrivacyChange::Block(name.clone());
        admin.set_privacy(root, "c0", &change).await.unwrap();
    });
    futures::future::join_all(block).await;
    let list = house.nodes().acl(&alias("c0")).unwrap().unwrap();
    assert!(list.entries.len() >= TASKS - 1 && list.entries.len() <= MOST_ENTRIES);
    for name in &names[1..] {
        let url = format!("http://{DOMAIN}/instmsg/aliases/{name}");
        let entry = list
            .entries
            .iter()
            .find(|entry| matches!(&entry.who, rvp::AcePrincipal::Principal(who) if **who == *url));
        assert!(entry.is_some_and(|entry| entry.deny.contains(rvp::Rights::SEND_TO)));
    }
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_administrator_always_stays() {
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    let mut known = BTreeSet::new();
    for round in 0..ROUNDS {
        let mut change = admin.begin(root).await.unwrap();
        for name in ["anna", "bert"].map(|name| format!("{name}{round}")) {
            // What is hashed does not matter here, and hashing takes long.
            let row = AdminRow {
                name: name.clone(),
                role: "administrator".to_owned(),
                password_hash: "none".to_owned(),
                generation: 1,
                enabled: true,
                created_ms: 0,
                signed_in_ms: None,
                signed_in_from: None,
            };
            change.rows.add_admin(&row).await.unwrap();
            known.insert(name);
        }
        change.commit(|_| ()).await.unwrap();
        let remove = known.iter().map(|name| {
            let (name, revision) = (name.clone(), None);
            admin.call(root, DeleteAccount { name, revision })
        });
        let removed = futures::future::join_all(remove).await;
        assert!(removed.iter().filter(|removed| removed.is_err()).count() == 1);
        let left = admin.store.admins().await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].role, "administrator");
        known = left.into_iter().map(|row| row.name).collect();
    }
    assert_eq!(house.audited().await, 2 * ROUNDS - 1);
}

/// However it is tried: by removing, disabling and lowering, all at once.
#[tokio::test(flavor = "multi_thread")]
async fn one_administrator_who_may_sign_in_always_stays() {
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    let names = ["anna", "bert", "cleo", "dora"].map(str::to_owned);
    for _ in 0..ROUNDS {
        let mut change = admin.begin(root).await.unwrap();
        for row in change.rows.admins().await.unwrap() {
            change.rows.remove_admin(&row.name).await.unwrap();
        }
        for name in names.clone() {
            let row = AdminRow {
                name,
                role: "administrator".to_owned(),
                password_hash: "none".to_owned(),
                generation: 1,
                enabled: true,
                created_ms: 0,
                signed_in_ms: None,
                signed_in_from: None,
            };
            change.rows.add_admin(&row).await.unwrap();
        }
        change.commit(|_| ()).await.unwrap();
        let [anna, bert, cleo, dora] = names.clone();
        let (revision, role) = (None, Role::Operator);
        let tried = tokio::join!(
            admin.call(root, DisableAccount { name: anna }),
            admin.call(
                root,
                DeleteAccount {
                    name: bert,
                    revision
                }
            ),
            admin.call(
                root,
                SetAccountRole {
                    name: cleo,
                    revision,
                    role
                }
            ),
            admin.call(root, DisableAccount { name: dora }),
        );
        let tried = [tried.0, tried.1, tried.2, tried.3];
        let refused: Vec<_> = tried.into_iter().filter_map(Result::err).collect();
        assert!(
            matches!(refused.as_slice(), [api::Error::Conflict(why)] if why.contains("last administrator")),
            "{refused:?}"
        );
        let left = admin.store.admins().await.unwrap();
        let may = |row: &&AdminRow| row.enabled && row.role == "administrator";
        assert_eq!(left.iter().filter(may).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_the_first_run_works_once() {
    let house = House::new().await;
    let token = house.admin.first_run_token().await.unwrap().unwrap();
    let (admin, token) = (&house.admin, &token);
    let browsers = (0..4).map(|n| async move {
        let name = format!("admin{n}");
        admin
            .create_first_admin(token, &name, "a long enough pass phrase 1", "here")
            .await
    });
    let made = futures::future::join_all(browsers).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    assert!(
        made.iter()
            .all(|made| matches!(made, Ok(_) | Err(api::Error::Conflict(_))))
    );
    assert_eq!(admin.store.admins().await.unwrap().len(), 1);
    assert_eq!(house.audited().await, 1);
    assert_eq!(admin.first_run_token().await.unwrap(), None);
}
