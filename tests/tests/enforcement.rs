//! A policy for a group, on the real client: refused on the wire at once, and allowed again.

use std::time::Duration;

use tests::Failure;
use tests::browser::{Scripts, named};
use tests::console::signed_in;
use tests::librvp::{Account, Librvp, mail_name};
use tests::people::PASSWORD;
use tests::server::Server;

/// Generous: a loaded machine, a debug build.
const SOON: Duration = Duration::from_secs(15);

fn offers_a_file(server: &Server, alice: &mut Librvp) -> Result<(), Failure> {
    let file = server.scratch().join("sendme.bin");
    std::fs::write(&file, [7; 5000]).map_err(Failure::io("writing a file"))?;
    alice.order(&format!("file {} {}", mail_name("bob"), file.display()))
}

#[tokio::test]
async fn a_file_is_refused_once_the_policy_counts_for_the_group_and_passes_again_after()
-> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(server.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;

    server.run(&["group", "add", "branch", "bob"], "")?;
    server.forbid_files("WAN")?;
    server.run(&["policy", "assign", "WAN", "--group", "branch"], "")?;
    offers_a_file(&server, &mut alice)?;
    alice.expect_event(SOON, "why it did not arrive", |it| {
        it.kind() == "message"
            && it
                .get("text")
                .contains("file transfer is not allowed for bob (policy WAN)")
    })?;
    // Other messages pass, and come after what was refused.
    alice.send("bob", "never mind")?;
    let next = bob.expect_event(SOON, "the message", |it| {
        it.kind() == "request" || it.get("text").contains("never mind")
    })?;
    assert_ne!(next.kind(), "request", "the file was offered");

    // Both are marked, and the page says who tried what.
    let browser = signed_in(&server, Scripts::On).await?;
    browser.follow("Online").await?;
    for (alias, what) in [
        ("alice", "An invitation to bob was refused: file transfer."),
        (
            "bob",
            "An invitation from alice was refused: file transfer.",
        ),
    ] {
        let mark = format!("//tr[.//a='{alias}']//span[@title=\"{what}\"]");
        browser.find(&mark, "the mark of the session").await?;
    }
    browser.follow("Compliance").await?;
    browser
        .text_until(SOON, "the refusal", |it| {
            it.contains("File Transfer") && it.contains("WAN for bob")
        })
        .await?;
    browser
        .find("//tr[contains(., 'It does not say what it is')]", "librvp")
        .await?;

    // What counts for bob changes as he leaves the group.
    browser.go(&server.page("/users/bob")).await?;
    let decided = "//section[@aria-labelledby='effective']//tr[contains(., 'No file transfer') and contains(., 'for group branch')]";
    browser.find(decided, "what decides").await?;
    browser.go(&server.page("/groups/branch")).await?;
    browser
        .find("//input[@aria-label='Select bob']", "bob in the group")
        .await?
        .click()
        .await?;
    browser.press("Remove selected").await?;
    browser
        .find(
            &named("h2", "Nobody is in this group yet"),
            "the empty group",
        )
        .await?;
    browser.go(&server.page("/users/bob")).await?;
    browser
        .text_until(SOON, "nothing that counts for bob", |it| {
            it.contains("No policy sets anything for this user.")
        })
        .await?;
    browser.close().await?;

    offers_a_file(&server, &mut alice)?;
    let offer = bob.expect_event(SOON, "the offer", |it| it.kind() == "request")?;
    assert!(offer.get("text").contains("sendme.bin"), "{offer:?}");
    Ok(())
}

#[tokio::test]
async fn a_policy_made_for_a_group_in_the_console_counts_for_its_members_alone()
-> Result<(), Failure> {
    for scripts in [Scripts::On, Scripts::Off] {
        let server = Server::start("")?;
        server.add_root()?;
        for alias in ["alice", "bob"] {
            server.add_user(alias, PASSWORD)?;
        }
        let browser = signed_in(&server, scripts).await?;
        browser.follow("Groups").await?;
        browser.follow("Create a group").await?;
        browser.fill("Name", "branch").await?;
        browser.fill("Members", "bob").await?;
        browser.press("Create group").await?;
        browser.find("//tr[.//a='bob']", "bob in the group").await?;

        browser.follow("Policies").await?;
        browser.follow("Create a policy").await?;
        browser.fill("Name", "WAN").await?;
        // For nobody, until it is said for whom.
        let branch = "//label[normalize-space(.)='branch']";
        browser.click(branch, "branch").await?;
        let on = "//fieldset[legend='No file transfer']//label[normalize-space(.)='On']";
        browser.click(on, "No file transfer").await?;
        browser.press("Create policy").await?;
        browser
            .text_until(SOON, "for whom it counts", |it| {
                it.contains("This policy counts for the group branch.")
            })
            .await?;
        browser.close().await?;

        let effective = |alias| server.run(&["policy", "effective", alias], "");
        assert!(effective("bob")?.contains("The server refuses: file transfer"));
        assert!(!effective("alice")?.contains("refuses"));
    }
    Ok(())
}
