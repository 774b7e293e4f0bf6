//! Properties of every reader and of every pair of writer and reader.

use proptest::collection::vec;
use proptest::prelude::*;
use rvp::body::NotificationKind;
use rvp::property::{PropertyAction, PropertyName};
use rvp::write::{PropStat, PropertyOut, message, multistatus, presence_push, rvpacl};
use rvp::{
    Ace, AcePrincipal, Acl, Alias, CallBack, Credentials, LogicalUrl, Payload, Rights, State,
    Target, ViewId, encoding, read_acl, read_notification, read_property_update, read_propfind,
};

/// Pieces that XML of this protocol is made of, so that random input gets past the first byte.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "&",
    ";",
    "\"",
    "'",
    "=",
    " ",
    "\r\n",
    "&amp;",
    "&#13;",
    "&#0;",
    "&x;",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "xmlns:d=\"DAV:\"",
    "xmlns=\"http://schemas.microsoft.com/rvp/\"",
    "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:r=\"http://schemas.microsoft.com/rvp/\">",
    "<d:set><d:prop>",
    "</d:prop></d:set></d:propertyupdate>",
    "<r:state>",
    "</r:state>",
    "<r:leased-value><r:value>",
    "</r:value></r:leased-value>",
    "<r:online/>",
    "<r:view-id>7</r:view-id>",
    "<propfind><prop>",
    "</prop></propfind>",
    "<rvpacl><acl><ace><principal>",
    "</principal></ace></acl></rvpacl>",
    "<allprincipals/><credentials><any/></credentials>",
    "<notification><message>",
    "<msgbody><mime-data>",
    "</mime-data></msgbody></message></notification>",
    "Session-Id: {1}\r\n\r\n",
    "ü",
    "\u{1}",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => ".{0,4}",
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn read_everything(body: &[u8]) {
    for reason in [
        read_property_update(body).err(),
        read_propfind(body).err(),
        read_acl(body).err(),
        read_notification(body).err(),
    ]
    .into_iter()
    .flatten()
    .map(|e| e.reason)
    {
        assert!(!reason.is_empty() && reason.chars().count() <= 240);
        assert!(!reason.contains(char::is_control), "{reason:?}");
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,40}", "\\PC{0,40}"]
}

fn rights() -> impl Strategy<Value = Rights> {
    vec(
        prop::sample::select(Rights::ALL.iter().collect::<Vec<_>>()),
        0..10,
    )
    .prop_map(|all| all.into_iter().fold(Rights::NONE, |set, right| set | right))
}

fn credentials() -> impl Strategy<Value = Credentials> {
    let one = prop::sample::select(vec![
        Credentials::NTLM,
        Credentials::DIGEST,
        Credentials::ASSERTION,
        Credentials::INTERNAL,
    ]);
    prop_oneof![
        Just(Credentials::ANY),
        vec(one, 1..4).prop_map(|all| all.into_iter().fold(Credentials::NONE, |set, c| set | c)),
    ]
}

fn ace() -> impl Strategy<Value = Ace> {
    let who = prop_oneof![
        Just(AcePrincipal::All),
        "[!-~]{1,30}".prop_map(|name| AcePrincipal::Principal(name.into())),
    ];
    (who, credentials(), rights(), rights()).prop_map(|(who, credentials, grant, deny)| Ace {
        who,
        credentials,
        grant,
        deny,
    })
}

