//! The policy library's catalogue as pages and programs see it.

use super::Admin;
use super::list::small;
use super::registry::Handle;
use api::{
    Actor, CatalogueCategory, CatalogueEntry, CataloguePage, CatalogueQuery, Error, ListCatalogue,
    OptionMeaning,
};
use policies::catalogue::{Category, Client, Input, MeaningOf};
use policies::{Catalogue, CatalogueOption, Feature, RegistryData};

impl Handle<ListCatalogue> for Admin {
    async fn handle(&self, _: &Actor, asked: ListCatalogue) -> Result<CataloguePage, Error> {
        let word = &asked.query.client;
        if !word.is_empty() && !Client::ALL.into_iter().any(|it| it.word() == word) {
            let words = Client::ALL.map(Client::word).join(", ");
            return Err(Error::invalid(
                "client",
                format!("There is no client {word}. Use one of: {words}."),
            ));
        }
        Ok(page(&asked.query))
    }
}

/// The options that match, under their headings.
fn page(query: &CatalogueQuery) -> CataloguePage {
    let catalogue = Catalogue::get();
    let client = Client::ALL
        .into_iter()
        .find(|client| client.word() == query.client);
    let found = catalogue
        .search(&query.search)
        .into_iter()
        .filter(|option| client.is_none_or(|client| option.clients.contains(&client)))
        .collect::<Vec<_>>();
    let category = |category: Category| {
        let options = found.iter().filter(|option| option.category == category);
        CatalogueCategory {
            id: category.word().to_owned(),
            title: category.title().to_owned(),
            options: options.map(|option| entry(option)).collect(),
        }
    };
    CataloguePage {
        categories: Category::ALL
            .into_iter()
            .map(category)
            .filter(|category| !category.options.is_empty())
            .collect(),
        matching: small(found.len()),
        total: small(catalogue.options().len()),
        clients: Client::ALL
            .into_iter()
            .map(|client| {
                let options = catalogue.by_client(client).len();
                (
                    client.word().to_owned(),
                    client.title().to_owned(),
                    small(options),
                )
            })
            .collect(),
    }
}

fn entry(option: &CatalogueOption) -> CatalogueEntry {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let mut warnings: Vec<String> = texts(option.warnings);
    if option.exportable && option.stays_behind() {
        warnings.push("Stays in the registry when a Group Policy object is withdrawn, because its key is outside the Policies trees. Keep the undo file.".to_owned());
    }
    CatalogueEntry {
        id: option.id.to_owned(),
        title: option.title.to_owned(),
        description: option.description.to_owned(),
        clients: option
            .clients
            .iter()
            .map(|client| client.title().to_owned())
            .collect(),
        hives: option
            .hives
            .iter()
            .map(|hive| hive.short().to_owned())
            .collect(),
        key: option.key.to_owned(),
        value_name: option.value_name.to_owned(),
        kind: option.kind.title().to_owned(),
        meanings: meanings(option),
        default: option.default.to_owned(),
        source: texts(option.source),
        confidence: option.confidence.title().to_owned(),
        not_exportable: if option.exportable {
            String::new()
        } else {
            option.reason.to_owned()
        },
        warnings,
        notes: texts(option.notes),
        enforced: option.feature.map_or("", Feature::title).to_owned(),
    }
}

fn meanings(option: &CatalogueOption) -> Vec<OptionMeaning> {
    let row = |choice: String, written: String, meaning: &str| OptionMeaning {
        choice,
        written,
        meaning: meaning.to_owned(),
    };
    let listed = || {
        option.meanings.iter().map(|meaning| match meaning.value {
            MeaningOf::Number(number) => {
                row(number.to_string(), number.to_string(), meaning.meaning)
            }
            MeaningOf::Text(text) => row(
                "for example".to_owned(),
                format!("\"{text}\""),
                meaning.meaning,
            ),
        })
    };
    match option.input {
        Input::Switch { .. } => {
            let (on, off) = option
                .switch()
                .unwrap_or((RegistryData::Absent, RegistryData::Absent));
            let switch = |name: &str, data: &RegistryData| match data {
                RegistryData::Dword(number) => row(
                    name.to_owned(),
                    number.to_string(),
                    option.meaning(*number).unwrap_or_default(),
                ),
                _ => row(
                    name.to_owned(),
                    "the value is removed".to_owned(),
                    option.default,
                ),
            };
            vec![switch("On", &on), switch("Off", &off)]
        }
        Input::ServerSwitch => vec![
            row(
                "On".to_owned(),
                "nothing".to_owned(),
                "the server refuses such invitations",
            ),
            row(
                "Off".to_owned(),
                "nothing".to_owned(),
                "the server lets them pass",
            ),
        ],
        Input::OneOf => listed().collect(),
        Input::Number { min, max, unit } => {
            let any = row(format!("{min} to {max}"), "the number".to_owned(), unit);
            std::iter::once(any).chain(listed()).collect()
        }
        Input::Text { kind, max_length } => {
            let what = format!("{}, {max_length} characters at most", kind.title());
            let any = row("a text".to_owned(), "the text".to_owned(), &what);
            std::iter::once(any).chain(listed()).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(search: &str, client: &str) -> Vec<String> {
        let query = CatalogueQuery {
            search: search.to_owned(),
            client: client.to_owned(),
        };
        let categories = page(&query).categories.into_iter();
        categories
            .flat_map(|category| category.options)
            .map(|option| option.id)
            .collect()
    }

    #[test]
    fn every_option_is_on_the_page_once_and_says_what_it_writes() {
        let whole = page(&CatalogueQuery::default());
        let options: Vec<_> = whole
            .categories
            .iter()
            .flat_map(|category| &category.options)
            .collect();
        assert_eq!(options.len(), Catalogue::get().options().len());
        assert_eq!(
            (whole.matching, whole.total),
            (small(options.len()), small(options.len()))
        );
        for option in options {
            assert!(!option.source.is_empty(), "{}", option.id);
            assert!(
                !option.meanings.is_empty() || !option.not_exportable.is_empty(),
                "{}",
                option.id
            );
        }
    }

    #[test]
    fn words_and_a_client_narrow_it_down() {
        assert_eq!(ids("DisablePC2PCAudio", ""), ["disable-voice"]);
        assert_eq!(
            ids("", "outlook-2002").len(),
            Catalogue::get().by_client(Client::Outlook2002).len()
        );
        assert!(ids("DisablePC2PCAudio", "netmeeting").is_empty());
        assert!(ids("no such thing", "").is_empty());
    }

    #[test]
    fn odd_truths_are_told() {
        let query = CatalogueQuery {
            search: "CEIP".to_owned(),
            ..CatalogueQuery::default()
        };
        let on = &page(&query).categories[0].options[0].meanings[0];
        assert_eq!((on.choice.as_str(), on.written.as_str()), ("On", "2"));
    }
}
