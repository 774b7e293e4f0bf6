//! Sockets that take messages, and one that comes late.

use super::*;
use crate::events::Happening;
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(20);

fn act(target: &str) -> Happening {
    Happening::Act {
        actor: "ada".to_owned(),
        came_from: "192.0.2.7".to_owned(),
        action: "user.add".to_owned(),
        target: target.to_owned(),
        detail: String::new(),
    }
}

fn started(target: SyslogTarget) -> (EventLog, CancellationToken, JoinHandle<()>) {
    let clock = Clock::manual(1_731_932_800_000);
    let events = EventLog::new(clock.clone());
    let mut syslog = Syslog::new(target, events.clone(), clock);
    syslog.pause = Duration::from_millis(20);
    let stop = CancellationToken::new();
    let task = tokio::spawn(syslog.run(stop.clone()));
    (events, stop, task)
}

#[tokio::test]
async fn a_server_gets_the_audit_and_failed_sign_ons_as_datagrams() {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let host = "127.0.0.1".to_owned();
    let (events, stop, task) = started(SyslogTarget::Udp { host, port });
    events.record(Happening::SignedOff {
        alias: "bob".to_owned(),
    });
    events.record(act("carol"));
    events.record(Happening::SignOnFailed {
        name: "eve".to_owned(),
        address: [192, 0, 2, 9].into(),
    });
    let mut buffer = [0; 4096];
    for expected in ["target=\"carol\"", "actor=\"eve\""] {
        let length = timeout(PATIENCE, server.recv(&mut buffer))
            .await
            .unwrap()
            .unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.contains(expected), "{text}");
    }
    stop.cancel();
    timeout(PATIENCE, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_socket_that_comes_late_or_anew_gets_what_waited() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let (events, stop, task) = started(SyslogTarget::Unix(path.clone()));
    events.record(act("first"));
    sleep(Duration::from_millis(50)).await;
    let mut buffer = [0; 4096];
    for (round, expected) in ["first", "second"].into_iter().enumerate() {
        let server = UnixDatagram::bind(&path).unwrap();
        if round > 0 {
            events.record(act(expected));
        }
        let length = timeout(PATIENCE, server.recv(&mut buffer))
            .await
            .unwrap()
            .unwrap();
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(text.contains(&format!("target=\"{expected}\"")), "{text}");
        drop(server);
        std::fs::remove_file(&path).unwrap();
    }
    stop.cancel();
    timeout(PATIENCE, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_end_sends_what_is_left_and_does_not_wait_for_a_socket_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let (events, stop, task) = started(SyslogTarget::Unix(path.clone()));
    events.record(act("never"));
    stop.cancel();
    timeout(PATIENCE, task).await.unwrap().unwrap();

    let server = UnixDatagram::bind(&path).unwrap();
    let (events, stop, task) = started(SyslogTarget::Unix(path));
    events.record(act("last"));
    stop.cancel();
    timeout(PATIENCE, task).await.unwrap().unwrap();
    let mut buffer = [0; 4096];
    let length = server.try_recv(&mut buffer).unwrap();
    assert!(String::from_utf8_lossy(&buffer[..length]).contains("target=\"last\""));
}
