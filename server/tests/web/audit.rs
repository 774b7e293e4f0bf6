//! The audit: what it holds, how it is narrowed, and what leaves with it.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::root;
use axum::http::{StatusCode, header};

#[tokio::test]
async fn sign_ins_failures_and_sign_outs_are_in_it() {
    let console = Console::of(1).await;
    let mut guesser = Browser::at(&console, "192.0.2.7");
    for name in ["Mallory", "mallory", "vera"] {
        let fields = [("name", name), ("password", "guessed=1")];
        guesser.post("/sign-in", &fields).await;
    }
    let mut vera = Browser::signed_in(&console, "vera").await;
    vera.order("/sign-out", &[]).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let page = ada.get("/audit?action=sign-in.refused").await;
    assert_eq!(
        page.text().matches("<code>sign-in.refused</code>").count(),
        2
    );
    page.assert_has("(not signed in)");
    page.assert_has("Mallory");
    page.assert_has("no such account");
    page.assert_has("wrong password; 1 more before it are not written down");
    page.assert_lacks("guessed=1");
    let page = ada.get("/audit?actor=VERA").await;
    page.assert_has("<code>sign-in</code>");
    page.assert_has("<code>sign-out</code>");
    page.assert_lacks("<code>sign-in.refused</code>");
}

#[tokio::test]
async fn who_reads_a_list_is_in_it_once() {
    let console = Console::of(2).await;
    let mut vera = Browser::signed_in(&console, "vera").await;
    for _ in 0..3 {
        vera.get("/users/bob").await;
    }
    let mut ada = Browser::signed_in(&console, "ada").await;
    let page = ada.get("/audit?target=bob&actor=vera").await;
    let read = "<code>user.read-privacy</code>";
    assert_eq!(page.text().matches(read).count(), 1);
    // No contacts of his are kept, so none were read.
    page.assert_lacks("contacts.read");
}

#[tokio::test]
async fn it_is_narrowed_and_says_what_changed() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let group = |text| [("name", "staff"), ("description", text)];
    ada.order("/groups/new", &group("first")).await;
    ada.order("/groups/staff", &group("<second>")).await;
    let page = ada.get("/audit?action=group&target=STAFF").await;
    page.assert_has("<del>first</del>");
    page.assert_has("<ins>&lt;second&gt;</ins>");
    page.assert_has("value=\"STAFF\"");
    page.assert_lacks("<code>sign-in</code>");
    for (filter, there) in [
        ("since=2024-11-18&until=2024-11-18", true),
        ("since=2024-11-19", false),
        ("until=2024-11-17T23:59Z", false),
        ("action=grou", false),
        ("actor=olga", false),
    ] {
        let page = ada.get(&format!("/audit?target=staff&{filter}")).await;
        assert_eq!(page.text().contains("group.edit"), there, "{filter}");
    }
    let page = ada.get("/audit?since=soon").await;
    page.assert_has("is no moment. Write a day such as");
}

#[tokio::test]
async fn it_leaves_as_a_file_and_that_is_written_down() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let fields = [
        ("name", "staff"),
        ("description", "=HYPERLINK(\"http://x\")"),
    ];
    ada.order("/groups/new", &fields).await;
    // More than one part of it.
    for _ in 0..1200 {
        let order = api::AddMembers {
            name: "staff".to_owned(),
            members: vec!["bob".to_owned()],
        };
        console.admin.call(&root(), order).await.unwrap();
    }
    let answer = ada.get("/audit/export?format=csv&action=group").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header(header::CONTENT_DISPOSITION)
            .contains("audit.csv")
    );
    let text = answer.text();
    assert!(text.starts_with("id,time,actor,from,action,target,detail,changes\r\n"));
    assert_eq!(text.lines().count(), 1 + 1 + 1200);
    assert!(text.contains("group.create"));
    let answer = ada
        .get("/audit/export?format=jsonl&action=group.create")
        .await;
    let row: api::AuditRow = serde_json::from_str(answer.text().trim()).unwrap();
    assert_eq!(row.target, "staff");
    assert_eq!(row.changes[0].field, "description");
    let page = ada.get("/audit?action=audit").await;
    assert_eq!(page.text().matches("<code>audit.export</code>").count(), 2);
    let answer = ada.get("/audit/export?since=soon").await;
    answer.assert_leads_to("/audit");
    let mut olga = Browser::signed_in(&console, "olga").await;
    let answer = olga.get("/audit/export").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
