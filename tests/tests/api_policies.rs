//! Policies over the REST API: made, saved by two at once, compared, gone back to, exported and
//! deleted; for whom they count; what they forbade; what they can set. And the same words of the
//! command line.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::Failure;
use tests::api_client::{ApiAnswer, ApiClient};
use tests::people::PASSWORD;
use tests::server::Server;

fn on(options: &[&str]) -> Value {
    let settings = options
        .iter()
        .map(|it| ((*it).to_owned(), json!({"setting": "on"})));
    Value::Object(settings.collect())
}

fn create(api: &ApiClient, name: &str) -> Result<ApiAnswer, Failure> {
    let policy = json!({"name": name, "settings": on(&["disable-voice"])});
    let body = json!({"policy": policy, "assignment": {"everyone": true}});
    api.send("POST", "/policies", &[], Some(&body))
}

/// Saves a policy that sets these options, going by a revision.
fn save(api: &ApiClient, tag: &str, options: &[&str]) -> Result<ApiAnswer, Failure> {
    let body = json!({"policy": {"settings": on(options)}});
    api.send("PUT", "/policies/wan", &[("If-Match", tag)], Some(&body))
}

#[test]
fn a_policy_is_made_saved_gone_back_to_and_deleted() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    let made = create(&api, "wan")?.expect(200)?;
    assert_eq!(made.json["revision"], 1);
    let taken = create(&api, "WAN")?.expect(409)?;
    assert!(
        taken.json["detail"]
            .as_str()
            .is_some_and(|it| it.contains("Choose another name"))
    );
    for (policy, field) in [
        (json!({"name": "a/b"}), "name"),
        (
            json!({"name": "x", "settings": {"ie-proxy-override": {"setting": {"text": ".example.com"}}}}),
            "ie-proxy-override",
        ),
        (json!("a string"), "policy"),
    ] {
        let body = json!({"policy": policy});
        let refused = api
            .send("POST", "/policies", &[], Some(&body))?
            .expect(422)?;
        assert_eq!(refused.json["field"], field, "{}", refused.json);
    }

    // An object, not a text in a text.
    let shown = api.get("/policies/wan")?.expect(200)?;
    assert_eq!(shown.json["policy"]["settings"], on(&["disable-voice"]));
    let first = shown.header("etag").unwrap_or_default().to_owned();
    assert_eq!(first, "\"1\"");
    let blind = json!({"policy": {"settings": {}}});
    let blind = api
        .send("PUT", "/policies/wan", &[], Some(&blind))?
        .expect(422)?;
    assert_eq!(blind.json["field"], "revision");

    let second = save(&api, &first, &["disable-voice", "disable-video"])?.expect(200)?;
    assert_eq!(second.header("etag"), Some("\"2\""));
    // Nothing to save, and nothing is saved.
    let same = save(&api, "\"2\"", &["disable-voice", "disable-video"])?.expect(200)?;
    assert_eq!(same.json["revision"], 2);
    // Whoever saw the first one takes another option away: both are there.
    let merged = save(&api, &first, &[])?.expect(200)?;
    assert_eq!(merged.json["revision"], 3);
    assert_eq!(merged.json["merged"][0]["field"], "disable-video");
    let now = api.get("/policies/wan")?.expect(200)?;
    assert_eq!(now.json["policy"]["settings"], on(&["disable-video"]));
    // Of one and the same option only one word can stand.
    let body = json!({"policy": {"settings": {"disable-voice": {"setting": "off"}}}});
    let clash = api
        .send("PUT", "/policies/wan", &[("If-Match", &first)], Some(&body))?
        .expect(412)?;
    let fields: Vec<_> = clash.json["since"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it["field"].clone())
        .collect();
    assert_eq!(fields, ["disable-video", "disable-voice"]);
    assert_eq!(clash.json["since"][1]["before"], "on");
    assert_eq!(clash.json["since"][1]["after"], "not set");
    assert_eq!(clash.json["since"][1]["by"], "token test-administrator");

    let listed = api.get("/policies/wan/revisions")?.expect(200)?;
    let comment = listed.json[0]["comment"].as_str().unwrap_or_default();
    assert_eq!(
        comment,
        "Merged with revision 2 by token test-administrator"
    );
    let old = api.get("/policies/wan/revisions/1")?.expect(200)?;
    assert_eq!(old.json["policy"]["settings"], on(&["disable-voice"]));
    api.get("/policies/wan/revisions/9")?.expect(404)?;
    let back = json!({"number": 1});
    api.send(
        "POST",
        "/policies/wan/revert",
        &[("If-Match", "\"2\"")],
        Some(&back),
    )?
    .expect(412)?;
    let back = api.send(
        "POST",
        "/policies/wan/revert",
        &[("If-Match", "\"3\"")],
        Some(&back),
    )?;
    assert_eq!(back.expect(200)?.json["revision"], 4);

    api.send("DELETE", "/policies/wan", &[("If-Match", "\"3\"")], None)?
        .expect(412)?;
    api.send("DELETE", "/policies/wan", &[("If-Match", "\"4\"")], None)?
        .expect(200)?;
    api.get("/policies/wan")?.expect(404)?;
    assert_eq!(api.get("/policies")?.expect(200)?.json, json!([]));
    // One of the same name is another one.
    let again = create(&api, "wan")?.expect(200)?;
    assert_eq!(again.json["revision"], 5);
    api.send("DELETE", "/policies/wan", &[("If-Match", "\"4\"")], None)?
        .expect(412)?;
    Ok(())
}

