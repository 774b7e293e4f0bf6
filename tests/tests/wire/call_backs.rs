//! Where strangers point: every way to have the server connect to somebody else, and what it
//! answers. Run with `--nocapture` to see the whole list.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use tests::people::{OnlineUser, PASSWORD};
use tests::rvp_client::{Answer, CallBack, Request, User};
use tests::server::Server;
use tests::{Deadline, Failure};

use super::SOON;

/// A call-back, what is wrong with it, and the status of the answer.
type Attack = (&'static str, &'static str, u16);

/// Refused whoever asks. `PORT` stands for a port on which somebody does listen.
const ATTACKS: &[Attack] = &[
    ("another host", "http://203.0.113.1:PORT", 403),
    (
        "a private network, class A",
        "http://10.255.255.254:PORT",
        403,
    ),
    (
        "a private network, class B",
        "http://172.31.255.254:PORT",
        403,
    ),
    (
        "a private network, class C",
        "http://192.168.255.254:PORT",
        403,
    ),
    ("carrier-grade NAT", "http://100.64.0.1:PORT", 403),
    (
        "link-local, where clouds keep secrets",
        "http://169.254.169.254:PORT",
        403,
    ),
    (
        "the same, IPv4 mapped",
        "http://[::ffff:169.254.169.254]:PORT",
        403,
    ),
    (
        "the same, in hexadecimal groups",
        "http://[::ffff:a9fe:a9fe]:PORT",
        403,
    ),
    (
        "another host, IPv4 mapped",
        "http://[::ffff:203.0.113.1]:PORT",
        403,
    ),
    (
        "another host, IPv4 compatible",
        "http://[::203.0.113.1]:PORT",
        403,
    ),
    (
        "another host through NAT64",
        "http://[64:ff9b::203.0.113.1]:PORT",
        403,
    ),
    ("another host of IPv6", "http://[2001:db8::1]:PORT", 403),
    ("link-local of IPv6", "http://[fe80::1]:PORT", 403),
    ("with a scope", "http://[fe80::1%eth0]:PORT", 400),
    ("with a scope, encoded", "http://[fe80::1%25eth0]:PORT", 400),
    ("unique local of IPv6", "http://[fd00::1]:PORT", 403),
    (
        "loopback in one decimal number",
        "http://2130706433:PORT",
        400,
    ),
    (
        "loopback in one octal number",
        "http://017700000001:PORT",
        400,
    ),
    (
        "loopback in one hexadecimal number",
        "http://0x7f000001:PORT",
        400,
    ),
    ("loopback with an octal part", "http://0177.0.0.1:PORT", 400),
    (
        "loopback with a hexadecimal part",
        "http://0x7f.0.0.1:PORT",
        400,
    ),
    ("loopback in two parts", "http://127.1:PORT", 400),
    (
        "loopback with leading zeros",
        "http://127.000.000.001:PORT",
        400,
    ),
    ("loopback with a final dot", "http://127.0.0.1.:PORT", 400),
    ("a part above 255", "http://127.0.0.257:PORT", 400),
    (
        "loopback in full-width digits",
        "http://１２７.0.0.1:PORT",
        400,
    ),
    ("this machine by name", "http://localhost:PORT", 403),
    (
        "a name that may change its mind (rebinding)",
        "http://rebind.example.com:PORT",
        403,
    ),
    (
        "a name that spells an address",
        "http://127.0.0.1.nip.io:PORT",
        403,
    ),
    ("a name of IDN", "http://b\u{fc}cher.example:PORT", 400),
    ("no host", "http://:PORT", 400),
    ("any address", "http://0.0.0.0:PORT", 403),
    ("any address of IPv6", "http://[::]:PORT", 403),
    ("broadcast", "http://255.255.255.255:PORT", 403),
    ("multicast", "http://224.0.0.1:PORT", 403),
    ("multicast of IPv6", "http://[ff02::1]:PORT", 403),
    (
        "a user before the host",
        "http://127.0.0.1@203.0.113.1:PORT",
        400,
    ),
    (
        "a user and a password",
        "http://user:secret@127.0.0.1:PORT",
        400,
    ),
    (
        "a back-slash before another host",
        "http://127.0.0.1\\@203.0.113.1:PORT",
        400,
    ),
    ("a back-slash for a slash", "http:\\\\127.0.0.1:PORT", 400),
    ("a space in the host", "http://127.0.0.1 :PORT", 400),
    ("a fragment", "http://127.0.0.1:PORT/#x", 400),
    ("a query without a path", "http://127.0.0.1:PORT?x=1", 400),
    ("no port, which is 80", "http://127.0.0.1", 403),
    ("port 0", "http://127.0.0.1:0", 400),
    ("the port of mail", "http://127.0.0.1:25", 403),
    ("the last port of services", "http://127.0.0.1:1023", 403),
    ("a port above all", "http://127.0.0.1:65536", 400),
    (
        "a port that wraps around to 80",
        "http://127.0.0.1:65616",
        400,
    ),
    ("a negative port", "http://127.0.0.1:-1", 400),
    ("https", "https://127.0.0.1:PORT", 400),
    ("ftp", "ftp://127.0.0.1:PORT", 400),
    ("gopher", "gopher://127.0.0.1:PORT/_x", 400),
    ("a file", "file:///etc/passwd", 400),
    ("no scheme", "127.0.0.1:PORT", 400),
    ("no scheme but slashes", "//127.0.0.1:PORT", 400),
    (
        "two call-backs in one",
        "http://127.0.0.1:PORT, http://203.0.113.1:PORT",
        400,
    ),
    ("nothing", "", 400),
];

