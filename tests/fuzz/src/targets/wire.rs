//! What comes in requests: headers, addresses, XML bodies, the text inside a message.

use crate::readers;
use rollcall::delivery::CallBackRules;
use rvp::{
    AckType, Alias, BodyError, CallBack, Credential, Depth, Invitation, LogicalUrl, Node,
    NotificationKind, NotificationType, Payload, PropStat, PropertyAction, PropertyOut,
    SubscriptionId, Target, Version, ViewId,
};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr as _;

/// Who asks, where that matters.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

pub(crate) fn headers(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for value in text.lines().chain([&*text]) {
        if let Some(word) = NotificationType::parse(value).as_str() {
            assert!(word.eq_ignore_ascii_case(value.trim_ascii()));
        }
        if let Some(ack) = AckType::parse(value) {
            assert_eq!(AckType::parse(ack.as_str()), Some(ack));
        }
        let _ = Depth::parse(value);
        let version = Version::to_answer(Some(value));
        assert_eq!(Version::to_answer(Some(version.as_str())), version);
        if let Some(hops) = rvp::hop_count(value) {
            assert_eq!(rvp::hop_count(&hops.to_string()), Some(hops));
        }
        if let Some(seconds) = rvp::lifetime(value) {
            assert_eq!(rvp::lifetime(&seconds.to_string()), Some(seconds));
        }
        // Clients read them with strtol into an int.
        if let Ok(id) = SubscriptionId::from_str(value) {
            assert!(i32::try_from(id.get()).is_ok_and(|id| id > 0));
            assert_eq!(SubscriptionId::from_str(&id.to_string()), Ok(id));
        }
        if let Ok(id) = ViewId::from_str(value) {
            assert!(i32::try_from(id.get()).is_ok_and(|id| id > 0));
        }
    }
}

pub(crate) fn address(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(url) = LogicalUrl::parse(&text) {
        assert_eq!(LogicalUrl::parse(url.as_str()).as_ref(), Ok(&url));
        let composed = LogicalUrl::compose(url.authority(), url.spelled_alias());
        assert_eq!(composed.alias(), url.alias());
    }
    if let Ok(alias) = Alias::new(&text) {
        assert_eq!(Alias::new(alias.as_str()).as_ref(), Ok(&alias));
        let path = format!("/instmsg/aliases/{}", alias.encoded());
        let target = Target::parse(&path).expect("an alias, encoded");
        assert_eq!(target.node, Node::Alias(alias));
    }
    if let Ok(target) = Target::parse(&text)
        && let Node::Alias(alias) = target.node
    {
        assert_eq!(Alias::new(&target.spelled), Ok(alias));
    }
    if let Ok(call_back) = CallBack::parse(&text) {
        // Whatever is written there: a stranger is called back where they are, or not at all.
        let rules = CallBackRules::new(Vec::new(), &[]);
        if let Ok(Some(to)) = rules.check(&call_back, PEER) {
            assert_eq!(to.ip(), PEER);
            assert!(to.port() >= 1024);
        }
    }
}

const PROOFS: [Credential; 4] = [
    Credential::Ntlm,
    Credential::Digest,
    Credential::Internal,
    Credential::Assertion,
];

/// What every refusal is: one short line.
fn refusal(error: &BodyError) {
    let reason = &error.reason;
    assert!(!reason.is_empty() && reason.chars().count() <= 240);
    assert!(!reason.contains(char::is_control), "{reason:?}");
}

pub(crate) fn notification(input: &[u8]) {
    match rvp::read_notification(input) {
        Ok(read) => {
            readers::one_sender(&read, input);
            if let NotificationKind::Message(read) = read.kind {
                payload_reads_back(&read);
            }
        }
        Err(error) => refusal(&error),
    }
}

pub(crate) fn propfind(input: &[u8]) {
    if let Err(error) = rvp::read_propfind(input) {
        refusal(&error);
    }
}

pub(crate) fn property_update(input: &[u8]) {
    let changes = match rvp::read_property_update(input) {
        Ok(changes) => changes,
        Err(error) => return refusal(&error),
    };
    for change in changes {
        let PropertyAction::SetXml(inner) = change.action else {
            continue;
        };
        // What is kept is put into answers as it is, which must stay well-formed.
        let name = change.name;
        let props = vec![PropertyOut::Xml { name, inner }];
        let answer = rvp::multistatus("http://h/", &[PropStat { status: 200, props }]);
        let error = rvp::read_propfind(&answer).expect_err("a multistatus is no propfind");
        assert!(
            !error.reason.contains("well-formed"),
            "{}: {}",
            error.reason,
            String::from_utf8_lossy(&answer)
        );
    }
}

pub(crate) fn acl(input: &[u8]) {
    match rvp::read_acl(input) {
        Ok(acl) => {
            let written = rvp::rvpacl(&acl);
            let again = rvp::read_acl(&written).expect("our own list");
            assert_eq!(rvp::rvpacl(&again), written);
            assert_eq!(again.entries.len(), acl.entries.len());
            // `any` beside others is written alone: nobody is let in or kept out by that.
            for (entry, again) in acl.entries.iter().zip(&again.entries) {
                assert_eq!(
                    (&entry.who, entry.grant, entry.deny),
                    (&again.who, again.grant, again.deny)
                );
                for proof in PROOFS {
                    let accepts = entry.credentials.accept(proof);
                    assert_eq!(accepts, again.credentials.accept(proof), "{proof:?}");
                }
            }
        }
        Err(error) => refusal(&error),
    }
}

pub(crate) fn payload(input: &[u8]) {
    if let Ok(read) = Payload::parse(&String::from_utf8_lossy(input)) {
        payload_reads_back(&read);
    }
}

fn payload_reads_back(read: &Payload) {
    assert_eq!(Payload::parse(&read.to_mime()).as_ref(), Ok(read));
    let _ = (read.session_id(), read.typing_user(), read.invitation());
}

pub(crate) fn invitation(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let invitation = Invitation::parse(&text);
    let guid = invitation.application_guid.as_deref().unwrap_or_default();
    let name = invitation.application_name.as_deref().unwrap_or_default();
    let context = invitation.header("Context-Data").unwrap_or_default();
    // Capital letters must not get past a policy.
    let features = policies::invited_features(guid, name, context);
    let small = policies::invited_features(&guid.to_ascii_lowercase(), name, context);
    assert_eq!(features, small);
    assert_eq!(
        invitation.is_application(guid),
        invitation.application_guid.is_some()
    );
}