#[test]
fn for_whom_a_policy_counts_is_set_field_by_field() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.run(&["group", "add", "branch", "alice"], "")?;
    let api = server.api("administrator")?;
    create(&api, "wan")?.expect(200)?;
    let path = "/policies/wan/assignment";
    let seen = api.get(path)?.expect(200)?;
    assert_eq!(seen.json["assignment"]["everyone"], true);
    let tag = seen.header("etag").unwrap_or_default().to_owned();
    let assign = |fields: Value| api.send("PATCH", path, &[("If-Match", &tag)], Some(&fields));
    let counts = assign(json!({"groups": ["Branch"], "everyone": false}))?.expect(200)?;
    assert_eq!(counts.json["groups"], json!(["branch"]));
    // Another field goes well with it, the same one does not.
    let counts = assign(json!({"priority": 5}))?.expect(200)?;
    assert_eq!(counts.json["groups"], json!(["branch"]));
    let clash = assign(json!({"groups": ["branch"], "priority": 6}))?.expect(412)?;
    assert_eq!(clash.json["since"].as_array().map(Vec::len), Some(3));
    for (fields, field) in [
        (json!({"groups": ["none"]}), "groups"),
        (json!({"users": ["nobody-here"]}), "users"),
        (json!({"priority": 5000}), "priority"),
    ] {
        let refused = api.send("PATCH", path, &[], Some(&fields))?.expect(422)?;
        assert_eq!(refused.json["field"], field);
    }
    let effective = api.get("/users/alice/policy")?.expect(200)?;
    assert_eq!(
        effective.json["options"][0]["decided"]["through"],
        "group branch"
    );
    let proxy = json!({"policy": "wan"});
    api.send("PUT", "/proxy-script", &[], Some(&proxy))?
        .expect(200)?;
    let now = api.get(path)?.expect(200)?;
    assert_eq!(now.json["script"]["policy"], "wan");
    api.send("PUT", "/proxy-script", &[], Some(&json!({})))?
        .expect(200)?;
    Ok(())
}

