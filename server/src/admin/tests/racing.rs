//! Many orders at once: none is lost, memory is what the disk is, and each has its audit entry.

mod users;

use super::super::MOST_ENTRIES;
use super::{DOMAIN, House, alias, root, user};
use crate::admin::Admin;
use crate::store::AdminRow;
use api::{
    Actor, AddMembers, AssignPolicy, Assignment, Base64, CreateGroup, CreatePolicy, CreateUser,
    DeleteAccount, DeleteGroup, DeletePolicy, DeleteUser, DisableAccount, EditGroup, Error,
    GetContacts, GetPolicy, GetReach, ImportContacts, ImportPolicy, ListRevisions, NewGroup,
    PolicyDocument, PrivacyChange, RemoveMembers, RevertPolicy, Role, SavePolicy, ServeProxyScript,
    SetAccountRole, SetPrivacy,
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
    R: Future<Output = Result<usize, Error>> + Send,
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
                    Err(Error::Internal(fault)) => panic!("{fault}"),
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
    R: Future<Output = Result<usize, Error>> + Send,
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

fn lockdown(task: usize) -> PolicyDocument {
    let policy = Policy::new("Lockdown")
        .with("disable-file-transfer", Setting::On)
        .with("ie-proxy-enable", Setting::On)
        .with(
            "ie-proxy-server",
            Setting::Text(format!("proxy{task}:8080")),
        );
    PolicyDocument::of(&policy).unwrap()
}

/// The number of the newest revision.
async fn newest(admin: &Admin, root: &Actor) -> Result<u32, Error> {
    let name = "Lockdown".to_owned();
    let view = admin.call(root, GetPolicy { name }).await?;
    Ok(view.summary.revision)
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_and_who_they_count_for() {
    let house = Arc::new(House::of(&["a", "b"]).await);
    race_and_check(&house, |house, task, round| async move {
        let (admin, root) = (&house.admin, root());
        let name = "lockdown".to_owned();
        let assignment = Assignment {
            everyone: task % 3 == 0,
            groups: Vec::new(),
            users: vec![["a", "b"][round % 2].to_owned()],
            // What changes nothing is no change.
            priority: i32::try_from((task * ROUNDS + round) % 2001).unwrap() - 1000,
        };
        match (task + round) % 8 {
            0 => {
                let create = CreatePolicy {
                    policy: lockdown(task),
                    comment: "made".to_owned(),
                    assignment,
                };
                admin.call(&root, create).await?;
                // Saved, and assigned.
                return Ok(2);
            }
            1 => {
                let revision = None;
                admin.call(&root, DeletePolicy { name, revision }).await?;
            }
            2 => {
                let number = newest(admin, &root).await?;
                let revert = RevertPolicy {
                    name,
                    revision: Some(number),
                    number: number.saturating_sub(1),
                };
                admin.call(&root, revert).await?;
            }
            3..=5 => {
                let assign = AssignPolicy::whole(name, None, assignment);
                admin.call(&root, assign).await?;
            }
            _ => {
                let save = SavePolicy {
                    name,
                    revision: newest(admin, &root).await?,
                    policy: lockdown(task),
                    comment: format!("of {task} in {round}"),
                };
                admin.call(&root, save).await?;
            }
        }
        Ok(1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_script_is_that_of_a_policy_that_is_there() {
    let house = Arc::new(House::new().await);
    let done = race(&house, |house, task, round| async move {
        let (admin, root) = (&house.admin, root());
        match (task + round) % 5 {
            0 => {
                let create = CreatePolicy {
                    policy: lockdown(task),
                    comment: String::new(),
                    assignment: Assignment::default(),
                };
                admin.call(&root, create).await?;
            }
            1 => {
                let delete = DeletePolicy {
                    name: "Lockdown".to_owned(),
                    revision: None,
                };
                admin.call(&root, delete).await?;
            }
            it => {
                let policy = (it > 2).then(|| "lockdown".to_owned());
                admin.call(&root, ServeProxyScript { policy }).await?;
            }
        }
        Ok(1)
    });
    assert!(done.await > 0);
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_change_one_option_one_has_it() {
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    let create = CreatePolicy {
        policy: lockdown(0),
        comment: String::new(),
        assignment: Assignment::default(),
    };
    admin.call(root, create).await.unwrap();
    for base in 1..=u32::try_from(ROUNDS / 20).unwrap() {
        let save = (0..TASKS).map(|task| async move {
            let save = SavePolicy {
                name: "Lockdown".to_owned(),
                revision: base,
                policy: lockdown(task + base as usize * TASKS),
                comment: String::new(),
            };
            admin.call(root, save).await
        });
        let saved = futures::future::join_all(save).await;
        assert_eq!(saved.iter().filter(|saved| saved.is_ok()).count(), 1);
        for refused in saved.into_iter().filter_map(Result::err) {
            let Error::Stale { since, .. } = refused else {
                panic!("{refused}");
            };
            assert_eq!(since[0].field, "ie-proxy-server");
        }
    }
    let name = "Lockdown".to_owned();
    let revisions = admin.call(root, ListRevisions { name }).await.unwrap();
    assert_eq!(revisions.len(), ROUNDS / 20 + 1);
    assert_eq!(house.audited().await, ROUNDS / 20 + 1);
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_change_options_of_their_own_nobody_loses_anything() {
    const OPTIONS: [&str; 6] = [
        "disable-voice",
        "disable-video",
        "disable-phone",
        "disable-file-transfer",
        "disable-ad-banner",
        "prevent-run",
    ];
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    let document = |policy: &Policy| PolicyDocument::of(policy).unwrap();
    let create = CreatePolicy {
        policy: document(&Policy::new("Lockdown")),
        comment: String::new(),
        assignment: Assignment::default(),
    };
    admin.call(root, create).await.unwrap();
    let save = OPTIONS.map(|option| async move {
        let save = SavePolicy {
            name: "Lockdown".to_owned(),
            revision: 1,
            policy: document(&Policy::new("").with(option, Setting::On)),
            comment: option.to_owned(),
        };
        admin.call(root, save).await.unwrap()
    });
    let saved = futures::future::join_all(save).await;
    // Each but the first is told what the others had changed.
    let mut told: Vec<_> = saved.iter().map(|it| it.merged.len()).collect();
    told.sort_unstable();
    assert_eq!(told, [0, 1, 2, 3, 4, 5]);
    let name = "Lockdown".to_owned();
    let view = admin.call(root, GetPolicy { name: name.clone() }).await;
    let policy: Policy = view.unwrap().policy.read().unwrap();
    for option in OPTIONS {
        assert_eq!(policy.setting(option), &Setting::On, "{option}");
    }
    let revisions = admin.call(root, ListRevisions { name }).await.unwrap();
    assert!(revisions[0].comment.contains("(merged with revision"));
    house.assert_memory_is_disk().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_saw_a_policy_that_was_deleted_has_not_seen_the_one_made_anew() {
    let house = House::of(&["a"]).await;
    let (admin, root) = (&house.admin, &root());
    let create = || CreatePolicy {
        policy: lockdown(1),
        comment: String::new(),
        assignment: Assignment::everyone(),
    };
    let name = || "Lockdown".to_owned();
    let first = admin.call(root, create()).await.unwrap();
    let reach = admin.call(root, GetReach { name: name() }).await.unwrap();
    let delete = DeletePolicy {
        name: name(),
        revision: Some(first.revision),
    };
    admin.call(root, delete.clone()).await.unwrap();
    let second = admin.call(root, create()).await.unwrap();
    assert!(second.revision > first.revision);
    let stale =
        |said: Result<(), Error>| assert!(matches!(said, Err(Error::Stale { .. })), "{said:?}");
    stale(admin.call(root, delete).await.map(drop));
    let save = SavePolicy {
        name: name(),
        revision: first.revision,
        policy: lockdown(2),
        comment: String::new(),
    };
    stale(admin.call(root, save).await.map(drop));
    let replace = ImportPolicy {
        policy: lockdown(2),
        comment: String::new(),
        assignment: None,
        replace: true,
        revision: Some(first.revision),
    };
    stale(admin.call(root, replace).await.map(drop));
    let revert = RevertPolicy {
        name: name(),
        revision: None,
        number: first.revision,
    };
    let gone = admin.call(root, revert).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    let now = admin.call(root, GetReach { name: name() }).await.unwrap();
    assert!(now.revision > reach.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_assign_at_once_do_not_undo_each_other() {
    let house = House::of(&["a", "b"]).await;
    let (admin, root) = (&house.admin, &root());
    let create = CreatePolicy {
        policy: lockdown(1),
        comment: String::new(),
        assignment: Assignment::default(),
    };
    admin.call(root, create).await.unwrap();
    let name = || "Lockdown".to_owned();
    let seen = admin.call(root, GetReach { name: name() }).await.unwrap();
    let form = |wanted: Assignment| AssignPolicy::whole(name(), Some(seen.revision), wanted);
    // Each sends all fields, as a form does, and changes one.
    let users = Assignment {
        users: vec!["a".to_owned()],
        ..Assignment::default()
    };
    let priority = Assignment {
        priority: 7,
        ..Assignment::default()
    };
    let (one, two) = tokio::join!(
        admin.call(root, form(users)),
        admin.call(root, form(priority)),
    );
    one.and(two).unwrap();
    let both = admin.call(root, GetReach { name: name() }).await.unwrap();
    assert_eq!(
        (both.assignment.users.len(), both.assignment.priority),
        (1, 7)
    );
    let clash = Assignment {
        users: vec!["b".to_owned()],
        ..Assignment::default()
    };
    let Err(Error::Stale { message, since }) = admin.call(root, form(clash)).await else {
        panic!("somebody's assignment was undone");
    };
    assert!(
        message.contains("users was \"\" and is now \"a\""),
        "{message}"
    );
    assert_eq!(since.len(), 2);
    // What is there already is no change, and not written down.
    let audited = house.audited().await;
    let same = AssignPolicy {
        name: name(),
        priority: Some(7),
        ..AssignPolicy::default()
    };
    admin.call(root, same).await.unwrap();
    assert_eq!(house.audited().await, audited);
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
        let import = ImportContacts {
            alias: "a".to_owned(),
            file: Base64(file.into_bytes()),
            code_page: None,
            skip_bad_lines: false,
        };
        admin.call(&root(), import).await?;
        let kept = admin.store.contact_list("a").await.unwrap();
        let (list, values) = kept.unwrap();
        assert_eq!(list.values as usize, values.len(), "of two revisions");
        Ok(1)
    })
    .await;
    let alias = "a".to_owned();
    let kept = house.admin.call(&root(), GetContacts { alias }).await;
    let kept = kept.unwrap();
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
        let block = || SetPrivacy {
            alias: "c0".to_owned(),
            change: PrivacyChange::Block(name.clone()),
        };
        admin.call(root, block()).await.unwrap();
        // Once more it changes nothing, and is not written down.
        admin.call(root, block()).await.unwrap();
    });
    let before = house.audited().await;
    futures::future::join_all(block).await;
    assert_eq!(house.audited().await - before, TASKS - 1);
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
            matches!(refused.as_slice(), [Error::Conflict(why)] if why.contains("last administrator")),
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
            .all(|made| matches!(made, Ok(_) | Err(Error::Conflict(_))))
    );
    assert_eq!(admin.store.admins().await.unwrap().len(), 1);
    assert_eq!(house.audited().await, 1);
    assert_eq!(admin.first_run_token().await.unwrap(), None);
}
