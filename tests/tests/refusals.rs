//! What an administrator meets when something is wrong: one sentence that says
//! what to do, and an exit status.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use tempfile::TempDir;
use tests::server::Server;
use tests::{Failure, programs};

/// Runs `rollcall` to its end.
fn rollcall(arguments: &[&str]) -> Result<Output, Failure> {
    Command::new(programs::rollcall()?)
        .args(arguments)
        .output()
        .map_err(Failure::io("running rollcall"))
}

/// `rollcall serve` with free ports, on a data directory, to its end.
fn serve(data: &str, more: &[&str]) -> Result<Output, Failure> {
    let mut arguments = vec!["serve", "--data-dir", data, "--domain", "127.0.0.1"];
    for (flag, free) in [
        ("--rvp-listen", "127.0.0.1:0"),
        ("--console-listen", "127.0.0.1:0"),
    ] {
        if !more.contains(&flag) {
            arguments.extend([flag, free]);
        }
    }
    arguments.extend(more);
    rollcall(&arguments)
}

/// Exit status 1, and one sentence on standard error with all these words.
fn assert_refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    let last = said.trim().lines().last().unwrap_or_default();
    for word in words {
        assert!(last.contains(word), "{word:?} is not in {last:?}");
    }
}

fn scratch() -> Result<TempDir, Failure> {
    TempDir::new().map_err(Failure::io("making a directory"))
}

#[test]
fn a_port_in_use_is_named() -> Result<(), Failure> {
    let taken = TcpListener::bind("127.0.0.1:0").map_err(Failure::io("taking a port"))?;
    let address = taken
        .local_addr()
        .map_err(Failure::io("taking a port"))?
        .to_string();
    for flag in ["--rvp-listen", "--console-listen"] {
        let directory = scratch()?;
        let output = serve(&directory.path().to_string_lossy(), &[flag, &address])?;
        assert_refused(&output, &[&address]);
    }
    Ok(())
}

#[test]
fn a_data_directory_that_cannot_be_is_named() -> Result<(), Failure> {
    let directory = scratch()?;
    let file = directory.path().join("a-file");
    fs::write(&file, "x").map_err(Failure::io("writing a file"))?;
    let inside = file.join("data").to_string_lossy().into_owned();
    assert_refused(&serve(&inside, &[])?, &["a-file"]);
    Ok(())
}

#[test]
fn a_broken_configuration_names_key_and_line() -> Result<(), Failure> {
    let directory = scratch()?;
    let file = directory.path().join("rollcall.toml");
    let data = directory.path().join("data").to_string_lossy().into_owned();
    let path = file.to_string_lossy().into_owned();
    for (text, words) in [
        (
            "[auth]\nschemes = [\"digest\"]\ncolour = \"red\"\n",
            &["colour", "line 3"][..],
        ),
        (
            "[auth]\nschemes = [\"kerberos\"]\n",
            &["kerberos", "line 2"],
        ),
        ("[auth\n", &["line 1"]),
        ("[presence]\nmax_lease_s = \"long\"\n", &["line 2"]),
    ] {
        fs::write(&file, text).map_err(Failure::io("writing the configuration"))?;
        let output = serve(&data, &["--config", &path])?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in {said:?}");
        }
    }
    let output = serve(&data, &["--config", "/nowhere/rollcall.toml"])?;
    assert_refused(&output, &["/nowhere/rollcall.toml"]);
    Ok(())
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    let script = "import glob, os, sqlite3, sys\n\
        for f in glob.glob(sys.argv[1] + '/*'):\n\
        \x20   if os.path.isfile(f) and open(f, 'rb').read(15) == b'SQLite format 3':\n\
        \x20       c = sqlite3.connect(f)\n\
        \x20       c.execute(\"insert into _sqlx_migrations values (99999999999999, 'later', \
        current_timestamp, 1, x'00', 0)\")\n\
        \x20       c.commit()\n\
        \x20       print(f)\n";
    let python = programs::find("python3", "apt-get install python3")?;
    let output = Command::new(python)
        .args(["-c", script])
        .arg(server.data_dir())
        .output()
        .map_err(Failure::io("running python3"))?;
    assert!(
        !output.stdout.is_empty(),
        "no database: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let output = serve(&server.data_dir().to_string_lossy(), &[])?;
    assert_refused(&output, &["newer"]);
    Ok(())
}

#[test]
fn two_servers_do_not_share_a_data_directory() -> Result<(), Failure> {
    let server = Server::start("")?;
    let output = serve(&server.data_dir().to_string_lossy(), &[])?;
    assert_refused(&output, &[]);
    server.online().map(drop)
}

#[test]
fn commands_say_when_no_server_runs() -> Result<(), Failure> {
    let directory = scratch()?;
    let data = directory.path().to_string_lossy().into_owned();
    for command in [&["online", "--json"][..], &["logoff", "alice"]] {
        let output = rollcall(&[command, &["--data-dir", &data]].concat())?;
        assert_refused(&output, &["rollcall serve"]);
    }
    Ok(())
}

#[test]
fn wrong_use_is_exit_status_2() -> Result<(), Failure> {
    for arguments in [
        &["serve", "--colour", "red"][..],
        &["frobnicate"],
        &["user", "add"],
    ] {
        let output = rollcall(arguments)?;
        assert_eq!(
            output.status.code(),
            Some(2),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

#[test]
fn orders_that_cannot_be_carried_out_say_why() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", "a word of hers 1")?;
    for (arguments, words) in [
        (
            &["user", "add", "alice", "--password-stdin"][..],
            &["alice", "already"][..],
        ),
        (
            &["user", "add", "no/such name", "--password-stdin"],
            &["alias", "white space"],
        ),
        (&["user", "remove", "bob"], &["bob"]),
        (&["user", "disable", "bob"], &["bob"]),
        (&["logoff", "bob"], &["bob"]),
    ] {
        let output = server.cli(arguments, "a word of theirs 1\n")?;
        assert_refused(&output, words);
    }
    Ok(())
}
