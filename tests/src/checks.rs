//! What every answer must be for clients of the time not to hang or crash.

use crate::rvp_client::Response;

/// Properties whose text clients read without looking whether there is any:
/// Miranda crashes on `<r:email/>`.
const TEXT_PROPERTIES: [&str; 4] = [
    "r:email",
    "d:displayname",
    "r:description",
    "r:mobile-description",
];

/// Panics unless librvp, `Net::RVP` and Miranda can all read the answer.
///
/// # Panics
/// With the answer and what is wrong with it.
pub fn assert_client_can_read(response: &Response) {
    let head = &response.head;
    let length = format!("\r\nContent-Length: {}\r\n", response.body.len());
    assert!(
        head.contains(&length),
        "librvp hangs without exactly {length:?}:\n{head}"
    );
    for header in ["Transfer-Encoding", "Content-Encoding"] {
        assert_eq!(
            response.header(header),
            None,
            "no client copes with {header}:\n{head}"
        );
    }
    if response.text().trim_start().starts_with('<') {
        let kind = response.header("Content-Type").unwrap_or_default();
        assert!(
            kind.starts_with("text/xml"),
            "librvp refuses XML as {kind:?}"
        );
        assert_xml_clients_can_read(&response.text());
    }
}

/// Panics unless the XML has the prefixes d, r and a declared on its root, no
/// white space between elements and no self-closing text properties.
///
/// # Panics
/// With the XML and what is wrong with it.
pub fn assert_xml_clients_can_read(xml: &str) {
    let declared = xml.split_once("?>").map_or(xml, |(_, rest)| rest);
    let root = declared.trim_start();
    let opening = root.split_once('>').map_or(root, |(opening, _)| opening);
    for (prefix, namespace) in [
        ("d", "DAV:"),
        ("r", "http://schemas.microsoft.com/rvp/"),
        ("a", "http://schemas.microsoft.com/rvp/acl/"),
    ] {
        assert!(
            opening.contains(&format!("xmlns:{prefix}=\"{namespace}\"")),
            "{prefix} is not declared on the root of {xml}"
        );
    }
    let mut rest = root.trim_end();
    while let Some((_, after)) = rest.split_once('>') {
        let next = after.trim_start();
        let blank = after.len() != next.len() && next.starts_with('<');
        assert!(!blank, "white space between elements, at {after:?}");
        rest = after;
    }
    for property in TEXT_PROPERTIES {
        assert!(
            !xml.contains(&format!("<{property}/>")),
            "self-closing {property} in {xml}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::assert_xml_clients_can_read;
    use crate::rvp_client::NAMESPACES;

    #[test]
    fn the_form_clients_want_passes() {
        assert_xml_clients_can_read(&format!(
            "<?xml version=\"1.0\"?>\n<d:x {NAMESPACES}><r:email></r:email><r:state><r:busy/></r:state></d:x>\n"
        ));
    }

    #[test]
    #[should_panic(expected = "white space")]
    fn indentation_does_not() {
        assert_xml_clients_can_read(&format!("<d:x {NAMESPACES}>\n  <r:y/></d:x>"));
    }

    #[test]
    #[should_panic(expected = "self-closing")]
    fn an_empty_text_property_does_not() {
        assert_xml_clients_can_read(&format!("<d:x {NAMESPACES}><r:email/></d:x>"));
    }

    #[test]
    #[should_panic(expected = "not declared")]
    fn a_prefix_declared_below_the_root_does_not() {
        assert_xml_clients_can_read("<d:x xmlns:d=\"DAV:\"><r:y/></d:x>");
    }
}
