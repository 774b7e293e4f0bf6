//! The console in real Chromium: what an administrator sees and does while real
//! clients come and go.

use tests::Failure;
use tests::browser::{Browser, Scripts, named};
use tests::console::{ADMIN, SOON, log_off_button, signed_in, signed_in_as};
use tests::librvp::{Account, Librvp};
use tests::people::PASSWORD;
use tests::server::Server;

fn alice_signs_on(server: &Server) -> Result<Librvp, Failure> {
    let mut alice = Account::new("alice", PASSWORD).start(server.rvp())?;
    alice.signed_on(SOON)?;
    Ok(alice)
}

fn server_with_alice() -> Result<Server, Failure> {
    let server = Server::start("")?;
    server.add_root()?;
    server.add_user("alice", PASSWORD)?;
    Ok(server)
}

#[tokio::test]
async fn a_row_comes_and_goes_without_a_reload() -> Result<(), Failure> {
    let server = server_with_alice()?;
    let browser = signed_in(&server, Scripts::On).await?;
    browser.follow("Online").await?;
    browser
        .find(&named("h1", "Online"), "the page Online")
        .await?;
    assert!(!browser.has(&log_off_button("alice")).await?);
    // A reload would lose this.
    browser
        .client()?
        .execute("window.stillHere = true", Vec::new())
        .await?;

    let mut alice = alice_signs_on(&server)?;
    browser
        .find(&log_off_button("alice"), "the row of alice")
        .await?;

    browser.press("Log off alice").await?;
    confirm(&browser).await?;
    browser
        .gone(SOON, &log_off_button("alice"), "the row of alice")
        .await?;
    alice.expect_event(SOON, "why it is logged off", |it| it.kind() == "message")?;
    let marker = browser
        .client()?
        .execute("return window.stillHere === true", Vec::new())
        .await?;
    assert_eq!(marker, true, "the page was loaded again");
    assert!(!server.online()?.to_string().contains("\"alice\""));
    browser.close().await
}

#[tokio::test]
async fn every_open_console_sees_it() -> Result<(), Failure> {
    let server = server_with_alice()?;
    let _alice = alice_signs_on(&server)?;
    let (one, other) = (
        signed_in(&server, Scripts::On).await?,
        signed_in(&server, Scripts::On).await?,
    );
    for browser in [&one, &other] {
        browser.follow("Online").await?;
        browser
            .find(&log_off_button("alice"), "the row of alice")
            .await?;
    }
    one.press("Log off alice").await?;
    confirm(&one).await?;
    other
        .gone(SOON, &log_off_button("alice"), "the row of alice")
        .await?;
    one.close().await?;
    other.close().await
}

#[tokio::test]
async fn an_open_page_finds_the_server_again_after_a_restart() -> Result<(), Failure> {
    let mut server = server_with_alice()?;
    let browser = signed_in(&server, Scripts::On).await?;
    browser.follow("Online").await?;
    browser
        .find(&named("h1", "Online"), "the page Online")
        .await?;
    server.restart()?;
    let _alice = alice_signs_on(&server)?;
    browser
        .find(&log_off_button("alice"), "the row of alice")
        .await?;
    browser.close().await
}

#[tokio::test]
async fn a_viewer_sees_and_cannot_order() -> Result<(), Failure> {
    let server = server_with_alice()?;
    server.run(
        &[
            "admin",
            "add",
            "guest",
            "--role",
            "viewer",
            "--password-stdin",
        ],
        "a guest's own pass phrase 1\n",
    )?;
    let _alice = alice_signs_on(&server)?;
    let browser =
        signed_in_as(&server, "guest", "a guest's own pass phrase 1", Scripts::On).await?;
    browser.follow("Online").await?;
    browser
        .find("//tr[.//a='alice']", "the row of alice")
        .await?;
    assert!(!browser.has(&log_off_button("alice")).await?);
    browser
        .go(&server.page("/online/logoff?alias=alice"))
        .await?;
    assert!(!browser.has(&named("button", "Log off")).await?);
    browser.close().await
}

/// The same by forms and reloads alone.
async fn log_off_by_forms(scripts: Scripts) -> Result<(), Failure> {
    let server = server_with_alice()?;
    let browser = signed_in(&server, scripts).await?;
    let mut alice = alice_signs_on(&server)?;
    browser.follow("Online").await?;
    browser
        .find(&log_off_button("alice"), "the row of alice")
        .await?;
    browser.press("Log off alice").await?;
    confirm(&browser).await?;
    alice.expect_event(SOON, "why it is logged off", |it| it.kind() == "message")?;
    browser.follow("Online").await?;
    browser
        .gone(SOON, &log_off_button("alice"), "the row of alice")
        .await?;
    browser.close().await
}

/// Gives the reason, where the console asks for one.
async fn confirm(browser: &Browser) -> Result<(), Failure> {
    browser.fill("Reason", "end of the day").await?;
    browser.press("Log off").await
}

#[tokio::test]
async fn log_off_works_where_webassembly_is_blocked() -> Result<(), Failure> {
    log_off_by_forms(Scripts::NoWasm).await
}

#[tokio::test]
async fn log_off_works_where_all_scripts_are_blocked() -> Result<(), Failure> {
    log_off_by_forms(Scripts::Off).await
}

#[tokio::test]
async fn every_page_is_reached_by_its_link() -> Result<(), Failure> {
    let server = server_with_alice()?;
    let browser = signed_in(&server, Scripts::On).await?;
    for page in ["Users", "Policies", "Audit", "Online", "Dashboard"] {
        browser.follow(page).await?;
        browser
            .find(&named("h1", page), &format!("the heading {page}"))
            .await?;
    }
    browser.close().await
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_says_so() -> Result<(), Failure> {
    let server = server_with_alice()?;
    let browser = Browser::open().await?;
    browser.go(&server.page("/")).await?;
    browser.fill("Name", ADMIN).await?;
    browser.fill("Password", "guessed").await?;
    browser.press("Sign in").await?;
    browser
        .text_until(SOON, "the refusal", |it| it.contains("not right"))
        .await?;
    assert!(!browser.has(&named("a", "Users")).await?);
    browser.close().await
}

#[tokio::test]
async fn what_the_administrator_did_is_in_the_audit() -> Result<(), Failure> {
    let server = server_with_alice()?;
    let _alice = alice_signs_on(&server)?;
    server.run(&["logoff", "alice", "--reason", "the fire drill"], "")?;
    let browser = signed_in(&server, Scripts::On).await?;
    browser.follow("Audit").await?;
    browser
        .text_until(SOON, "the log-off", |it| {
            it.contains("alice") && it.contains("the fire drill")
        })
        .await?;
    browser.close().await
}
