//! curl as a third opinion on signing in: neither our client nor librvp, but an implementation
//! that many servers were tried with.

use std::process::Command;

use tests::people::PASSWORD;
use tests::server::Server;
use tests::{Failure, programs};

const NT_DOMAIN: &str = "nt_domain = \"EXAMPLE\"\n";

/// Runs curl with a way to sign in; gives a line for each URL: the status, and how many
/// connections were opened for it.
fn curl(scheme: &str, user: &str, urls: &[&str]) -> Result<Vec<String>, Failure> {
    let program = programs::find("curl", "apt-get install curl")?;
    let mut command = Command::new(program);
    command.args(["--silent", "--show-error", "--max-time", "20", scheme]);
    command.args(["--request", "SUBSCRIPTIONS", "--user", user]);
    command.args(["--write-out", "%{http_code} %{num_connects}\n"]);
    for url in urls {
        command.args(["--output", "/dev/null", url]);
    }
    let output = command.output().map_err(Failure::io("running curl"))?;
    let seen = String::from_utf8_lossy(&output.stdout);
    println!(
        "curl {scheme} --user {user}: {}",
        seen.trim().replace('\n', ", ")
    );
    Ok(seen.lines().map(str::to_owned).collect())
}

/// Signs in with a scheme in every way there is, right and wrong.
fn every_way(server: &Server, scheme: &str, spellings: &[&str]) -> Result<(), Failure> {
    server.add_user("alice", PASSWORD)?;
    server.add_user("carol", PASSWORD)?;
    server.run(&["user", "disable", "carol"], "")?;
    let url = server.principal("alice");
    for spelling in spellings {
        let seen = curl(scheme, &format!("{spelling}:{PASSWORD}"), &[&url])?;
        assert_eq!(seen, ["200 1"], "{scheme} as {spelling}");
    }
    for (what, user) in [
        ("a wrong password", "alice:guessed".to_owned()),
        ("no password", "alice:".to_owned()),
        ("an unknown user", format!("nobody:{PASSWORD}")),
        ("a disabled user", format!("carol:{PASSWORD}")),
        (
            "a wrong password in a domain",
            "EXAMPLE\\alice:guessed".to_owned(),
        ),
        (
            "an unknown user in a domain",
            format!("EXAMPLE\\nobody:{PASSWORD}"),
        ),
    ] {
        let seen = curl(scheme, &user, &[&url])?;
        assert!(seen[0].starts_with("401 "), "{scheme}, {what}: {seen:?}");
    }
    let seen = curl(scheme, &format!("alice:{PASSWORD}"), &[&url, &url])?;
    assert_eq!(seen, ["200 1", "200 0"], "two requests on one connection");
    Ok(())
}

#[test]
fn curl_signs_in_with_ntlm() -> Result<(), Failure> {
    let server = Server::start(&format!("{NT_DOMAIN}[auth]\nschemes = [\"ntlm\"]\n"))?;
    let spellings = [
        "alice",
        "ALICE",
        "EXAMPLE\\alice",
        "EXAMPLE/alice",
        "OTHER\\alice",
    ];
    every_way(&server, "--ntlm", &spellings)
}

#[test]
fn curl_signs_in_with_ntlm_where_only_version_2_will_do() -> Result<(), Failure> {
    let server = Server::start("[auth]\nschemes = [\"ntlm\"]\nntlm_minimum = \"v2\"\n")?;
    server.add_user("alice", PASSWORD)?;
    let seen = curl(
        "--ntlm",
        &format!("alice:{PASSWORD}"),
        &[&server.principal("alice")],
    )?;
    assert_eq!(seen, ["200 1"]);
    Ok(())
}

#[test]
fn curl_signs_in_with_digest() -> Result<(), Failure> {
    let server = Server::start(&format!("{NT_DOMAIN}[auth]\nschemes = [\"digest\"]\n"))?;
    let spellings = [
        "alice",
        "Alice",
        "EXAMPLE\\alice",
        "EXAMPLE/alice",
        "alice@127.0.0.1",
    ];
    every_way(&server, "--digest", &spellings)
}

#[test]
fn curl_chooses_among_what_is_offered() -> Result<(), Failure> {
    let server = Server::start(NT_DOMAIN)?;
    server.add_user("alice", PASSWORD)?;
    let url = server.principal("alice");
    for scheme in ["--anyauth", "--digest", "--ntlm"] {
        let seen = curl(scheme, &format!("alice:{PASSWORD}"), &[&url])?;
        assert_eq!(seen, ["200 1"], "{scheme}");
    }
    let seen = curl("--basic", &format!("alice:{PASSWORD}"), &[&url])?;
    assert!(
        seen[0].starts_with("401 "),
        "Basic was not offered: {seen:?}"
    );
    Ok(())
}
