//! One line of the log, and the lines above it.

use super::Access;
use crate::clock::UnixMs;
use std::fmt::Write as _;
use time::{Date, OffsetDateTime, Time};

/// The fields, in the names of the W3C extended log file format.
const FIELDS: &str = "date time c-ip cs-username cs-method cs-uri-stem sc-status sc-bytes \
    cs-bytes time-taken cs(User-Agent)";

/// The longest field, in bytes: what strangers send must not fill the disk.
pub(super) const LONGEST: usize = 1024;

/// Day and time of day, UTC.
pub(super) fn moment(at: UnixMs) -> (Date, Time) {
    let at = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (at.date(), at.time())
}

fn clock(time: Time) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// What a file, and each start of the server, begins with.
pub(super) fn header(now: UnixMs) -> String {
    let (date, time) = moment(now);
    format!(
        "#Software: Rollcall {}\r\n#Version: 1.0\r\n#Date: {date} {}\r\n#Fields: {FIELDS}\r\n",
        env!("CARGO_PKG_VERSION"),
        clock(time)
    )
}

/// That lines are missing here.
pub(super) fn lost(count: u64) -> String {
    format!("#Remark: {count} lines were lost, because the disk did not follow\r\n")
}

/// One request.
pub(super) fn line(access: &Access) -> String {
    let (date, time) = moment(access.at_ms);
    let mut line = format!("{date} {} {} ", clock(time), access.client);
    for text in [&access.user, &access.method, &access.target] {
        field(&mut line, text);
        line.push(' ');
    }
    let Access {
        status,
        sent,
        received,
        took_ms,
        ..
    } = access;
    // Writing to a string cannot fail.
    let _ = write!(line, "{status} {sent} {received} {took_ms} ");
    field(&mut line, &access.agent);
    line.push_str("\r\n");
    line
}

/// A field as IIS writes it: `-` for nothing, `+` for a space; and `?` for what would break
/// the line.
fn field(line: &mut String, text: &str) {
    if text.is_empty() {
        line.push('-');
        return;
    }
    let end = line.len() + LONGEST;
    for letter in text.chars() {
        if line.len() + letter.len_utf8() > end {
            break;
        }
        line.push(match letter {
            ' ' => '+',
            letter if letter.is_control() || letter.is_whitespace() => '?',
            letter => letter,
        });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// 2002-11-22 12:34:56.789.
    pub(in crate::access_log) fn access() -> Access {
        Access {
            at_ms: 1_037_968_496_789,
            client: "192.0.2.7".parse().unwrap(),
            user: "alice".to_owned(),
            method: "PROPPATCH".to_owned(),
            target: "/instmsg/aliases/alice".to_owned(),
            status: 207,
            sent: 412,
            received: 380,
            took_ms: 4,
            agent: "Mozilla/4.0 (compatible; MSN Messenger 3.6)".to_owned(),
        }
    }

    #[test]
    fn a_line_has_the_fields_of_the_header_in_their_order() {
        assert_eq!(
            line(&access()),
            "2002-11-22 12:34:56 192.0.2.7 alice PROPPATCH /instmsg/aliases/alice 207 412 380 4 \
             Mozilla/4.0+(compatible;+MSN+Messenger+3.6)\r\n"
        );
        assert_eq!(
            FIELDS.split(' ').count(),
            line(&access()).trim_end().split(' ').count()
        );
    }

    #[test]
    fn what_is_not_known_is_a_hyphen_and_nothing_breaks_a_line() {
        let strange = Access {
            user: String::new(),
            target: "/a b\r\n2002-11-22 forged".to_owned(),
            agent: "x".repeat(5000),
            ..access()
        };
        let line = line(&strange);
        assert!(
            line.contains(" 192.0.2.7 - PROPPATCH /a+b??2002-11-22+forged 207 "),
            "{line}"
        );
        assert_eq!(line.lines().count(), 1);
        assert!(line.len() < 1200);
    }

    #[test]
    fn the_header_names_program_version_date_and_fields() {
        let header = header(access().at_ms);
        let lines: Vec<_> = header.lines().collect();
        assert!(lines[0].starts_with("#Software: Rollcall "));
        assert_eq!(lines[1], "#Version: 1.0");
        assert_eq!(lines[2], "#Date: 2002-11-22 12:34:56");
        assert!(lines[3].starts_with("#Fields: date time c-ip cs-username "));
        assert!(lines[3].ends_with("cs(User-Agent)"));
    }
}