/// What is tried at one server, and how often something went otherwise.
struct Trial {
    user: User,
    port: String,
    surprises: Vec<String>,
}

impl Trial {
    fn new(
        server: &Server,
        reached_at: SocketAddr,
        alias: &str,
        port: u16,
    ) -> Result<Self, Failure> {
        server.add_user(alias, PASSWORD)?;
        println!("\nfrom {}:", reached_at.ip());
        Ok(Self {
            user: User::new(reached_at, alias, PASSWORD),
            port: port.to_string(),
            surprises: Vec::new(),
        })
    }

    /// Tries a call-back for a login, and for a watch: the same rules hold for both.
    fn try_all(&mut self, what: &str, call_back: &str, expected: u16) -> Result<(), Failure> {
        let call_back = call_back.replace("PORT", &self.port);
        for kind in ["pragma/notify", "update/propchange"] {
            let request = self
                .user
                .request("SUBSCRIBE", self.user.alias())
                .header("Notification-Type", kind)
                .header("Subscription-Lifetime", "1200")
                .header("Call-Back", &call_back);
            let answer = self.user.send(&request)?;
            let expected = match (expected, kind) {
                (200, "update/propchange") => 207,
                (expected, _) => expected,
            };
            let reason = if answer.status < 300 {
                ""
            } else {
                &answer.text()
            };
            let line = format!(
                "{what:42} {call_back:45} {} {}",
                answer.status,
                reason.trim()
            );
            if kind == "pragma/notify" {
                println!("{line}");
            }
            if answer.status != expected {
                self.surprises
                    .push(format!("{kind}: {line}, expected {expected}"));
            }
        }
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        assert!(self.surprises.is_empty(), "{:#?}", self.surprises);
        let left = self.user.subscriptions("pragma/notify")?;
        println!(
            "{} logins were granted",
            left.matches("<r:subscription>").count()
        );
        Ok(())
    }
}

/// The address under which this machine would speak to others; nothing is sent to find out.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("203.0.113.1:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[test]
fn nothing_but_the_client_itself_is_connected_to() -> Result<(), Failure> {
    let server = Server::start("")?;
    let victim = CallBack::listen()?;
    let mut trial = Trial::new(&server, server.rvp(), "alice", victim.port())?;
    for (what, call_back, status) in ATTACKS {
        trial.try_all(what, call_back, *status)?;
    }
    let rvp = format!("http://{}", server.rvp());
    trial.try_all("the server's own RVP listener", &rvp, 403)?;
    let console = format!("http://{}", server.console());
    trial.try_all("the server's own console", &console, 403)?;
    trial.try_all(
        "a text without end",
        &format!("http://127.0.0.1/{}", "x".repeat(5000)),
        400,
    )?;
    trial.try_all("its own address", "http://127.0.0.1:PORT", 200)?;
    trial.try_all(
        "the same, IPv4 mapped",
        "http://[::ffff:127.0.0.1]:PORT",
        200,
    )?;
    trial.end()
}

