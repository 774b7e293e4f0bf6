//! The real client: a pair of librvp signs on, sees each other, talks, and is
//! logged off, by each way of proving who it is.

use std::time::Duration;

use tests::librvp::{Account, Librvp, mail_name};
use tests::people::PASSWORD;
use tests::server::Server;
use tests::{Failure, eventually};

/// Generous: a loaded machine, a debug build.
const SOON: Duration = Duration::from_secs(15);

fn pair(server: &Server) -> Result<(Librvp, Librvp), Failure> {
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(server.rvp())?;
    bob.signed_on(SOON)?;
    Ok((alice, bob))
}

/// The whole main job, once for every set of challenges.
fn meet_talk_and_be_logged_off(schemes: &str) -> Result<(), Failure> {
    let server = Server::start(&format!("[auth]\nschemes = [{schemes}]\n"))?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    bob.sees(SOON, "alice", "online")?;

    for state in [
        "busy",
        "away",
        "on-phone",
        "at-lunch",
        "back-soon",
        "idle",
        "online",
    ] {
        bob.set_state(state)?;
        alice.sees(SOON, "bob", state)?;
    }
    alice.set_state("busy")?;
    bob.sees(SOON, "alice", "busy")?;

    alice.send("bob", "hello <there> & you")?;
    bob.hears(SOON, "alice", "hello <there> & you")?;
    bob.send("alice", "gr\u{fc}\u{df} \u{20ac}")?;
    alice.hears(SOON, "bob", "gr\u{fc}\u{df} \u{20ac}")?;
    alice.order(&format!("typing {}", mail_name("bob")))?;
    bob.expect_event(SOON, "typing", |it| it.is("typing", &[("state", "typing")]))?;

    server.run(&["logoff", "bob", "--reason", "the office closes"], "")?;
    bob.expect_event(SOON, "why it is logged off", |it| {
        it.kind() == "message" && it.get("text").contains("the office closes")
    })?;
    alice.sees(SOON, "bob", "offline")?;
    let online = server.online()?.to_string();
    assert!(
        online.contains("alice") && !online.contains("\"bob\""),
        "{online}"
    );

    // It cannot slip back by a change of state: it is told to sign off.
    bob.set_state("busy")?;
    bob.expect_event(SOON, "a visible end", |it| it.kind() == "disconnected")?;
    bob.quit()?;
    assert!(!server.online()?.to_string().contains("\"bob\""));

    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(server.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;
    bob.quit()?;
    alice.sees(SOON, "bob", "offline")?;
    alice.quit()
}

#[test]
fn a_pair_meets_with_digest() -> Result<(), Failure> {
    meet_talk_and_be_logged_off("\"digest\"")
}

#[test]
fn a_pair_meets_with_ntlm() -> Result<(), Failure> {
    meet_talk_and_be_logged_off("\"ntlm\"")
}

#[test]
fn a_pair_meets_where_both_are_offered() -> Result<(), Failure> {
    meet_talk_and_be_logged_off("\"digest\", \"ntlm\"")
}

#[test]
fn a_wrong_password_is_refused_with_both_schemes() -> Result<(), Failure> {
    for scheme in ["digest", "ntlm"] {
        let server = Server::start(&format!("[auth]\nschemes = [\"{scheme}\"]\n"))?;
        server.add_user("alice", PASSWORD)?;
        let mut alice = Account::new("alice", "guessed").start(server.rvp())?;
        alice.expect_event(SOON, "a refusal", |it| it.kind() == "disconnected")?;
        assert!(!server.online()?.to_string().contains("\"alice\""));
    }
    Ok(())
}

#[test]
fn a_domain_before_the_name_is_understood() -> Result<(), Failure> {
    for scheme in ["digest", "ntlm"] {
        let server = Server::start(&format!(
            "nt_domain = \"EXAMPLE\"\n[auth]\nschemes = [\"{scheme}\"]\n"
        ))?;
        server.add_user("alice", PASSWORD)?;
        let account = Account::new("alice", PASSWORD).auth_domain("EXAMPLE");
        let mut alice = account.start(server.rvp())?;
        alice.signed_on(SOON)?;
        alice.quit()?;
    }
    Ok(())
}

/// A client on the server's own machine connects over loopback, and names the
/// machine's address as its call-back.
#[test]
fn the_call_back_a_client_chooses_by_itself_is_accepted() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .chooses_its_call_back()
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD).start(server.rvp())?;
    bob.signed_on(SOON)?;
    bob.send("alice", "do you hear me?")?;
    alice.hears(SOON, "bob", "do you hear me?").map(drop)
}

