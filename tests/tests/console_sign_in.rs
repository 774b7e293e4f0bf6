//! Signing in at the console over HTTP: who guesses is slowed down, and nobody else.

use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::console::{ADMIN, ADMIN_PASSWORD, SOON};
use tests::rvp_client::{Connection, Request, Response};
use tests::server::Server;
use tests::{Failure, eventually};

const PROXY: &str = "[console]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";

fn ask(server: &Server, request: &Request) -> Result<Response, Failure> {
    let request = request.clone().header("Connection", "close");
    Connection::open(server.console())?.send(&request)
}

fn sign_in_request(name: &str, password: &str) -> Request {
    let password = password.replace(' ', "+");
    Request::new("POST", "/sign-in")
        .header("Host", "console")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("name={name}&password={password}"))
}

fn sign_in(server: &Server, name: &str, password: &str) -> Result<Response, Failure> {
    ask(server, &sign_in_request(name, password))
}

fn through(server: &Server, client: &str, password: &str) -> Result<Response, Failure> {
    let request = sign_in_request(ADMIN, password).header("X-Forwarded-For", client);
    ask(server, &request)
}

fn figures(server: &Server, name: &str, password: &str) -> Result<Response, Failure> {
    let basic = STANDARD.encode(format!("{name}:{password}"));
    let request = Request::new("GET", "/metrics")
        .header("Host", "console")
        .header("Authorization", format!("Basic {basic}"));
    ask(server, &request)
}

/// Asks for a page with the cookie of an answer.
fn page(server: &Server, path: &str, signed_in: &Response) -> Result<Response, Failure> {
    let cookie = signed_in.header("Set-Cookie").unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let request = Request::new("GET", path)
        .header("Host", "console")
        .header("Cookie", cookie);
    ask(server, &request)
}

#[test]
fn made_up_names_keep_nobody_out() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    for n in 0..9 {
        assert_eq!(
            sign_in(&server, &format!("nobody{n}"), "guessed")?.status,
            401
        );
        assert_eq!(
            figures(&server, &format!("ghost{n}"), "guessed")?.status,
            401
        );
    }
    let signed_in = sign_in(&server, ADMIN, ADMIN_PASSWORD)?;
    assert_eq!(signed_in.status, 303, "{}", signed_in.head);
    assert_eq!(figures(&server, ADMIN, ADMIN_PASSWORD)?.status, 200);
    Ok(())
}

#[test]
fn a_name_is_closed_for_the_address_behind_the_proxy() -> Result<(), Failure> {
    let server = Server::start(PROXY)?;
    server.add_root()?;
    let earlier = through(&server, "192.0.2.1", ADMIN_PASSWORD)?;
    assert_eq!(earlier.status, 303);
    for _ in 0..5 {
        // What stands before the last address may be made up.
        let answer = through(&server, "198.51.100.9, 192.0.2.1, 10.1.1.1", "guessed")?;
        assert_eq!(answer.status, 401);
    }
    let closed = through(&server, "192.0.2.1", ADMIN_PASSWORD)?;
    assert_eq!(closed.status, 429, "{}", closed.head);
    let after: u32 = closed
        .header("Retry-After")
        .and_then(|it| it.parse().ok())
        .expect("seconds");
    assert!((1..=30).contains(&after), "{after}");

    // Who is signed in stays, and who comes from elsewhere comes in.
    assert_eq!(page(&server, "/users", &earlier)?.status, 200);
    assert_eq!(through(&server, "192.0.2.2", ADMIN_PASSWORD)?.status, 303);

    let listed = server.run(&["unlock", "--json"], "")?;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["name"], ADMIN, "{listed}");
    assert_eq!(listed[0]["address"], "192.0.2.1", "{listed}");
    assert_eq!(listed[0]["at"], "console", "{listed}");
    server.run(&["unlock", "192.0.2.1"], "")?;
    assert_eq!(through(&server, "192.0.2.1", ADMIN_PASSWORD)?.status, 303);
    let complaint = server.refused(&["unlock", "somebody"])?;
    assert!(complaint.contains("somebody"), "{complaint}");
    let audit = page(&server, "/audit", &earlier)?.text();
    assert!(audit.contains("unlock"), "the order is in the audit");
    Ok(())
}

#[test]
fn the_standard_header_is_read_and_the_audit_names_the_browser() -> Result<(), Failure> {
    let server = Server::start(PROXY)?;
    let token = eventually(SOON, "the word of the first run", || {
        let output = server.output();
        let after = output.split_once("/first-run?token=");
        Ok(after.and_then(|(_, rest)| rest.split_whitespace().next().map(str::to_owned)))
    })?;
    let password = ADMIN_PASSWORD.replace(' ', "+");
    let request = Request::new("POST", "/first-run")
        .header("Host", "console")
        .header("Forwarded", "for=\"[2001:db8::7]:4711\";proto=https")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!(
            "token={token}&name={ADMIN}&password={password}&password_again={password}"
        ));
    let signed_in = ask(&server, &request)?;
    assert_eq!(signed_in.status, 303, "{}", signed_in.head);
    let audit = page(&server, "/audit", &signed_in)?.text();
    assert!(audit.contains("2001:db8::7"), "{audit}");
    Ok(())
}

#[test]
fn a_stranger_is_not_believed_about_addresses() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    for n in 0..5 {
        let answer = through(&server, &format!("192.0.2.{n}"), "guessed")?;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(through(&server, "192.0.2.77", ADMIN_PASSWORD)?.status, 429);
    Ok(())
}

#[test]
fn many_at_once_are_no_more_than_five() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    let address = server.console();
    let threads: Vec<_> = (0..100)
        .map(|_| {
            thread::spawn(move || {
                let request = sign_in_request(ADMIN, "guessed").header("Connection", "close");
                let answer = Connection::open(address)?.send(&request)?;
                Ok::<_, Failure>(answer.status)
            })
        })
        .collect();
    let mut looked_at = 0;
    for thread in threads {
        match thread.join().expect("no panic")? {
            401 => looked_at += 1,
            429 | 503 => {}
            other => panic!("status {other}"),
        }
    }
    assert_eq!(looked_at, 5);
    Ok(())
}

#[test]
fn a_session_ends_with_its_account() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    let add = |role| {
        let add = ["admin", "add", "guest", "--role", role, "--password-stdin"];
        server.run(&add, &format!("{ADMIN_PASSWORD}\n"))
    };
    add("viewer")?;
    let guest = sign_in(&server, "guest", ADMIN_PASSWORD)?;
    assert_eq!(page(&server, "/users", &guest)?.status, 200);
    server.run(&["admin", "remove", "guest"], "")?;
    add("administrator")?;
    let answer = page(&server, "/users", &guest)?;
    assert_eq!(answer.status, 303, "{}", answer.head);
    assert_eq!(answer.header("Location"), Some("/sign-in?next=%2Fusers"));
    let again = sign_in(&server, "guest", ADMIN_PASSWORD)?;
    assert_eq!(page(&server, "/users", &again)?.status, 200);
    Ok(())
}