#[test]
fn who_comes_over_the_network_cannot_name_the_servers_loopback() -> Result<(), Failure> {
    let Some(own) = own_address() else {
        println!(
            "this machine has no address but loopback; the unit tests of delivery/callback.rs \
             show the same with addresses that are made up"
        );
        return Ok(());
    };
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let server = Server::start_at(any, "127.0.0.1", "")?;
    let reached_at = SocketAddr::new(own, server.rvp().port());
    let listener = CallBack::listen_at(SocketAddr::new(own, 0))?;
    let mut trial = Trial::new(&server, reached_at, "alice", listener.port())?;
    for (what, call_back, status) in ATTACKS {
        trial.try_all(what, call_back, *status)?;
    }
    for (what, call_back) in [
        ("loopback", "http://127.0.0.1:PORT"),
        ("another address of loopback", "http://127.1.2.3:PORT"),
        ("loopback of IPv6", "http://[::1]:PORT"),
        ("loopback, IPv4 mapped", "http://[::ffff:127.0.0.1]:PORT"),
    ] {
        trial.try_all(what, call_back, 403)?;
    }
    let rvp = format!("http://{reached_at}");
    trial.try_all("the server's own RVP listener", &rvp, 403)?;
    trial.try_all("its own address", &listener.url(), 200)?;
    trial.end()
}

#[test]
fn the_rules_are_the_same_over_ipv6() -> Result<(), Failure> {
    let any: SocketAddr = "[::]:0".parse().expect("an address");
    let server = Server::start_at(any, "127.0.0.1", "")?;
    let loopback: SocketAddr = "[::1]:0".parse().expect("an address");
    let listener = CallBack::listen_at(loopback)?;
    let reached_at = SocketAddr::new(loopback.ip(), server.rvp().port());
    let mut trial = Trial::new(&server, reached_at, "alice", listener.port())?;
    for (what, call_back, status) in ATTACKS {
        trial.try_all(what, call_back, *status)?;
    }
    trial.try_all("its own address", &listener.url(), 200)?;
    trial.try_all("the server itself", &format!("http://{reached_at}"), 403)?;
    trial.end()?;

    // Over IPv4 the system names the peer by a mapped address.
    let reached_at = SocketAddr::from(([127, 0, 0, 1], server.rvp().port()));
    let mut trial = Trial::new(&server, reached_at, "bob", listener.port())?;
    trial.try_all("its own address", "http://127.0.0.1:PORT", 200)?;
    trial.try_all("another host", "http://203.0.113.1:PORT", 403)?;
    trial.end()
}

#[test]
fn client_networks_open_neither_loopback_nor_link_local() -> Result<(), Failure> {
    let config =
        "[rvp]\ncall_back_networks = [\"203.0.113.0/24\", \"169.254.0.0/16\", \"fe80::/10\"]\n";
    let server = Server::start(config)?;
    let mut trial = Trial::new(&server, server.rvp(), "alice", 4711)?;
    trial.try_all("a host of a client network", "http://203.0.113.1:PORT", 200)?;
    trial.try_all("the same, port 80", "http://203.0.113.1:80", 403)?;
    trial.try_all("link-local", "http://169.254.169.254:PORT", 403)?;
    trial.try_all("link-local of IPv6", "http://[fe80::1]:PORT", 403)?;
    trial.end()
}

#[test]
fn a_call_back_has_no_path_of_the_clients_choice() -> Result<(), Failure> {
    let server = Server::start("")?;
    let (alice, bob) = (server.user("alice")?, server.user("bob")?);
    let mut listener = CallBack::listen()?;
    bob.sign_on(&format!("{}/admin/delete?all=1", listener.url()), 1200)?;
    assert_eq!(alice.say("bob", "hello")?.status, 200);
    let told = listener.expect(SOON, "the message", |_| true)?;
    assert!(
        told.head.starts_with("NOTIFY / HTTP/1.1\r\n"),
        "{}",
        told.head
    );
    Ok(())
}

