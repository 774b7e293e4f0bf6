//! From an option in the catalogue to a kit for Windows, and from a file of the kit back to a
//! policy: in the browser, with and without scripts, and the same on the command line.

use std::fs;
use std::io::{Cursor, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::Failure;
use tests::browser::{Browser, Scripts, field, named};
use tests::console::{SOON, signed_in};
use tests::server::Server;
use zip::ZipArchive;

const DOMAIN: &str = "im.example.com";
const SEARCH: &str = "Search words, registry keys, value names";

/// Ticks one of the choices of an option.
async fn choose(browser: &Browser, option: &str, choice: &str) -> Result<(), Failure> {
    let xpath = format!("//fieldset[legend=\"{option}\"]//label[normalize-space(.)=\"{choice}\"]");
    browser.click(&xpath, option).await
}

/// A file of an archive, by its name.
fn file_of(archive: &[u8], name: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("a ZIP archive");
    let mut file = archive
        .by_name(name)
        .unwrap_or_else(|error| panic!("{name} is not in the archive: {error}"));
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).expect("a sound entry");
    bytes
}

/// Finds an option by its registry value, and makes a policy of it.
async fn make_from_catalogue(browser: &Browser, scripts: Scripts) -> Result<(), Failure> {
    browser.follow("Policies").await?;
    browser.follow("Catalogue of options").await?;
    browser.fill(SEARCH, "DisablePC2PCAudio").await?;
    if scripts == Scripts::Off {
        browser.press("Search").await?;
    }
    browser
        .text_until(SOON, "the one option", |it| it.contains("1 of 75 options"))
        .await?;
    browser.follow("Use it in a new policy").await?;
    browser.fill("Name", "Quiet").await?;
    choose(browser, "No voice between computers", "On").await?;
    browser.press("Create policy").await?;
    browser
        .find(&named("h1", "Quiet"), "the page of the policy")
        .await?;
    Ok(())
}

/// Uploads a file, looks at what is in it, and makes a policy of it.
async fn import(browser: &Browser, file: &str, name: &str) -> Result<(), Failure> {
    browser.follow("Policies").await?;
    browser.follow("Import a file").await?;
    let input = browser.find(&field("File"), "the field File").await?;
    input.send_keys(file).await?;
    browser.press("Look into the file").await?;
    browser
        .text_until(SOON, "what is in the file", |it| {
            it.contains("1 option.") && it.contains("No voice between computers")
        })
        .await?;
    browser.fill("Name", name).await?;
    browser.press("Create policy").await?;
    browser
        .find(&named("h1", name), "the page of the policy")
        .await?;
    Ok(())
}

fn settings(server: &Server, policy: &str) -> Result<serde_json::Value, Failure> {
    let shown = server.run(&["policy", "show", policy, "--json"], "")?;
    let policy: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    Ok(policy["settings"].clone())
}

#[tokio::test]
async fn from_the_catalogue_to_a_kit_and_back() -> Result<(), Failure> {
    let server = Server::start_for(DOMAIN, "")?;
    server.add_root()?;
    let browser = signed_in(&server, Scripts::On).await?;
    make_from_catalogue(&browser, Scripts::On).await?;

    browser.press("Client kits, one for each Windows").await?;
    let kit = named("a", "Download the kit for Windows XP and Server 2003");
    let link = browser.find(&kit, "the kit for Windows XP").await?;
    let address = link.prop("href").await?.unwrap_or_default();
    let script = "const [address, done] = arguments; \
        fetch(address).then(r => r.arrayBuffer()).then(b => done(btoa(String.fromCharCode(...new Uint8Array(b)))))";
    let answer = browser
        .client()?
        .execute_async(script, vec![address.into()])
        .await?;
    let archive = answer
        .as_str()
        .and_then(|it| STANDARD.decode(it).ok())
        .expect("a file in base64");
    let readme = file_of(&archive, "readme.txt");
    assert!(String::from_utf8_lossy(&readme).contains("Windows XP"));
    assert!(file_of(&archive, "GroupPolicy/Machine/Registry.pol").starts_with(b"PReg"));

    // The command line packs the same bytes.
    let out = server.scratch().join("kit.zip");
    let path = out.to_string_lossy();
    let windows = ["policy", "kit", "Quiet", "--windows", "xp", "--out"];
    server.run(&[&windows[..], &[&path]].concat(), "")?;
    let packed = fs::read(&out).map_err(Failure::io("reading the kit"))?;
    assert!(packed == archive, "the command line packs another kit");

    let file = server.scratch().join("quiet.reg");
    fs::write(&file, file_of(&archive, "quiet.reg")).map_err(Failure::io("writing a file"))?;
    import(&browser, &file.to_string_lossy(), "Quiet again").await?;
    assert_eq!(
        settings(&server, "Quiet")?,
        settings(&server, "Quiet again")?
    );

    // Both exports and what was imported are in the audit.
    browser.follow("Audit").await?;
    browser
        .text_until(SOON, "the orders", |it| {
            it.matches("policy.kit").count() == 2 && it.contains("Imported from quiet.reg")
        })
        .await?;
    browser.close().await
}

