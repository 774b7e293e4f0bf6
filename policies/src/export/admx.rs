//! ADMX definitions and their English ADML texts, for the Group Policy editor
//! of Windows Vista and later. The order of elements and the required ones are
//! those of the schema in MS-GPREG.

use askama::Template;

use super::template::{Offered, offered};
use super::{Draft, text};
use crate::Hive;

#[derive(Template)]
#[template(path = "policy.admx", escape = "html")]
struct Definitions {
    header: Vec<String>,
    namespace: String,
    prefix: String,
    clients: Vec<String>,
    offers: Vec<Offered>,
}

#[derive(Template)]
#[template(path = "policy.adml", escape = "html")]
struct Resources {
    header: Vec<String>,
    policy: String,
    description: String,
    clients: Vec<String>,
    offers: Vec<Offered>,
}

impl Definitions {
    /// The definition that names an option's clients.
    fn supported(&self, offer: &Offered) -> String {
        let at = self
            .clients
            .iter()
            .position(|known| *known == offer.clients)
            .unwrap_or_default();
        format!("SUPPORTED_{at}")
    }

    fn class(offer: &Offered) -> &'static str {
        match offer.hive {
            Hive::LocalMachine => "Machine",
            Hive::CurrentUser => "User",
        }
    }
}

impl Resources {
    fn has_presentations(&self) -> bool {
        self.offers.iter().any(|offer| offer.switch().is_none())
    }

    /// The place of the chosen item in its list, which is how ADML names a default.
    fn chosen(offer: &Offered) -> usize {
        offer
            .items()
            .iter()
            .position(|item| item.chosen)
            .unwrap_or_default()
    }
}

pub(super) fn definitions(file: &Draft<'_>) -> Vec<u8> {
    let offers = offered(file);
    // Editors tell templates apart by these: one for each policy, and the same every time.
    let name = super::stem(&file.policy.name).replace('-', "_");
    let document = Definitions {
        header: header(file),
        namespace: format!("Rollcall.Policies.{name}"),
        prefix: format!("rollcall_{name}"),
        clients: clients(&offers),
        offers,
    };
    text::crlf(&document.to_string()).into_bytes()
}

pub(super) fn resources(file: &Draft<'_>) -> Vec<u8> {
    let offers = offered(file);
    let policy = text::one_line(&file.policy.name);
    let description = if file.policy.description.trim().is_empty() {
        "Options for instant messaging clients".to_owned()
    } else {
        text::one_line(file.policy.description.trim())
    };
    let document = Resources {
        header: header(file),
        policy,
        description,
        clients: clients(&offers),
        offers,
    };
    text::crlf(&document.to_string()).into_bytes()
}

/// XML comments must not hold two hyphens in a row.
fn header(file: &Draft<'_>) -> Vec<String> {
    let mut lines = file.header();
    if file
        .policy
        .other_values
        .iter()
        .any(|value| value.option.is_none())
    {
        lines.push("Values kept from imported files are not in this template.".to_owned());
    }
    let apart = |line: &String| line.replace("--", "- -").replace("--", "- -");
    lines.iter().map(apart).collect()
}

/// The lists of clients, each once: what a policy is "supported on".
fn clients(offers: &[Offered]) -> Vec<String> {
    let mut clients: Vec<String> = offers.iter().map(|offer| offer.clients.clone()).collect();
    clients.sort();
    clients.dedup();
    clients
}
