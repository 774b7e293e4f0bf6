//! The catalogue of client options, as its page shows it.

use crate::operation::operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What part of the catalogue is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CatalogueQuery {
    /// Words that all occur in an option: in its title, description, registry key or value name.
    pub search: String,
    /// Only options of this client, by its word; empty for all.
    pub client: String,
}

/// The options that match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CataloguePage {
    /// The options, under their headings.
    pub categories: Vec<CatalogueCategory>,
    /// How many match.
    pub matching: u32,
    /// How many there are.
    pub total: u32,
    /// The clients that can be chosen: word, name, how many options it has.
    pub clients: Vec<(String, String, u32)>,
}

/// Options under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogueCategory {
    /// Its word, for addresses within the page.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// The options.
    pub options: Vec<CatalogueEntry>,
}

/// All that is known of one option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogueEntry {
    /// Its name in policies.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The programs it acts on.
    pub clients: Vec<String>,
    /// Hives it may go to, the usual one first.
    pub hives: Vec<String>,
    /// The registry key; empty if nothing is written on the client.
    pub key: String,
    /// The value's name.
    pub value_name: String,
    /// The value's type.
    pub kind: String,
    /// What may be chosen, what it writes, and what that does.
    pub meanings: Vec<OptionMeaning>,
    /// How clients behave without it.
    pub default: String,
    /// Where this is known from.
    pub source: Vec<String>,
    /// How sure it is.
    pub confidence: String,
    /// Why it is never written to files; empty if it is.
    pub not_exportable: String,
    /// Traps.
    pub warnings: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// The feature that the server refuses, too, when it is on; empty if none.
    pub enforced: String,
}

/// One choice of an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionMeaning {
    /// What is chosen: `On`, `500`, a text.
    pub choice: String,
    /// What is written: `1`, or that the value is removed.
    pub written: String,
    /// What it does.
    pub meaning: String,
}

/// The options that policies can set, and those that are known and cannot be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListCatalogue {
    /// Which.
    #[serde(flatten)]
    pub query: CatalogueQuery,
}
operation!(ListCatalogue = "catalogue.list", Query, Viewer, Get "/catalogue", CataloguePage);
