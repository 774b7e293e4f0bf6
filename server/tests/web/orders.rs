//! Forms: who may send them, what they do, and what they keep.

use crate::browser::Browser;
use crate::console::Console;
use axum::http::{StatusCode, header};

#[tokio::test]
async fn a_form_without_the_token_of_the_session_does_nothing() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    for csrf in ["", "00", "0707"] {
        let fields = [("alias", "bob"), ("csrf", csrf)];
        let answer = browser.post("/online/logoff", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        answer.assert_has("This form is out of date");
    }
    assert!(console.online().contains(&"bob".to_owned()));
}

#[tokio::test]
async fn a_viewer_sees_no_orders_and_may_give_none() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "vera").await;
    browser.get("/online").await.assert_lacks("Log off bob");
    browser.get("/users").await.assert_lacks("/users/new");
    browser.get("/users/bob").await.assert_lacks("password");
    browser.get("/").await.assert_lacks("/audit");
    let forms = [
        "/online/logoff",
        "/users/new",
        "/users/bob",
        "/users/bob/delete",
        "/policies/new",
    ];
    for form in forms {
        let answer = browser.order(form, &[("alias", "bob")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form}");
        answer.assert_has("Your role does not allow this.");
    }
    assert_eq!(browser.get("/audit").await.status, StatusCode::FORBIDDEN);
    assert!(console.online().contains(&"bob".to_owned()));
}

#[tokio::test]
async fn an_operator_logs_off_and_keeps_no_users() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "olga").await;
    let asked = browser.get("/online/logoff?alias=bob").await;
    asked.assert_has("<h1>Log off bob?</h1>");
    asked.assert_has(">Reason</label>");
    asked.assert_has(">Log off</button>");
    let fields = [("alias", "bob"), ("reason", "maintenance"), ("block", "10")];
    browser
        .order("/online/logoff", &fields)
        .await
        .assert_leads_to("/online");
    let page = browser.get("/online").await;
    page.assert_has("bob was logged off. Fresh sign-ons are refused for 10 minutes.");
    page.assert_lacks("Log off bob");
    // It is said once.
    browser
        .get("/online")
        .await
        .assert_lacks("bob was logged off.");
    let answer = browser.order("/users/bob/delete", &[]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn several_and_all_are_logged_off() {
    let console = Console::of(5).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let aliases = console.online();
    let fields = [
        ("alias", aliases[0].as_str()),
        ("alias", &aliases[1]),
        ("alias", "nobody"),
    ];
    let answer = browser.order("/online/logoff", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get(answer.header(header::LOCATION)).await;
    page.assert_has("There is no user nobody. Nobody was logged off.");
    assert_eq!(console.online().len(), 5);

    let gone = aliases[2].as_str();
    console.sign_off(gone);
    let fields = [
        ("alias", aliases[0].as_str()),
        ("alias", &aliases[1]),
        ("alias", gone),
    ];
    browser
        .order("/online/logoff", &fields)
        .await
        .assert_leads_to("/online");
    browser.get("/online").await.assert_has(&format!(
        "2 users were logged off. Not online any more: {gone}."
    ));
    browser
        .order("/online/logoff", &[("all", "true")])
        .await
        .assert_leads_to("/online");
    assert!(console.online().is_empty());
    browser.get("/online").await.assert_has("Nobody is online");
}

#[tokio::test]
async fn a_logoff_that_names_nobody_is_refused() {
    let console = Console::of(2).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    browser
        .get("/online/logoff")
        .await
        .assert_has("Nobody is chosen");
    browser
        .order("/online/logoff", &[])
        .await
        .assert_leads_to("/online/logoff?");
    assert_eq!(console.online().len(), 2);
}

#[tokio::test]
async fn a_refused_logoff_leads_back_with_its_reason() {
    let console = Console::of(2).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let reason = "x".repeat(201);
    let fields = [
        ("alias", "bob"),
        ("reason", reason.as_str()),
        ("block", "60"),
    ];
    let answer = browser.order("/online/logoff", &fields).await;
    answer.assert_leads_to("/online/logoff?alias=bob");
    let page = browser.get("/online/logoff?alias=bob").await;
    page.assert_has(&reason);
    page.assert_has("The reason is too long");
    page.assert_has("<option value=\"60\" selected>");
}

#[tokio::test]
async fn a_script_gets_an_answer_instead_of_a_page() {
    let console = Console::of(2).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let answer = browser
        .order_by_script("/online/logoff", &[("alias", "bob")])
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.text(),
        r#"{"done":true,"message":"bob was logged off."}"#
    );
    let answer = browser.order_by_script("/online/logoff", &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.assert_has(r#"{"done":false,"message":"Nobody is chosen."#);
}

#[tokio::test]
async fn a_refused_user_keeps_all_that_was_typed_but_the_password() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let fields = [
        ("alias", "new one"),
        ("display_name", "Ünal \"U\" <One>"),
        ("email", "u@example.com"),
        ("password", "hush-hush"),
    ];
    browser
        .order("/users/new", &fields)
        .await
        .assert_leads_to("/users/new");
    let page = browser.get("/users/new").await;
    page.assert_has("value=\"new one\"");
    page.assert_has("Ünal &quot;U&quot; &lt;One&gt;");
    page.assert_has("aria-invalid=\"true\"");
    page.assert_has("an alias holds no white space");
    page.assert_lacks("hush-hush");
}

#[tokio::test]
async fn an_account_lives_from_creation_to_deletion() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let fields = [
        ("alias", "o'hara"),
        ("display_name", "O"),
        ("password", "long enough"),
    ];
    browser
        .order("/users/new", &fields)
        .await
        .assert_leads_to("/users/o%27hara");
    browser
        .order("/users/new", &fields)
        .await
        .assert_leads_to("/users/new");
    browser
        .get("/users/new")
        .await
        .assert_has("There is a user o'hara already.");

    let fields = [("display_name", "Scarlett"), ("email", "")];
    browser
        .order("/users/o%27hara", &fields)
        .await
        .assert_leads_to("/users/o%27hara");
    let page = browser.get("/users/o%27hara").await;
    page.assert_has("Scarlett");
    page.assert_has("is disabled and may not sign on");

    let fields = [("password", "one thing"), ("password_again", "another")];
    browser
        .order("/users/o%27hara/password", &fields)
        .await
        .assert_leads_to("/users/o%27hara");
    let page = browser.get("/users/o%27hara").await;
    page.assert_has("The two passwords differ.");
    page.assert_lacks("one thing");

    let asked = browser.get("/users/o%27hara/delete").await;
    asked.assert_has("Delete user</button>");
    browser
        .order("/users/o%27hara/delete", &[])
        .await
        .assert_leads_to("/users");
    browser
        .get("/users")
        .await
        .assert_lacks("href=\"/users/o%27hara\"");
    let audit = browser.get("/audit").await;
    for action in ["user.create", "user.edit", "user.delete"] {
        audit.assert_has(action);
    }
}

#[tokio::test]
async fn a_block_is_shown_and_lifted() {
    let console = Console::of(6).await;
    let alias = console.another();
    let mut browser = Browser::signed_in(&console, "ada").await;
    let address = format!("/users/{alias}");
    let fields = [
        ("alias", alias.as_str()),
        ("reason", "flooding"),
        ("block", "10"),
    ];
    browser
        .order("/online/logoff", &fields)
        .await
        .assert_leads_to("/online");
    browser.get(&address).await.assert_has("Reason: flooding");
    browser
        .order(&format!("{address}/unblock"), &[])
        .await
        .assert_leads_to(&address);
    browser.get(&address).await.assert_lacks("flooding");
}

#[tokio::test]
async fn an_order_after_the_session_ended_leads_to_the_sign_in_and_back_to_its_form() {
    let console = Console::of(1).await;
    let mut browser = Browser::of(&console);
    let answer = browser.post("/users/new", &[("alias", "x")]).await;
    answer.assert_leads_to("/sign-in?next=%2Fusers%2Fnew");
    assert_eq!(answer.header(header::SET_COOKIE), "");
}

#[tokio::test]
async fn an_edit_changes_only_what_its_sender_changed() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let shown = browser.get("/users/bob").await;
    shown.assert_has("name=\"was_enabled\" value=\"true\"");
    // Somebody else disables bob and renames him; the page shows what was before.
    let other = [("display_name", "Robert"), ("email", "")];
    browser.order("/users/bob", &other).await;
    let fields = [
        ("was_display_name", "Bob"),
        ("was_email", ""),
        ("was_enabled", "true"),
        ("display_name", "Bob"),
        ("email", "bob@example.com"),
        ("enabled", "true"),
    ];
    browser
        .order("/users/bob", &fields)
        .await
        .assert_leads_to("/users/bob");
    let page = browser.get("/users/bob").await;
    page.assert_has("name=\"was_display_name\" value=\"Robert\"");
    page.assert_has("name=\"was_email\" value=\"bob@example.com\"");
    page.assert_has("name=\"was_enabled\" value=\"\"");
}

