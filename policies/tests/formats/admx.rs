//! An ADMX file and its ADML texts belong together: every name that one uses
//! the other gives, and names have only the signs that the schema allows.

use std::collections::BTreeSet;

use policies::{Format, Policy, Setting, export};

use crate::samples;

fn text(policy: &Policy, format: Format) -> String {
    let file = export(policy, format, &samples::context()).expect("a sound policy");
    String::from_utf8(file.bytes).expect("UTF-8")
}

/// What stands between `start` and `end`, each time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> BTreeSet<&'a str> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split(end).next())
        .collect()
}

fn belong_together(policy: &Policy) {
    let (admx, adml) = (text(policy, Format::Admx), text(policy, Format::Adml));
    assert_eq!(
        between(&admx, "$(string.", ")"),
        between(&adml, "<string id=\"", "\""),
        "{}",
        policy.name
    );
    assert_eq!(
        between(&admx, "$(presentation.", ")"),
        between(&adml, "<presentation id=\"", "\"")
    );
    assert_eq!(
        between(&admx, "<supportedOn ref=\"", "\""),
        between(&admx, "<definition name=\"", "\"")
    );
    let elements: BTreeSet<&str> = between(&admx, " id=\"", "\"")
        .into_iter()
        .filter(|id| id.ends_with("_part"))
        .collect();
    assert_eq!(elements, between(&adml, "refId=\"", "\""));
    for name in between(&admx, "<policy name=\"", "\"") {
        assert!(
            name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
            "{name}"
        );
    }
    // The schema wants these in each policy, in this order.
    for body in admx.split("<policy ").skip(1) {
        let at = |word: &str| {
            body.find(word)
                .unwrap_or_else(|| panic!("no {word} in {body}"))
        };
        let last = if body.contains("<elements>") {
            "<elements>"
        } else {
            "<enabledValue>"
        };
        assert!(at("<parentCategory") < at("<supportedOn") && at("<supportedOn") < at(last));
    }
}

#[test]
fn the_three_policies() {
    for policy in [samples::wan_branch(), samples::kiosk(), samples::lab()] {
        belong_together(&policy);
    }
}

#[test]
fn a_policy_without_presentations_and_one_without_options() {
    let switch = Policy::new("Switch").with("disable-voice", Setting::On);
    belong_together(&switch);
    assert!(!text(&switch, Format::Adml).contains("presentationTable"));
    belong_together(&Policy::new("Empty"));
}

#[test]
fn names_and_texts_cannot_break_the_file() {
    let mut policy = Policy::new("a--b ]]> <x> & \"y\"").with(
        "conversation-warning",
        Setting::Text("</string> & --> \"q\"".to_owned()),
    );
    policy.description = "--><evil/>---".to_owned();
    belong_together(&policy);
    for format in [Format::Admx, Format::Adml] {
        let file = text(&policy, format);
        let comment = file
            .split("<!--")
            .nth(1)
            .and_then(|rest| rest.split("-->").next())
            .expect("a comment");
        assert!(
            comment.contains("evil") && !comment.contains("--"),
            "{comment}"
        );
        assert!(!file.contains("<x>") || comment.contains("<x>"));
        assert_eq!(
            file.matches("<evil/>").count(),
            comment.matches("<evil/>").count()
        );
    }
}