proptest! {
    #[test]
    fn no_reader_panics_on_bytes(body in vec(any::<u8>(), 0..300)) {
        read_everything(&body);
        let text = String::from_utf8_lossy(&body);
        let _ = Payload::parse(&text).map(|payload| payload.invitation());
    }

    #[test]
    fn no_reader_panics_on_pieces(body in soup()) {
        read_everything(body.as_bytes());
        let _ = Payload::parse(&body).map(|payload| payload.invitation());
    }

    #[test]
    fn no_address_panics(text in prop_oneof![
        "\\PC{0,60}",
        "(http://)?[a-z0-9.:@\\[\\]%]{0,12}(/|/instmsg/(local/h/instmsg/)?(aliases|groups)/)[a-zA-Z%0-9/?#é]{0,12}",
    ]) {
        let _ = Target::parse(&text);
        let _ = LogicalUrl::parse(&text);
        let _ = CallBack::parse(&text);
        let _ = LogicalUrl::compose(&text, &text);
    }

    #[test]
    fn an_alias_is_its_own_spelling(text in "\\PC{1,20}") {
        if let Ok(alias) = Alias::new(&text) {
            prop_assert_eq!(&Alias::new(alias.as_str()).unwrap(), &alias);
            prop_assert_eq!(&Alias::new(&alias.encoded()).unwrap(), &alias);
            let url = LogicalUrl::compose("h:81", &alias.encoded());
            prop_assert_eq!(url.alias(), alias.clone());
            let target = Target::parse(&format!("/instmsg/aliases/{}", alias.encoded())).unwrap();
            prop_assert_eq!(target.node, rvp::Node::Alias(alias));
        }
    }

    #[test]
    fn a_url_is_what_its_parts_compose(
        host in "[a-z]{1,8}(\\.[A-Z]{1,8})?",
        port in 1..=u16::MAX,
        alias in "[a-zA-Z0-9_.~-]{3,20}",
    ) {
        let authority = format!("{host}:{port}");
        let url = LogicalUrl::compose(&authority, &alias);
        prop_assert_eq!(&LogicalUrl::parse(url.as_str()).unwrap(), &url);
        prop_assert_eq!(LogicalUrl::compose(url.authority(), url.spelled_alias()), url.clone());
        prop_assert_eq!((url.authority(), url.host(), url.port()), (&*authority, &*host, port));
        prop_assert!(url.same_node(&LogicalUrl::compose(&authority.to_uppercase(), &alias.to_uppercase())));
    }

    #[test]
    fn a_payload_reads_back(
        fields in vec(("[A-Za-z][A-Za-z0-9-]{0,10}", "([!-~]([ -~]{0,20}[!-~])?)?"), 0..6),
        body in text(),
    ) {
        let mut names = std::collections::HashSet::new();
        let payload = Payload {
            headers: fields
                .into_iter()
                // A header line that is there twice is refused.
                .filter(|(name, _)| names.insert(name.to_ascii_lowercase()))
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            body: body.into(),
        };
        prop_assert_eq!(Payload::parse(&payload.to_mime()).unwrap(), payload);
    }

    #[test]
    fn a_list_reads_back(entries in vec(ace(), 0..6)) {
        let acl = Acl { entries };
        prop_assert_eq!(read_acl(&rvpacl(&acl)).unwrap(), acl);
    }

    #[test]
    fn merging_twice_is_merging_once(old in vec(ace(), 0..4), new in ace()) {
        let mut once = Acl { entries: old };
        let set = Acl { entries: vec![new] };
        once.merge(set.clone());
        let mut twice = once.clone();
        twice.merge(set);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn double_encoding_is_undone(text in any::<String>()) {
        let doubled = encoding::double(&text);
        prop_assert_eq!(encoding::undouble(&doubled), text.as_str());
    }

    #[test]
    fn a_message_arrives(text in any::<String>(), name in any::<String>()) {
        let body = message("http://h/instmsg/aliases/a", &name, "http://h/instmsg/aliases/b", "{1}", &text);
        let read = read_notification(&body).unwrap();
        let NotificationKind::Message(payload) = read.kind else {
            panic!("not a message");
        };
        prop_assert_eq!(payload.session_id(), Some("{1}"));
        let clean = |c: &char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
        let sent: String = text.chars().filter(clean).collect();
        let arrived: String = payload.body.chars().filter(clean).collect();
        prop_assert_eq!(arrived, sent);
    }

    #[test]
    fn answers_are_well_formed_and_tight(
        href in text(),
        value in any::<String>(),
        namespace in text(),
        local in any::<String>(),
        state in any::<String>(),
    ) {
        let name = PropertyName::new(&namespace, &local);
        let state = State::from_name(&state);
        let props = vec![
            PropertyOut::State(state.clone()),
            PropertyOut::LeasedState {
                value: state,
                default: State::Offline,
                timeout: 1,
                view: ViewId::new(1).unwrap(),
            },
            PropertyOut::Text { name, value: value.into() },
        ];
        for bytes in [
            presence_push(&href, &href, &props),
            multistatus(&href, &[PropStat { status: 200, props }]),
        ] {
            let mut reader = quick_xml::NsReader::from_reader(bytes.as_slice());
            let mut buffer = Vec::new();
            loop {
                match reader.read_event_into(&mut buffer) {
                    Ok(quick_xml::events::Event::Eof) => break,
                    Ok(_) => {}
                    Err(e) => panic!("{e} in {}", String::from_utf8_lossy(&bytes)),
                }
                buffer.clear();
            }
            let text = String::from_utf8(bytes).unwrap();
            prop_assert!(text.starts_with("<?xml version=\"1.0\"?><"));
        }
    }

    #[test]
    fn elements_of_a_property_survive(
        a in "[a-z]{1,4}", b in "[a-z]{1,4}", ns in "urn:[a-z]{1,6}", value in "[a-z&<\"'ü]{1,10}",
    ) {
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let body = |inner: &str| format!(
            "<d:propertyupdate xmlns:d='DAV:'><d:set><d:prop><p xmlns='urn:p'>{inner}</p>\
             </d:prop></d:set></d:propertyupdate>"
        );
        let read = |body: String| match read_property_update(body.as_bytes()).unwrap().remove(0).action {
            PropertyAction::SetXml(xml) => xml,
            other => panic!("{other:?}"),
        };
        let once = read(body(&format!("<q:{a} xmlns:q='{ns}' q:k=\"{escaped}\"><{b}>{escaped}</{b}></q:{a}>")));
        prop_assert_eq!(read(body(&once)), once);
    }
}
