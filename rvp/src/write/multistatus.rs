//! 207 bodies: the answer to SUBSCRIBE, PROPFIND and PROPPATCH.

use super::xml::Document;
use crate::ids::ViewId;
use crate::property::PropertyName;
use crate::state::State;

/// Properties that share one result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropStat {
    /// HTTP status of these properties.
    pub status: u16,
    /// The properties.
    pub props: Vec<PropertyOut>,
}

/// A property as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyOut {
    /// `r:state` with the bare state element: the only form that watchers read.
    State(State),
    /// `r:state` with a lease and its view: the answer to a PROPPATCH that asked for a lease.
    LeasedState {
        /// The state set.
        value: State,
        /// The state when the lease ends.
        default: State,
        /// Length of the lease in seconds.
        timeout: u32,
        /// The view the state belongs to.
        view: ViewId,
    },
    /// `r:state` without a lease: the answer to a PROPPATCH that set a bare state.
    PlainState {
        /// The state set.
        value: State,
        /// The view the state belongs to.
        view: Option<ViewId>,
    },
    /// A property with text.
    Text {
        /// Its name.
        name: PropertyName,
        /// Its text; escaped when written.
        value: Box<str>,
    },
    /// A property without content: names only, and properties that failed.
    Empty {
        /// Its name.
        name: PropertyName,
    },
    /// A property with elements.
    Xml {
        /// Its name.
        name: PropertyName,
        /// Its content, from a `SetXml`; written as it is.
        inner: Box<str>,
    },
}

impl PropertyOut {
    /// The name of the property.
    #[must_use]
    pub fn name(&self) -> PropertyName {
        match self {
            Self::State(_) | Self::LeasedState { .. } | Self::PlainState { .. } => {
                PropertyName::state()
            }
            Self::Text { name, .. } | Self::Empty { name } | Self::Xml { name, .. } => name.clone(),
        }
    }

    pub(super) fn write(&self, doc: &mut Document) {
        match self {
            Self::State(state) => doc.within("r:state", |doc| doc.state(state)),
            Self::LeasedState {
                value,
                default,
                timeout,
                view,
            } => doc.within("r:state", |doc| {
                doc.within("r:leased-value", |doc| {
                    doc.within("r:value", |doc| doc.state(value));
                    doc.within("r:default-value", |doc| doc.state(default));
                    doc.text("d:timeout", &timeout.to_string());
                });
                doc.text("r:view-id", &view.to_string());
            }),
            Self::PlainState { value, view } => doc.within("r:state", |doc| {
                doc.state(value);
                if let Some(view) = view {
                    doc.text("r:view-id", &view.to_string());
                }
            }),
            Self::Text { name, value } => doc.property(name, |doc| doc.characters(value.trim())),
            Self::Empty { name } => doc.property(name, |_| ()),
            Self::Xml { name, inner } => doc.property(name, |doc| doc.raw(inner)),
        }
    }
}

/// A 207 body about one node. `href` is the node's URL as the client spells it.
///
/// Give one `PropStat` wherever possible: `Net::RVP` dies on two.
#[must_use]
pub fn multistatus(href: &str, propstats: &[PropStat]) -> Vec<u8> {
    let mut doc = Document::new("d:multistatus");
    doc.within("d:response", |doc| {
        doc.text("d:href", href);
        for PropStat { status, props } in propstats {
            doc.within("d:propstat", |doc| {
                doc.within("d:prop", |doc| {
                    for property in props {
                        property.write(doc);
                    }
                });
                let line = format!("HTTP/1.1 {status} {}", reason_phrase(*status));
                doc.text("d:status", &line);
            });
        }
    });
    doc.finish()
}

