//! The system's clock is set while the server runs: leases, blocks and sign-ins go on counting.

use std::time::Duration;

use tests::people::OnlineUser;
use tests::rvp_client::{CallBack, Challenge, Connection};
use tests::server::Server;
use tests::{Deadline, Failure, eventually};

const SOON: Duration = Duration::from_secs(15);
const SHORT: &str = "[presence]\nmin_lease_s = 1\n";
const DAY: i64 = 24 * 60 * 60;
/// On a loaded machine.
const LATE: Duration = Duration::from_millis(2500);

/// A server that has seen its clock set to each of these, in turn.
fn through(
    jumps: &[i64],
    check: impl Fn(&Server, i64) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let server = Server::start_with_faults(SHORT)?;
    for jump in jumps {
        check(&server, *jump)?;
    }
    Ok(())
}

/// How often the server has seen that its clock was set.
fn seen(server: &Server) -> usize {
    server.output().matches("clock was set").count()
}

/// Sets the clock, and waits until the server has seen that.
fn set(server: &Server, wrong_by: i64) -> Result<(), Failure> {
    let before = seen(server);
    server.faults()?.clock(wrong_by)?;
    eventually(SOON, "the server to notice", || {
        Ok((seen(server) > before).then_some(()))
    })
}

#[test]
fn leases_count_on_whatever_the_clock_shows() -> Result<(), Failure> {
    let mut number = 0;
    let turn = std::cell::RefCell::new(&mut number);
    through(&[DAY, -DAY, 0, 600, -600], |server, wrong_by| {
        let n = {
            let mut turn = turn.borrow_mut();
            **turn += 1;
            **turn
        };
        let mut alice = server.online_user(&format!("alice{n}"))?;
        let bob = server.user(&format!("bob{n}"))?;
        let carol = server.online_user(&format!("carol{n}"))?;
        alice.user.watch(bob.alias())?;
        alice.user.watch(carol.user.alias())?;
        let call_back = CallBack::listen()?;
        let login = bob.sign_on(&call_back.url(), 1200)?;
        let lease = Duration::from_secs(4);
        let begun = Deadline::within(SOON);
        let view = bob.set_state("busy", 4, None)?;
        alice
            .call_back
            .expect_state(SOON, &bob.url(bob.alias()), "busy")?;

        server.faults()?.clock(wrong_by)?;
        // Nobody is signed off, nothing lasts longer.
        alice
            .call_back
            .expect_state(SOON, &bob.url(bob.alias()), "offline")?;
        let spent = begun.spent();
        assert!(spent >= lease, "{wrong_by} s: after {spent:?} already");
        assert!(spent < lease + LATE, "{wrong_by} s: only after {spent:?}");
        assert_eq!(alice.user.state_of(carol.user.alias())?, "online");
        let renewal = bob.renew(bob.alias(), login, 1200)?;
        assert_eq!(renewal.status, 200, "{wrong_by} s: {}", renewal.text());
        bob.set_state("away", 1200, Some(view))?;
        let rows = server.online()?;
        let rows = rows.as_array().cloned().unwrap_or_default();
        let row = rows.iter().find(|row| row["alias"] == bob.alias());
        let left = row.map_or(0, |row| {
            row["lease_ends"].as_i64().unwrap_or(0) - row["since"].as_i64().unwrap_or(0)
        });
        assert!(
            (1_190_000..1_300_000).contains(&left),
            "{wrong_by} s: {left} ms"
        );
        Ok(())
    })
}

#[test]
fn sign_ins_go_on() -> Result<(), Failure> {
    let server = Server::start_with_faults(SHORT)?;
    let bob = server.user("bob")?;
    let find = bob.request("SUBSCRIPTIONS", "bob");
    for wrong_by in [DAY, -DAY, 0] {
        // A nonce from before the clock is set is good after it, and once.
        let mut connection = Connection::open(server.rvp())?;
        let first = connection.send(&find)?;
        let none = || Failure::Unexpected("no challenge".to_owned());
        let challenge = Challenge::of(&first).ok_or_else(none)?;
        set(&server, wrong_by)?;
        let proof = bob
            .credentials()
            .authorization(&challenge, find.method(), find.target(), 1);
        let proven = find.clone().header("Authorization", proof);
        assert_eq!(connection.send(&proven)?.status, 200, "{wrong_by} s");
        let again = connection.send(&proven)?;
        assert_eq!(again.status, 401, "{wrong_by} s: used twice");
        bob.expect(200, &find)?;
    }
    Ok(())
}

