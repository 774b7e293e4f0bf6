//! The answer to SUBSCRIPTIONS (RVP document 5.3).

use super::xml::Document;
use crate::ids::SubscriptionId;

/// A subscription as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionOut {
    /// Its id.
    pub id: SubscriptionId,
    /// Where notifications go.
    pub call_back: String,
    /// Who subscribed.
    pub principal: String,
    /// Seconds left.
    pub timeout: u32,
}

/// The body of the answer.
#[must_use]
pub fn subscriptions(list: impl Iterator<Item = SubscriptionOut>) -> Vec<u8> {
    let mut doc = Document::new("r:subscriptions");
    for subscription in list {
        doc.within("r:subscription", |doc| {
            doc.text("r:subscription-id", &subscription.id.to_string());
            doc.text("d:href", &subscription.call_back);
            doc.within("a:principal", |doc| {
                doc.text("a:rvp-principal", &subscription.principal);
            });
            doc.text("d:timeout", &subscription.timeout.to_string());
        });
    }
    doc.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_and_an_empty_list() {
        let alice = "http://127.0.0.1/instmsg/aliases/alice";
        let list = [SubscriptionOut {
            id: SubscriptionId::new(1003).unwrap(),
            call_back: alice.into(),
            principal: alice.into(),
            timeout: 13953,
        }];
        let body = String::from_utf8(subscriptions(list.into_iter())).unwrap();
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><r:subscriptions xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><r:subscription><r:subscription-id>1003</r:subscription-id><d:href>http://127.0.0.1/instmsg/aliases/alice</d:href><a:principal><a:rvp-principal>http://127.0.0.1/instmsg/aliases/alice</a:rvp-principal></a:principal><d:timeout>13953</d:timeout></r:subscription></r:subscriptions>"#);
        let body = String::from_utf8(subscriptions(std::iter::empty())).unwrap();
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><r:subscriptions xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"></r:subscriptions>"#);
    }
}
