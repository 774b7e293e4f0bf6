//! Whether the server answers where clients are sent to.

use crate::auth::Scheme;
use api::{Finding, Level};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long one address may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest answer head that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// How many addresses of the DNS are tried.
const MOST: usize = 4;

/// What an address answered to a request without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// An HTTP status, with the challenges that came with it.
    Http(u16, Vec<String>),
    /// Something else than HTTP, or nothing.
    Broken,
    /// It could not be connected: why.
    Refused(String),
    /// Nothing came in time.
    TimedOut,
}

/// Who was asked, and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    address: SocketAddr,
    /// The DNS gave it, for the name that clients use.
    advertised: bool,
    answer: Answer,
}

/// Asks the addresses that the DNS gives, and this machine's own, all at once.
pub(super) async fn ask_all(
    advertised: &[IpAddr],
    own: IpAddr,
    domain: &str,
    port: u16,
) -> Vec<Tried> {
    let addresses = advertised
        .iter()
        .take(MOST)
        .map(|ip| (*ip, true))
        .chain((!advertised.contains(&own)).then_some((own, false)));
    futures::future::join_all(addresses.map(|(ip, advertised)| async move {
        let address = SocketAddr::new(ip, port);
        let answer = tokio::time::timeout(PATIENCE, ask(address, domain))
            .await
            .unwrap_or(Answer::TimedOut);
        Tried {
            address,
            advertised,
            answer,
        }
    }))
    .await
}

async fn ask(address: SocketAddr, domain: &str) -> Answer {
    let mut stream = match TcpStream::connect(address).await {
        Ok(stream) => stream,
        Err(error) => return Answer::Refused(error.to_string()),
    };
    let port = address.port();
    let request = format!(
        "PROPFIND /instmsg/aliases/rollcall-doctor HTTP/1.1\r\nHost: {domain}:{port}\r\nUser-Agent: rollcall-doctor\r\nDepth: 0\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    if stream.write_all(request.as_bytes()).await.is_err() {
        return Answer::Broken;
    }
    let mut head = Vec::with_capacity(512);
    loop {
        match stream.read_buf(&mut head).await {
            Ok(read) if read > 0 && head.len() <= LONGEST_HEAD => {}
            _ => return Answer::Broken,
        }
        if let Some(answer) = read_head(&head) {
            return answer;
        }
    }
}

fn read_head(head: &[u8]) -> Option<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(head) {
        Ok(httparse::Status::Partial) => None,
        Ok(httparse::Status::Complete(_)) => {
            let challenges = response
                .headers
                .iter()
                .filter(|header| header.name.eq_ignore_ascii_case("WWW-Authenticate"))
                .map(|header| String::from_utf8_lossy(header.value).into_owned())
                .collect();
            Some(Answer::Http(response.code?, challenges))
        }
        Err(_) => Some(Answer::Broken),
    }
}

/// Whether these are the challenges of a server of this domain with these schemes.
fn ours(challenges: &[String], domain: &str, schemes: &[Scheme]) -> bool {
    let realm = format!("realm=\"{domain}\"");
    schemes.iter().all(|scheme| {
        challenges.iter().any(|challenge| match scheme {
            Scheme::Digest => challenge.starts_with("Digest ") && challenge.contains(&realm),
            Scheme::Ntlm => challenge.trim() == "NTLM",
        })
    })
}