/// The reason phrase of a status, in the words of RVP document 8 where it has some.
#[must_use]
pub const fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "Successful",
        207 => "Multi-Status",
        302 => "Object Moved",
        400 => "Bad Request",
        401 => "Access Denied",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        423 => "Locked",
        424 => "Failed Dependency",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: &str = "http://127.0.0.1/instmsg/aliases/bob";

    fn written(propstats: &[PropStat]) -> String {
        String::from_utf8(multistatus(BOB, propstats)).unwrap()
    }

    fn ok(props: Vec<PropertyOut>) -> PropStat {
        PropStat { status: 200, props }
    }

    fn text(name: PropertyName, value: &str) -> PropertyOut {
        PropertyOut::Text {
            name,
            value: value.into(),
        }
    }

    #[test]
    fn the_answer_to_a_subscription() {
        let body = written(&[ok(vec![
            PropertyOut::State(State::Offline),
            text(PropertyName::displayname(), "Bob Builder"),
            text(PropertyName::email(), "bob@example.test"),
            text(PropertyName::mobile_state(), "0"),
            text(PropertyName::mobile_description(), ""),
        ])]);
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:response><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><d:propstat><d:prop><r:state><r:offline/></r:state><d:displayname>Bob Builder</d:displayname><r:email>bob@example.test</r:email><r:mobile-state>0</r:mobile-state><r:mobile-description></r:mobile-description></d:prop><d:status>HTTP/1.1 200 Successful</d:status></d:propstat></d:response></d:multistatus>"#);
    }

    #[test]
    fn the_answer_to_a_leased_state() {
        let body = written(&[ok(vec![PropertyOut::LeasedState {
            value: State::Online,
            default: State::Offline,
            timeout: 1200,
            view: ViewId::new(1014).unwrap(),
        }])]);
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:response><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><d:propstat><d:prop><r:state><r:leased-value><r:value><r:online/></r:value><r:default-value><r:offline/></r:default-value><d:timeout>1200</d:timeout></r:leased-value><r:view-id>1014</r:view-id></r:state></d:prop><d:status>HTTP/1.1 200 Successful</d:status></d:propstat></d:response></d:multistatus>"#);
    }

    #[test]
    fn the_answer_to_a_plain_state() {
        let body = written(&[ok(vec![PropertyOut::PlainState {
            value: State::Offline,
            view: ViewId::new(1014),
        }])]);
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:response><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><d:propstat><d:prop><r:state><r:offline/><r:view-id>1014</r:view-id></r:state></d:prop><d:status>HTTP/1.1 200 Successful</d:status></d:propstat></d:response></d:multistatus>"#);
        let body = written(&[ok(vec![PropertyOut::PlainState {
            value: State::Offline,
            view: None,
        }])]);
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:response><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><d:propstat><d:prop><r:state><r:offline/></r:state></d:prop><d:status>HTTP/1.1 200 Successful</d:status></d:propstat></d:response></d:multistatus>"#);
    }

    #[test]
    fn failed_names_only_and_foreign_properties() {
        let custom = PropertyName::new("urn:example:shoe", "size");
        let body = written(&[
            ok(vec![
                text(PropertyName::displayname(), " <Bob> & Söhne "),
                PropertyOut::Xml {
                    name: custom.clone(),
                    inner: "<d:href>h</d:href>".into(),
                },
            ]),
            PropStat {
                status: 404,
                props: vec![
                    PropertyOut::Empty { name: custom },
                    PropertyOut::Empty {
                        name: PropertyName::new("", "plain"),
                    },
                    PropertyOut::Empty {
                        name: PropertyName::email(),
                    },
                ],
            },
            PropStat {
                status: 403,
                props: vec![],
            },
        ]);
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:response><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><d:propstat><d:prop><d:displayname>&lt;Bob&gt; &amp; Söhne</d:displayname><x:size xmlns:x="urn:example:shoe"><d:href>h</d:href></x:size></d:prop><d:status>HTTP/1.1 200 Successful</d:status></d:propstat><d:propstat><d:prop><x:size xmlns:x="urn:example:shoe"></x:size><plain></plain><r:email></r:email></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat><d:propstat><d:prop></d:prop><d:status>HTTP/1.1 403 Forbidden</d:status></d:propstat></d:response></d:multistatus>"#);
    }
}
