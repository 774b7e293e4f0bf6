//! What an administrator makes in the console, and what comes of it outside.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::browser::{Browser, Scripts, named};
use tests::console::{ADMIN, ADMIN_PASSWORD, SOON, signed_in};
use tests::librvp::Account;
use tests::people::PASSWORD;
use tests::server::Server;
use tests::{Failure, eventually};

/// Ticks one of the choices of an option.
async fn choose(browser: &Browser, option: &str, choice: &str) -> Result<(), Failure> {
    let xpath = format!("//fieldset[legend=\"{option}\"]//label[normalize-space(.)=\"{choice}\"]");
    browser.click(&xpath, option).await
}

#[tokio::test]
async fn the_first_start_leads_to_the_first_administrator() -> Result<(), Failure> {
    let server = Server::start("")?;
    let link = eventually(SOON, "the link for the first administrator", || {
        let output = server.output();
        let start = output.find("/first-run?token=");
        Ok(start.and_then(|at| output[at..].split_whitespace().next().map(str::to_owned)))
    })?;
    let browser = Browser::open().await?;
    browser.go(&server.page(&link)).await?;
    browser.fill("Name", ADMIN).await?;
    browser.fill("Password", ADMIN_PASSWORD).await?;
    browser.fill("Password again", ADMIN_PASSWORD).await?;
    browser.press("Create administrator").await?;
    browser.find(&named("a", "Users"), "the link Users").await?;
    browser.close().await?;

    // The link worked once.
    let browser = Browser::open().await?;
    browser.go(&server.page(&link)).await?;
    browser
        .find(&named("button", "Sign in"), "the sign-in page")
        .await?;
    browser.close().await
}

#[tokio::test]
async fn a_user_made_in_the_console_signs_on_until_disabled() -> Result<(), Failure> {
    for scripts in [Scripts::On, Scripts::Off] {
        let server = Server::start("")?;
        server.add_root()?;
        let browser = signed_in(&server, scripts).await?;
        browser.follow("Users").await?;
        browser.follow("Create a user").await?;
        browser.fill("Alias", "alice").await?;
        browser.fill("Display name", "Alice Liddell").await?;
        browser.fill("Password", PASSWORD).await?;
        browser.press("Create user").await?;
        browser
            .text_until(SOON, "the new user", |it| {
                it.contains("Alice Liddell") || it.contains("alice")
            })
            .await?;

        let mut alice = Account::new("alice", PASSWORD).start(server.rvp())?;
        alice.signed_on(SOON)?;

        browser.go(&server.page("/users/alice")).await?;
        let may = "//input[@id=//label[normalize-space(.)=\"May sign on\"]/@for]";
        browser.find(may, "May sign on").await?.click().await?;
        browser.press("Save").await?;
        eventually(SOON, "the end of alice's session", || {
            Ok((!server.online()?.to_string().contains("\"alice\"")).then_some(()))
        })?;
        let mut again = Account::new("alice", PASSWORD).start(server.rvp())?;
        again.expect_event(SOON, "a refusal", |it| it.kind() == "disconnected")?;
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_policy_made_in_the_console_comes_out_as_a_file() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    let browser = signed_in(&server, Scripts::On).await?;
    browser.follow("Policies").await?;
    browser.follow("Create a policy").await?;
    browser.fill("Name", "Lockdown").await?;
    choose(&browser, "No file transfer", "On").await?;
    choose(&browser, "No voice between computers", "On").await?;
    browser.press("Create policy").await?;
    browser
        .find(&named("a", "Download .reg"), "the download")
        .await?;

    let script = "const [address, done] = arguments; \
        fetch(address).then(r => r.arrayBuffer()).then(b => done(btoa(String.fromCharCode(...new Uint8Array(b)))))";
    for (format, start) in [
        ("reg", "Windows Registry Editor Version 5.00\r\n"),
        ("reg4", "REGEDIT4\r\n"),
    ] {
        let address = server.page(&format!("/policies/Lockdown/export?format={format}"));
        let answer = browser
            .client()?
            .execute_async(script, vec![address.into()])
            .await?;
        let downloaded = answer
            .as_str()
            .and_then(|it| STANDARD.decode(it).ok())
            .expect("a file in base64");

        let out = server.scratch().join(format);
        fs::create_dir(&out).map_err(Failure::io("making a directory"))?;
        server.run(
            &[
                "policy",
                "export",
                "Lockdown",
                "--format",
                format,
                "--out",
                &out.to_string_lossy(),
            ],
            "",
        )?;
        let text = registry_text(&downloaded);
        assert!(text.starts_with(start), "{text}");
        assert!(
            text.contains("\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n"),
            "{text}"
        );
        assert!(
            text.contains("\"DisableFileTransfer\"=dword:00000001\r\n"),
            "{text}"
        );
        assert!(
            text.contains("\"DisablePC2PCAudio\"=dword:00000001\r\n"),
            "{text}"
        );
        let written: Vec<_> = fs::read_dir(&out)
            .map_err(Failure::io("reading a directory"))?
            .filter_map(Result::ok)
            .filter_map(|it| fs::read(it.path()).ok())
            .collect();
        assert!(
            written.contains(&downloaded),
            "the command line writes another file"
        );
    }
    browser.close().await
}

/// A registry file as text: version 5 is UTF-16 with a mark, version 4 is not.
fn registry_text(file: &[u8]) -> String {
    match file.strip_prefix(&[0xff, 0xfe]) {
        Some(rest) => {
            let units: Vec<_> = rest
                .chunks_exact(2)
                .map(|it| u16::from_le_bytes([it[0], it[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(file).into_owned(),
    }
}