/// What the answers say.
pub(super) fn judge(domain: &str, port: u16, tried: &[Tried], schemes: &[Scheme]) -> Finding {
    const WHY: &str = "A client connects there, is asked who it is, and signs on.";
    let finding = |level, found: String| Finding::new(level, "Listener", found, WHY);
    let good = |it: &Tried| matches!(&it.answer, Answer::Http(401, challenges) if ours(challenges, domain, schemes));
    let own_answers = tried.iter().any(|it| !it.advertised && good(it));

    if let Some(bad) = tried.iter().find(|it| it.advertised && !good(it)) {
        let found = format!(
            "{domain} leads to {}, which {}",
            bad.address,
            said(&bad.answer)
        );
        return match (&bad.answer, own_answers) {
            (Answer::Http(..) | Answer::Broken, _) => finding(Level::Problem, found).remedy(
                "Another program or another server answers there. Correct the A record, or \
                 stop what listens on that port.",
            ),
            (_, true) => finding(
                Level::Problem,
                format!("{found} On this machine itself the server answers."),
            )
            .remedy(format!(
                "Let TCP port {port} through the firewall, and see that the A record is this \
                 machine's. If an address translation keeps this machine from its own outer \
                 address, try from a client's place instead."
            )),
            (_, false) => finding(Level::Problem, found).remedy(not_running(port)),
        };
    }
    if let Some(it) = tried.iter().find(|it| it.advertised) {
        return finding(
            Level::Ok,
            format!(
                "{domain} leads to {}, where this server asks for a sign-on.",
                it.address
            ),
        );
    }
    match tried.first() {
        Some(own) if good(own) => finding(
            Level::Warning,
            format!(
                "The server answers at {}; whether it does at the address that clients use could not be tried.",
                own.address
            ),
        )
        .remedy(format!("Once the DNS has an address for {domain}, look again.")),
        Some(own) => finding(
            Level::Problem,
            format!("This machine's own address {} {}", own.address, said(&own.answer)),
        )
        .remedy(not_running(port)),
        None => finding(Level::Problem, "No address could be tried.".to_owned())
            .remedy(not_running(port)),
    }
}

fn not_running(port: u16) -> String {
    format!(
        "Start the server (rollcall serve), and see that rvp.listen names port {port} and no \
         other program has it."
    )
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Http(401, _) => {
            "asks for a sign-on as another server or another domain does.".to_owned()
        }
        Answer::Http(status, _) => format!("answers with status {status} in place of 401."),
        Answer::Broken => "answers something that is no HTTP.".to_owned(),
        Answer::Refused(reason) => format!("cannot be connected: {reason}."),
        Answer::TimedOut => format!("does not answer within {} s.", PATIENCE.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Scheme; 2] = [Scheme::Digest, Scheme::Ntlm];

    fn tried(address: &str, advertised: bool, answer: Answer) -> Tried {
        Tried {
            address: address.parse().unwrap(),
            advertised,
            answer,
        }
    }

    fn challenged(realm: &str) -> Answer {
        let digest = format!("Digest realm=\"{realm}\", nonce=\"x\", stale=false");
        Answer::Http(401, vec![digest, "NTLM".to_owned()])
    }

    fn of(tried: &[Tried]) -> Finding {
        judge("im.example.com", 8080, tried, &BOTH)
    }

    #[test]
    fn only_our_own_challenge_on_the_advertised_name_is_right() {
        let outer = "192.0.2.10:8080";
        let own = || tried("127.0.0.1:8080", false, challenged("im.example.com"));
        for (answer, level, word) in [
            (
                challenged("im.example.com"),
                Level::Ok,
                "asks for a sign-on",
            ),
            (
                challenged("other.example.com"),
                Level::Problem,
                "another server",
            ),
            (Answer::Http(404, vec![]), Level::Problem, "status 404"),
            (Answer::Broken, Level::Problem, "no HTTP"),
            (Answer::TimedOut, Level::Problem, "On this machine itself"),
        ] {
            let finding = of(&[tried(outer, true, answer), own()]);
            assert_eq!(finding.level, level, "{}", finding.found);
            assert!(finding.found.contains(word), "{}", finding.found);
        }
    }

    #[test]
    fn without_an_advertised_address_ours_alone_is_a_warning() {
        let good = of(&[tried("127.0.0.1:8080", false, challenged("im.example.com"))]);
        assert_eq!(good.level, Level::Warning);
        let refused = Answer::Refused("connection refused".to_owned());
        let none = of(&[tried("127.0.0.1:8080", false, refused)]);
        assert_eq!(none.level, Level::Problem);
        assert!(none.remedy.contains("rollcall serve"));
    }

    #[test]
    fn heads_are_read_once_they_are_whole() {
        assert_eq!(read_head(b"HTTP/1.1 401 Unauth"), None);
        assert_eq!(
            read_head(b"HTTP/1.1 401 x\r\nWww-Authenticate: NTLM\r\n\r\n"),
            Some(Answer::Http(401, vec!["NTLM".to_owned()]))
        );
        assert_eq!(read_head(b"SSH-2.0-OpenSSH\r\n"), Some(Answer::Broken));
    }
}