/// Alice, and Bob whose client answers so.
fn pair(server: &Server, answer: Answer) -> Result<(User, OnlineUser), Failure> {
    let alice = server.user("alice")?;
    let bob = server.online_user("bob")?;
    bob.call_back.answer(answer);
    Ok((alice, bob))
}

#[test]
fn redirects_of_a_call_back_are_not_followed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut victim = CallBack::listen()?;
    let (alice, bob) = pair(&server, Answer::HangUp)?;
    for code in [301, 302, 303, 305, 307, 308, 101, 401] {
        let answer = format!(
            "HTTP/1.1 {code} Elsewhere\r\nLocation: {}/\r\nWWW-Authenticate: NTLM\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n",
            victim.url()
        );
        bob.call_back.answer(Answer::Close(answer.into_bytes()));
        let status = alice.say("bob", "hello")?.status;
        println!("a call-back answers {code}: the sender gets {status}");
        assert_eq!(status, 412);
    }
    let seen = victim.drain();
    assert!(seen.is_empty(), "{seen:#?}");
    Ok(())
}

#[test]
fn a_call_back_that_never_comes_to_an_end_is_left() -> Result<(), Failure> {
    let server = Server::start("[delivery]\nanswer_timeout_ms = 1000\n")?;
    let (alice, bob) = pair(&server, Answer::Hang)?;
    let (at_once, drop_by_drop) = (Duration::ZERO, Duration::from_millis(50));
    let line = b"X-More: and more\r\n";
    for (what, start, again, pause, status) in [
        (
            "a status line, drop by drop",
            &b"HTTP/1.1 "[..],
            &b"2"[..],
            drop_by_drop,
            412,
        ),
        (
            "header lines, drop by drop",
            b"HTTP/1.1 200 OK\r\n",
            line,
            drop_by_drop,
            412,
        ),
        (
            "header lines without end",
            b"HTTP/1.1 200 OK\r\n",
            line,
            at_once,
            412,
        ),
        (
            "one header without end",
            b"HTTP/1.1 200 OK\r\nX: ",
            b"xxxxxxxxxxxxxxxx",
            at_once,
            412,
        ),
        (
            "another protocol",
            b"220 mail.example.com ESMTP\r\n",
            b"\r\n",
            drop_by_drop,
            412,
        ),
        (
            "a body without end",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"xxxxxxxxxxxxxxxx",
            at_once,
            200,
        ),
    ] {
        bob.call_back.answer(Answer::Endless {
            start: start.to_vec(),
            again: again.to_vec(),
            pause,
        });
        let begun = Deadline::within(SOON);
        let answer = alice.say("bob", "hello")?;
        println!("{what}: {} after {:?}", answer.status, begun.spent());
        assert_eq!(answer.status, status, "{what}");
        assert!(begun.spent() < Duration::from_secs(5), "{what}");
    }
    Ok(())
}

#[test]
fn no_other_header_makes_the_server_connect() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut victim = CallBack::listen()?;
    let bob = server.online_user("bob")?;
    let alice = server.user("alice")?;
    let elsewhere = format!("{}/instmsg/aliases/alice", victim.url());
    let host = victim.url().replace("http://", "");
    let request = Request::new("NOTIFY", "/instmsg/aliases/bob")
        .header("Host", &*host)
        .header("RVP-From-Principal", &*elsewhere)
        .header("Call-Back", victim.url())
        .header("Reply-To", &*elsewhere)
        .header("Location", victim.url())
        .header("X-Forwarded-For", "203.0.113.1")
        .header("RVP-Ack-Type", "DeepOr")
        .header("Content-Type", "text/xml")
        .body(tests::rvp_client::message(
            &alice.url("alice"),
            &bob.url(),
            "hello",
        ));
    let answer = alice.send(&request)?;
    println!("{} {}", answer.status, answer.text());
    let forwarded = alice
        .sign_on_request("http://203.0.113.1:4711", 1200)
        .header("X-Forwarded-For", "203.0.113.1")
        .header("Forwarded", "for=203.0.113.1");
    assert_eq!(
        alice.send(&forwarded)?.status,
        403,
        "a peer is who connects"
    );
    let seen = victim.drain();
    assert!(seen.is_empty(), "{seen:#?}");
    Ok(())
}
