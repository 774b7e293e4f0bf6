//! The power goes while administrators are busy: whatever was changed is in the audit, and whatever
//! is in the audit was changed.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tests::server::Server;
use tests::{Failure, eventually, programs};

/// Administrators at work at once.
const BUSY: usize = 4;
/// Users whom one order makes: all in one transaction, in one entry.
const MANY: usize = 40;
/// Orders that are carried out before the power goes.
const ENOUGH: usize = 10;
/// How often the power goes.
const ROUNDS: usize = 8;

/// What stands in the database without an entry, or in the audit without its change: read by
/// somebody else's SQLite, while no server runs.
const DIFFERENCES: &str = r#"
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("""
  WITH last AS (
    SELECT target, action, detail, max(id) FROM audit
    WHERE action IN ('group.create', 'group.delete') GROUP BY target),
  lives AS (
    SELECT key, after, max(audit_id) FROM audit_changes JOIN audit ON id = audit_id
    WHERE kind = 'user' AND field = 'alias' GROUP BY key),
  described AS (
    SELECT target, detail, max(id) AS id FROM audit WHERE action = 'group.edit' GROUP BY target)
  SELECT 'user without entry', alias FROM users
    WHERE alias NOT IN (SELECT key FROM lives WHERE after != '')
  UNION ALL SELECT 'entry without user', key FROM lives
    WHERE after != '' AND key NOT IN (SELECT alias FROM users)
  UNION ALL SELECT 'group without entry', spelled FROM user_groups
    WHERE spelled NOT IN (SELECT target FROM last WHERE action = 'group.create')
  UNION ALL SELECT 'entry without group', target FROM last
    WHERE action = 'group.create' AND target NOT IN (SELECT spelled FROM user_groups)
  UNION ALL SELECT 'description and entry differ', spelled || ': ' || description
    FROM user_groups LEFT JOIN described ON target = spelled
    WHERE coalesce(detail, 'description ""') != 'description "' || description || '"'
  UNION ALL SELECT 'list and entry differ', alias FROM users
    WHERE (acl IS NOT NULL) != EXISTS
      (SELECT 1 FROM audit WHERE action = 'user.privacy' AND target = alias)
""").fetchall()
for row in rows: print(*row)
"#;

/// How far the administrators are.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicUsize,
    over: AtomicBool,
}

/// Gives orders until it is over, or one fails as the server is gone.
fn keep_busy(server: &Server, worker: usize, round: usize, progress: &Progress) {
    for turn in 0.. {
        let (user, group) = (
            format!("u{worker}-{round}-{turn}"),
            format!("g{worker}-{round}-{turn}"),
        );
        let text = format!("of turn {turn}");
        let password = "correct horse 7";
        let mut file = format!("{user}\t{password}\n");
        for other in 1..MANY {
            file.push_str(&format!("{user}-{other}\t{password}\n"));
        }
        let add = ["user", "import", "-"];
        let block = ["user", "privacy", &user, "block", "witness"];
        let make = ["group", "add", &group, &user];
        let describe = ["group", "describe", &group, &text];
        let remove = ["user", "remove", &user];
        let unmake = ["group", "remove", &group];
        let all: [&[&str]; 6] = [&add, &block, &make, &describe, &remove, &unmake];
        // Some stay.
        let some = if turn % 2 == 0 { &all[..4] } else { &all[..] };
        for order in some {
            let refused = server.run(order, &file).is_err();
            if refused || progress.over.load(Ordering::Relaxed) {
                return;
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn differences(server: &Server) -> Result<String, Failure> {
    let python = programs::find("python3", "apt-get install python3")?;
    let output = Command::new(python)
        .args(["-c", DIFFERENCES])
        .arg(server.data_dir().join("rollcall.db"))
        .output()
        .map_err(Failure::io("running python3"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Failure::Unexpected(error))
    }
}

#[test]
fn no_change_is_without_its_entry_and_no_entry_without_its_change() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("witness", "correct horse 7")?;
    for round in 0..ROUNDS {
        let progress = Progress::default();
        let process = server.id()?.to_string();
        thread::scope(|scope| {
            for worker in 0..BUSY {
                let (server, progress) = (&server, &progress);
                scope.spawn(move || keep_busy(server, worker, round, progress));
            }
            let enough = eventually(Duration::from_secs(60), "enough orders", || {
                Ok((progress.done.load(Ordering::Relaxed) >= ENOUGH + round).then_some(()))
            });
            // In any case, as the threads must end. An order that comes later is carried out on the
            // database alone, by the command line itself.
            let killed = Command::new("kill").args(["-KILL", &process]).status();
            progress.over.store(true, Ordering::Relaxed);
            killed.map_err(Failure::io("running kill"))?;
            enough
        })?;
        server.kill9()?;
        assert_eq!(differences(&server)?, "", "after kill -9 number {round}");
        server.restart()?;
    }
    Ok(())
}
