//! What happens, as it happens.

use crate::Millis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a token that is kept to some operations must name to follow the stream: it is in no table of
/// operations, as it has no end.
pub const FOLLOW_EVENTS: &str = "events.follow";

/// Something that happened, as the stream `GET /events` tells it. The number is the `id` of the
/// message, for `Last-Event-ID`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened; its kind is the `event` of the message, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Happening {
    /// A user who was not signed on is.
    SignOn {
        /// Who.
        alias: String,
        /// What the client calls itself; may be empty.
        client: String,
        /// From which address.
        address: String,
    },
    /// A user is signed on no more.
    SignOff {
        /// Who.
        alias: String,
    },
    /// A user's state, as watchers see it, is another.
    State {
        /// Whose.
        alias: String,
        /// By its name on the wire.
        state: String,
    },
    /// A policy refused an invitation.
    InvitationRefused {
        /// Who invited.
        sender: String,
        /// Whom.
        recipient: String,
        /// To what.
        feature: String,
        /// By which policy.
        policy: String,
    },
    /// Somebody could not prove to be who they say.
    SignOnFailed {
        /// The name as it was given.
        name: String,
        /// From which address.
        address: String,
    },
    /// Somebody did something that is in the audit; administrators alone are told.
    Act {
        /// Who.
        actor: String,
        /// From where.
        from: String,
        /// What.
        action: String,
        /// On whom or what.
        target: String,
        /// Why, or what changed.
        detail: String,
    },
    /// More happened than is kept: what came before this is not known.
    Lost {},
}

impl Happening {
    /// All kinds.
    pub const KINDS: [&str; 7] = [
        "sign-on",
        "sign-off",
        "state",
        "invitation-refused",
        "sign-on-failed",
        "act",
        "lost",
    ];

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignOn { .. } => "sign-on",
            Self::SignOff { .. } => "sign-off",
            Self::State { .. } => "state",
            Self::InvitationRefused { .. } => "invitation-refused",
            Self::SignOnFailed { .. } => "sign-on-failed",
            Self::Act { .. } => "act",
            Self::Lost {} => "lost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_the_one_that_is_written() {
        let event = Event {
            at: Millis(1),
            what: Happening::SignOff {
                alias: "a".to_owned(),
            },
        };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(text, r#"{"at":1,"kind":"sign-off","alias":"a"}"#);
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        assert!(Happening::KINDS.contains(&event.what.kind()));
    }
}