#[test]
fn a_message_to_one_who_is_not_there_comes_back() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("bob", PASSWORD)?;
    server.add_user("alice", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    for nobody in ["bob", "stranger"] {
        alice.send(nobody, "anyone?")?;
        alice.expect_event(SOON, "the message back", |it| {
            it.get("with") == mail_name(nobody)
                && it.get("text").contains("could not be delivered")
                && it.get("text").contains("anyone?")
        })?;
    }
    alice.quit()
}

#[test]
fn a_log_off_is_seen_and_a_fresh_sign_on_too() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    bob.quit()?;
    alice.sees(SOON, "bob", "offline")?;

    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(server.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;
    // The same by the state "offline" of the client's own menu.
    bob.set_state("offline")?;
    bob.expect_event(SOON, "the log-off", |it| it.kind() == "signed-off")?;
    alice.sees(SOON, "bob", "offline").map(drop)
}

/// A user's client knows the user as a contact, too: so one machine hears of the other.
#[test]
fn two_machines_of_one_user_share_what_comes_and_what_is_said() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let machine = |alias, knows| {
        Account::new(alias, PASSWORD)
            .knows(knows)
            .start(server.rvp())
    };
    let mut alice = machine("alice", &["bob"])?;
    alice.signed_on(SOON)?;
    let mut office = machine("bob", &["alice", "bob"])?;
    office.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;
    let mut home = machine("bob", &["alice", "bob"])?;
    home.signed_on(SOON)?;

    alice.send("bob", "wherever you are")?;
    office.hears(SOON, "alice", "wherever you are")?;
    home.hears(SOON, "alice", "wherever you are")?;

    home.set_state("busy")?;
    office.sees(SOON, "bob", "busy")?;
    alice.sees(SOON, "bob", "busy")?;
    home.set_state("away")?;
    office.sees(SOON, "bob", "away")?;
    alice.sees(SOON, "bob", "away")?;

    // One leaves: the state of the other counts, and it gets what comes.
    office.quit()?;
    alice.send("bob", "still there?")?;
    home.hears(SOON, "alice", "still there?")?;
    home.set_state("busy")?;
    let at_once = alice.expect_event(SOON, "the next state of bob", |it| {
        it.kind() == "buddy-status" && it.get("who") == mail_name("bob")
    })?;
    assert_eq!(at_once.get("state"), "busy", "never offline in between");
    assert!(server.online()?.to_string().contains("\"bob\""));
    home.quit()?;
    alice.sees(SOON, "bob", "offline").map(drop)
}

#[test]
fn a_blocked_contact_sees_offline_until_unblocked() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    bob.sees(SOON, "alice", "online")?;
    alice.order(&format!("block {}", mail_name("bob")))?;
    bob.sees(SOON, "alice", "offline")?;
    bob.send("alice", "let me in")?;
    bob.expect_event(SOON, "the message back", |it| {
        it.get("text").contains("could not be delivered")
    })?;
    alice.order(&format!("unblock {}", mail_name("bob")))?;
    bob.sees(SOON, "alice", "online")?;
    bob.send("alice", "thanks")?;
    alice.hears(SOON, "bob", "thanks").map(drop)
}

#[test]
fn a_contact_blocked_by_the_administrator_sees_offline_until_unblocked() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    bob.sees(SOON, "alice", "online")?;
    server.run(&["user", "privacy", "alice", "block", "bob"], "")?;
    bob.sees(SOON, "alice", "offline")?;
    server.run(&["user", "privacy", "alice", "allow", "bob"], "")?;
    bob.sees(SOON, "alice", "online")?;
    bob.send("alice", "thanks")?;
    alice.hears(SOON, "bob", "thanks").map(drop)
}

#[test]
fn a_contact_added_while_signed_on_is_seen_at_once() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    server.add_user("carol", PASSWORD)?;
    let mut carol = Account::new("carol", PASSWORD).start(server.rvp())?;
    carol.signed_on(SOON)?;
    alice.set_state("busy")?;
    bob.sees(SOON, "alice", "busy")?;

    carol.order(&format!("add-buddy {}", mail_name("alice")))?;
    carol.sees(SOON, "alice", "busy")?;
    alice.set_state("away")?;
    carol.sees(SOON, "alice", "away").map(drop)
}

