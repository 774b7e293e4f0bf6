//! A router on one name and the home server on another.

use std::time::Duration;

use tests::Failure;
use tests::librvp::Account;
use tests::people::PASSWORD;
use tests::rvp_client::{Connection, Request};
use tests::server::Server;

/// Generous: a loaded machine, a debug build.
const SOON: Duration = Duration::from_secs(15);

/// A home server, and a router that refers to it under another name of the same machine.
fn home_and_router() -> Result<(Server, Server), Failure> {
    let home = Server::start("")?;
    let port = home.rvp().port();
    let router = Server::start(&format!("[rvp]\nhome = \"localhost:{port}\"\n"))?;
    Ok((home, router))
}

#[test]
fn who_asks_is_referred_to_the_physical_url_before_any_proof() -> Result<(), Failure> {
    let (home, router) = home_and_router()?;
    let own = format!(
        "http://127.0.0.1:{}/instmsg/aliases/alice",
        router.rvp().port()
    );
    let location = |request: &Request| -> Result<(u16, Option<String>), Failure> {
        let answer = Connection::open(router.rvp())?.send(request)?;
        Ok((answer.status, answer.header("Location").map(str::to_owned)))
    };
    let physical = |service: &str, path: &str| {
        let home = home.rvp().port();
        Some(format!(
            "http://localhost:{home}/instmsg/local/{service}/instmsg/{path}"
        ))
    };
    let port = router.rvp().port();
    // `Host` has no port; the client's own URL on the same host says which.
    let request = Request::new("SUBSCRIBE", "/instmsg/aliases/Bob").header("Host", "127.0.0.1");
    assert_eq!(
        location(&request.clone().header("RVP-From-Principal", own))?,
        (302, physical(&format!("127.0.0.1:{port}"), "aliases/Bob"))
    );
    assert_eq!(
        location(&request)?,
        (302, physical("127.0.0.1", "aliases/Bob"))
    );
    let absolute = Request::new("NOTIFY", "http://im.example.com:81/instmsg/groups/staff");
    assert_eq!(
        location(&absolute)?,
        (302, physical("im.example.com:81", "groups/staff"))
    );
    // A client cannot have others sent elsewhere, nor has a header lines of its own.
    let foreign = request.header(
        "RVP-From-Principal",
        "http://evil.example/instmsg/aliases/x",
    );
    assert_eq!(
        location(&foreign)?,
        (302, physical("127.0.0.1", "aliases/Bob"))
    );
    // What names no node, and what is no method of RVP, is answered here.
    assert_eq!(location(&Request::new("PROPFIND", "/instmsg/"))?.0, 401);
    assert_eq!(
        location(&Request::new("GET", "/instmsg/aliases/bob"))?.0,
        501
    );
    Ok(())
}

#[test]
fn the_real_client_follows_to_its_home() -> Result<(), Failure> {
    let (home, router) = home_and_router()?;
    for alias in ["alice", "bob"] {
        home.add_user(alias, PASSWORD)?;
    }
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(router.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(router.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;
    bob.set_state("busy")?;
    alice.sees(SOON, "bob", "busy")?;
    alice.send("bob", "over the router")?;
    bob.hears(SOON, "alice", "over the router")?;
    assert!(home.online()?.to_string().contains("\"bob\""));
    assert!(!router.online()?.to_string().contains("\"bob\""));
    bob.quit()?;
    alice.sees(SOON, "bob", "offline")?;
    alice.quit()
}
