//! Coming in, and staying out.

use crate::browser::Browser;
use crate::console::{Console, PASSWORD};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

#[tokio::test]
async fn a_stranger_signs_in_and_comes_back_to_where_they_wanted() {
    let mut browser = Browser::of(&Console::of(3).await);
    let answer = browser.get("/online?search=bob").await;
    answer.assert_leads_to("/sign-in?next=%2Fonline%3Fsearch%3Dbob");
    let page = browser.get("/sign-in?next=%2Fonline%3Fsearch%3Dbob").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [">Name</label>", ">Password</label>", ">Sign in</button>"] {
        page.assert_has(part);
    }
    page.assert_has("value=\"/online?search=bob\"");
    let fields = [
        ("name", "ada"),
        ("password", PASSWORD),
        ("next", "/online?search=bob"),
    ];
    let answer = browser.post("/sign-in", &fields).await;
    answer.assert_leads_to("/online?search=bob");
    let cookie = answer.header(header::SET_COOKIE);
    assert!(
        cookie.starts_with("rollcall=") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    assert!(cookie.contains("SameSite=Strict"), "{cookie}");
    browser
        .get("/online?search=bob")
        .await
        .assert_has("Log off bob");
}

#[tokio::test]
async fn the_sign_in_leads_nowhere_else() {
    let mut browser = Browser::of(&Console::of(1).await);
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
    ] {
        let fields = [("name", "ada"), ("password", PASSWORD), ("next", next)];
        browser.post("/sign-in", &fields).await.assert_leads_to("/");
        browser
            .order("/sign-out", &[])
            .await
            .assert_leads_to("/sign-in");
    }
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name_and_starts_no_session() {
    let mut browser = Browser::of(&Console::of(1).await);
    let answer = browser
        .post("/sign-in", &[("name", "ada"), ("password", "secret!")])
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.assert_has("The name or the password is not right.");
    answer.assert_has("value=\"ada\"");
    answer.assert_lacks("secret!");
    assert_eq!(answer.header(header::SET_COOKIE), "");
    let unknown = browser
        .post("/sign-in", &[("name", "nobody"), ("password", "x")])
        .await;
    unknown.assert_has("The name or the password is not right.");
}

#[tokio::test]
async fn a_lockout_says_how_long() {
    let mut browser = Browser::of(&Console::of(1).await);
    for _ in 0..5 {
        browser
            .post("/sign-in", &[("name", "ada"), ("password", "x")])
            .await;
    }
    let answer = browser
        .post("/sign-in", &[("name", "ada"), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    answer.assert_has("Try again in 30 seconds.");
    assert_eq!(answer.header(header::RETRY_AFTER), "30");
}

#[tokio::test]
async fn a_sign_in_sent_by_another_site_is_refused() {
    let mut browser = Browser::of(&Console::of(1).await);
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("name=ada&password=correct+horse"))
        .unwrap();
    assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_too() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let mut stolen = browser.clone();
    assert_eq!(stolen.get("/").await.status, StatusCode::OK);
    browser
        .order("/sign-out", &[])
        .await
        .assert_leads_to("/sign-in");
    stolen.get("/").await.assert_leads_to("/sign-in");
}

#[tokio::test]
async fn an_account_that_was_removed_is_out_at_once() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "olga").await;
    console.remove_admin("olga").await;
    browser
        .get("/users")
        .await
        .assert_leads_to("/sign-in?next=%2Fusers");
}

#[tokio::test]
async fn a_session_belongs_to_its_account_and_not_to_its_name() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "vera").await;
    console.replace_admin("vera", "administrator").await;
    browser
        .get("/users")
        .await
        .assert_leads_to("/sign-in?next=%2Fusers");
    let answer = browser.get("/api/dashboard").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_is_locked_out_is_shown_and_let_in() {
    let console = Console::of(1).await;
    let mut guesser = Browser::at(&console, "192.0.2.7");
    for _ in 0..5 {
        let fields = [("name", "ada"), ("password", "guessed")];
        guesser.post("/sign-in", &fields).await;
    }
    let mut viewer = Browser::signed_in(&console, "vera").await;
    let page = viewer.get("/lockouts").await;
    page.assert_has("192.0.2.7");
    page.assert_lacks("Unlock</button>");
    let answer = viewer.order("/lockouts", &[("what", "ada")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let mut operator = Browser::signed_in(&console, "olga").await;
    operator
        .get("/lockouts")
        .await
        .assert_has("aria-label=\"Unlock ada\"");
    let answer = operator.order("/lockouts", &[("what", "ada")]).await;
    answer.assert_leads_to("/lockouts");
    let page = operator.get("/lockouts").await;
    page.assert_has("ada may sign in again.");
    page.assert_has("Nobody is locked out.");
    let answer = operator.order("/lockouts", &[("what", "ada")]).await;
    answer.assert_leads_to("/lockouts");
    operator
        .get("/lockouts")
        .await
        .assert_has("No failed sign-in of \"ada\" is remembered");
}

#[tokio::test]
async fn scripts_are_told_and_not_led() {
    let mut browser = Browser::of(&Console::of(1).await);
    for address in ["/api/dashboard", "/live/online"] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.text(), "{\"kind\":\"signed-out\"}");
    }
}

#[tokio::test]
async fn the_first_run_makes_one_administrator_and_closes() {
    let console = Console::fresh().await;
    let token = console.admin.first_run_token().await.unwrap().unwrap();
    let mut browser = Browser::of(&console);
    browser.get("/users").await.assert_leads_to("/first-run");
    browser.get("/sign-in").await.assert_leads_to("/first-run");
    browser
        .get("/first-run?token=abc")
        .await
        .assert_has("value=\"abc\"");

    let fields = |token, again| {
        [
            ("token", token),
            ("name", "ada"),
            ("password", PASSWORD),
            ("password_again", again),
        ]
    };
    let answer = browser.post("/first-run", &fields(&token, "other")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    answer.assert_has("The two passwords differ.");
    answer.assert_has(&format!("value=\"{token}\""));
    answer.assert_lacks(PASSWORD);
    let answer = browser.post("/first-run", &fields("wrong", PASSWORD)).await;
    answer.assert_has("This is not the word that the server printed.");

    browser
        .post("/first-run", &fields(&token, PASSWORD))
        .await
        .assert_leads_to("/");
    browser
        .get("/")
        .await
        .assert_has("Signed in as ada, administrator");
    Browser::of(&console)
        .get("/first-run")
        .await
        .assert_leads_to("/sign-in");
}
