//! What stands in a data directory before anybody is let in: one process at a time, private, and
//! all of it of one server.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tests::people::{OnlineUser, PASSWORD, user_at};
use tests::rvp_client::{User, message};
use tests::server::Server;
use tests::{Failure, eventually, programs};

/// Runs `serve` on a data directory where it must not come up, and gives what it says.
fn refused(data: &Path, domain: &str) -> Result<String, Failure> {
    let output = Command::new("timeout")
        .arg("30")
        .arg(programs::rollcall()?)
        .args(["serve", "--domain", domain, "--data-dir"])
        .arg(data)
        .args([
            "--rvp-listen",
            "127.0.0.1:0",
            "--console-listen",
            "127.0.0.1:0",
        ])
        .stdin(Stdio::null())
        .output()
        .map_err(Failure::io("running serve"))?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        output.stdout.is_empty(),
        "it promised to listen: {output:?}"
    );
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

fn sqlite(database: &Path, statement: &str) -> String {
    let output = Command::new("sqlite3")
        .arg(database)
        .arg(statement)
        .output()
        .expect("sqlite3 runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn finding(output: &Output, check: &str) -> Value {
    let deployment: Value = serde_json::from_slice(&output.stdout).expect("doctor gives JSON");
    let findings = deployment["findings"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found = findings.into_iter().find(|it| it["check"] == check);
    found.unwrap_or_else(|| panic!("no finding {check}: {deployment}"))
}

fn signs_on(server: &Server, name: &str, alias: &str) -> Result<bool, Failure> {
    let user = user_at(server.rvp(), alias).named(name);
    Ok(user
        .find(alias, "<d:prop><d:displayname/></d:prop>")?
        .status
        == 207)
}

#[test]
fn one_server_has_a_data_directory() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let complaint = refused(&server.data_dir(), "127.0.0.1")?;
    assert!(
        complaint.contains("is using the data directory"),
        "{complaint}"
    );
    // Also where its socket is gone, which an older version took for a server that is.
    fs::remove_file(server.data_dir().join("control.sock")).expect("the socket is there");
    refused(&server.data_dir(), "127.0.0.1")?;
    let complaint = server.refused(&["user", "disable", "alice"])?;
    assert!(
        complaint.contains("is using the data directory"),
        "{complaint}"
    );
    // The first goes on, and leaves the directory to the next however it ends.
    assert!(signs_on(&server, "alice", "alice")?);
    server.kill9()?;
    server.restart()
}

#[test]
fn commands_without_a_server_wait_for_each_other() -> Result<(), Failure> {
    let server = Server::prepare("im.rollcall.test", "")?;
    thread::scope(|scope| {
        let add = |number: usize| {
            let server = &server;
            scope.spawn(move || server.add_user(&format!("user{number}"), PASSWORD))
        };
        let all: Vec<_> = (0..8).map(add).collect();
        all.into_iter()
            .try_for_each(|it| it.join().expect("no panic"))
    })?;
    let listed = server.run(&["user", "list", "--json"], "")?;
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(8), "{listed}");
    Ok(())
}

#[test]
fn a_data_directory_that_others_can_look_into_is_refused() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    let data = server.data_dir();
    assert_eq!(mode(&data), 0o700);
    for file in fs::read_dir(&data).expect("it is there").flatten() {
        assert_eq!(mode(&file.path()) & 0o077, 0, "{file:?}");
    }
    fs::set_permissions(&data, Permissions::from_mode(0o750)).expect("chmod");
    let complaint = refused(&data, "127.0.0.1")?;
    assert!(complaint.contains("chmod 700"), "{complaint}");
    let complaint = server.refused(&["user", "list"])?;
    assert!(complaint.contains("chmod 700"), "{complaint}");
    fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("chmod");
    server.restart()
}

#[test]
fn links_in_the_data_directory_are_not_followed() -> Result<(), Failure> {
    for name in [
        "rollcall.lock",
        "rollcall.db",
        "verifiers.key",
        ".write-probe",
        "control.sock",
    ] {
        let server = Server::prepare("im.rollcall.test", "")?;
        let data = server.data_dir();
        fs::create_dir(&data).expect("mkdir");
        fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("chmod");
        let victim = server.scratch().join("victim");
        fs::write(&victim, "precious").expect("write");
        symlink(&victim, data.join(name)).expect("symlink");
        // Refused or not: what it points at is left alone.
        let _either = server.cli(&["user", "add", "alice", "--password-stdin"], "x\n")?;
        let mut server = server;
        let _either = server.restart();
        server.kill9()?;
        assert_eq!(fs::read(&victim).expect("read"), b"precious", "{name}");
    }
    Ok(())
}

