use super::*;
use crate::auth::{FormerNames, Verifiers, kept};
use crate::store::{AuditFilter, NewUserRow};
use rvp::LogicalUrl;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;

/// No two calls alike: nonces must not repeat.
fn random() -> Random {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    Random::from_fn(|buffer| buffer.fill(NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn config(place: &Path, domain: &str) -> Config {
    Config {
        data_dir: Some(place.to_owned()),
        domain: Some(domain.to_owned()),
        ..Config::default()
    }
}

async fn opened(place: &Path, domain: &str, purpose: Purpose) -> Result<Opened, OpeningError> {
    let clock = Clock::manual(1_800_000_000_000);
    open(&config(place, domain), purpose, &clock, random()).await
}

async fn served(place: &TempDir, domain: &str) -> Opened {
    opened(place.path(), domain, Purpose::Serve).await.unwrap()
}

async fn commanded(place: &TempDir, domain: &str) -> Opened {
    opened(place.path(), domain, Purpose::Command)
        .await
        .unwrap()
}

async fn add(opened: &Opened, alias: &str, password: &str) {
    let bytes = kept::keep(alias, password, &opened.realm);
    let row = NewUserRow {
        alias: alias.to_lowercase(),
        spelled: alias.to_owned(),
        display_name: String::new(),
        email: String::new(),
        verifiers: opened
            .key
            .seal(random().bytes(), &alias.to_lowercase(), &bytes),
        created_ms: 0,
        generation: 1,
    };
    let mut change = opened.store.begin().await.unwrap();
    change.add_users(&[row]).await.unwrap();
    change.commit().await.unwrap();
}

async fn verifiers(opened: &Opened, alias: &str) -> Verifiers {
    let users = opened.store.users().await.unwrap();
    let user = users.iter().find(|it| it.alias == alias).unwrap();
    let bytes = opened.key.open(alias, &user.verifiers).unwrap();
    Verifiers::from_bytes(&bytes).unwrap()
}

#[tokio::test]
async fn a_block_that_a_wrong_clock_made_ends_within_a_week() {
    let place = tempfile::tempdir().unwrap();
    let domain = "im.example.com";
    let first = opened(place.path(), domain, Purpose::Serve).await.unwrap();
    let now = 1_800_000_000_000;
    let week = 7 * 24 * 60 * 60 * 1000;
    let blocks = [("a", now + 1), ("b", now + week), ("c", now + 100 * week)];
    for (alias, until) in blocks {
        add(&first, alias, "opensesame").await;
        let mut change = first.store.begin().await.unwrap();
        let named = [alias.to_owned()];
        change
            .set_block(&named, Some(until), Some("so"))
            .await
            .unwrap();
        change.commit().await.unwrap();
    }
    drop(first);
    let again = opened(place.path(), domain, Purpose::Serve).await.unwrap();
    let users = again.store.users().await.unwrap();
    let until: Vec<_> = users.iter().map(|it| it.blocked_until_ms).collect();
    assert_eq!(until, [Some(now + 1), Some(now + week), Some(now + week)]);
    assert_eq!(users[2].blocked_reason.as_deref(), Some("so"));
}

#[tokio::test]
async fn an_account_made_before_the_first_server_gets_the_verifiers_of_its_domain() {
    let place = tempfile::tempdir().unwrap();
    let before = commanded(&place, "build7").await;
    assert!(!before.realm.settled);
    add(&before, "Alice", "opensesame").await;
    drop(before);

    let server = served(&place, "im.example.com").await;
    assert!(server.realm.settled);
    let direct = Verifiers::derive("Alice", "opensesame", &server.realm);
    assert!(verifiers(&server, "alice").await == direct);
    drop(server);

    // A command that says nothing of the domain, or something else, keeps to the server's.
    let after = commanded(&place, "build7").await;
    assert_eq!(&*after.realm.domain, "im.example.com");
    add(&after, "bob", "opensesame").await;
    assert!(verifiers(&after, "bob").await.fits(&after.realm));
}

#[tokio::test]
async fn a_changed_domain_keeps_the_realm_and_moves_the_lists() {
    let place = tempfile::tempdir().unwrap();
    let first = served(&place, "im.example.com").await;
    add(&first, "alice", "opensesame").await;
    let acl = |domain: &str| {
        let acl = rvp::Acl::default_for(&LogicalUrl::compose(domain, "mallory"));
        rvp::rvpacl(&acl)
    };
    let mut change = first.store.begin().await.unwrap();
    change
        .set_acl("alice", Some(&acl("im.example.com")))
        .await
        .unwrap();
    change.commit().await.unwrap();
    drop(first);

    let second = served(&place, "chat.example.net").await;
    assert_eq!(&*second.realm.realm, "im.example.com");
    assert_eq!(&*second.realm.domain, "chat.example.net");
    let kept = verifiers(&second, "alice").await;
    for name in ["alice", "IM\\alice", "alice@im.example.com"] {
        assert!(
            kept.ha1_for("alice", name, &second.realm).is_some(),
            "{name}"
        );
    }
    let users = second.store.users().await.unwrap();
    assert_eq!(users[0].acl.as_deref(), Some(&*acl("chat.example.net")));
    let filter = AuditFilter {
        limit: 9,
        ..AuditFilter::default()
    };
    let (entries, _) = second.store.audit(&filter).await.unwrap();
    assert_eq!(entries[0].action, "server.rename");
    drop(second);

    // And back: the list of former names does not grow.
    let third = served(&place, "im.example.com").await;
    let former = FormerNames {
        nt_domain: "CHAT".into(),
        domain: "chat.example.net".into(),
    };
    assert_eq!(*third.realm.former, [former]);
    assert!(verifiers(&third, "alice").await.fits(&third.realm));
}

#[tokio::test]
async fn accounts_of_an_earlier_version_keep_their_realm() {
    let place = tempfile::tempdir().unwrap();
    let first = served(&place, "im.example.com").await;
    add(&first, "alice", "opensesame").await;
    let url = LogicalUrl::compose("im.example.com", "bob");
    let acl = rvp::rvpacl(&rvp::Acl::default_for(&url));
    let mut change = first.store.begin().await.unwrap();
    change.set_acl("alice", Some(&acl)).await.unwrap();
    for fact in ["names", "key_check"] {
        change.clear_fact(fact).await.unwrap();
    }
    change.commit().await.unwrap();
    drop(first);
    let second = served(&place, "chat.example.net").await;
    assert_eq!(&*second.realm.realm, "im.example.com");
    let kept = verifiers(&second, "alice").await;
    assert!(kept.ha1_for("alice", "alice", &second.realm).is_some());
}

#[tokio::test]
async fn a_database_that_is_gone_is_not_made_anew_beside_its_key() {
    let place = tempfile::tempdir().unwrap();
    drop(served(&place, "im.example.com").await);
    let database = place.path().join("rollcall.db");
    let empty_schema = place.path().join("other.db");
    {
        use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
        let options = SqliteConnectOptions::new()
            .filename(&empty_schema)
            .create_if_missing(true);
        let mut made = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (a); DROP TABLE t")
            .execute(&mut made)
            .await
            .unwrap();
        made.close().await.unwrap();
    }
    for (name, contents) in [
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("empty", Some(fs::read(&empty_schema).unwrap())),
    ] {
        for file in ["rollcall.db-wal", "rollcall.db-shm", "rollcall.db"] {
            let _ = fs::remove_file(place.path().join(file));
        }
        if let Some(contents) = &contents {
            fs::write(&database, contents).unwrap();
        }
        for purpose in [Purpose::Serve, Purpose::Command] {
            let error = opened(place.path(), "im.example.com", purpose)
                .await
                .unwrap_err()
                .to_string();
            assert!(error.contains(name), "{error}");
            assert!(error.contains("restore a backup"), "{error}");
            assert_eq!(database.exists(), contents.is_some(), "{name}");
        }
    }
}

#[tokio::test]
async fn the_key_of_another_server_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    drop(served(&place, "a.test").await);
    drop(served(&other, "a.test").await);
    let key = |of: &Path| keys::path(of);
    let own = fs::read(key(place.path())).unwrap();
    for accounts in [false, true] {
        // Also of an earlier version, which tells by the accounts alone.
        for earlier in [false, true] {
            if earlier && !accounts {
                continue;
            }
            fs::write(key(place.path()), &own).unwrap();
            let held = commanded(&place, "a.test").await;
            if accounts && held.store.users().await.unwrap().is_empty() {
                add(&held, "alice", "opensesame").await;
            }
            if earlier {
                let mut change = held.store.begin().await.unwrap();
                change.clear_fact("key_check").await.unwrap();
                change.commit().await.unwrap();
            }
            drop(held);
            fs::copy(key(other.path()), key(place.path())).unwrap();
            let error = opened(place.path(), "a.test", Purpose::Serve)
                .await
                .unwrap_err();
            assert!(error.to_string().contains("does not belong"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_not_made_anew() {
    let place = tempfile::tempdir().unwrap();
    drop(served(&place, "a.test").await);
    fs::remove_file(keys::path(place.path())).unwrap();
    let error = opened(place.path(), "a.test", Purpose::Serve)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}
