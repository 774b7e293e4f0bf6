//! Names as clients spell them, and what guessing at passwords comes to.

use std::process::Command;
use std::thread;

use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use tests::people::PASSWORD;
use tests::rvp_client::{Challenge, Connection, Credentials, Request, User};
use tests::server::Server;
use tests::{Failure, eventually, programs};

use crate::SOON;

const PATH: &str = "/instmsg/aliases/alice";

fn hex_md5(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Md5::digest(bytes))
}

/// Signs in once with NTLM by curl, from an address of this machine; gives the status.
fn ntlm(server: &Server, from: &str, name: &str, password: &str) -> Result<u16, Failure> {
    let program = programs::find("curl", "apt-get install curl")?;
    let output = Command::new(program)
        .args([
            "--silent",
            "--max-time",
            "20",
            "--ntlm",
            "--interface",
            from,
        ])
        .args(["--request", "SUBSCRIPTIONS", "--output", "/dev/null"])
        .args(["--user", &format!("{name}:{password}")])
        .args(["--write-out", "%{http_code}", &server.principal("alice")])
        .output()
        .map_err(Failure::io("running curl"))?;
    let status = String::from_utf8_lossy(&output.stdout);
    status
        .parse()
        .map_err(|_| Failure::Unexpected(format!("curl said {status:?}")))
}

#[test]
fn failures_count_on_the_account_however_it_is_spelled() -> Result<(), Failure> {
    let server = Server::start("nt_domain = \"EXAMPLE\"\n")?;
    server.add_user("alice", PASSWORD)?;
    let here = "127.0.0.1";
    assert_eq!(ntlm(&server, here, "%61lice", PASSWORD)?, 401, "no URL");
    for name in ["ALICE", "EXAMPLE\\alice", "alice@elsewhere", "%61lice"] {
        assert_eq!(ntlm(&server, here, name, "guessed")?, 401, "{name}");
    }
    for name in ["alice", "Alice", "%61lice", "%61%6cice", "x/alice"] {
        assert_eq!(ntlm(&server, here, name, PASSWORD)?, 401, "{name}");
    }
    // The account has one lock for this address, and none for another.
    assert_eq!(ntlm(&server, "127.0.0.2", "alice", PASSWORD)?, 200);

    let user = User::new(server.rvp(), "alice", PASSWORD);
    let answer = user.send(&user.request("SUBSCRIPTIONS", "alice"))?;
    assert_eq!(answer.status, 401, "Digest is locked as well");
    assert!(answer.text().contains("try again in"), "{}", answer.text());
    Ok(())
}

/// Sends a request with a Digest answer whose user name is in these bytes.
fn digest_as(server: &Server, parameter: &[u8], hashed: &[u8]) -> Result<u16, Failure> {
    let mut connection = Connection::open(server.rvp())?;
    let path = "/instmsg/aliases/m%C3%BCller";
    let request = Request::new("SUBSCRIPTIONS", path).header("Host", "127.0.0.1");
    let challenge = Challenge::of(&connection.send(&request)?).expect("a Digest challenge");
    let realm = challenge.realm.as_bytes();
    let ha1 = hex_md5(&[hashed, b":", realm, b":", PASSWORD.as_bytes()].concat());
    let ha2 = hex_md5(format!("SUBSCRIPTIONS:{path}").as_bytes());
    let proof = hex_md5(format!("{ha1}:{}:{ha2}", challenge.nonce).as_bytes());
    let rest = format!(
        ", realm=\"{}\", uri=\"{path}\", nonce=\"{}\", response=\"{proof}\"\r\n\r\n",
        challenge.realm, challenge.nonce
    );
    let head =
        format!("SUBSCRIPTIONS {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Digest ");
    connection.write(&[head.as_bytes(), parameter, rest.as_bytes()].concat())?;
    Ok(connection.read()?.status)
}