#[test]
fn a_backup_is_private_whole_and_without_sessions() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let data = server.data_dir();
    let database = data.join("rollcall.db");
    sqlite(
        &database,
        "INSERT INTO console_sessions (id, record, expires_ms) VALUES ('id-of-a-session', 'S3SSION-S3CRET', 99999999999999)",
    );
    let target = server.scratch().join("copy.db");
    let name = target.to_string_lossy().into_owned();
    server.run(&["backup", &name], "")?;
    assert_eq!(mode(&target), 0o600);
    assert_eq!(sqlite(&target, "SELECT alias FROM users"), "alice");
    let bytes = fs::read(&target).expect("read");
    let holds = |word: &[u8]| bytes.windows(word.len()).any(|it| it == word);
    assert!(holds(b"alice") && !holds(b"S3SSION-S3CRET") && !holds(b"id-of-a-session"));
    assert_eq!(
        sqlite(&database, "SELECT count(*) FROM console_sessions"),
        "1"
    );

    // Never over something, and nothing is left beside it.
    let complaint = server.refused(&["backup", &name])?;
    assert!(complaint.contains("exists already"), "{complaint}");
    let dangling = server.scratch().join("link.db");
    symlink(server.scratch().join("elsewhere.db"), &dangling).expect("symlink");
    server.refused(&["backup", &dangling.to_string_lossy()])?;
    assert!(!server.scratch().join("elsewhere.db").exists());
    let missing = server.scratch().join("no/such/place.db");
    server.refused(&["backup", &missing.to_string_lossy()])?;
    let left: Vec<_> = fs::read_dir(server.scratch())
        .expect("it is there")
        .flatten()
        .filter(|it| it.file_name().to_string_lossy().contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");

    // It starts, where its key stands beside it.
    server.stop()?;
    for file in ["rollcall.db-wal", "rollcall.db-shm"] {
        let _gone = fs::remove_file(data.join(file));
    }
    fs::copy(&target, &database).expect("copy");
    server.restart()?;
    assert!(signs_on(&server, "alice", "alice")?);
    Ok(())
}

#[test]
fn a_backup_makes_nothing_and_changes_nothing() -> Result<(), Failure> {
    let server = Server::prepare("im.rollcall.test", "")?;
    let target = server.scratch().join("copy.db");
    let name = target.to_string_lossy().into_owned();
    let complaint = server.refused(&["backup", &name])?;
    assert!(complaint.contains("there is no database"), "{complaint}");
    assert!(!server.data_dir().exists() && !target.exists());

    // A database of the first version keeps its tables, and so does its copy.
    let data = server.data_dir();
    fs::create_dir(&data).expect("mkdir");
    fs::set_permissions(&data, Permissions::from_mode(0o700)).expect("chmod");
    let database = data.join("rollcall.db");
    sqlite(
        &database,
        "CREATE TABLE users (alias TEXT); INSERT INTO users VALUES ('old')",
    );
    server.run(&["backup", &name], "")?;
    for file in [&database, &target] {
        let tables = "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table'";
        assert_eq!(sqlite(file, tables), "users");
    }
    let files: Vec<_> = fs::read_dir(&data)
        .expect("it is there")
        .flatten()
        .map(|it| it.file_name())
        .collect();
    assert_eq!(files, ["rollcall.db"]);
    Ok(())
}

#[test]
fn a_database_that_is_gone_is_said_and_not_made_anew() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let backup = server.scratch().join("backup.db");
    server.run(&["backup", &backup.to_string_lossy()], "")?;
    server.stop()?;
    let data = server.data_dir();
    let database = data.join("rollcall.db");
    for (contents, word) in [(None, "missing"), (Some(""), "empty")] {
        for file in ["rollcall.db-wal", "rollcall.db-shm", "rollcall.db"] {
            let _gone = fs::remove_file(data.join(file));
        }
        if let Some(contents) = contents {
            fs::write(&database, contents).expect("write");
        }
        let complaint = refused(&data, "127.0.0.1")?;
        assert!(complaint.contains(word), "{complaint}");
        assert!(complaint.contains("restore a backup"), "{complaint}");
        let complaint = server.refused(&["user", "list"])?;
        assert!(complaint.contains(word), "{complaint}");
        let doctor = server.cli(&["doctor", "--json"], "")?;
        let found = finding(&doctor, "Database");
        assert_eq!(found["level"], "problem", "{found}");
        assert!(found["found"].to_string().contains(word), "{found}");
        assert_eq!(database.exists(), contents.is_some());
    }
    fs::copy(&backup, &database).expect("copy");
    server.restart()?;
    assert!(signs_on(&server, "alice", "alice")?);
    Ok(())
}

