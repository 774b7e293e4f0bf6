//! Accounts of people who sign on, from outside: over the REST API and from the command line.

use serde_json::json;
use tests::Failure;
use tests::people::{OnlineUser, PASSWORD};
use tests::rvp_client::User;
use tests::server::Server;

#[test]
fn an_account_is_made_changed_kept_out_and_removed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    let alice = json!({"alias": "Alice", "password": PASSWORD, "email": "a@example.com"});
    api.send("POST", "/users", &[], Some(&alice))?.expect(200)?;
    let taken = api.send("POST", "/users", &[], Some(&alice))?.expect(409)?;
    assert!(taken.json["detail"].to_string().contains("Choose another"));
    let bad = json!({"alias": "bob", "password": PASSWORD, "email": "no address"});
    let refused = api.send("POST", "/users", &[], Some(&bad))?.expect(422)?;
    assert_eq!(refused.json["field"], "email");

    let shown = api.get("/users/alice")?.expect(200)?;
    assert_eq!(shown.json["row"]["email"], "a@example.com");
    assert!(!shown.json.to_string().contains(PASSWORD));
    let tag = shown.header("etag").unwrap_or_default().to_owned();
    let seen = [("If-Match", tag.as_str())];
    let named = |name: &str| json!({"display_name": name});
    let edit = |fields| api.send("PATCH", "/users/alice", &seen, Some(&fields));
    edit(named("Alice A."))?.expect(200)?;
    let stale = edit(named("Alice B."))?.expect(412)?;
    assert_eq!(stale.json["since"][0]["field"], "display_name");
    assert_eq!(stale.json["since"][0]["after"], "Alice A.");
    // What nobody else touched is changed, and what is so already is no change.
    edit(json!({"email": "b@example.com"}))?.expect(200)?;
    edit(named("Alice A."))?.expect(200)?;
    let now = api.get("/users/alice")?.expect(200)?;
    assert_eq!(now.json["row"]["display_name"], "Alice A.");
    assert_eq!(now.json["row"]["email"], "b@example.com");

    api.send("POST", "/users/alice/disable", &[], None)?
        .expect(200)?;
    let listed = api.get("/users?filter=disabled")?.expect(200)?;
    assert_eq!(listed.json["rows"][0]["alias"], "alice");
    api.send("POST", "/users/alice/enable", &[], None)?
        .expect(200)?;
    let password = json!({"password": "another 7"});
    api.send("PUT", "/users/alice/password", &[], Some(&password))?
        .expect(200)?;
    OnlineUser::sign_on(User::new(server.rvp(), "alice", "another 7"))?;

    api.send("DELETE", "/users/alice", &seen, None)?
        .expect(412)?;
    api.send("DELETE", "/users/alice", &[], None)?.expect(200)?;
    let gone = api.get("/users/alice")?.expect(404)?;
    let told = server.refused(&["user", "show", "alice"])?;
    assert!(told.contains(gone.json["detail"].as_str().unwrap_or("?")));
    Ok(())
}

#[test]
fn only_an_administrator_keeps_accounts() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let bob = json!({"alias": "bob", "password": PASSWORD});
    let name = json!({"display_name": "x"});
    let word = json!({"password": "another 7"});
    let many = json!({"users": [bob]});
    for role in ["viewer", "operator"] {
        let api = server.api(role)?;
        api.get("/users/alice")?.expect(200)?;
        for (method, path, body) in [
            ("POST", "/users", Some(&bob)),
            ("POST", "/users/import", Some(&many)),
            ("PATCH", "/users/alice", Some(&name)),
            ("POST", "/users/alice/disable", None),
            ("POST", "/users/alice/enable", None),
            ("PUT", "/users/alice/password", Some(&word)),
            ("DELETE", "/users/alice", None),
        ] {
            api.send(method, path, &[], body)?.expect(403)?;
        }
        let may = if role == "operator" { 200 } else { 403 };
        api.send("POST", "/users/alice/unblock", &[], None)?
            .expect(may)?;
    }
    Ok(())
}

#[test]
fn many_are_made_at_once_and_listed_part_by_part() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    let users: Vec<_> = (0..120)
        .map(|n| json!({"alias": format!("u{n:03}"), "password": PASSWORD}))
        .collect();
    let dry = json!({"users": users, "dry_run": true});
    let would = api.send("POST", "/users/import", &[], Some(&dry))?;
    assert_eq!(would.expect(200)?.json, json!(120));
    assert_eq!(api.get("/users")?.expect(200)?.json["total"], 0);
    let order = json!({"users": users});
    api.send("POST", "/users/import", &[], Some(&order))?
        .expect(200)?;

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/users?limit=50&after={after}");
        let part = api.get(&path)?.expect(200)?.json;
        let rows = part["rows"].as_array().cloned().unwrap_or_default();
        seen.extend(rows.iter().map(|row| row["alias"].clone()));
        match part["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => break,
        }
    }
    let all: Vec<_> = users.iter().map(|user| user["alias"].clone()).collect();
    assert_eq!(seen, all);
    Ok(())
}

#[test]
fn the_command_line_has_a_word_for_each() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let rows = format!("alice\t{PASSWORD}\tAlice\nbob\t{PASSWORD}\n");
    let told = server.run(&["user", "import", "-", "--dry-run"], &rows)?;
    assert!(told.starts_with("2 accounts would be made"), "{told}");
    assert_eq!(server.run(&["user", "list", "--json"], "")?.trim(), "[]");
    server.run(&["user", "import", "-"], &rows)?;
    server.run(&["user", "edit", "alice", "--email", "a@example.com"], "")?;
    server.run(&["logoff", "alice", "--block-for", "1h"], "")?;
    for running in [true, false] {
        if !running {
            server.stop()?;
        }
        let shown = server.run(&["user", "show", "alice", "--json"], "")?;
        let shown: serde_json::Value = serde_json::from_str(&shown)
            .map_err(|error| Failure::Unexpected(format!("{error} in {shown}")))?;
        assert_eq!(shown["row"]["display_name"], "Alice");
        assert_eq!(shown["row"]["email"], "a@example.com");
        assert_eq!(shown["blocked_until"].is_null(), !running);
        let old = ["--revision", "0", "--display-name", "A."];
        let stale = server.refused(&[&["user", "edit", "alice"][..], &old].concat())?;
        assert!(stale.contains("changed this since"), "{stale}");
        server.run(&["user", "unblock", "alice"], "")?;
    }
    server.run(&["user", "remove", "alice"], "")?;
    Ok(())
}
