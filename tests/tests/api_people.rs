//! What users may do with each other, who is online, who is locked out and whose contacts are
//! kept, from outside: over the REST API and from the command line.

use serde_json::{Value, json};
use tests::Failure;
use tests::people::PASSWORD;
use tests::server::Server;

/// A registry file with one value `"a"="b"` below the key of contacts, in base64.
const CONTACTS: &str = "UkVHRURJVDQNCg0KW0hLRVlfQ1VSUkVOVF9VU0VSXFNvZnR3YXJlXE1pY3Jvc29mdFxFeGNoYW5nZVxNZXNzZW5nZXJcUHJvZmlsZXNceF0NCiJhIj0iYiINCg==";

fn read(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Unexpected(format!("{error} in {text}")))
}

#[test]
fn a_list_is_read_changed_and_asked() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let api = server.api("administrator")?;
    let viewer = server.api("viewer")?;
    let change = |what: Value| json!({"change": what});
    let block = change(json!({"block": "bob"}));
    let path = "/users/alice/privacy";
    viewer.send("POST", path, &[], Some(&block))?.expect(403)?;
    api.send("POST", path, &[], Some(&block))?.expect(200)?;
    let list = viewer.get(path)?.expect(200)?.json;
    assert_eq!(list["standard"], false);
    let access = viewer.get("/access?from=bob&to=alice")?.expect(200)?.json;
    assert_eq!(access["to_alias"], "alice");
    let row = access["rights"][0].clone();
    assert_eq!(
        access,
        read(&server.run(&["user", "access", "bob", "alice", "--json"], "")?)?
    );
    assert!(row["why"].is_string());
    let refused = viewer.get("/access?from=b%20b&to=alice")?.expect(422)?;
    assert_eq!(refused.json["field"], "from");
    let nobody = change(json!({"block": "nobody"}));
    let refused = api.send("POST", path, &[], Some(&nobody))?.expect(422)?;
    assert_eq!(refused.json["field"], "who");
    viewer.get("/users/nobody/privacy")?.expect(404)?;
    api.send("POST", path, &[], Some(&change(json!("reset"))))?
        .expect(200)?;
    assert_eq!(viewer.get(path)?.expect(200)?.json["standard"], true);
    Ok(())
}

#[test]
fn who_is_online_is_listed_and_logged_off() -> Result<(), Failure> {
    let server = Server::start("")?;
    let operator = server.api("operator")?;
    let viewer = server.api("viewer")?;
    let people: Vec<_> = ["alice", "bob", "carol"]
        .into_iter()
        .map(|alias| server.online_user(alias))
        .collect::<Result<_, _>>()?;
    let page = viewer.get("/online?limit=2")?.expect(200)?.json;
    assert_eq!(page["rows"][1]["alias"], "bob");
    assert_eq!((&page["online"], &page["next"]), (&json!(3), &json!("bob")));
    let rest = viewer.get("/online?limit=2&after=bob")?.expect(200)?.json;
    assert_eq!(rest["rows"][0]["alias"], "carol");
    // In another order than that of aliases there is nothing to go on after.
    let sorted = viewer.get("/online?sort=since")?.expect(200)?.json;
    assert!(sorted["next"].is_null());

    let logoff = |fields: Value| operator.send("POST", "/online/logoff", &[], Some(&fields));
    for nobody in [json!({}), json!({"aliases": ["alice"], "all": true})] {
        assert_eq!(logoff(nobody)?.expect(422)?.json["field"], "aliases");
    }
    let long = json!({"aliases": ["alice"], "reason": "x".repeat(201)});
    assert_eq!(logoff(long)?.expect(422)?.json["field"], "reason");
    let forever = json!({"aliases": ["alice"], "block_minutes": 0});
    assert_eq!(logoff(forever)?.expect(422)?.json["field"], "block_minutes");
    let some = json!({"aliases": ["alice", "bob"], "reason": "so"});
    viewer
        .send("POST", "/online/logoff", &[], Some(&some))?
        .expect(403)?;
    let done = logoff(some)?.expect(200)?.json;
    assert_eq!(done["logged_off"], json!(["alice", "bob"]));
    let left = server.run(&["logoff", "--all", "--json"], "")?;
    assert_eq!(read(&left)?["logged_off"], json!(["carol"]));
    drop(people);
    Ok(())
}

#[test]
fn figures_and_lockouts_are_told_at_every_door() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let viewer = server.api("viewer")?;
    let figures = viewer.get("/dashboard")?.expect(200)?.json;
    let status = read(&server.run(&["status", "--json"], "")?)?;
    for same in ["domain", "rvp_url", "version", "started", "users"] {
        assert_eq!(figures[same], status[same], "{same}");
    }
    assert_eq!(status["users"], 1);
    assert!(server.run(&["status"], "")?.contains("users online"));

    let wrong = tests::rvp_client::User::new(server.rvp(), "alice", "wrong");
    for _ in 0..5 {
        drop(wrong.subscriptions("pragma/notify"));
    }
    let rows = viewer.get("/lockouts")?.expect(200)?.json;
    assert_eq!(rows[0]["name"], "alice");
    let what = json!({"what": "alice"});
    viewer
        .send("POST", "/lockouts/unlock", &[], Some(&what))?
        .expect(403)?;
    let operator = server.api("operator")?;
    operator
        .send("POST", "/lockouts/unlock", &[], Some(&what))?
        .expect(200)?;
    let gone = operator
        .send("POST", "/lockouts/unlock", &[], Some(&what))?
        .expect(404)?;
    let told = server.refused(&["unlock", "alice"])?;
    assert!(told.contains(gone.json["detail"].as_str().unwrap_or("?")));
    Ok(())
}

#[test]
fn contacts_are_kept_given_back_and_forgotten() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let api = server.api("administrator")?;
    let viewer = server.api("viewer")?;
    let import = json!({"file": CONTACTS});
    let path = "/contacts/alice";
    viewer.get(path)?.expect(404)?;
    viewer.send("PUT", path, &[], Some(&import))?.expect(403)?;
    let page = json!({"file": CONTACTS, "code_page": 7});
    let refused = api.send("PUT", path, &[], Some(&page))?.expect(422)?;
    assert_eq!(refused.json["field"], "code_page");
    let taken = api.send("PUT", path, &[], Some(&import))?.expect(200)?.json;
    assert_eq!(taken["summary"]["revision"], 1);
    assert_eq!(viewer.get(path)?.expect(200)?.json["summary"]["values"], 1);
    let lists = viewer.get("/contacts")?.expect(200)?.json;
    assert_eq!(lists["lists"][0]["alias"], "alice");
    let wish = json!({"format": "reg4"});
    let export = "/contacts/alice/export";
    viewer.send("POST", export, &[], Some(&wish))?.expect(403)?;
    let given = api
        .send("POST", export, &[], Some(&wish))?
        .expect(200)?
        .json;
    assert_eq!(given["name"], "contacts-alice-regedit4.reg");
    // "REGEDIT4"
    let bytes = given["bytes"].as_str().unwrap_or_default();
    assert!(bytes.starts_with("UkVHRURJVDQ"), "{bytes}");
    let scripts = viewer.get("/contact-scripts?share=%5C%5Csrv%5Cim%24")?;
    assert_eq!(scripts.expect(200)?.json.as_array().map(Vec::len), Some(4));
    api.send("DELETE", path, &[], None)?.expect(200)?;
    viewer.get(path)?.expect(404)?;
    let told = server.refused(&["contacts", "remove", "alice"])?;
    assert!(told.contains("No contacts of alice are kept"), "{told}");
    Ok(())
}
