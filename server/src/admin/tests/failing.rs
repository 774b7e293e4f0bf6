//! Admin that the disk refuses leave nothing behind, neither in memory nor on disk, and the next
//! one works.

use super::{House, root, user};
use crate::store::Sabotage;
use api::{
    AddMembers, AssignPolicy, Assignment, Base64, CreateAccount, CreateGroup, CreatePolicy,
    CreateUser, DeleteContacts, DeleteGroup, DeletePolicy, DeleteUser, DisableUser, EditGroup,
    EditUser, EnableUser, ExportPolicy, GetKit, ImportContacts, ImportPolicy, ImportUsers, Logoff,
    NewGroup, PolicyDocument, PrivacyChange, RemoveMembers, RevertPolicy, Role, SavePolicy,
    ServeProxyScript, SetPassword, SetPrivacy, UnblockUser,
};
use policies::{Policy, Setting};
use std::future::Future;
use std::pin::Pin;

type Done<'a> = Pin<Box<dyn Future<Output = Result<(), api::Error>> + 'a>>;
type Order = (&'static str, for<'a> fn(&'a House) -> Done<'a>);

/// An order as a value; each works once, in this order.
macro_rules! admin {
    ($($name:literal: $admin:ident => $order:expr;)*) => {
        [$(($name, |house: &House| -> Done<'_> {
            let $admin = &house.admin;
            Box::pin(async move { $order.await.map(drop) })
        })),*]
    };
}

fn policy(name: &str, settings: &[&'static str]) -> PolicyDocument {
    let policy = settings.iter().fold(Policy::new(name), |policy, option| {
        policy.with(*option, Setting::On)
    });
    PolicyDocument::of(&policy).unwrap()
}

fn contacts() -> Vec<u8> {
    let key = policies::CONTACTS_KEY;
    format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\{key}\\d\\a]\r\n\"x\"=\"y\"\r\n").into_bytes()
}

/// One of each kind.
fn each() -> Vec<Order> {
    let admin: [Order; 27] = admin! {
        "create user": o => o.call(&root(), CreateUser { user: user("e") });
        "import users": o => o.call(&root(), ImportUsers {
            users: vec![user("c"), user("d")],
            dry_run: false,
        });
        "edit": o => o.call(&root(), EditUser {
            alias: "a".into(),
            revision: None,
            display_name: Some("Anna".into()),
            email: None,
        });
        "password": o => o.call(&root(), SetPassword {
            alias: "a".into(),
            password: "another 7".into(),
        });
        "log off and block": o => o.call(&root(), Logoff {
            aliases: vec!["a".into(), "b".into()],
            all: false,
            reason: "so".into(),
            block_minutes: Some(5),
        });
        "unblock": o => o.call(&root(), UnblockUser { alias: "a".into() });
        "disable": o => o.call(&root(), DisableUser { alias: "b".into() });
        "enable": o => o.call(&root(), EnableUser { alias: "b".into() });
        "privacy": o => o.call(&root(), SetPrivacy {
            alias: "a".into(),
            change: PrivacyChange::Block("b".into()),
        });
        "create group": o => o.call(&root(), CreateGroup { group: NewGroup {
            name: "branch".into(),
            description: String::new(),
            members: vec!["a".into()],
        } });
        "describe group": o => o.call(&root(), EditGroup {
            name: "branch".into(),
            revision: None,
            description: Some("all of us".into()),
        });
        "add members": o => o.call(&root(), AddMembers {
            name: "branch".into(),
            members: vec!["b".into()],
        });
        "remove members": o => o.call(&root(), RemoveMembers {
            name: "branch".into(),
            members: vec!["a".into()],
        });
        "create policy": o => o.call(&root(), CreatePolicy {
            policy: policy("Strict", &["disable-file-transfer"]),
            comment: String::new(),
            assignment: Assignment::everyone(),
        });
        "save policy": o => o.call(&root(), SavePolicy {
            name: "Strict".into(),
            revision: 1,
            policy: policy("", &["disable-file-transfer", "disable-voice"]),
            comment: "again".into(),
        });
        "merge policy": o => o.call(&root(), SavePolicy {
            name: "Strict".into(),
            revision: 1,
            policy: policy("", &["disable-file-transfer", "disable-video"]),
            comment: String::new(),
        });
        "revert policy": o => o.call(&root(), RevertPolicy {
            name: "Strict".into(),
            revision: Some(3),
            number: 1,
        });
        "replace policy": o => o.call(&root(), ImportPolicy {
            policy: policy("Strict", &["disable-phone"]),
            comment: String::new(),
            assignment: Some(Assignment::default()),
            replace: true,
            revision: None,
        });
        "assign policy": o => o.call(&root(), AssignPolicy {
            name: "Strict".into(),
            groups: Some(vec!["branch".into()]),
            ..AssignPolicy::default()
        });
        "proxy script": o => o.call(&root(), ServeProxyScript { policy: Some("Strict".into()) });
        "export policy": o => o.call(&root(), ExportPolicy {
            name: "Strict".into(),
            format: "reg".into(),
            undo: false,
            archive: false,
        });
        "kit of a policy": o => o.call(&root(), GetKit {
            name: "Strict".into(),
            windows: "xp".into(),
        });
        "delete policy": o => o.call(&root(), DeletePolicy {
            name: "Strict".into(),
            revision: Some(5),
        });
        "contacts": o => o.call(&root(), ImportContacts {
            alias: "a".into(),
            file: Base64(contacts()),
            code_page: None,
            skip_bad_lines: false,
        });
        "forget contacts": o => o.call(&root(), DeleteContacts { alias: "a".into() });
        "delete group": o => o.call(&root(), DeleteGroup {
            name: "branch".into(),
            revision: None,
        });
        "delete user": o => o.call(&root(), DeleteUser {
            alias: "a".into(),
            revision: None,
        });
    };
    admin.into()
}

