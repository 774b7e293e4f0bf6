//! ADM templates: one for the Group Policy editor of Windows 2000 and XP, and
//! one within what the System Policy Editor of NT 4 and 9x reads, which stops
//! at words it does not know (KB Q184290).

use askama::Template;

use super::template::{Offered, offered};
use super::{Draft, ExportError, Format, text};
use crate::{Hive, RegistryData, codepage};

const WHY_QUOTE: &str =
    "a text in a template cannot hold quotation marks; take others, or another format";
const WHY_NAME: &str =
    "in a template !! begins the name of a text; take another beginning, or another format";
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

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    let poledit = file.format == Format::AdmNt4;
    // Values that no option knows are not in a template.
    let offered = file.values.iter().filter(|value| value.option.is_some());
    for value in offered {
        let RegistryData::Sz(text) = &value.data else {
            continue;
        };
        file.carries(value, text, |c| c == '"', WHY_QUOTE)?;
        if text.starts_with("!!") {
            return Err(file.refuse_value(value, WHY_NAME));
        }
        if let (true, Err(character)) = (poledit, codepage::encode(text)) {
            return Err(file.refuse_character(value, character, WHY_ANSI));
        }
    }
    Ok(())
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let poledit = file.format == Format::AdmNt4;
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
    let template = text::crlf(&adm.to_string());
    if poledit {
        text::ansi(&template)
    } else {
        text::ascii_or_utf_16(&template)
    }
}
