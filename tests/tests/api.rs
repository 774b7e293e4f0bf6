//! The REST API from outside: tokens, groups, errors, and the same over the network from the command
//! line.

use std::fs;
use std::process::Command;

use serde_json::json;
use tests::people::{PASSWORD, user_at};
use tests::rvp_client::{CallBackListener, User};
use tests::server::Server;
use tests::{Failure, programs};

#[test]
fn nobody_comes_in_without_a_token_that_is_good() -> Result<(), Failure> {
    let server = Server::start("")?;
    for token in [None, Some("rollcall_NONE"), Some("Basic x")] {
        let refused = server.api_with(token).get("/groups")?.expect(401)?;
        assert!(refused.header("www-authenticate").is_some());
        assert_eq!(refused.json["type"], "urn:rollcall:problem:unauthorized");
        // No session is made for a program.
        assert!(refused.header("set-cookie").is_none());
    }
    let api = server.api("administrator")?;
    api.get("/groups")?.expect(200)?;
    // Never from an address.
    let word = api.token().unwrap_or_default();
    let address = format!("/groups?token={word}");
    server.api_with(None).get(&address)?.expect(401)?;
    server.run(&["token", "remove", "test-administrator"], "")?;
    api.get("/groups")?.expect(401)?;
    let listed = server.run(&["token", "list"], "")?;
    assert!(!listed.contains(word));
    Ok(())
}

#[test]
fn a_token_may_do_what_it_was_made_for_and_no_more() -> Result<(), Failure> {
    let server = Server::start("")?;
    let viewer = server.api("viewer")?;
    viewer.get("/groups")?.expect(200)?;
    let group = json!({"name": "branch"});
    let refused = viewer.send("POST", "/groups", &[], Some(&group))?;
    assert_eq!(
        refused.expect(403)?.json["type"],
        "urn:rollcall:problem:forbidden"
    );

    let only = ["token", "add", "maker", "--role", "administrator"];
    let only = [&only[..], &["--operation", "groups.create"]].concat();
    let word = server.run(&only, "")?;
    let maker = server.api_with(Some(word.trim()));
    maker
        .send("POST", "/groups", &[], Some(&group))?
        .expect(200)?;
    maker.get("/groups")?.expect(403)?;

    // Whoever makes a token gives no more away than it has.
    let operator = server.api("operator")?;
    let wish = json!({"name": "more", "role": "administrator"});
    let refused = operator
        .send("POST", "/tokens", &[], Some(&wish))?
        .expect(422)?;
    assert_eq!(refused.json["field"], "role");
    operator
        .send("DELETE", "/tokens/maker", &[], None)?
        .expect(403)?;
    Ok(())
}

#[test]
fn a_group_is_made_filled_changed_and_removed() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let api = server.api("administrator")?;
    let group = json!({"name": "Branch", "members": ["alice"]});
    api.send("POST", "/groups", &[], Some(&group))?
        .expect(200)?;
    let taken = api
        .send("POST", "/groups", &[], Some(&group))?
        .expect(409)?;
    assert!(
        taken.json["detail"]
            .as_str()
            .is_some_and(|it| it.contains("Choose another name"))
    );

    let shown = api.get("/groups/branch")?.expect(200)?;
    assert_eq!(shown.json["members"][0]["alias"], "alice");
    let tag = shown.header("etag").unwrap_or_default().to_owned();
    let seen = [("If-Match", tag.as_str())];
    let edit = |text: &str| json!({"description": text});
    api.send("PATCH", "/groups/branch", &seen, Some(&edit("one")))?
        .expect(200)?;
    // Who goes by what is old is told what is new.
    let stale = api
        .send("PATCH", "/groups/branch", &seen, Some(&edit("two")))?
        .expect(412)?;
    assert_eq!(stale.json["since"][0]["field"], "description");
    assert_eq!(stale.json["since"][0]["after"], "one");
    // What touches nothing that changed goes well with it.
    let members = json!({"members": ["alice"]});
    let out = api.send("POST", "/groups/branch/members/remove", &[], Some(&members))?;
    assert_eq!(out.expect(200)?.json, json!(1));
    let now = api
        .get("/groups/branch")?
        .header("etag")
        .unwrap_or_default()
        .to_owned();
    api.send("DELETE", "/groups/branch", &seen, None)?
        .expect(412)?;
    api.send("DELETE", "/groups/branch", &[("If-Match", &now)], None)?
        .expect(200)?;
    api.get("/groups/branch")?.expect(404)?;

    for (path, field) in [("/groups?pgae=2", "pgae"), ("/groups?page=two", "page")] {
        assert_eq!(api.get(path)?.expect(422)?.json["field"], field);
    }
    api.get("/nothing")?.expect(404)?;
    Ok(())
}