#[test]
fn a_name_that_is_not_ascii_signs_in_as_clients_send_it() -> Result<(), Failure> {
    let server = Server::start("[auth]\nschemes = [\"digest\"]\n")?;
    server.add_user("Müller", PASSWORD)?;
    let utf_8 = "Müller".as_bytes();
    for (parameter, hashed, status) in [
        ("username=\"Müller\"".as_bytes(), utf_8, 200),
        (b"username=\"M\xfcller\"", b"M\xfcller", 200),
        (b"username*=UTF-8''M%C3%BCller", utf_8, 200),
        (b"username*=iso-8859-1'de'M%FCller", b"M\xfcller", 200),
        (b"username=\"M\xfcller\"", b"M\xfcllerx", 401),
        (b"username*=UTF-8''M%FCller", utf_8, 401),
        (b"username*=UTF-8''M%C3%BCller, username=\"x\"", utf_8, 401),
        (b"userhash=true, username=\"00\"", utf_8, 401),
    ] {
        let sent = String::from_utf8_lossy(parameter);
        assert_eq!(digest_as(&server, parameter, hashed)?, status, "{sent}");
    }
    // Such a header is refused as what it is, and not taken for none.
    for reason in ["username* cannot be decoded", "the user name is hashed"] {
        eventually(SOON, reason, || {
            Ok(server.output().contains(reason).then_some(()))
        })?;
    }
    Ok(())
}

#[test]
fn two_authorization_headers_are_none() -> Result<(), Failure> {
    let server = Server::start("")?;
    let request = Request::new("SUBSCRIPTIONS", PATH)
        .header("Authorization", "Basic YTpi")
        .header("Authorization", "Digest username=\"alice\"");
    assert_eq!(Connection::open(server.rvp())?.send(&request)?.status, 400);
    Ok(())
}

#[test]
fn what_is_no_guess_locks_nobody_out() -> Result<(), Failure> {
    let server = Server::start("[auth]\nntlm_minimum = \"v2\"\n")?;
    let alice = server.user("alice")?;
    let who = alice.credentials();
    let subscriptions = alice.request("SUBSCRIPTIONS", "alice");
    for round in 0..8 {
        let mut connection = Connection::open(server.rvp())?;
        let first = connection.send(&subscriptions)?;
        let challenge = Challenge::of(&first).expect("a Digest challenge");
        let foreign = Challenge {
            nonce: "abcdef".to_owned(),
            ..challenge.clone()
        };
        let other_realm = Challenge {
            realm: "elsewhere".to_owned(),
            ..challenge.clone()
        };
        let right = |it: &Challenge| who.authorization(it, "SUBSCRIPTIONS", PATH, 1);
        for (what, proof) in [
            (
                "another address",
                who.authorization(&challenge, "SUBSCRIPTIONS", "/instmsg/aliases/bob", 1),
            ),
            ("an unknown nonce", right(&foreign)),
            ("another realm", right(&other_realm)),
            ("SHA-256", right(&challenge).replace("MD5", "SHA-256")),
            (
                "auth-int",
                right(&challenge).replace("qop=\"auth\"", "qop=\"auth-int\""),
            ),
            ("no response", right(&challenge).replace("response=", "x=")),
            ("an open quote", "Digest username=\"alice".to_owned()),
        ] {
            let request = subscriptions.clone().header("Authorization", proof);
            let answer = connection.send(&request)?;
            assert_eq!(answer.status, 401, "{what}, round {round}");
        }
    }
    assert_eq!(alice.send(&subscriptions)?.status, 200);
    Ok(())
}

#[test]
fn guesses_at_once_are_no_more_than_one_after_the_other() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let guess = Credentials {
        name: "alice".to_owned(),
        password: "guessed".to_owned(),
    };
    let address = server.rvp();
    let threads: Vec<_> = (0..48)
        .map(|_| {
            let guess = guess.clone();
            thread::spawn(move || {
                let user = User::new(address, "alice", &guess.password);
                let answer = user.send(&user.request("SUBSCRIPTIONS", "alice"));
                answer.map(|it| it.status)
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().expect("no panic")?, 401);
    }
    let looked_at = eventually(SOON, "each refusal in the log", || {
        let log = server.output();
        let all = log.matches("sign-in refused").count() == 48;
        Ok(all.then(|| log.matches("does not fit the password").count()))
    })?;
    assert!(looked_at <= 5, "{looked_at} of 48 were looked at");
    let answer = alice.send(&alice.request("SUBSCRIPTIONS", "alice"))?;
    assert_eq!(answer.status, 401, "locked");
    Ok(())
}
