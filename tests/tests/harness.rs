//! The tools of the other tests, tried without a server: when these fail, what
//! the others say means nothing.

use std::time::Duration;

use tests::Failure;
use tests::browser::{Browser, Colours, Scripts};
use tests::librvp::Account;
use tests::rvp_client::{Answer, CallBack, Connection, Request};

const SOON: Duration = Duration::from_secs(10);

const PAGE: &str = "data:text/html,<title>t</title><style>@media(prefers-color-scheme:dark)\
    {p::after{content:'dark'}}</style><label>Name <input></label><p id=p>none</p>\
    <script>p.textContent=typeof WebAssembly</script>";

#[tokio::test]
async fn the_browser_runs_what_it_is_allowed_to() -> Result<(), Failure> {
    for (scripts, shown) in [
        (Scripts::On, "object"),
        (Scripts::NoWasm, "undefined"),
        (Scripts::Off, "none"),
    ] {
        let browser = Browser::open_with(scripts, Colours::Light).await?;
        browser.go(PAGE).await?;
        browser.fill("Name", "anna").await?;
        browser
            .text_until(SOON, shown, |text| text.contains(shown))
            .await?;
        browser.close().await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_browser_prefers_the_colours_it_is_told_to() -> Result<(), Failure> {
    for (colours, width) in [(Colours::Dark, true), (Colours::Light, false)] {
        let browser = Browser::open_with(Scripts::On, colours).await?;
        browser.go(PAGE).await?;
        let script = "return matchMedia('(prefers-color-scheme: dark)').matches";
        assert_eq!(browser.client()?.execute(script, Vec::new()).await?, width);
        browser.close().await?;
    }
    Ok(())
}

#[test]
fn a_call_back_keeps_every_byte_and_answers_as_told() -> Result<(), Failure> {
    let mut call_back = CallBack::listen()?;
    let address = call_back
        .url()
        .replace("http://", "")
        .parse()
        .expect("the call-back's own address");
    let body = b"\xff\r\n\x00 <d:x/>".to_vec();

    call_back.answer(Answer::status(500));
    let answer =
        Connection::open(address)?.send(&Request::new("NOTIFY", "/").body(body.clone()))?;
    assert_eq!(answer.status, 500);
    let got = call_back.expect(SOON, "the body", |it| it.body == body)?;
    assert_eq!(
        got.head,
        format!(
            "NOTIFY / HTTP/1.1\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
    );

    call_back.answer(Answer::HangUp);
    let answer = Connection::open(address)?.send(&Request::new("NOTIFY", "/"));
    assert!(answer.is_err(), "{answer:?}");
    Ok(())
}

#[test]
fn the_real_client_starts_and_says_when_no_server_is_there() -> Result<(), Failure> {
    // Bound and never listened on by anyone else; closed again at once.
    let port = std::net::TcpListener::bind("127.0.0.1:0").map_err(Failure::io("taking a port"))?;
    let nobody = port.local_addr().map_err(Failure::io("taking a port"))?;
    drop(port);

    let mut client = Account::new("alice", "secret").start(nobody)?;
    client.expect_event(SOON, "a refusal", |it| it.kind() == "disconnected")?;
    client.quit()
}
