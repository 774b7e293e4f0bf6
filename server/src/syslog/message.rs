//! Messages as RFC 5424 has them.

use crate::clock::UnixMs;
use crate::events::{Happening, Recorded};
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// The longest message, in bytes: what every receiver should take.
pub(super) const LONGEST: usize = 2048;

/// The longest value of a parameter, in bytes before what is escaped.
const LONGEST_VALUE: usize = 160;

/// Who the parameters are defined by: the number that RFC 5612 sets aside for those who have none.
const ID: &str = "rollcall@32473";

/// Facility `authpriv`, severity `notice`: 8 times the one and the other.
const ACT: u8 = 10 * 8 + 5;
/// The same with severity `warning`.
const FAILED: u8 = 10 * 8 + 4;

const TIME: &[FormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// Whose messages these are.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    host: String,
    process: u32,
}

impl Origin {
    pub(super) fn new(host: Option<&str>, process: u32) -> Self {
        let graphic = |c: &char| c.is_ascii_graphic();
        let host: String = host
            .unwrap_or_default()
            .chars()
            .filter(graphic)
            .take(255)
            .collect();
        let host = if host.is_empty() {
            "-".to_owned()
        } else {
            host
        };
        Self { host, process }
    }

    /// The message of what is in the audit, or of a failed sign-on; none of anything else.
    pub(super) fn message(&self, event: &Recorded) -> Option<String> {
        let message = match &event.what {
            Happening::Act {
                actor,
                came_from,
                action,
                target,
                detail,
            } => {
                let said = [actor, action, target, detail];
                let said: Vec<_> = said.into_iter().filter(|it| !it.is_empty()).collect();
                let said: Vec<_> = said.into_iter().map(String::as_str).collect();
                let told = [
                    ("actor", actor.as_str()),
                    ("from", came_from),
                    ("action", action),
                    ("target", target),
                ];
                self.line(ACT, "audit", event.at, &told, &said.join(" "))
            }
            Happening::SignOnFailed { name, address } => {
                let address = address.to_string();
                let told = [
                    ("actor", name.as_str()),
                    ("from", &address),
                    ("action", "sign-on-failed"),
                    ("target", ""),
                ];
                let said = format!("{name} could not sign on from {address}");
                self.line(FAILED, "sign-on-failed", event.at, &told, &said)
            }
            _ => return None,
        };
        Some(message)
    }

    /// The message that says that others are missing.
    pub(super) fn lost(&self, count: u64, at: UnixMs) -> String {
        let said = format!("{count} messages were lost here: nobody took them");
        self.line(FAILED, "lost", at, &[("lost", &count.to_string())], &said)
    }

    fn line(
        &self,
        priority: u8,
        kind: &str,
        at: UnixMs,
        told: &[(&str, &str)],
        said: &str,
    ) -> String {
        let (host, process) = (&self.host, self.process);
        let at = moment(at);
        let mut line = format!("<{priority}>1 {at} {host} rollcall {process} {kind} [{ID}");
        for (name, value) in told {
            line.push(' ');
            line.push_str(name);
            line.push_str("=\"");
            for c in plain(cut(value, LONGEST_VALUE)) {
                if matches!(c, '"' | '\\' | ']') {
                    line.push('\\');
                }
                line.push(c);
            }
            line.push('"');
        }
        line.push_str("] ");
        line.extend(plain(said));
        let length = cut(&line, LONGEST).len();
        line.truncate(length);
        line
    }
}

/// One line, whatever is in it: a receiver that writes lines must not be made to write two.
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| if c.is_control() { ' ' } else { c })
}

/// As much of it as fits.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn moment(at: UnixMs) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000);
    let text = at.ok().and_then(|at| at.format(TIME).ok());
    text.unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> Origin {
        Origin::new(Some("im1"), 42)
    }

    fn act(actor: &str, target: &str, detail: &str) -> Recorded {
        Recorded {
            id: 7,
            at: 1_731_932_800_123,
            what: Happening::Act {
                actor: actor.to_owned(),
                came_from: "192.0.2.7".to_owned(),
                action: "user.add".to_owned(),
                target: target.to_owned(),
                detail: detail.to_owned(),
            },
        }
    }

    #[test]
    fn an_act_is_one_message_with_its_parts() {
        let said = origin().message(&act("ada", "bob", "a test")).unwrap();
        assert_eq!(
            said,
            "<85>1 2024-11-18T12:26:40.123Z im1 rollcall 42 audit \
             [rollcall@32473 actor=\"ada\" from=\"192.0.2.7\" action=\"user.add\" target=\"bob\"] \
             ada user.add bob a test"
        );
        let failed = Recorded {
            what: Happening::SignOnFailed {
                name: "eve".to_owned(),
                address: [192, 0, 2, 9].into(),
            },
            ..act("", "", "")
        };
        let said = origin().message(&failed).unwrap();
        assert!(said.starts_with("<84>1 "), "{said}");
        assert!(said.contains(" sign-on-failed [rollcall@32473 actor=\"eve\" from=\"192.0.2.9\""));
    }

    #[test]
    fn what_would_end_a_value_or_a_line_does_not() {
        let said = origin()
            .message(&act("a\"]\\ x", "b\n<85>1 forged", ""))
            .unwrap();
        assert!(said.contains("actor=\"a\\\"\\]\\\\ x\""), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }

    #[test]
    fn the_states_of_users_are_nobodys_business_here() {
        let what = Happening::SignedOff {
            alias: "bob".to_owned(),
        };
        assert_eq!(
            origin().message(&Recorded {
                what,
                ..act("", "", "")
            }),
            None
        );
    }

    proptest! {
        #[test]
        fn each_message_can_be_read_again(actor in ".{0,400}", target in ".{0,400}", detail in ".{0,4000}") {
            let said = origin().message(&act(&actor, &target, &detail)).unwrap();
            prop_assert!(said.len() <= LONGEST);
            prop_assert!(!said.contains(char::is_control));
            let mut values = Vec::new();
            let mut rest = &said[said.find("actor=\"").unwrap()..];
            while let Some(start) = rest.find("=\"") {
                let mut value = String::new();
                let mut chars = rest[start + 2..].char_indices();
                let end = loop {
                    match chars.next().unwrap() {
                        (at, '"') => break at,
                        (_, '\\') => value.push(chars.next().unwrap().1),
                        (_, c) => { prop_assert_ne!(c, ']'); value.push(c); }
                    }
                };
                values.push(value);
                rest = &rest[start + 2 + end + 1..];
                if rest.starts_with(']') { break; }
            }
            prop_assert_eq!(values.len(), 4);
            let whole: String = plain(cut(&target, LONGEST_VALUE)).collect();
            prop_assert_eq!(&values[3], &whole);
        }
    }
}
