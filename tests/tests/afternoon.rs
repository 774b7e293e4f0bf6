//! An administrator's afternoon, from another machine: a token, the command line over the network, and
//! nothing else.

use std::fmt::Write as _;
use std::fs;

use tests::Failure;
use tests::people::PASSWORD;
use tests::rvp_client::{CallBackListener, User};
use tests::server::Server;

const USERS: usize = 500;

#[test]
fn an_afternoon_over_the_network_with_a_token_only() -> Result<(), Failure> {
    let server = Server::start("")?;
    let api = server.api("administrator")?;
    let place = server.scratch().to_owned();
    let write = |name: &str, text: &str| {
        let file = place.join(name);
        fs::write(&file, text).map_err(Failure::io("writing a file"))?;
        Ok::<_, Failure>(file.to_string_lossy().into_owned())
    };
    let token = write("token", api.token().unwrap_or_default())?;
    let url = server.page("/");
    let there = ["--server", &url, "--token-file", &token];
    let run = |words: &[&str]| server.run(&[words, &there].concat(), "");

    // 500 people, three groups, two policies.
    let mut people = String::new();
    for number in 0..USERS {
        let _ = writeln!(people, "user{number:03}\t{PASSWORD}\tUser {number}");
    }
    let people = write("people.tsv", &people)?;
    run(&["user", "import", &people, "--dry-run"])?;
    assert_eq!(run(&["user", "list", "--json"])?.trim(), "[]");
    run(&["user", "import", &people])?;
    for (group, first) in [
        ("north", "user000"),
        ("south", "user001"),
        ("west", "user002"),
    ] {
        run(&["group", "add", group, "--description", "A branch", first])?;
    }
    let lockdown = write(
        "lockdown.reg",
        "REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Messenger\\Client]\r\n\
         \"DisableFileTransfer\"=dword:00000001\r\n",
    )?;
    for policy in ["quiet", "quieter"] {
        run(&[
            "policy",
            "import",
            &lockdown,
            "--name",
            policy,
            "--keep-unknown",
        ])?;
    }
    run(&["policy", "assign", "quiet", "--group", "north"])?;
    assert!(run(&["policy", "effective", "user000", "--json"])?.contains("quiet"));

    // Somebody signs on, is seen, and is thrown off.
    let someone = User::new(server.rvp(), "user007", PASSWORD);
    let call_back = CallBackListener::new();
    let address = call_back.listen(0)?;
    someone.sign_on(&format!("http://{address}"), 600)?;
    assert!(run(&["online", "--json"])?.contains("user007"));
    run(&[
        "logoff",
        "user007",
        "--reason",
        "Closing time",
        "--block-for",
        "10m",
    ])?;
    assert!(!run(&["online", "--json"])?.contains("user007"));
    let seen = api.events("?after=0&kind=sign-on&kind=sign-off", 3)?;
    let kinds: Vec<_> = seen
        .iter()
        .map(|it| it.json["kind"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(kinds, ["lost", "sign-on", "sign-off"]);

    // The files, and everything back.
    let files = place.join("files").to_string_lossy().into_owned();
    run(&[
        "policy", "export", "quiet", "--format", "reg", "--out", &files,
    ])?;
    assert!(fs::read_dir(&files).is_ok_and(|it| it.count() == 1));
    for policy in ["quiet", "quieter"] {
        run(&["policy", "delete", policy])?;
    }
    for group in ["north", "south", "west"] {
        run(&["group", "remove", group])?;
    }
    for number in 0..USERS {
        let path = format!("/users/user{number:03}");
        api.send("DELETE", &path, &[], None)?.expect(200)?;
    }
    assert_eq!(run(&["user", "list", "--json"])?.trim(), "[]");
    let audit = run(&["audit", "--actor", "token test-administrator", "--json"])?;
    for action in [
        "user.import",
        "group.create",
        "policy.assign",
        "logoff",
        "policy.delete",
    ] {
        assert!(audit.contains(action), "{action}");
    }
    Ok(())
}
