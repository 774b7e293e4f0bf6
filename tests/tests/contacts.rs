//! Contact lists follow their users: taken from an exported file, given back to the byte, by the
//! command line and over HTTP with each user's own sign-in.

use std::fs;
use std::process::{Command, Output};

use tests::Failure;
use tests::people::PASSWORD;
use tests::programs;
use tests::server::Server;

const SERVE: &str = "[contacts]\nserve = true\n";
const KEY: &str = "HKEY_CURRENT_USER\\Software\\Microsoft\\Exchange\\Messenger";

/// What a client of Windows 2000 exports: UTF-16, with values of several types.
fn export(contact: &str) -> Vec<u8> {
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{KEY}]\r\n\r\n[{KEY}\\Profiles]\r\n\r\n\
         [{KEY}\\Profiles\\http://im.example.com/instmsg/aliases/alice]\r\n\"Flags\"=dword:00000007\r\n\r\n\
         [{KEY}\\Profiles\\http://im.example.com/instmsg/aliases/alice\\Contacts]\r\n\
         \"{contact}\"=hex:01,00,fe\r\n\"gr\u{fc}n@example.com\"=\"\u{3a9} \\\"x\\\"\"\r\n\r\n"
    );
    std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// The file without its comment: the lines that hold keys and values.
fn values(file: &[u8]) -> String {
    let units: Vec<_> = file[2..]
        .chunks_exact(2)
        .map(|it| u16::from_le_bytes([it[0], it[1]]))
        .collect();
    let text = String::from_utf16(&units).expect("sound UTF-16");
    let lines = text
        .lines()
        .filter(|it| !it.starts_with(';') && !it.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_command_line_gives_back_what_it_took() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let (file, out) = (
        server.scratch().join("in.reg"),
        server.scratch().join("out.reg"),
    );
    fs::write(&file, export("bob@example.com")).map_err(Failure::io("writing a file"))?;
    let path = |it: &std::path::Path| it.to_string_lossy().into_owned();

    let said = server.run(&["contacts", "import", "alice", &path(&file)], "")?;
    assert_eq!(said, "alice: 2 contacts, 3 values, revision 1\n");
    let shown = server.run(&["contacts", "show", "alice"], "")?;
    assert!(shown.contains("bob@example.com"), "{shown}");
    let export_to = ["contacts", "export", "alice", "--out", &path(&out)];
    // With a server, and without one.
    for running in [true, false] {
        server.run(&export_to, "")?;
        let given = fs::read(&out).map_err(Failure::io("reading the file"))?;
        assert_eq!(values(&given), values(&export("bob@example.com")));
        if running {
            server.stop()?;
        }
    }
    // Greek is in no ANSI file: the one who asks is told which character.
    let refused = server.cli(&[&export_to[..], &["--format", "reg4"]].concat(), "")?;
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        refused.status.code() == Some(1) && error.contains('\u{3a9}'),
        "{error}"
    );

    server.restart()?;
    server.run(&["user", "remove", "alice"], "")?;
    let lists = server.run(&["contacts", "list", "--json"], "")?;
    assert_eq!(lists.trim(), "[]", "they go with their user");
    Ok(())
}

#[test]
fn what_is_no_contact_is_refused_and_changes_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let file = server.scratch().join("in.reg");
    let import = ["contacts", "import", "alice", &file.to_string_lossy()].map(str::to_owned);
    let import: Vec<_> = import.iter().map(String::as_str).collect();
    for (text, said) in [
        ("GIF89a", "first line is neither REGEDIT4"),
        (
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n\"x\"=\"calc\"\r\n",
            "no values below",
        ),
        (
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software]\r\n\"x\"=dword:zz\r\n",
            "Line 4",
        ),
    ] {
        fs::write(&file, text).map_err(Failure::io("writing a file"))?;
        let output = server.cli(&import, "")?;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(said), "{error}");
    }
    assert_eq!(
        server.run(&["contacts", "list", "--json"], "")?.trim(),
        "[]"
    );
    Ok(())
}

/// curl as a user of that scheme, with `more` arguments; standard output ends in the status.
fn curl(
    server: &Server,
    scheme: &str,
    user: &str,
    path: &str,
    more: &[&str],
) -> Result<Output, Failure> {
    let curl = programs::find("curl", "apt-get install curl")?;
    Command::new(curl)
        .args(["--silent", "--show-error", "--noproxy", "*", scheme])
        .args(["--user", &format!("{user}:{PASSWORD}")])
        .args(["--write-out", "%{stderr}%{http_code}"])
        .args(more)
        .arg(format!("http://{}{path}", server.rvp()))
        .output()
        .map_err(Failure::io("running curl"))
}