async fn try_each_with(sabotage: Sabotage) {
    let house = House::of(&["a", "b"]).await;
    house.sign_on("a").await;
    for (name, order) in each() {
        let (memory, audited) = (house.memory(), house.audited().await);
        let store = &house.admin.store;
        store.sabotage(Some(sabotage)).await;
        let refused = order(&house).await;
        assert!(
            matches!(refused, Err(api::Error::Internal(_))),
            "{name}: {refused:?}"
        );
        assert_eq!(house.memory(), memory, "{name} changed memory");
        assert_eq!(house.audited().await, audited, "{name} is in the audit");
        house.assert_memory_is_disk().await;
        store.sabotage(None).await;
        if let Err(error) = order(&house).await {
            panic!("{name} does not work afterwards: {error}");
        }
        assert!(
            house.audited().await > audited,
            "{name} is not in the audit"
        );
        house.assert_memory_is_disk().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_leaves_nothing() {
    try_each_with(Sabotage::Commit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_cannot_be_written_leaves_nothing() {
    try_each_with(Sabotage::Audit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_account_is_made_whole_or_not_at_all() {
    let house = House::new().await;
    let (admin, root) = (&house.admin, &root());
    let make = || {
        let order = CreateAccount {
            name: "anna".to_owned(),
            role: Role::Administrator,
            password: "a long enough phrase 1".into(),
        };
        admin.call(root, order)
    };
    for sabotage in [Sabotage::Commit, Sabotage::Audit] {
        admin.store.sabotage(Some(sabotage)).await;
        assert!(matches!(make().await, Err(api::Error::Internal(_))));
        assert_eq!(admin.store.admins().await.unwrap().len(), 0);
    }
    admin.store.sabotage(None).await;
    make().await.unwrap();
    assert_eq!(house.audited().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_giver_goes_away_is_done_in_memory_too() {
    let house = House::of(&["a"]).await;
    let root = root();
    for wait in 0..40 {
        let edit = EditUser {
            alias: "a".into(),
            revision: None,
            display_name: Some(format!("after {wait}")),
            email: None,
        };
        let order = house.admin.call(&root, edit);
        let patience = std::time::Duration::from_micros(50 * wait);
        // Given up somewhere on its way, or not at all.
        let _ = tokio::time::timeout(patience, order).await;
    }
    // The turn comes when whatever was begun is over.
    drop(house.admin.turn().await);
    house.assert_memory_is_disk().await;
}