#[test]
fn the_command_line_works_over_the_network_as_it_does_at_home() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    let file = server.scratch().join("token");
    fs::write(&file, api.token().unwrap_or_default()).map_err(Failure::io("writing the token"))?;
    let (url, file) = (server.page("/"), file.to_string_lossy().into_owned());
    let there = ["--server", &url, "--token-file", &file];
    let run = |words: &[&str]| server.run(&[words, &there].concat(), "");
    for number in 0..3 {
        run(&["group", "add", &format!("g{number}")])?;
    }
    let listed = run(&["group", "list", "--json"])?;
    assert_eq!(listed, server.run(&["group", "list", "--json"], "")?);
    assert!(listed.contains("g2"));
    let told = server.refused(&[&["group", "add", "g0"][..], &there].concat())?;
    assert_eq!(told, server.refused(&["group", "add", "g0"])?);
    let audit = run(&["token", "list", "--json"])?;
    assert!(audit.contains("test-administrator"));
    Ok(())
}

#[test]
fn what_happens_is_followed_and_resumed() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let api = server.api("administrator")?;
    let alice = user_at(server.rvp(), "alice");
    let call_back = CallBackListener::new();
    let address = call_back.listen(0)?;
    let login = alice.sign_on(&format!("http://{address}"), 600)?;
    alice.set_state("busy", 600, None)?;
    let guess = User::new(server.rvp(), "alice", "wrong").find("alice", "<d:prop/>");
    assert!(guess.is_ok_and(|it| it.status == 401));
    alice.unsubscribe("alice", login)?;
    server.run(&["group", "add", "branch"], "")?;

    let all = api.events("?after=0", 8)?;
    let kinds: Vec<_> = all
        .iter()
        .map(|it| it.json["kind"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(kinds[0], "lost");
    for kind in ["sign-on", "state", "sign-on-failed", "sign-off"] {
        assert!(kinds.contains(&kind), "{kind} of {kinds:?}");
    }
    // Who comes back goes on where it was.
    let (second, third) = (&all[1], &all[2]);
    let resumed = api.events(&format!("?after={}", second.id), 1)?;
    assert_eq!(resumed[0].id, third.id);
    // Acts are for administrators.
    let viewer = server.api("viewer")?;
    let seen = viewer.events("?after=0", 4)?;
    assert!(seen.iter().all(|it| it.json["kind"] != "act"));
    api.get("/events?kind=none")?.expect(422)?;
    Ok(())
}

#[test]
fn the_examples_of_the_documentation_work() -> Result<(), Failure> {
    let server = Server::start("")?;
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md"))
        .map_err(Failure::io("reading docs/api.md"))?;
    let examples: Vec<_> = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|part| part.split("```").next())
        .collect();
    assert!(examples.len() > 6);
    let rollcall = programs::rollcall()?;
    let directory = rollcall
        .parent()
        .map(std::path::Path::to_owned)
        .unwrap_or_default();
    let path = std::env::var("PATH").unwrap_or_default();
    for example in examples {
        let output = Command::new("bash")
            .args(["-euc", example])
            .current_dir(server.scratch())
            .env("PATH", format!("{}:{path}", directory.display()))
            .env("SERVER", server.page(""))
            .env("ROLLCALL_DATA_DIR", server.data_dir())
            .env("ROLLCALL_CONFIG", server.config_file())
            .output()
            .map_err(Failure::io("running an example"))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{example}\n{said}{complaint}");
    }
    Ok(())
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() -> Result<(), Failure> {
    let server = Server::start("[console.limits]\nrequests_per_token = 1\nburst_per_token = 3\n")?;
    let api = server.api("viewer")?;
    let mut refused = None;
    for _ in 0..6 {
        let answer = api.get("/groups")?;
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let refused = refused.ok_or_else(|| Failure::Unexpected("nobody was refused".to_owned()))?;
    assert!(
        refused
            .header("retry-after")
            .is_some_and(|it| it.parse::<u32>().is_ok())
    );
    Ok(())
}

#[test]
fn shells_and_manuals_know_every_command() -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(Failure::io("making a directory"))?;
    let run = |words: &[&str]| -> Result<String, Failure> {
        let output = Command::new(programs::rollcall()?)
            .args(words)
            .current_dir(directory.path())
            .output()
            .map_err(Failure::io("running the command line"))?;
        assert!(output.status.success(), "{words:?}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell])?.contains("token"), "{shell}");
    }
    run(&["man", "pages"])?;
    let page = fs::read_to_string(directory.path().join("pages/rollcall-token-add.1"));
    assert!(page.is_ok_and(|it| it.contains("role")));
    Ok(())
}

#[test]
fn the_document_has_the_stream_and_every_operation_once() -> Result<(), Failure> {
    let server = Server::start("")?;
    let output = Command::new("curl")
        .args(["-sS", "--fail", &server.page("/api/openapi.json")])
        .output()
        .map_err(Failure::io("running curl"))?;
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure::Unexpected(format!("the document is no JSON: {error}")))?;
    let paths = document["paths"].as_object();
    let mut names: Vec<_> = paths
        .into_iter()
        .flat_map(|it| it.values())
        .filter_map(|path| path.as_object())
        .flat_map(|methods| methods.values())
        .filter_map(|it| it["operationId"].as_str())
        .collect();
    assert!(names.contains(&"events.follow") && names.contains(&"groups.list"));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    // What it points to is there.
    let text = document.to_string();
    for place in text.split("\"$ref\":\"#").skip(1) {
        let place = place.split('"').next().unwrap_or_default();
        assert!(document.pointer(place).is_some(), "{place}");
    }
    Ok(())
}
