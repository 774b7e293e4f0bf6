//! Moments, durations and counts as text. All moments are shown in UTC.

use crate::model::Millis;
use time::OffsetDateTime;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn civil(at: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(SECOND))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2002-06-01 14:05:09 UTC`.
pub(crate) fn full(at: Millis) -> String {
    format!("{} {} UTC", date(at), clock(at))
}

/// `2002-06-01T14:05:09Z`, for machines.
pub(crate) fn iso(at: Millis) -> String {
    format!("{}T{}Z", date(at), clock(at))
}

/// `2002-06-01 14:05`.
pub(crate) fn minute(at: Millis) -> String {
    format!("{} {}", date(at), hour_minute(at))
}

/// `14:05` if it is of the same UTC day as `now`, else with its date.
pub(crate) fn near(at: Millis, now: Millis) -> String {
    if at.0.div_euclid(DAY) == now.0.div_euclid(DAY) {
        hour_minute(at)
    } else {
        minute(at)
    }
}

fn date(at: Millis) -> String {
    let at = civil(at);
    format!(
        "{:04}-{:02}-{:02}",
        at.year(),
        u8::from(at.month()),
        at.day()
    )
}

fn clock(at: Millis) -> String {
    let at = civil(at);
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// `14:05`.
pub(crate) fn hour_minute(at: Millis) -> String {
    let at = civil(at);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// What is left of a lease: `4:07`, `3:59:59`; `0:00` once it ran out.
pub(crate) fn countdown(ends: Millis, now: Millis) -> String {
    // Rounded up, so that the last second reads 0:01 and not 0:00.
    let left = (ends.0 - now.0).max(0) as u64;
    let seconds = left.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// How long something lasts, roughly: `under a minute`, `12 min`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn lasting(from: Millis, to: Millis) -> String {
    let span = (to.0 - from.0).max(0);
    let (days, hours, minutes) = (span / DAY, span / HOUR % 24, span / MINUTE % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => "under a minute".to_owned(),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} d"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

/// `1 user`, `12,345 users`.
pub(crate) fn counted(count: u32, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// `12,345`.
pub(crate) fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUNE: Millis = Millis(1_022_940_309_500);

    #[test]
    fn moments_are_utc() {
        assert_eq!(full(JUNE), "2002-06-01 14:05:09 UTC");
        assert_eq!(iso(JUNE), "2002-06-01T14:05:09Z");
        assert_eq!(iso(Millis(-1)), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn near_names_the_day_only_when_it_is_another() {
        assert_eq!(near(JUNE, Millis(JUNE.0 + HOUR)), "14:05");
        assert_eq!(near(JUNE, Millis(JUNE.0 + 12 * HOUR)), "2002-06-01 14:05");
    }

    #[test]
    fn a_countdown_reaches_zero_only_at_the_end() {
        let left = |millis| countdown(Millis(millis), Millis(0));
        assert_eq!(left(1_200_000), "20:00");
        assert_eq!(left(14_400_000 - 1), "4:00:00");
        assert_eq!(left(3_599_000), "59:59");
        assert_eq!(left(1), "0:01");
        assert_eq!(left(0), "0:00");
        assert_eq!(left(-5_000), "0:00");
    }

    #[test]
    fn durations_name_two_units_at_most() {
        let text = |millis| lasting(Millis(0), Millis(millis));
        assert_eq!(text(59_999), "under a minute");
        assert_eq!(text(12 * MINUTE), "12 min");
        assert_eq!(text(3 * HOUR + 5 * MINUTE), "3 h 5 min");
        assert_eq!(text(2 * HOUR), "2 h");
        assert_eq!(text(2 * DAY + 4 * HOUR + 3 * MINUTE), "2 d 4 h");
        assert_eq!(text(-1), "under a minute");
    }

    #[test]
    fn counts_are_grouped_and_agree() {
        assert_eq!(counted(1, "user", "users"), "1 user");
        assert_eq!(counted(0, "user", "users"), "0 users");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