#[test]
fn the_key_of_another_server_is_said() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let mut other = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.stop()?;
    other.stop()?;
    let key = server.data_dir().join("verifiers.key");
    let own = fs::read(&key).expect("read");
    fs::copy(other.data_dir().join("verifiers.key"), &key).expect("copy");
    let complaint = refused(&server.data_dir(), "127.0.0.1")?;
    assert!(complaint.contains("does not belong"), "{complaint}");
    let doctor = server.cli(&["doctor", "--json"], "")?;
    assert_eq!(finding(&doctor, "Key and database")["level"], "problem");
    fs::write(&key, own).expect("write");
    let doctor = server.cli(&["doctor", "--json"], "")?;
    assert_eq!(finding(&doctor, "Key and database")["level"], "ok");
    server.restart()?;
    assert!(signs_on(&server, "alice", "alice")?);
    Ok(())
}

#[test]
fn a_damaged_page_is_said_by_the_doctor_and_by_the_server() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let mut rows = String::new();
    for number in 0..400 {
        rows.push_str(&format!("user{number}\t{PASSWORD}\n"));
    }
    server.run(&["user", "import", "-"], &rows)?;
    let doctor = server.cli(&["doctor", "--json"], "")?;
    assert_eq!(finding(&doctor, "Database")["level"], "ok");
    assert_ne!(finding(&doctor, "Room")["found"], Value::Null);
    server.stop()?;
    let database = server.data_dir().join("rollcall.db");
    sqlite(&database, "PRAGMA wal_checkpoint(TRUNCATE)");
    let root: usize = sqlite(
        &database,
        "SELECT rootpage FROM sqlite_schema WHERE name = 'users'",
    )
    .parse()
    .expect("a page");
    let mut bytes = fs::read(&database).expect("read");
    let at = (root - 1) * 4096;
    bytes[at..at + 4096].fill(0xa5);
    fs::write(&database, bytes).expect("write");
    let complaint = refused(&server.data_dir(), "127.0.0.1")?;
    assert!(complaint.contains("malformed"), "{complaint}");
    assert!(complaint.contains("backup"), "{complaint}");
    let doctor = server.cli(&["doctor", "--json"], "")?;
    let found = finding(&doctor, "Database");
    assert_eq!(found["level"], "problem", "{found}");
    assert!(found["remedy"].to_string().contains("backup"), "{found}");
    Ok(())
}

#[test]
fn a_damaged_page_that_nobody_asks_for_is_said_by_the_server() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    for number in 0..60 {
        // Fills some pages of the audit.
        server.run(
            &[
                "group",
                "add",
                &format!("group{number}"),
                "--description",
                &"d".repeat(200),
            ],
            "",
        )?;
    }
    server.stop()?;
    let database = server.data_dir().join("rollcall.db");
    sqlite(&database, "PRAGMA wal_checkpoint(TRUNCATE)");
    let last: usize = sqlite(
        &database,
        "SELECT max(pageno) FROM dbstat WHERE name = 'audit' AND pagetype = 'leaf'",
    )
    .parse()
    .expect("a page");
    let mut bytes = fs::read(&database).expect("read");
    let at = (last - 1) * 4096;
    bytes[at..at + 4096].fill(0xa5);
    fs::write(&database, bytes).expect("write");
    server.restart()?;
    eventually(Duration::from_secs(20), "the word of the damage", || {
        Ok(server
            .output()
            .contains("the database is damaged")
            .then_some(()))
    })
}

