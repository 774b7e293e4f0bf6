//! ADM templates: one for the Group Policy editor of Windows 2000 and XP, and
//! one within what the System Policy Editor of NT 4 and 9x reads, which stops
//! at words it does not know (KB Q184290).

use askama::Template;

use super::template::{Offered, offered};
use super::{Draft, ExportError, text};
use crate::{Hive, RegistryData, codepage};

const WHY_QUOTE: &str =
    "a text in a template cannot hold quotation marks; take others, or another format";
const WHY_ANSI: &str = "poledit reads Western European characters (Windows-1252) only; take another character, or another format";

#[derive(Template)]
#[template(path = "policy.adm", escape = "none")]
struct Adm<'a> {
    header: Vec<String>,
    classes: Vec<Class<'a>>,
    policy: String,
    /// Whether poledit has to read it: no EXPLAIN, no SUPPORTED.
    poledit: bool,
}

struct Class<'a> {
    word: &'static str,
    offers: Vec<&'a Offered>,
}

impl Adm<'_> {
    /// Text between quotation marks: none of its own, and one line.
    fn quotable(text: &str) -> String {
        text::one_line(text).replace('"', "'")
    }
}

pub(super) fn full(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
    Ok(text::ascii_or_utf_16(&render(file, false)?))
}

pub(super) fn for_poledit(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
    Ok(text::ansi(&render(file, true)?))
}

fn render(file: &Draft<'_>, poledit: bool) -> Result<String, ExportError> {
    for value in &file.values {
        let RegistryData::Sz(text) = &value.data else {
            continue;
        };
        if text.contains('"') {
            return Err(file.refuse_character(value, '"', WHY_QUOTE));
        }
        if let (true, Err(character)) = (poledit, codepage::encode(text)) {
            return Err(file.refuse_character(value, character, WHY_ANSI));
        }
    }
    let offers = offered(file);
    let class = |word, hive| Class {
        word,
        offers: offers.iter().filter(|offer| offer.hive == hive).collect(),
    };
    let mut classes = vec![
        class("MACHINE", Hive::LocalMachine),
        class("USER", Hive::CurrentUser),
    ];
    classes.retain(|class| !class.offers.is_empty());
    let mut header = file.header();
    if file
        .policy
        .other_values
        .iter()
        .any(|value| value.option.is_none())
    {
        header.push("Values kept from imported files are not in this template.".to_owned());
    }
    let adm = Adm {
        header,
        classes,
        policy: Adm::quotable(&file.policy.name),
        poledit,
    };
    Ok(text::crlf(&adm.to_string()))
}
