//! The catalogue as a document for people: `docs/policies.md`. A test keeps the
//! two the same.

use askama::Template;

use crate::catalogue::{CatalogueOption, Category, Input, MeaningOf};
use crate::{Catalogue, FormatGroup, RegistryData};

#[derive(Template)]
#[template(path = "policies.md", escape = "none")]
struct Document {
    categories: Vec<(Category, Vec<&'static CatalogueOption>)>,
    formats: &'static [FormatGroup],
}

/// What one setting of an option becomes in the files.
struct Written {
    setting: String,
    reg: String,
    pol: String,
    command: String,
    template: String,
}

impl Document {
    fn hives(option: &CatalogueOption) -> String {
        let names: Vec<&str> = option.hives.iter().map(|hive| hive.short()).collect();
        names.join(", ")
    }

    fn clients(option: &CatalogueOption) -> String {
        option.client_names()
    }

    fn bytes(group: &FormatGroup) -> &'static str {
        match group.word {
            "reg" => "UTF-16LE with a mark, CR LF",
            "reg4" | "adm-nt4" => "Windows-1252, CR LF",
            "pol" => "binary (PReg 1)",
            "gpo" => "the same, and an ini file",
            "adm" | "vbs" | "lgpo" => "ASCII, or UTF-16LE with a mark; CR LF",
            "admx" => "UTF-8, CR LF",
            _ => "ASCII, CR LF",
        }
    }

    /// The rows of an option's table.
    fn written(option: &CatalogueOption) -> Vec<Written> {
        match option.input {
            Input::Switch { on, off } => {
                let off = off.map_or(RegistryData::Absent, RegistryData::Dword);
                vec![
                    written(
                        option,
                        "on",
                        &RegistryData::Dword(on),
                        format!("`VALUEON NUMERIC {on}`"),
                    ),
                    written(option, "off", &off, off_template(&off)),
                ]
            }
            Input::OneOf => {
                let numbers = option
                    .meanings
                    .iter()
                    .filter_map(|meaning| match meaning.value {
                        MeaningOf::Number(number) => Some((number, meaning.meaning)),
                        MeaningOf::Text(_) => None,
                    });
                numbers
                    .map(|(number, meaning)| {
                        let data = RegistryData::Dword(number);
                        written(
                            option,
                            &format!("{number}: {meaning}"),
                            &data,
                            "`DROPDOWNLIST`".to_owned(),
                        )
                    })
                    .collect()
            }
            Input::Number { min, max, unit } => {
                let setting = format!("{min} to {max} {unit}; here {min}");
                vec![written(
                    option,
                    &setting,
                    &RegistryData::Dword(min),
                    "`NUMERIC`".to_owned(),
                )]
            }
            Input::Text { .. } => {
                let example = option
                    .meanings
                    .iter()
                    .find_map(|meaning| match meaning.value {
                        MeaningOf::Text(text) if !text.trim().is_empty() => Some(text),
                        _ => None,
                    });
                let data = RegistryData::Sz(example.unwrap_or("text").to_owned());
                vec![written(
                    option,
                    "a text; for example",
                    &data,
                    "`EDITTEXT`".to_owned(),
                )]
            }
            Input::ServerSwitch => Vec::new(),
        }
    }
}

fn off_template(off: &RegistryData) -> String {
    match off {
        RegistryData::Dword(number) => format!("`VALUEOFF NUMERIC {number}`"),
        _ => "`VALUEOFF DELETE`".to_owned(),
    }
}

fn written(
    option: &CatalogueOption,
    setting: &str,
    data: &RegistryData,
    template: String,
) -> Written {
    let name = option.value_name;
    let (reg, pol, command) = match data {
        RegistryData::Dword(number) => (
            format!("\"{name}\"=dword:{number:08x}"),
            format!("{name}, type 4, {number}"),
            format!("REG_DWORD {number}"),
        ),
        RegistryData::Sz(text) => (
            format!("\"{name}\"=\"{text}\""),
            format!("{name}, type 1, {text}"),
            format!("REG_SZ {text}"),
        ),
        _ => (
            format!("\"{name}\"=-"),
            format!("**del.{name}"),
            "removed".to_owned(),
        ),
    };
    Written {
        setting: setting.to_owned(),
        reg,
        pol,
        command,
        template,
    }
}

impl Catalogue {
    /// The whole catalogue in Markdown: each option, what each kind of file
    /// writes for it, and where this is known from.
    #[must_use]
    pub fn document(&self) -> String {
        Document {
            categories: self.by_category(),
            formats: FormatGroup::ALL,
        }
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_project_is_of_this_catalogue() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policies.md");
        let now = Catalogue::get().document();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap();
        assert!(
            kept == now,
            "docs/policies.md is out of date; run: UPDATE_DOCS=1 cargo test -p policies document"
        );
    }
}
