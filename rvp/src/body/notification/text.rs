//! What stands in `r:mime-data`: the one text that all clients find in it, or none.

use super::super::BodyError;
use super::super::tree::{Child, Element};
use crate::encoding::undouble;
use crate::payload::{Payload, PayloadError, PayloadKind, field, read_headers};

/// The payload, if all clients find the same one, and what is to stand inside `data`, which is
/// `raw` now: the same, unless some would not find the header lines in it.
pub(super) fn payload(data: &Element, raw: &str) -> Result<(Payload, Box<str>), BodyError> {
    if data.elements().next().is_some() {
        return Err(BodyError::new(
            "The text of the message holds elements; put it into a CDATA section",
        ));
    }
    let split = BodyError::new(
        "The text of the message is not in one piece; put all of it into one CDATA section, and nothing beside it",
    );
    let Some((before, sections, after)) = sections(raw) else {
        if raw.contains('<') {
            return Err(split);
        }
        let text: String = data.children.iter().filter_map(Child::as_text).collect();
        return Ok((read_payload(&text)?, raw.into()));
    };
    // White space may stand around it (RVP document 5.6.1).
    if !before.trim_ascii().is_empty() || !after.trim_ascii().is_empty() {
        return Err(split);
    }
    let whole = sections.concat();
    let payload = read_payload(&whole)?;
    // Miranda stops at the end of the first section.
    if sections.len() > 1 {
        let (first, ended) = read_headers(sections[0]);
        let (all, _) = read_headers(&whole);
        if first != all || ended.is_none() || payload.content_type() == PayloadKind::Invite {
            if whole.contains("]]>") {
                return Err(split);
            }
            return Ok((payload, format!("<![CDATA[{whole}]]>").into()));
        }
    }
    // librvp reads what stands before it, too, and makes nothing of an indented first line.
    let lines = before.replace("\r\n", "\n").replace('\r', "\n");
    let lines = lines.strip_prefix('\n').unwrap_or(&lines);
    let with_before = format!("{lines}{whole}");
    let (fields, ended) = read_headers(&with_before);
    let same = |name| field(&fields, name) == payload.header(name);
    let is_clear = ended.is_some()
        && ["Content-Type", "Session-Id", "TypingUser"]
            .into_iter()
            .all(same);
    let clear = if is_clear { raw } else { raw.trim_ascii() };
    Ok((payload, clear.into()))
}

fn read_payload(text: &str) -> Result<Payload, BodyError> {
    let payload = Payload::parse(&undouble(text)).and_then(|payload| {
        payload.check()?;
        Ok(payload)
    });
    payload.map_err(|error: PayloadError| BodyError::new(capital(&error.to_string())))
}

/// What is in the CDATA sections, and what stands before the first and after the last, which
/// follow each other. `None`: there is none.
fn sections(raw: &str) -> Option<(&str, Vec<&str>, &str)> {
    const START: &str = "<![CDATA[";
    let (before, mut rest) = raw.split_once(START)?;
    let mut sections = Vec::new();
    loop {
        let (section, after) = rest.split_once("]]>")?;
        sections.push(section);
        match after.strip_prefix(START) {
            Some(more) => rest = more,
            None => return Some((before, sections, after)),
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