/// Whom a client takes out of its contacts it does not watch any more.
#[test]
fn a_contact_that_is_removed_is_watched_no_more() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    let watchers_of_bob = || {
        let online = server.online()?;
        let rows = online.as_array().cloned().unwrap_or_default();
        let bob = rows.into_iter().find(|row| row["alias"] == "bob");
        Ok::<_, Failure>(bob.and_then(|row| row["watchers"].as_u64()))
    };
    assert_eq!(watchers_of_bob()?, Some(1));

    alice.order(&format!("remove-buddy {}", mail_name("bob")))?;
    eventually(SOON, "the end of the watch", || {
        Ok((watchers_of_bob()? == Some(0)).then_some(()))
    })?;
    bob.set_state("busy")?;
    // Strangers may still write, and are answered.
    bob.send("alice", "do you not know me any more?")?;
    alice.hears(SOON, "bob", "do you not know me any more?")?;

    alice.order(&format!("add-buddy {}", mail_name("bob")))?;
    alice.sees(SOON, "bob", "busy")?;
    bob.set_state("away")?;
    alice.sees(SOON, "bob", "away").map(drop)
}

/// Multi-party: one opens a conversation and brings two others in; every message goes to all.
#[test]
fn three_talk_in_one_conversation_until_one_leaves() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    server.add_user("carol", PASSWORD)?;
    let mut carol = Account::new("carol", PASSWORD)
        .knows(&["alice", "bob"])
        .start(server.rvp())?;
    carol.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;

    alice.order("chat all of us")?;
    alice.expect_event(SOON, "a conversation", |it| it.kind() == "joined")?;
    for guest in ["bob", "carol"] {
        alice.order(&format!("invite {}", mail_name(guest)))?;
        alice.expect_event(SOON, guest, |it| {
            it.is("joined", &[("who", &mail_name(guest))])
        })?;
    }
    bob.expect_event(SOON, "the invitation", |it| it.kind() == "joined")?;
    carol.expect_event(SOON, "bob in the conversation", |it| {
        it.kind() == "joined" && it.get("who").starts_with("bob@")
    })?;

    let said = |who: &'static str, text: &'static str| {
        move |it: &tests::librvp::Event| {
            it.is("message", &[("where", "chat"), ("text", text)])
                && it.get("from").starts_with(&format!("{who}@"))
        }
    };
    alice.order("say hello both")?;
    bob.expect_event(SOON, "alice", said("alice", "hello both"))?;
    carol.expect_event(SOON, "alice", said("alice", "hello both"))?;
    carol.order("say here I am")?;
    alice.expect_event(SOON, "carol", said("carol", "here I am"))?;
    bob.expect_event(SOON, "carol", said("carol", "here I am"))?;

    bob.order("leave-chat")?;
    alice.expect_event(SOON, "the end of bob's part", |it| {
        it.kind() == "left" && it.get("who").starts_with("bob@")
    })?;
    carol.order("say only us now")?;
    alice
        .expect_event(SOON, "carol", said("carol", "only us now"))
        .map(drop)
}

/// What the real client tells one who is not: that it joins, what it says, that it leaves, each
/// with the conversation's own session.
#[test]
fn joining_and_leaving_reach_a_stranger_as_they_were_sent() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut bob = server.online_user("bob")?;
    server.add_user("alice", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;

    // First of all: the plugin crashes over a conversation of several after one of two.
    alice.order("chat the two of us")?;
    alice.expect_event(SOON, "a conversation", |it| it.kind() == "joined")?;
    alice.order(&format!("invite {}", mail_name("bob")))?;
    let join = bob.call_back.expect(SOON, "that alice joins", |it| {
        it.text().contains("text/x-msmsgscontrol") && !it.text().contains("TypingUser")
    })?;
    alice.order("say a word")?;
    let word = |it: &tests::rvp_client::Received| it.text().contains("a word");
    let message = bob.call_back.expect(SOON, "the message", word)?;
    alice.order("leave-chat")?;
    let leave = bob.call_back.expect(SOON, "that alice leaves", |it| {
        it.text().contains("Content-Type: text/x-imleave")
    })?;
    let sessions = [join, message, leave].map(|it| {
        let text = it.text();
        let (_, rest) = text.split_once("Session-Id: ").unwrap_or_default();
        rest.chars().take(38).collect::<String>()
    });
    assert!(
        sessions[0].starts_with('{') && sessions[0].ends_with('}'),
        "{sessions:?}"
    );
    assert!(sessions.iter().all(|it| *it == sessions[0]), "{sessions:?}");
    Ok(())
}

#[test]
fn a_file_is_offered_and_accepted_through_the_server() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    let file = server.scratch().join("sendme.bin");
    std::fs::write(&file, [7; 5000]).map_err(Failure::io("writing a file"))?;

    alice.order(&format!("file {} {}", mail_name("bob"), file.display()))?;
    let offer = bob.expect_event(SOON, "the offer", |it| it.kind() == "request")?;
    assert!(offer.get("text").contains("sendme.bin"), "{offer:?}");
    bob.order(&format!("answer {} 0", offer.get("id")))?;
    // The bytes themselves go from peer to peer, and stall between two librvp.
    alice
        .expect_event(SOON, "the acceptance", |it| {
            it.is("transfer", &[("state", "sending")])
        })
        .map(drop)
}