fn status(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_user_saves_and_gets_the_own_list_with_digest_and_ntlm_and_nobody_elses() -> Result<(), Failure>
{
    let server = Server::start(SERVE)?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let file = server.scratch().join("in.reg");
    let data = format!("@{}", file.display());
    let put = ["--request", "PUT", "--data-binary", &data];
    for (scheme, contact) in [
        ("--digest", "carol@example.com"),
        ("--ntlm", "dave@example.com"),
    ] {
        fs::write(&file, export(contact)).map_err(Failure::io("writing a file"))?;
        let saved = curl(&server, scheme, "alice", "/rollcall/contacts", &put)?;
        assert_eq!(status(&saved), "200", "{scheme}: {saved:?}");
        let given = curl(
            &server,
            scheme,
            "alice",
            "/rollcall/contacts?format=reg",
            &[],
        )?;
        assert_eq!(status(&given), "200", "{scheme}");
        assert_eq!(values(&given.stdout), values(&export(contact)), "{scheme}");
        let own = curl(&server, scheme, "alice", "/rollcall/contacts/alice", &[])?;
        assert_eq!(status(&own), "200", "{scheme}");

        for more in [&[][..], &put] {
            let others = curl(&server, scheme, "bob", "/rollcall/contacts/alice", more)?;
            assert_eq!(status(&others), "403", "{scheme} {more:?}");
        }
        let none = curl(&server, scheme, "bob", "/rollcall/contacts", &[])?;
        assert_eq!(status(&none), "404", "{scheme}");
    }
    let shown = server.run(&["contacts", "show", "alice", "--json"], "")?;
    assert!(
        shown.contains("dave@example.com") && !shown.contains("carol@example.com"),
        "{shown}"
    );
    assert!(
        shown.contains("\"revision\": 2") && shown.contains("alice's computer"),
        "{shown}"
    );

    // Refusals that change nothing: a stranger, nonsense, too much, no such format.
    let url = format!("http://{}/rollcall/contacts", server.rvp());
    let wrong = Command::new(programs::find("curl", "apt-get install curl")?)
        .args([
            "--silent",
            "--noproxy",
            "*",
            "--digest",
            "--user",
            "alice:guessed",
        ])
        .args(["--write-out", "%{stderr}%{http_code}", &url])
        .output()
        .map_err(Failure::io("running curl"))?;
    assert_eq!(status(&wrong), "401");
    for (content, path, expected) in [
        (b"GIF89a".to_vec(), "/rollcall/contacts", "400"),
        (vec![b'x'; 300 * 1024], "/rollcall/contacts", "413"),
    ] {
        fs::write(&file, content).map_err(Failure::io("writing a file"))?;
        let refused = curl(&server, "--digest", "alice", path, &put)?;
        assert_eq!(status(&refused), expected, "{refused:?}");
    }
    let odd = curl(
        &server,
        "--digest",
        "alice",
        "/rollcall/contacts?format=xml",
        &[],
    )?;
    assert_eq!(status(&odd), "400");
    let after = server.run(&["contacts", "show", "alice", "--json"], "")?;
    assert_eq!(shown, after);
    Ok(())
}

/// RVP document 5: a server has no use for GET and PUT, except where an administrator says so.
#[test]
fn elsewhere_and_where_it_is_off_get_and_put_stay_501() -> Result<(), Failure> {
    for (config, path) in [
        ("", "/rollcall/contacts"),
        (SERVE, "/rollcall/contactsx"),
        (SERVE, "/instmsg/aliases/alice"),
        (SERVE, "/"),
    ] {
        let server = Server::start(config)?;
        server.add_user("alice", PASSWORD)?;
        for more in [&[][..], &["--request", "PUT", "--data-binary", "x"]] {
            let answer = curl(&server, "--digest", "alice", path, more)?;
            assert_eq!(status(&answer), "501", "{config:?} {path} {more:?}");
        }
    }
    Ok(())
}

#[test]
fn scripts_are_written_for_a_share_and_for_the_server() -> Result<(), Failure> {
    let server = Server::start(SERVE)?;
    let out = server.scratch().join("scripts");
    let written = server.run(
        &[
            "contacts",
            "scripts",
            "--share",
            "\\\\srv\\im$",
            "--server",
            "http://im.example.com/",
            "--out",
            &out.to_string_lossy(),
        ],
        "",
    )?;
    assert_eq!(written.lines().count(), 6, "{written}");
    let read =
        |name: &str| fs::read_to_string(out.join(name)).map_err(Failure::io("reading a script"));
    assert!(read("contacts-logoff.bat")?.contains("\\\\srv\\im$\\%USERNAME%\\contacts.reg"));
    assert!(
        read("contacts-logon-server.vbs")?
            .contains("Const URL = \"http://im.example.com/rollcall/contacts\"\r\n")
    );
    let bad = server.cli(
        &["contacts", "scripts", "--share", "C:\\im", "--out", "x"],
        "",
    )?;
    assert_eq!(bad.status.code(), Some(1));
    let none = server.cli(&["contacts", "scripts", "--out", "x"], "")?;
    assert_eq!(none.status.code(), Some(2), "wrong use");
    Ok(())
}
