//! Registry files from the command line to a policy.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
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

/// The report of a dry run, as JSON.
fn looked_into(server: &Server, arguments: &[&str]) -> Result<Value, Failure> {
    let dry = ["policy", "import", "--dry-run", "--json"];
    let said = server.run(&[dry.as_slice(), arguments].concat(), "")?;
    serde_json::from_str(&said).map_err(|error| Failure::Unexpected(format!("{error}: {said}")))
}

fn options(report: &Value) -> Vec<String> {
    let found = report["found"].as_array().cloned().unwrap_or_default();
    let one = |it: &Value| format!("{}={}", it["option"], it["setting"]).replace('"', "");
    found.iter().map(one).collect()
}

/// The files from the field, which the policy library keeps for its tests.
fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../policies/tests/cases")
}

#[test]
fn files_from_the_field_come_to_what_is_right() -> Result<(), Failure> {
    let server = Server::start("")?;
    for (name, more, expected) in [
        (
            "reg-swallow-text-comment.reg",
            &[][..],
            &["disable-video=on", "prevent-run=on"][..],
        ),
        ("reg-set-then-delete-key.reg", &[], &[]),
        (
            "reg-nonzero-crosspromo.reg",
            &[],
            &["disable-ad-banner=on", "disable-client-updates=on"],
        ),
        (
            "reg-two-files-utf16.reg",
            &[],
            &["disable-video=on", "prevent-run=on"],
        ),
        ("reg-removal-comment.reg", &[], &["netmeeting-no-audio=off"]),
        ("reg-odd-tail.reg", &[], &["prevent-run=on"]),
        (
            "pol-del-known.pol",
            &["--hive", "HKLM"],
            &["disable-video=on"],
        ),
        ("pol-value-then-delvals.pol", &["--hive", "HKLM"], &[]),
        (
            "pol-key-leading-backslash.pol",
            &["--hive", "HKLM"],
            &["prevent-run=on"],
        ),
    ] {
        let path = cases().join(name).to_string_lossy().into_owned();
        let report = looked_into(&server, &[&[path.as_str()], more].concat())?;
        assert_eq!(options(&report), expected, "{name}: {report:#}");
    }
    for (name, words) in [
        (
            "reg-many-bad-lines.reg",
            &[
                "line 4: ",
                "line 5: ",
                "line 6: ",
                "line 7: ",
                "--skip-bad-lines",
            ][..],
        ),
        ("pol-empty.pol", &["Registry.pol is empty"]),
        ("pol-ntconfig.pol", &["NT 4 system policy", "poledit"]),
    ] {
        let path = cases().join(name).to_string_lossy().into_owned();
        let refused = server.refused(&["policy", "import", &path, "--hive", "HKLM"])?;
        for word in words {
            assert!(
                refused.contains(word),
                "{name}: {word:?} is not in {refused}"
            );
        }
    }
    // Nothing was saved by looking, and what a terminal acts on is written out.
    let path = cases()
        .join("reg-terminal-escape.reg")
        .to_string_lossy()
        .into_owned();
    let output = server.cli(&["policy", "import", &path, "--dry-run"], "")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("\\u{1b}") && !said.contains('\u{1b}'),
        "{said:?}"
    );
    assert_eq!(server.run(&["policy", "list", "--json"], "")?.trim(), "[]");
    Ok(())
}

#[test]
fn a_group_policy_folder_its_backup_an_archive_and_several_files_are_one() -> Result<(), Failure> {
    let server = Server::start("")?;
    let pol = |name: &str| -> Vec<u8> {
        let wide = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>()
        };
        let key = "Software\\Policies\\Microsoft\\Messenger\\Client";
        let mut bytes = b"PReg\x01\0\0\0".to_vec();
        bytes.extend(wide(&format!("[{key}\0;{name}\0;")));
        bytes.extend([4, 0, 0, 0, b';', 0, 4, 0, 0, 0, b';', 0, 1, 0, 0, 0]);
        bytes.extend(wide("]"));
        bytes
    };
    let backup = server
        .scratch()
        .join("backup/{31B2F340-016D-11D2-945F-00C04FB984F9}");
    let gpo = backup.join("DomainSysvol/GPO");
    for (folder, value) in [("Machine", "DisableVideo"), ("User", "DisablePC2PCAudio")] {
        fs::create_dir_all(gpo.join(folder)).map_err(Failure::io("making a folder"))?;
        fs::write(gpo.join(folder).join("registry.pol"), pol(value))
            .map_err(Failure::io("writing a file"))?;
    }
    let write =
        |path: PathBuf, text: &str| fs::write(path, text).map_err(Failure::io("writing a file"));
    write(gpo.join("GPT.INI"), "[General]\r\nVersion=65537\r\n")?;
    let index = "<BackupInst><GPODisplayName><![CDATA[Lock down]]></GPODisplayName></BackupInst>";
    write(backup.join("bkupInfo.xml"), index)?;
    let both = ["disable-video=on", "disable-voice=on"];
    for folder in [&gpo, &backup] {
        let report = looked_into(&server, &[&folder.to_string_lossy()])?;
        assert_eq!(options(&report), both, "{report:#}");
        let hives: Vec<&str> = report["found"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| it["hive"].as_str())
            .collect();
        assert_eq!(hives, ["HKLM", "HKCU"]);
    }
    let said = server.run(&["policy", "import", &backup.to_string_lossy()], "")?;
    assert!(said.contains("Lock down (revision 1): 2 options"), "{said}");

    let reg = registry(MESSENGER, &["\"PreventRun\"=dword:00000001"]);
    let reg = file(&server, "more.reg", reg.as_bytes())?;
    let machine = gpo
        .join("Machine/registry.pol")
        .to_string_lossy()
        .into_owned();
    let report = looked_into(&server, &[&reg, &machine])?;
    assert_eq!(options(&report), ["disable-video=on", "prevent-run=on"]);

    // What an export packs, an import unpacks.
    let kit = server
        .scratch()
        .join("kit.zip")
        .to_string_lossy()
        .into_owned();
    let make = [
        "policy",
        "kit",
        "Lock down",
        "--windows",
        "xp",
        "--out",
        &kit,
    ];
    server.run(&make, "")?;
    let report = looked_into(&server, &[&kit, "--name", "Kit"])?;
    assert!(report["notices"].is_array(), "{report:#}");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_skipped_by_choice_and_listed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let path = cases()
        .join("reg-many-bad-lines.reg")
        .to_string_lossy()
        .into_owned();
    let report = looked_into(&server, &[&path, "--skip-bad-lines"])?;
    assert_eq!(
        report["skipped"]["named"].as_array().map(Vec::len),
        Some(4),
        "{report:#}"
    );
    let refused = server.cli(&["policy", "import", &path, "--json"], "")?;
    assert_eq!(refused.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&refused.stdout)
        .map_err(|error| Failure::Unexpected(error.to_string()))?;
    assert_eq!(
        told["bad_lines"]["named"].as_array().map(Vec::len),
        Some(4),
        "{told:#}"
    );
    let said = server.cli(
        &["policy", "import", &path, "--skip-bad-lines", "--name", "x"],
        "",
    )?;
    assert!(said.status.success());
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert_eq!(said.matches("skipped: line").count(), 4, "{said}");
    Ok(())
}
