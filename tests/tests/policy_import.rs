//! Registry files from the command line to a policy.

use std::fs;

use tests::Failure;
use tests::lockdown::{MESSENGER, registry};
use tests::server::Server;

/// Writes a file into the scratch directory, and gives its path.
fn file(server: &Server, name: &str, bytes: &[u8]) -> Result<String, Failure> {
    let path = server.scratch().join(name);
    fs::write(&path, bytes).map_err(Failure::io("writing a file"))?;
    Ok(path.to_string_lossy().into_owned())
}

#[test]
fn an_import_counts_for_nobody_until_it_is_assigned() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.user("alice")?;
    server.run(&["group", "add", "branch", "alice"], "")?;
    let reg = registry(MESSENGER, &["\"DisableFileTransfer\"=dword:00000001"]);
    let reg = file(&server, "lab.reg", reg.as_bytes())?;
    let counts = |name: &str| server.run(&["policy", "assign", name], "");
    let import = |more: &[&str]| server.run(&[&["policy", "import", &reg], more].concat(), "");

    let said = import(&[])?;
    assert!(said.contains("It counts for nobody"), "{said}");
    assert_eq!(counts("lab")?.trim(), "lab counts for nobody.");
    let effective = server.run(&["policy", "effective", "alice"], "")?;
    assert!(!effective.contains("The server refuses"), "{effective}");

    for (name, whom, words) in [
        ("a", "everyone", "everyone"),
        ("b", "group:branch", "the group branch"),
        ("c", "user:alice", "the user alice"),
        ("d", "nobody", "nobody"),
    ] {
        import(&["--name", name, "--for", whom])?;
        assert_eq!(counts(name)?.trim(), format!("{name} counts for {words}."));
    }
    let effective = server.run(&["policy", "effective", "alice"], "")?;
    assert!(effective.contains("The server refuses"), "{effective}");

    // A new revision counts for whom the policy did, and a wrong name changes nothing.
    import(&["--name", "C", "--replace"])?;
    assert_eq!(counts("c")?.trim(), "c counts for the user alice.");
    let wrong = [
        "policy",
        "import",
        &reg,
        "--name",
        "c",
        "--replace",
        "--for",
    ];
    let refused = server.refused(&[wrong.as_slice(), &["group:none"]].concat())?;
    assert!(refused.contains("There is no group none"), "{refused}");
    let history = server.run(&["policy", "history", "c"], "")?;
    assert_eq!(history.matches("Imported from").count(), 2, "{history}");
    import(&["--name", "c", "--replace", "--for", "everyone"])?;
    assert_eq!(counts("c")?.trim(), "c counts for everyone.");
    Ok(())
}

#[test]
fn a_name_that_exists_is_refused_with_the_remedy() -> Result<(), Failure> {
    let server = Server::start("")?;
    let reg = registry(MESSENGER, &["\"DisableVideo\"=dword:00000001"]);
    let reg = file(&server, "lab.reg", reg.as_bytes())?;
    server.run(&["policy", "import", &reg], "")?;
    let refused = server.refused(&["policy", "import", &reg, "--name", "LAB"])?;
    for part in ["There is a policy lab already", "--replace"] {
        assert!(refused.contains(part), "{part:?} is not in {refused}");
    }
    let history = server.run(&["policy", "history", "lab"], "")?;
    assert_eq!(history.matches("Imported from").count(), 1, "{history}");
    Ok(())
}