#[test]
fn blocks_last_as_long_as_they_were_meant_to() -> Result<(), Failure> {
    let server = Server::start_with_faults(SHORT)?;
    for (n, wrong_by) in [DAY, -DAY].into_iter().enumerate() {
        let name = format!("bob{n}");
        let bob = server.online_user(&name)?;
        server.run(&["logoff", &name, "--block-for", "1m"], "")?;
        set(&server, wrong_by)?;
        let sign_on = bob.user.sign_on_request(&bob.call_back.url(), 1200);
        let answer = bob.user.send(&sign_on)?;
        assert_eq!(answer.status, 403, "{wrong_by} s");
        let text = answer.text();
        assert!(text.contains("again in 1 min"), "{wrong_by} s: {text}");
    }
    Ok(())
}

#[test]
fn what_was_kept_before_the_clock_was_set_is_there_after_a_crash() -> Result<(), Failure> {
    let mut server = Server::start_with_faults(SHORT)?;
    for (n, wrong_by) in [DAY, -DAY, 3600].into_iter().enumerate() {
        let name = format!("bob{n}");
        let alice = server.user(&format!("alice{n}"))?;
        let bob = server.online_user(&name)?;
        bob.set_state("busy")?;
        if n == 0 {
            // The first change afterwards says so, if nothing did before.
            server.faults()?.clock(wrong_by)?;
            bob.set_state("on-phone")?;
        } else {
            set(&server, wrong_by)?;
            // What is acknowledged from now on is kept with the time that it was acknowledged at.
            bob.set_state("busy")?;
        }
        server.kill9()?;
        server.restart()?;
        let state = if n == 0 { "on-phone" } else { "busy" };
        assert_eq!(alice.state_of(&name)?, state, "{wrong_by} s");
        let renewal = bob.user.renew(&name, bob.login, 1200)?;
        assert_eq!(renewal.status, 200, "{wrong_by} s: {}", renewal.text());
        assert_eq!(bob.user.set_state("away", 1200, Some(bob.view))?, bob.view);
        drop(bob);
    }
    Ok(())
}

#[test]
fn a_clock_that_is_set_as_the_power_goes_ends_no_lease() -> Result<(), Failure> {
    let mut server = Server::start_with_faults(SHORT)?;
    let alice = server.user("alice")?;
    let bob = server.online_user("bob")?;
    bob.set_state("busy")?;
    for wrong_by in [DAY, -DAY, 7200, 0] {
        // Nobody has time to look.
        server.faults()?.clock(wrong_by)?;
        server.kill9()?;
        server.restart()?;
        assert_eq!(alice.state_of("bob")?, "busy", "{wrong_by} s");
        let renewal = bob.user.renew("bob", bob.login, 1200)?;
        assert_eq!(renewal.status, 200, "{wrong_by} s: {}", renewal.text());
        let online = server.online()?;
        let left = online[0]["lease_ends"].as_i64().unwrap_or(0)
            - online[0]["since"].as_i64().unwrap_or(0);
        assert!(left <= 1_400_000, "{wrong_by} s: {left} ms");
    }
    Ok(())
}

#[test]
fn the_doctor_sees_without_a_server_that_the_clock_was_set() -> Result<(), Failure> {
    let mut server = Server::start_with_faults(SHORT)?;
    let check = |server: &Server| -> Result<String, Failure> {
        let output = server.cli(&["doctor", "--json"], "")?;
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::Unexpected(error.to_string()))?;
        let findings = said["findings"].as_array().cloned().unwrap_or_default();
        let finding = findings.iter().find(|it| it["check"] == "Clock");
        Ok(finding.map_or_else(String::new, |it| it["found"].to_string()))
    };
    set(&server, 2 * DAY)?;
    server.stop()?;
    // The doctor itself sees the true time: two days before the server's.
    let found = check(&server)?;
    assert!(
        found.contains("set back by 2 days since the server ran"),
        "{found}"
    );
    // It runs with the true time, and then nothing was set since.
    server.faults()?.clock(0)?;
    server.restart()?;
    eventually(SOON, "the server to notice", || {
        Ok((seen(&server) > 1).then_some(()))
    })?;
    server.stop()?;
    let found = check(&server)?;
    assert!(!found.contains("since the server ran"), "{found}");
    Ok(())
}

#[test]
fn people_are_told_the_time_of_day_and_what_happened() -> Result<(), Failure> {
    let server = Server::start_with_faults(SHORT)?;
    let alice = OnlineUser::sign_on(server.user("alice")?)?;
    set(&server, 2 * DAY)?;
    let output = server.cli(&["doctor", "--json"], "")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("set on by 2 days"), "{said}");
    // People read the time of day.
    let online = server.online()?;
    let since = online[0]["since"].as_i64().unwrap_or(0);
    let ends = online[0]["lease_ends"].as_i64().unwrap_or(0);
    assert!(ends - since <= 1_210_000, "{online}");
    alice
        .user
        .expect(200, &alice.user.request("SUBSCRIPTIONS", "alice"))?;
    Ok(())
}
