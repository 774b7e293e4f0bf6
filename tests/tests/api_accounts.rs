//! Console accounts, sessions and the audit over the REST API and the command line.

use serde_json::{Value, json};
use tests::Failure;
use tests::console::{ADMIN, ADMIN_PASSWORD};
use tests::rvp_client::{Connection, Request};
use tests::server::Server;

#[test]
fn an_account_is_made_changed_and_removed() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    let api = server.api("administrator")?;
    let guest = json!({"name": "guest", "role": "viewer", "password": ADMIN_PASSWORD});
    api.send("POST", "/accounts", &[], Some(&guest))?
        .expect(200)?;
    api.send("POST", "/accounts", &[], Some(&guest))?
        .expect(409)?;
    let weak = json!({"name": "weak", "role": "viewer", "password": "qwertyuiop1234"});
    let refused = api
        .send("POST", "/accounts", &[], Some(&weak))?
        .expect(422)?;
    assert_eq!(refused.json["field"], "password");
    let add = ["admin", "add", "weak", "--password-stdin"];
    let told = server.refused_with(&add, "qwertyuiop1234\n")?;
    let why = refused.json["detail"].as_str().unwrap_or_default();
    assert!(told.contains(why), "{told}");

    let shown = api.get("/accounts/GUEST")?.expect(200)?;
    assert_eq!(shown.json["row"]["name"], "guest");
    assert!(!shown.json.to_string().contains("argon2"));
    let tag = shown.header("etag").unwrap_or_default().to_owned();
    let seen = [("If-Match", tag.as_str())];
    let role = |role: &str| json!({"role": role});
    let put = |role: &Value| api.send("PUT", "/accounts/guest/role", &seen, Some(role));
    put(&role("operator"))?.expect(200)?;
    let stale = put(&role("administrator"))?.expect(412)?;
    assert_eq!(stale.json["since"][0]["after"], "operator");
    server.run(&["admin", "disable", "guest"], "")?;
    let listed = api.get("/accounts?limit=1")?.expect(200)?;
    assert_eq!(listed.json["rows"][0]["enabled"], json!(false));
    let next = listed.json["next"].as_str().unwrap_or_default();
    let rest = api
        .get(&format!("/accounts?limit=1&after={next}"))?
        .expect(200)?;
    assert_eq!(rest.json["rows"][0]["name"], ADMIN);
    for (method, path) in [
        ("DELETE", "/accounts/root"),
        ("POST", "/accounts/root/disable"),
    ] {
        let last = api.send(method, path, &[], None)?.expect(409)?;
        let why = last.json["detail"].as_str().unwrap_or_default();
        assert!(why.contains("last administrator"), "{why}");
    }
    api.send("DELETE", "/accounts/guest", &seen, None)?
        .expect(412)?;
    server.run(&["admin", "remove", "guest"], "")?;
    api.get("/accounts/guest")?.expect(404)?;

    let operator = server.api("operator")?;
    operator.get("/accounts")?.expect(403)?;
    operator
        .send("POST", "/accounts", &[], Some(&guest))?
        .expect(403)?;
    operator.get("/audit")?.expect(403)?;
    // A token has no account, so no password and no sessions.
    let own = json!({"old_password": ADMIN_PASSWORD, "password": "nine purple ladders 42"});
    operator
        .send("POST", "/account/password", &[], Some(&own))?
        .expect(409)?;
    operator.get("/sessions?account=root")?.expect(403)?;
    let none = operator.get("/sessions")?.expect(200)?;
    assert_eq!(none.json["rows"], json!([]));
    Ok(())
}

#[test]
fn a_session_is_listed_and_ended_from_outside() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    let password = ADMIN_PASSWORD.replace(' ', "+");
    let ask = |request: &Request| {
        let request = request.clone().header("Host", "console");
        Connection::open(server.console())?.send(&request.header("Connection", "close"))
    };
    let signed_in = ask(&Request::new("POST", "/sign-in")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("name={ADMIN}&password={password}")))?;
    let cookie = signed_in.header("Set-Cookie").unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let page = || ask(&Request::new("GET", "/users").header("Cookie", &cookie));
    assert_eq!(page()?.status, 200);
    let api = server.api("administrator")?;
    let listed = api.get("/sessions")?.expect(200)?;
    let session = &listed.json["rows"][0];
    assert_eq!(session["account"], ADMIN);
    assert_eq!(session["from"], "127.0.0.1");
    assert!(session["since"].is_i64() && session["used"].is_i64());
    let key = session["key"].as_str().unwrap_or_default().to_owned();
    assert!(!cookie.contains(&key));
    let shown = server.run(&["admin", "sessions", "--json"], "")?;
    assert!(shown.contains(&key));
    server.run(&["admin", "end-session", &key], "")?;
    assert_eq!(page()?.status, 303);
    let gone = format!("/sessions/{key}");
    api.send("DELETE", &gone, &[], None)?.expect(404)?;
    Ok(())
}

#[test]
fn the_audit_is_narrowed_and_exported() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    for number in 0..5 {
        server.run(&["group", "add", &format!("g{number}")], "")?;
    }
    server.run(&["group", "describe", "g3", "=2+3"], "")?;
    let found = api.get("/audit?action=group.edit")?.expect(200)?;
    let change = &found.json["rows"][0]["changes"][0];
    assert_eq!(change["field"], "description");
    assert_eq!(change["after"], "=2+3");
    // Part by part, each once.
    let (mut after, mut seen) = (String::new(), Vec::new());
    loop {
        let part = api.get(&format!("/audit?action=group&limit=2&after={after}"))?;
        let part = part.expect(200)?.json;
        let rows = part["rows"].as_array().cloned().unwrap_or_default();
        seen.extend(
            rows.iter()
                .map(|row| row["id"].as_i64().unwrap_or_default()),
        );
        let Some(next) = part["next"].as_str() else {
            break;
        };
        after = next.to_owned();
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let refused = api.get("/audit?since=soon")?.expect(422)?;
    assert_eq!(refused.json["field"], "since");

    let csv = server.run(
        &["audit", "--csv", "--action", "group", "--target", "G3"],
        "",
    )?;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.starts_with("id,time,actor,from,action,target,detail,changes"));
    let lines = server.run(&["audit", "--jsonl", "--action", "group"], "")?;
    assert_eq!(lines.lines().count(), 6);
    let all = server.run(&["audit", "--json", "--limit", "3"], "")?;
    let all: Value = serde_json::from_str(&all).map_err(|e| Failure::Unexpected(e.to_string()))?;
    assert_eq!(all.as_array().map(Vec::len), Some(3));
    let table = server.run(&["audit", "--since", "2020-01-01", "--actor", "nobody"], "")?;
    assert_eq!(table.lines().count(), 1, "{table}");
    let exports = server.run(&["audit", "--action", "audit.export"], "")?;
    assert_eq!(exports.lines().count(), 3, "{exports}");
    Ok(())
}