#[test]
fn digest_and_blocks_go_on_after_a_change_of_the_domain() -> Result<(), Failure> {
    let mut server = Server::prepare("im.one.test", "")?;
    server.restart()?;
    let alice = server.online_user("alice")?;
    let bob = server.user("bob")?;
    let carol = server.user("carol")?;
    server.run(&["user", "privacy", "alice", "block", "bob"], "")?;
    let block = |user: &OnlineUser, of: &User| {
        // A client names the server as its configuration says.
        let url = format!("http://im.one.test{}", User::path(of.alias()));
        let body = format!(
            "<a:rvpacl {}><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>\
             <a:rvp-principal>{url}</a:rvp-principal><a:credentials><a:assertion/><a:digest/>\
             <a:ntlm/></a:credentials></a:principal><a:grant></a:grant><a:deny><a:send-to/>\
             <a:presence/></a:deny></a:ace></a:acl></a:rvpacl>",
            tests::rvp_client::NAMESPACES
        );
        let request = user.user.request("ACL", user.user.alias());
        let request = request.header("Host", "im.one.test").body(body);
        user.user.expect(200, &request).map(drop)
    };
    block(&alice, &carol)?;
    let blocked = |server: &Server| -> Result<(), Failure> {
        for alias in ["bob", "carol"] {
            let answer = user_at(server.rvp(), alias).say("alice", "let me in")?;
            assert!(
                matches!(answer.status, 403 | 412),
                "{alias}: {}",
                answer.status
            );
            let text = server.run(&["user", "access", alias, "alice", "--json"], "")?;
            assert!(text.contains("is denied"), "{text}");
        }
        Ok(())
    };
    blocked(&server)?;
    for domain in ["im.two.test", "im.three.test", "im.one.test"] {
        server.stop()?;
        server.rename(domain);
        server.restart()?;
        for name in ["alice", "IM\\alice", "alice@im.one.test"] {
            assert!(signs_on(&server, name, "alice")?, "{name} at {domain}");
        }
        blocked(&server)?;
        // Made under the new name, all of today's spellings count.
        let fresh = format!("dave{}", domain.len());
        server.add_user(&fresh, PASSWORD)?;
        for name in [fresh.clone(), format!("{fresh}@{domain}")] {
            assert!(signs_on(&server, &name, &fresh)?, "{name} at {domain}");
        }
        server.run(&["user", "remove", &fresh], "")?;
    }
    drop(bob);
    Ok(())
}

/// An answer to a message goes to the host that its sender has in it, with a proof: not to one that
/// was this server's once.
#[test]
fn no_message_names_a_former_domain_as_that_of_its_sender() -> Result<(), Failure> {
    let mut server = Server::prepare("im.one.test", "")?;
    server.restart()?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let write = |domain: &str| {
        let url = |user: &User| format!("http://{domain}{}", User::path(user.alias()));
        let body = message(&url(&alice.user), &bob.user.url("bob"), "whose is it?");
        let request = alice.user.say_request("bob", body);
        alice.user.send(&request)
    };
    assert_eq!(write("im.one.test")?.status, 200);
    server.stop()?;
    server.rename("im.two.test");
    server.restart()?;
    let refused = write("im.one.test")?;
    assert_eq!(refused.status, 403);
    let text = refused.text();
    assert!(text.contains("write im.two.test"), "{text}");
    assert_eq!(write("im.two.test")?.status, 200);
    // Who asks under the former name means this server, and is told its name of today.
    let old = format!("http://im.one.test{}", User::path("bob"));
    let subscribe = bob
        .user
        .request_to("SUBSCRIBE", &old)
        .header("Notification-Type", "pragma/notify")
        .header("Call-Back", bob.call_back.url());
    bob.user.expect(200, &subscribe)?;
    bob.call_back.drain();
    assert_eq!(write("im.two.test")?.status, 200);
    bob.call_back
        .expect(Duration::from_secs(20), "the message", |it| {
            it.header("RVP-From-Principal") == Some("http://im.two.test/instmsg/aliases/alice")
        })?;
    Ok(())
}

#[test]
fn an_account_made_before_the_first_start_signs_on() -> Result<(), Failure> {
    let mut server = Server::prepare("im.rollcall.test", "")?;
    // Without a word of the domain.
    server.add_user("alice", PASSWORD)?;
    server.run(
        &["user", "passwd", "alice", "--password-stdin"],
        &format!("{PASSWORD}\n"),
    )?;
    server.restart()?;
    for name in ["alice", "IM\\alice", "IM/alice", "alice@im.rollcall.test"] {
        assert!(signs_on(&server, name, "alice")?, "{name}");
    }
    // Nor does a command without the server fall back to the machine's name.
    server.stop()?;
    server.add_user("bob", PASSWORD)?;
    server.restart()?;
    for name in ["bob", "IM\\bob", "bob@im.rollcall.test"] {
        assert!(signs_on(&server, name, "bob")?, "{name}");
    }
    Ok(())
}
