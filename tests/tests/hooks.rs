//! What happens, told to others: hooks and syslog.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tests::server::Server;
use tests::{Failure, eventually};

const SOON: Duration = Duration::from_secs(30);

/// Reads one delivery and answers it.
fn delivery(stream: &mut TcpStream, status: u16) -> std::io::Result<(String, String)> {
    stream.set_read_timeout(Some(SOON))?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let told = loop {
        let count = stream.read(&mut buffer)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|it| it.lines().next()?.parse::<usize>().ok());
        if count == 0 || length.is_some_and(|length| body.len() >= length) {
            break (head, body.to_owned());
        }
    };
    let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes())?;
    Ok(told)
}

#[test]
fn an_act_reaches_a_hook_that_fails_at_first_and_syslog() -> Result<(), Failure> {
    let io = || Failure::io("listening for what is told");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(io())?;
    let syslog = UdpSocket::bind("127.0.0.1:0").map_err(io())?;
    syslog.set_read_timeout(Some(SOON)).map_err(io())?;
    let hook = format!("http://{}/in", listener.local_addr().map_err(io())?);
    let logs = syslog.local_addr().map_err(io())?;
    let config = format!(
        "[log]\nsyslog = \"udp://{logs}\"\n[[hooks]]\nurl = \"{hook}\"\nevents = [\"act\"]\nsecret = \"sesame-42\"\n"
    );
    let receiver = thread::spawn(move || {
        let mut told = Vec::new();
        for status in [503, 200] {
            let (mut stream, _) = listener.accept()?;
            told.push(delivery(&mut stream, status)?);
        }
        Ok::<_, std::io::Error>(told)
    });
    let server = Server::start(&config)?;
    server.add_user("alice", "correct horse 7")?;

    let mut buffer = [0; 4096];
    let length = syslog.recv(&mut buffer).map_err(io())?;
    let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
    assert!(message.contains("target=\"alice\""), "{message}");
    assert!(message.starts_with("<85>1 "), "{message}");

    let told = receiver
        .join()
        .map_err(|_| Failure::Unexpected("the receiver".into()))?;
    let told = told.map_err(io())?;
    assert_eq!(told[0], told[1], "the same again");
    let body: Value = serde_json::from_str(&told[1].1).unwrap_or_default();
    assert_eq!(
        (&body["kind"], &body["target"]),
        (&"act".into(), &"alice".into())
    );
    assert!(
        told[0].0.contains("x-rollcall-signature: sha256="),
        "{}",
        told[0].0
    );

    let shown = eventually(SOON, "the delivery", || {
        let rows = server.run(&["hooks", "deliveries", "--json"], "")?;
        let rows: Value = serde_json::from_str(&rows).unwrap_or_default();
        Ok((rows[0]["state"] == "delivered").then_some(rows))
    })?;
    assert_eq!(shown[0]["attempts"], 2);
    let listed = server.run(&["hooks"], "")?;
    assert!(
        listed.contains(&hook) && !listed.contains("sesame-42"),
        "{listed}"
    );

    // The making of tokens is told, too; nobody takes it any more.
    let api = server.api("administrator")?;
    let listed = api.get("/hooks")?.expect(200)?;
    assert_eq!(listed.json[0]["url"], hook);
    assert!(!listed.json.to_string().contains("sesame-42"));
    let next = eventually(SOON, "another delivery", || {
        let page = api.get("/hooks/deliveries?limit=1")?.expect(200)?;
        Ok(page.json["next"].as_str().map(str::to_owned))
    })?;
    let page = api.get(&format!("/hooks/deliveries?limit=1&after={next}"))?;
    let page = page.expect(200)?;
    assert!(
        page.json["rows"][0]["id"].as_i64() < next.parse().ok(),
        "{}",
        page.json
    );
    let refused = api.get("/hooks/deliveries?after=x")?.expect(422)?;
    assert_eq!(refused.json["field"], "after");
    let operator = server.api("operator")?;
    operator.get("/hooks")?.expect(403)?;
    operator.get("/hooks/deliveries")?.expect(403)?;
    Ok(())
}

#[test]
fn a_place_that_is_none_is_refused_at_the_start() -> Result<(), Failure> {
    for (config, why) in [
        ("[log]\nsyslog = \"tcp://logs\"\n", "udp://"),
        ("[[hooks]]\nurl = \"https://a/\"\n", "TLS"),
        (
            "[[hooks]]\nurl = \"http://a/\"\nevents = [\"x\"]\n",
            "sign-on-failed",
        ),
        (
            "[[hooks]]\nurl = \"http://a/\"\nsecret_file = \"/nowhere/at/all\"\n",
            "hooks.secret_file",
        ),
    ] {
        let server = Server::prepare("im.example.test", config)?;
        let file = server.config_file();
        let text = server.refused(&[
            "serve",
            "--config",
            &file.to_string_lossy(),
            "--rvp-listen",
            "127.0.0.1:0",
            "--console-listen",
            "127.0.0.1:0",
        ])?;
        assert!(text.contains(why), "{config}: {text}");
    }
    Ok(())
}