#[test]
fn a_file_that_is_declined_is_told_to_who_offered_it() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    let file = server.scratch().join("sendme.bin");
    std::fs::write(&file, [7; 5000]).map_err(Failure::io("writing a file"))?;

    alice.order(&format!("file {} {}", mail_name("bob"), file.display()))?;
    let offer = bob.expect_event(SOON, "the offer", |it| it.kind() == "request")?;
    bob.order(&format!("answer {} 1", offer.get("id")))?;
    alice.expect_event(SOON, "the refusal", |it| {
        it.is("transfer", &[("state", "cancelled")])
    })?;
    // And the conversation goes on.
    bob.send("alice", "not now")?;
    alice.hears(SOON, "bob", "not now").map(drop)
}

#[test]
fn a_restart_of_the_server_leaves_clients_signed_on() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    assert_eq!(server.stop()?, Some(0), "{}", server.output());
    server.restart()?;
    bob.set_state("busy")?;
    alice.sees(SOON, "bob", "busy")?;
    alice.send("bob", "still here")?;
    bob.hears(SOON, "alice", "still here").map(drop)
}

#[test]
fn a_block_refuses_a_fresh_sign_on() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    alice.sees(SOON, "bob", "online")?;
    server.run(
        &[
            "logoff",
            "bob",
            "--reason",
            "calm down",
            "--block-for",
            "10m",
        ],
        "",
    )?;
    alice.sees(SOON, "bob", "offline")?;
    bob.set_state("busy")?;
    bob.expect_event(SOON, "a visible end", |it| it.kind() == "disconnected")?;

    let mut again = Account::new("bob", PASSWORD).start(server.rvp())?;
    again.expect_event(SOON, "a refusal", |it| it.kind() == "disconnected")?;
    assert!(!server.online()?.to_string().contains("\"bob\""));

    let refusal = tests::people::user_at(server.rvp(), "bob");
    let call_back = tests::rvp_client::CallBack::listen()?;
    let answer = refusal.send(&refusal.sign_on_request(&call_back.url(), 1200))?;
    assert_eq!(answer.status, 403, "{}", answer.head);
    assert!(
        answer.text().contains("calm down"),
        "no reason: {}",
        answer.text()
    );
    Ok(())
}

#[test]
fn everybody_is_logged_off_at_once() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    server.run(&["logoff", "--all", "--reason", "maintenance"], "")?;
    for client in [&mut alice, &mut bob] {
        client.expect_event(SOON, "why", |it| {
            it.kind() == "message" && it.get("text").contains("maintenance")
        })?;
    }
    let online = server.online()?;
    assert_eq!(online.as_array().map(Vec::len), Some(0), "{online}");
    Ok(())
}

#[test]
fn a_group_is_a_contact_like_another() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (mut alice, mut bob) = pair(&server)?;
    server.run(&["group", "add", "staff"], "")?;
    server.run(&["group", "add-member", "staff", "alice", "bob"], "")?;
    alice.order(&format!("add-buddy {}", mail_name("staff")))?;
    alice.sees(SOON, "staff", "online")?;
    alice.send("staff", "lunch is here")?;
    bob.hears(SOON, "alice", "lunch is here")?;
    bob.quit()?;
    alice.quit()
}

/// The plugin sends one request a contact, all at once.
#[test]
fn contacts_that_are_blocked_at_once_are_all_blocked() -> Result<(), Failure> {
    const CONTACTS: usize = 12;
    let server = Server::start("")?;
    let names: Vec<_> = (0..CONTACTS).map(|n| format!("contact{n}")).collect();
    for name in &names {
        server.add_user(name, PASSWORD)?;
    }
    server.add_user("alice", PASSWORD)?;
    let knows: Vec<_> = names.iter().map(String::as_str).collect();
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&knows)
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    // The plugin reads its list while it signs on, and then undoes what it was told meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    for (order, allowed) in [("block", false), ("unblock", true), ("block", false)] {
        for name in &names {
            alice.order(&format!("{order} {}", mail_name(name)))?;
        }
        eventually(SOON, "every entry of alice's list", || {
            let mut done = 0;
            for name in &names {
                let json = server.run(&["user", "access", name, "alice", "--json"], "")?;
                let access: serde_json::Value =
                    serde_json::from_str(&json).expect("the answer is JSON");
                let rights = access["rights"].as_array().expect("rights");
                let of = |right| rights.iter().find(|row| row["right"] == right);
                done += usize::from(of("send-to").is_some_and(|row| row["allowed"] == allowed));
            }
            Ok((done == CONTACTS).then_some(()))
        })?;
    }
    Ok(())
}