#[tokio::test]
async fn a_policy_is_made_and_imported_where_all_scripts_are_blocked() -> Result<(), Failure> {
    let server = Server::start_for(DOMAIN, "")?;
    server.add_root()?;
    let browser = signed_in(&server, Scripts::Off).await?;
    make_from_catalogue(&browser, Scripts::Off).await?;
    let out = server.scratch().join("files");
    let to = out.to_string_lossy();
    server.run(
        &[
            "policy", "export", "Quiet", "--format", "reg4", "--out", &to,
        ],
        "",
    )?;
    let file = out.join("quiet-regedit4.reg");
    import(&browser, &file.to_string_lossy(), "Quiet again").await?;
    assert_eq!(
        settings(&server, "Quiet")?,
        settings(&server, "Quiet again")?
    );

    browser.follow("History").await?;
    browser
        .text_until(SOON, "the history", |it| {
            it.contains("Imported from quiet-regedit4.reg")
        })
        .await?;
    browser.close().await
}

#[test]
fn a_policy_goes_back_to_an_old_revision() -> Result<(), Failure> {
    let server = Server::start_for(DOMAIN, "")?;
    let file = server.scratch().join("first.reg");
    let text = "REGEDIT4\r\n\r\n\
        [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
        \"DisableVideo\"=dword:00000001\r\n\"Unheard\"=\"of\"\r\n";
    let path = file.to_string_lossy().into_owned();
    let import = |text: &str, more: &[&str]| {
        fs::write(&file, text).map_err(Failure::io("writing a file"))?;
        let arguments = [&["policy", "import", &path, "--name", "Lab"], more].concat();
        server.run(&arguments, "")
    };
    let said = import(text, &["--keep-unknown"])?;
    assert!(said.contains("1 option, 1 other value"), "{said}");
    let other = text.replace("DisableVideo", "DisablePC2PCAudio");
    fs::write(&file, &other).map_err(Failure::io("writing a file"))?;
    let taken = server.refused(&["policy", "import", &path, "--name", "lab"])?;
    assert!(taken.contains("--replace"), "{taken}");
    import(&other, &["--replace"])?;
    import(text, &["--dry-run"])?;

    let history = server.run(&["policy", "history", "Lab"], "")?;
    assert_eq!(history.matches("Imported from").count(), 2, "{history}");
    let changes = server.run(&["policy", "diff", "Lab", "1"], "")?;
    assert!(
        changes.contains("No video: from on to not set"),
        "{changes}"
    );
    assert!(changes.contains("Removed HKLM\\"), "{changes}");
    server.run(&["policy", "revert", "Lab", "1"], "")?;
    let changes = server.run(&["policy", "diff", "Lab", "1", "3"], "")?;
    assert_eq!(changes, "");
    let history = server.run(&["policy", "history", "Lab"], "")?;
    assert!(history.contains("Back to revision 1"), "{history}");
    let refused = server.refused(&["policy", "revert", "Lab", "9"])?;
    assert!(refused.contains("has no revision 9"), "{refused}");
    let reserved = server.refused(&["policy", "import", &path, "--name", "New"])?;
    assert!(reserved.contains("Choose another"), "{reserved}");
    Ok(())
}

#[test]
fn undo_files_and_traps_come_from_the_command_line_too() -> Result<(), Failure> {
    let server = Server::start_for(DOMAIN, "")?;
    let file = server.scratch().join("bad.reg");
    let path = file.to_string_lossy().into_owned();
    fs::write(
        &file,
        "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\x]\r\n\"a\"=dword:zz\r\n",
    )
    .map_err(Failure::io("writing a file"))?;
    let refused = server.refused(&["policy", "import", &path])?;
    assert!(refused.contains("line 4"), "{refused}");
    let text = "REGEDIT4\r\n\r\n\
        [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
        \"CEIP\"=dword:00000002\r\n\"PreventRun\"=dword:00000001\r\n";
    fs::write(&file, text).map_err(Failure::io("writing a file"))?;
    server.run(&["policy", "import", &path, "--name", "Lab"], "")?;

    let said = server.run(&["policy", "check", "Lab", "--windows", "98"], "")?;
    for part in [
        "On is written as 2, off as 1",
        "does not run at all",
        "prevent-run: nothing on Windows 95, 98 and Me reads it",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    let out = server.scratch().join("undo");
    let to = out.to_string_lossy();
    let undo = [
        "policy", "export", "Lab", "--format", "reg4", "--undo", "--out", &to,
    ];
    server.run(&undo, "")?;
    let undo = fs::read(out.join("lab-undo-regedit4.reg"))
        .map_err(Failure::io("reading the undo file"))?;
    assert!(String::from_utf8_lossy(&undo).contains("\"PreventRun\"=-"));
    let none = server.refused(&[
        "policy", "export", "Lab", "--format", "admx", "--undo", "--out", &to,
    ])?;
    assert!(none.contains("Not Configured"), "{none}");
    Ok(())
}