#[tokio::test]
async fn a_form_of_an_old_page_is_told_what_changed_since_and_keeps_what_was_typed() {
    let console = Console::of(3).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let shown = browser.get("/users/bob").await.text();
    let field = "name=\"revision\" value=\"";
    let (_, rest) = shown.split_once(field).unwrap();
    let revision = rest.split('"').next().unwrap().to_owned();
    let old = |name: &'static str| {
        [
            ("revision", revision.clone()),
            ("was_display_name", "Bob".to_owned()),
            ("was_email", String::new()),
            ("was_enabled", "true".to_owned()),
            ("display_name", name.to_owned()),
            ("email", String::new()),
            ("enabled", "true".to_owned()),
        ]
    };
    for (name, told) in [
        ("Robert", "Saved."),
        ("Bobby", "ada changed this since you opened it"),
    ] {
        let fields = old(name);
        let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let answer = browser.order("/users/bob", &fields).await;
        answer.assert_leads_to("/users/bob");
        let page = browser.get("/users/bob").await;
        page.assert_has(told);
        page.assert_has(&format!("value=\"{name}\""));
    }
    // The page is a new one: sent once more it takes the place of what is there.
    let page = browser.get("/users/bob").await;
    page.assert_has("<dd>Robert</dd>");
    let delete = [("revision", revision.as_str())];
    let answer = browser.order("/users/bob/delete", &delete).await;
    answer.assert_leads_to("/users/bob");
    browser
        .get("/users/bob")
        .await
        .assert_has("changed this since you opened it");
}
