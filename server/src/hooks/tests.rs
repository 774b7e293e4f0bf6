//! Hooks that fail, hang, go by redirects and come back; and a server that starts anew meanwhile.

use super::*;
use crate::events::Happening;
use crate::store::DeliveryRow;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_secs(30);

/// What came in: the head in lower case, and the body.
type Request = (String, String);

/// A server that answers as it is told, and then with 200.
struct Receiver {
    url: String,
    requests: mpsc::UnboundedReceiver<Request>,
}

impl Receiver {
    async fn start(answers: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let answers = answers.to_vec();
        tokio::spawn(async move {
            let mut answers = answers.into_iter();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                let status = answers.next().unwrap_or(200);
                let answer = format!(
                    "HTTP/1.1 {status} x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { url, requests }
    }

    async fn next(&mut self) -> Request {
        timeout(LONG, self.requests.recv()).await.unwrap().unwrap()
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if body.len() >= length {
            return (head, body.to_owned());
        }
    }
}

/// A server that has hooks.
struct Server {
    events: EventLog,
    store: Store,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(directory: &TempDir, hooks: &str) -> Self {
        Self::patient(directory, hooks, 1000).await
    }

    /// One that tries so many times again.
    async fn patient(directory: &TempDir, hooks: &str, times: usize) -> Self {
        #[derive(serde::Deserialize)]
        struct File {
            hooks: Vec<HookConfig>,
        }
        let configs = toml::from_str::<File>(hooks).unwrap().hooks;
        let clock = Clock::system();
        let events = EventLog::new(clock.clone());
        let store = Store::open(directory.path()).await.unwrap();
        let (_, mut telling) = Hooks::new(&configs, events.clone(), store.clone(), clock).unwrap();
        telling.patience = Patience {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(60),
            again: vec![Duration::from_millis(300); times],
            gather: Duration::from_millis(10),
        };
        let stop = CancellationToken::new();
        let task = tokio::spawn(telling.run(stop.clone()));
        Self {
            events,
            store,
            stop,
            task,
        }
    }

    fn sign_off(&self, alias: &str) {
        let alias = alias.to_owned();
        self.events.record(Happening::SignedOff { alias });
    }

    /// The newest delivery once this holds of it.
    async fn newest(&self, holds: impl Fn(&DeliveryRow) -> bool) -> DeliveryRow {
        let look = async {
            loop {
                let rows = self.store.deliveries("", i64::MAX, 1).await.unwrap();
                if let Some(row) = rows.into_iter().next().filter(|row| holds(row)) {
                    return row;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LONG, look).await.unwrap()
    }

    async fn end(self) {
        self.stop.cancel();
        timeout(LONG, self.task).await.unwrap().unwrap();
        self.store.close().await;
    }
}

#[tokio::test]
async fn a_hook_that_fails_twice_is_told_again_and_signed_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(&[500, 302]).await;
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "open sesame\n").unwrap();
    let hooks = format!(
        "[[hooks]]\nurl = {:?}\nevents = [\"sign-off\"]\nsecret_file = {secret:?}",
        receiver.url
    );
    let server = Server::start(&directory, &hooks).await;
    server.events.record(Happening::State {
        alias: "bob".to_owned(),
        state: "busy".to_owned(),
    });
    server.sign_off("bob");
    let first = receiver.next().await;
    let (head, body) = &first;
    assert!(head.starts_with("post /in http/1.1\r\n"), "{head}");
    assert!(head.contains("x-rollcall-event: sign-off"), "{head}");
    assert!(head.contains("x-rollcall-delivery: 1"), "{head}");
    let read: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&read["kind"], &read["alias"]),
        (&"sign-off".into(), &"bob".into())
    );
    assert_eq!(read["id"], server.events.newest());
    let signed = {
        use hmac::Mac as _;
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(b"open sesame").unwrap();
        mac.update(body.as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    };
    assert!(
        head.contains(&format!("x-rollcall-signature: sha256={signed}")),
        "{head}"
    );
    for _ in 0..2 {
        assert_eq!(receiver.next().await, first, "the same again");
    }
    let row = server.newest(|row| row.state == "delivered").await;
    assert_eq!((row.attempts, row.status), (3, Some(200)));
    assert!(row.error.is_empty());
    server.end().await;
}

/// An address at which nobody listens yet.
async fn nobody() -> std::net::SocketAddr {
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    place.local_addr().unwrap()
}

#[tokio::test]
async fn what_fails_each_time_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let hooks = format!("[[hooks]]\nurl = \"http://{}\"", nobody().await);
    let server = Server::patient(&directory, &hooks, 2).await;
    server.sign_off("bob");
    let row = server.newest(|row| row.state == "failed").await;
    assert_eq!((row.attempts, row.status), (3, None));
    assert!(row.error.contains("cannot connect"), "{}", row.error);
    server.end().await;
}

#[tokio::test]
async fn what_waits_is_delivered_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let address = nobody().await;
    let hooks = format!("[[hooks]]\nurl = \"http://{address}\"");
    let server = Server::start(&directory, &hooks).await;
    server.sign_off("waits");
    server.newest(|row| row.attempts > 0).await;
    // What happens while it ends is kept, too.
    server.sign_off("late");
    server.end().await;