#[test]
fn a_viewer_exports_and_changes_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    create(&server.api("administrator")?, "wan")?.expect(200)?;
    let viewer = server.api("viewer")?;
    let policy = json!({"policy": {"name": "x"}});
    for (method, path, body) in [
        ("POST", "/policies", Some(&policy)),
        ("POST", "/policies/import", Some(&policy)),
        ("PUT", "/policies/wan", Some(&policy)),
        ("DELETE", "/policies/wan", None),
        ("POST", "/policies/wan/revert", Some(&json!({"number": 1}))),
        (
            "PATCH",
            "/policies/wan/assignment",
            Some(&json!({"everyone": false})),
        ),
        ("PUT", "/proxy-script", Some(&json!({"policy": "wan"}))),
    ] {
        viewer.send(method, path, &[], body)?.expect(403)?;
    }
    let export = json!({"format": "pol", "undo": true});
    let files = viewer
        .send("POST", "/policies/wan/export", &[], Some(&export))?
        .expect(200)?;
    let bytes = files.json[0]["bytes"]
        .as_str()
        .and_then(|it| STANDARD.decode(it).ok());
    assert!(
        bytes.is_some_and(|it| it.starts_with(b"PReg")),
        "{}",
        files.json
    );
    let kit = json!({"windows": "xp"});
    let kit = viewer
        .send("POST", "/policies/wan/kit", &[], Some(&kit))?
        .expect(200)?;
    assert_eq!(kit.json["media_type"], "application/zip");
    for (path, fields, field) in [
        ("export", json!({"format": "exe"}), "format"),
        ("kit", json!({"windows": "3.11"}), "windows"),
    ] {
        let path = format!("/policies/wan/{path}");
        let refused = viewer
            .send("POST", &path, &[], Some(&fields))?
            .expect(422)?;
        assert_eq!(refused.json["field"], field);
    }
    let found = viewer
        .get("/catalogue?search=DisablePC2PCAudio")?
        .expect(200)?;
    assert_eq!(found.json["matching"], 1);
    assert_eq!(
        viewer.get("/catalogue?client=icq")?.expect(422)?.json["field"],
        "client"
    );
    let none = viewer.get("/compliance?limit=10")?.expect(200)?;
    assert_eq!(none.json["rows"], json!([]));
    assert_eq!(
        viewer.get("/compliance?after=x")?.expect(422)?.json["field"],
        "after"
    );
    Ok(())
}

#[test]
fn the_command_line_names_the_revision_that_it_saw() -> Result<(), Failure> {
    let server = Server::start("")?;
    let reg = server.scratch().join("lab.reg");
    let write = |value: &str| {
        let text = format!(
            "REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\"{value}\"=dword:00000001\r\n"
        );
        fs::write(&reg, text).map_err(Failure::io("writing a .reg file"))
    };
    let file = reg.to_string_lossy().into_owned();
    write("DisablePC2PCAudio")?;
    server.run(&["policy", "import", &file], "")?;
    write("DisableFileTransfer")?;
    let replace = ["policy", "import", &file, "--replace", "--base"];
    server.run(&[&replace[..], &["1"]].concat(), "")?;
    write("DisableVideo")?;
    let refused = server.refused(&[&replace[..], &["1"]].concat())?;
    assert!(
        refused.contains("saved revision 2 of this policy since you opened it"),
        "{refused}"
    );
    let refused = server.refused(&["policy", "revert", "lab", "1", "--base", "1"])?;
    assert!(refused.contains("disable-voice was"), "{refused}");
    server.run(&["policy", "revert", "lab", "1", "--base", "2"], "")?;
    let diff = server.run(&["policy", "diff", "lab", "2", "--json"], "")?;
    assert!(diff.contains("disable-voice"), "{diff}");

    let reach = server.run(&["policy", "assign", "lab", "--everyone", "--json"], "")?;
    let reach: Value = serde_json::from_str(&reach).unwrap_or_default();
    let seen = reach["revision"].to_string();
    server.run(&["policy", "assign", "lab", "--priority", "3"], "")?;
    let old = [
        "policy",
        "assign",
        "lab",
        "--priority",
        "4",
        "--base",
        &seen,
    ];
    let refused = server.refused(&old)?;
    assert!(
        refused.contains("priority was \"0\" and is now \"3\""),
        "{refused}"
    );

    let catalogue = server.run(&["policy", "catalogue", "DisablePC2PCAudio"], "")?;
    assert!(catalogue.contains("disable-voice"), "{catalogue}");
    let compliance = server.run(&["policy", "compliance", "--json"], "")?;
    let compliance: Value = serde_json::from_str(&compliance).unwrap_or_default();
    assert_eq!(compliance["rows"], json!([]));

    server.refused(&["policy", "delete", "lab", "--base", "2"])?;
    server.run(&["policy", "delete", "lab"], "")?;
    assert_eq!(server.run(&["policy", "list", "--json"], "")?.trim(), "[]");
    Ok(())
}
