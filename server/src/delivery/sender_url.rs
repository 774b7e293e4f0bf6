//! Who sent a message, as each recipient spells it. The sender's own header is no proof of
//! anything, and never goes on.

use crate::names::LocalNames;
use rvp::{Alias, LogicalUrl};
use std::sync::Arc;

/// URL of a sender.
#[derive(Clone, Debug)]
pub enum SenderUrl {
    /// The same for everybody: of who comes from elsewhere, or of the server itself.
    As(Arc<str>),
    /// Of a user of this server.
    Here {
        /// Who it is.
        alias: Alias,
        /// As the one recipient who watches them spells it.
        watched: Option<LogicalUrl>,
    },
}

impl SenderUrl {
    /// The URL for a recipient, whose own URL, as their client spells it, is this. A name that
    /// this server had once is in none: a client answers there, and proves itself.
    #[must_use]
    pub fn for_reader(&self, reader: &LogicalUrl, names: &LocalNames) -> Arc<str> {
        match self {
            Self::As(url) => url.clone(),
            Self::Here { alias, watched } => {
                let authority = &*names.current(reader.authority());
                let spelled = watched
                    .as_ref()
                    .filter(|url| url.authority().eq_ignore_ascii_case(authority));
                let composed;
                let url = match spelled {
                    Some(url) => url,
                    None => {
                        composed = LogicalUrl::compose(authority, &alias.encoded());
                        &composed
                    }
                };
                url.as_str().into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::NameSources;

    #[test]
    fn a_recipient_gets_the_letters_it_knows() {
        let url = |text: &str| LogicalUrl::parse(text).unwrap();
        let from = NameSources {
            domain: "im.test",
            former: &["old.test"],
            ..NameSources::default()
        };
        let names = LocalNames::new(&from, []);
        let bob = url("http://IM.test:8080/instmsg/aliases/bob");
        let alice = |watched: Option<&str>| SenderUrl::Here {
            alias: Alias::new("alice").unwrap(),
            watched: watched.map(url),
        };
        let known = "http://im.test:8080/instmsg/aliases/Alice";
        assert_eq!(&*alice(Some(known)).for_reader(&bob, &names), known);
        let plain = "http://IM.test:8080/instmsg/aliases/alice";
        assert_eq!(&*alice(None).for_reader(&bob, &names), plain);
        let elsewhere = Some("http://old.test/instmsg/aliases/Alice");
        assert_eq!(&*alice(elsewhere).for_reader(&bob, &names), plain);
        // He never learned that the server has another name.
        let kept = url("http://old.test:8080/instmsg/aliases/bob");
        let today = "http://im.test:8080/instmsg/aliases/alice";
        assert_eq!(&*alice(elsewhere).for_reader(&kept, &names), today);
        assert_eq!(
            &*SenderUrl::As("im.b.test".into()).for_reader(&bob, &names),
            "im.b.test"
        );
    }
}