    let listener = TcpListener::bind(address).await.unwrap();
    let server = Server::start(&directory, &hooks).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let (mut stream, _) = timeout(LONG, listener.accept()).await.unwrap().unwrap();
        let (_, body) = read(&mut stream).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        told.push(body["alias"].as_str().unwrap().to_owned());
        let answer = b"HTTP/1.1 204 x\r\n\r\n";
        stream.write_all(answer).await.unwrap();
    }
    told.sort();
    assert_eq!(told, ["late", "waits"]);
    server.newest(|row| row.state == "delivered").await;
    server.end().await;
}

#[tokio::test]
async fn a_hook_that_never_answers_holds_up_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut receiver = Receiver::start(&[]).await;
    let address = silent.local_addr().unwrap().to_string();
    let hooks = format!(
        "[[hooks]]\nurl = \"http://{address}\"\n[[hooks]]\nurl = {:?}",
        receiver.url
    );
    let server = Server::start(&directory, &hooks).await;
    for number in 0..100 {
        server.sign_off(&format!("user{number}"));
    }
    let (_held, _) = timeout(LONG, silent.accept()).await.unwrap().unwrap();
    for number in 0..100 {
        let (head, body) = receiver.next().await;
        assert!(body.contains(&format!("\"user{number}\"")), "{body}");
        assert!(!head.contains("x-rollcall-signature"), "{head}");
    }
    // The end does not wait for it either, and what it did not take waits on.
    let store = server.store.clone();
    server.stop.cancel();
    timeout(LONG, server.task).await.unwrap().unwrap();
    let counts = store.delivery_counts().await.unwrap();
    let silent: Vec<_> = counts
        .iter()
        .filter(|it| it.hook.contains(&address))
        .map(|it| (it.state.as_str(), it.count))
        .collect();
    assert_eq!(silent, [("waiting", 100)]);
}

#[tokio::test]
async fn a_delivery_that_is_not_wanted_keeps_no_other_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(&[400]).await;
    let hooks = format!("[[hooks]]\nurl = {:?}", receiver.url);
    let server = Server::start(&directory, &hooks).await;
    server.sign_off("first");
    server.sign_off("second");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(receiver.next().await.0);
    }
    let order = |head: &str| {
        head.split("x-rollcall-delivery: ")
            .nth(1)
            .map(|it| it[..1].to_owned())
    };
    let order: Vec<_> = seen.iter().filter_map(|head| order(head)).collect();
    assert_eq!(order, ["1", "2", "1"]);
    server.end().await;
}

#[test]
fn a_secret_that_cannot_be_read_is_said_with_its_hook() {
    let config: HookConfig =
        toml::from_str("url = \"http://a/x\"\nsecret_file = \"/nowhere/at/all\"").unwrap();
    let error = Hook::new(&config).unwrap_err().to_string();
    assert!(
        error.contains("http://a/x") && error.contains("/nowhere/at/all"),
        "{error}"
    );
}
