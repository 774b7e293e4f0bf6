//! Contact lists: a file goes up, its contacts are shown, and it comes down again.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::config;
use axum::http::{StatusCode, header};

const FILE: &str = "REGEDIT4\r\n\r\n\
    [HKEY_CURRENT_USER\\Software\\Microsoft\\Exchange\\Messenger\\Profiles\\http://im.example.com/instmsg/aliases/bob\\Contacts]\r\n\
    \"carol@example.com\"=hex:01,02\r\n\r\n\
    [HKEY_CURRENT_USER\\Software\\Other]\r\n\"x\"=\"y\"\r\n\r\n";

#[tokio::test]
async fn a_file_goes_up_is_shown_and_comes_down_again() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let page = browser.get("/users/bob").await;
    page.assert_has("No contacts of bob are kept.");
    let answer = browser
        .upload("/users/bob/contacts", &[], ("x.reg", FILE.as_bytes()))
        .await;
    answer.assert_leads_to("/users/bob#contacts");

    let page = browser.get("/users/bob").await;
    page.assert_has("1 contact of bob kept as revision 1. Not taken: ");
    page.assert_has("[HKEY_CURRENT_USER\\Software\\Other]: it is not below");
    page.assert_has("<th scope=\"row\">carol@example.com</th>");
    page.assert_has("1 contact in 1 registry value, revision 1");
    browser
        .get("/contacts")
        .await
        .assert_has("/users/bob#contacts");

    let file = browser.get("/users/bob/contacts?format=reg4").await;
    assert_eq!(
        file.header(header::CONTENT_DISPOSITION),
        "attachment; filename=\"contacts-bob-regedit4.reg\"; filename*=UTF-8''contacts-bob-regedit4.reg"
    );
    file.assert_has("\"carol@example.com\"=hex:01,02\r\n");
    file.assert_lacks("Other");
    let file = browser.get("/users/bob/contacts?format=reg").await;
    assert_eq!(&file.bytes[..2], [0xff, 0xfe]);
    assert_eq!(
        file.header(header::CONTENT_DISPOSITION),
        "attachment; filename=\"contacts-bob.reg\"; filename*=UTF-8''contacts-bob.reg"
    );

    let answer = browser.order("/users/bob/contacts/remove", &[]).await;
    answer.assert_leads_to("/users/bob");
    let page = browser.get("/users/bob").await;
    page.assert_has("No contacts of bob are kept.");
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_at_its_field() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let answer = browser
        .upload("/users/bob/contacts", &[], ("x.reg", b"GIF89a"))
        .await;
    answer.assert_leads_to("/users/bob");
    let page = browser.get("/users/bob").await;
    page.assert_has("id=\"field-file-refusal\"");
    page.assert_has("its first line is neither REGEDIT4");
}

#[tokio::test]
async fn only_an_administrator_sends_or_gets_a_file_and_only_from_a_page() {
    let console = Console::of(3).await;
    for name in ["olga", "vera"] {
        let mut browser = Browser::signed_in(&console, name).await;
        browser
            .get("/users/bob")
            .await
            .assert_lacks("type=\"file\"");
        let answer = browser
            .upload("/users/bob/contacts", &[], ("x.reg", FILE.as_bytes()))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} sends");
        let answer = browser.get("/users/bob/contacts?format=reg").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name} gets");
    }
    let mut browser = Browser::signed_in(&console, "ada").await;
    let answer = browser
        .upload(
            "/users/bob/contacts",
            &[("csrf", "not the token")],
            ("x.reg", FILE.as_bytes()),
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "without the token");
    let page = browser.get("/users/bob").await;
    page.assert_has("No contacts of bob are kept.");
}

#[tokio::test]
async fn scripts_are_handed_out_for_a_share() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let page = browser.get("/contacts?share=%5C%5Csrv%5Cim%24").await;
    page.assert_has("/contacts/script?name=contacts-logon.bat&amp;share=%5C%5Csrv%5Cim%24");
    page.assert_has("Switched off.");
    let script = browser
        .get("/contacts/script?name=contacts-logoff.bat&share=%5C%5Csrv%5Cim%24")
        .await;
    script.assert_has("\\\\srv\\im$\\%USERNAME%\\contacts.reg");

    let answer = browser
        .get("/contacts/script?name=contacts-logon.bat&share=nonsense")
        .await;
    answer.assert_leads_to("/contacts");
    browser.get("/contacts").await.assert_has("is no share");
    let answer = browser
        .get("/contacts/script?name=../x&share=%5C%5Csrv%5Cim%24")
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn scripts_are_handed_out_for_the_server_where_it_serves() {
    let mut config = config();
    config.contacts.serve = true;
    let console = Console::with(config, 1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    browser
        .get("/contacts")
        .await
        .assert_has("contacts-logon-server.vbs");
    let script = browser
        .get("/contacts/script?name=contacts-logon-server.vbs")
        .await;
    script.assert_has("Const URL = \"http://im.example.com/rollcall/contacts\"");
}

#[tokio::test]
async fn a_file_is_read_in_the_code_page_that_is_said_and_what_is_bad_can_be_skipped() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    browser
        .get("/users/bob")
        .await
        .assert_has("name=\"code_page\"");
    let bad = format!("{FILE}this is no line\r\n");
    let file = ("x.reg", bad.as_bytes());
    for (fields, field) in [
        (&[][..], "file"),
        (&[("code_page", "klingon"), ("skip", "yes")], "code_page"),
    ] {
        let answer = browser.upload("/users/bob/contacts", fields, file).await;
        answer.assert_leads_to("/users/bob");
        let page = browser.get("/users/bob").await;
        page.assert_has(&format!("id=\"field-{field}-refusal\""));
        page.assert_has("No contacts of bob are kept.");
    }
    let fields = [("code_page", "1252"), ("skip", "yes")];
    let answer = browser.upload("/users/bob/contacts", &fields, file).await;
    answer.assert_leads_to("/users/bob#contacts");
    let page = browser.get("/users/bob").await;
    page.assert_has("1 contact of bob kept as revision 1.");
}
