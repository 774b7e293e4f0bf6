//! Every client option that is known, as it stands in `catalogue/*.toml`. The
//! build has checked the files and made the table; this only reads it.

mod option;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

pub use option::{
    CatalogueOption, Category, Client, Confidence, Input, Meaning, MeaningOf, OptionId, TextKind,
    ValueKind,
};

use crate::{Feature, Hive};

static OPTIONS: &[CatalogueOption] = include!(concat!(env!("OUT_DIR"), "/options.rs"));

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
    by_id: OPTIONS.iter().map(|option| (option.id, option)).collect(),
    by_place: OPTIONS
        .iter()
        .filter(|option| !option.value_name.is_empty())
        .map(|option| (place(option.key, option.value_name), option))
        .collect(),
});

/// Key and value name, as Windows compares them.
fn place(key: &str, value_name: &str) -> (String, String) {
    (key.to_lowercase(), value_name.to_lowercase())
}

/// All known options.
#[derive(Debug)]
pub struct Catalogue {
    by_id: BTreeMap<&'static str, &'static CatalogueOption>,
    by_place: HashMap<(String, String), &'static CatalogueOption>,
}

impl Catalogue {
    /// The catalogue that this build carries.
    #[must_use]
    pub fn get() -> &'static Self {
        &CATALOGUE
    }

    /// Every option, family by family.
    #[must_use]
    pub fn options(&self) -> &'static [CatalogueOption] {
        OPTIONS
    }

    /// The option of this id.
    #[must_use]
    pub fn option(&self, id: &str) -> Option<&'static CatalogueOption> {
        self.by_id.get(id).copied()
    }

    /// The options under the headings of a page, those that count on the wire
    /// first; a heading without options is left out.
    #[must_use]
    pub fn by_category(&self) -> Vec<(Category, Vec<&'static CatalogueOption>)> {
        Category::ALL
            .into_iter()
            .map(|category| {
                let mut options = self.select(|option| option.category == category);
                options.sort_by_key(|option| option.feature.is_none());
                (category, options)
            })
            .filter(|(_, options)| !options.is_empty())
            .collect()
    }

    /// The options that this client knows.
    #[must_use]
    pub fn by_client(&self, client: Client) -> Vec<&'static CatalogueOption> {
        self.select(|option| option.clients.contains(&client))
    }

    /// The options in which every word of `text` occurs: in the title, the
    /// description, the id, a client's name, the category, the registry key or
    /// the value's name. Case does not matter; an empty text finds everything.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<&'static CatalogueOption> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        self.select(|option| {
            let searched = option.searched();
            words.iter().all(|word| searched.contains(word.as_str()))
        })
    }

    /// The option that this registry value belongs to, if it may be written.
    /// Case does not matter.
    #[must_use]
    pub fn option_at(
        &self,
        hive: Hive,
        key: &str,
        value_name: &str,
    ) -> Option<&'static CatalogueOption> {
        self.option_of(key, value_name)
            .filter(|option| option.exportable && option.hives.contains(&hive))
    }

    /// The option that a value of this key and name belongs to, in whatever hive and whether or
    /// not it may be written. Of an option whose key is not known the name is enough. Case does
    /// not matter.
    #[must_use]
    pub fn option_of(&self, key: &str, value_name: &str) -> Option<&'static CatalogueOption> {
        let mut place = place(key, value_name);
        if let Some(option) = self.by_place.get(&place) {
            return Some(option);
        }
        place.0.clear();
        self.by_place.get(&place).copied()
    }

    /// The option that switches this feature off.
    #[must_use]
    pub fn option_against(&self, feature: Feature) -> Option<&'static CatalogueOption> {
        OPTIONS
            .iter()
            .find(|option| option.feature == Some(feature))
    }

    fn select(&self, wanted: impl Fn(&CatalogueOption) -> bool) -> Vec<&'static CatalogueOption> {
        OPTIONS.iter().filter(|option| wanted(option)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_73_registry_options_and_the_servers_two() {
        let (server, registry): (Vec<_>, Vec<_>) =
            OPTIONS.iter().partition(|option| option.is_server_only());
        assert_eq!((registry.len(), server.len()), (73, 2));
    }

    #[test]
    fn every_feature_can_be_switched_off_by_one_option_alone() {
        for feature in Feature::ALL {
            let against = OPTIONS
                .iter()
                .filter(|option| option.feature == Some(feature));
            assert_eq!(against.count(), 1, "{feature}");
        }
    }

    #[test]
    fn no_two_options_share_a_registry_value() {
        let mut places: Vec<_> = OPTIONS
            .iter()
            .filter(|option| !option.value_name.is_empty())
            .map(|option| (option.key.to_lowercase(), option.value_name.to_lowercase()))
            .collect();
        places.sort();
        let before = places.len();
        places.dedup();
        assert_eq!(places.len(), before);
    }

    #[test]
    fn odd_truths_are_what_the_clients_expect() {
        let input = |id| Catalogue::get().option(id).map(|option| option.input);
        let switch = |on, off| Some(Input::Switch { on, off });
        assert_eq!(input("no-usage-reporting"), switch(2, Some(1)));
        assert_eq!(input("ie-proxy-per-machine"), switch(0, Some(1)));
        assert_eq!(input("ie-no-pac-cache"), switch(0, Some(1)));
        assert_eq!(input("oe-hide-messenger"), switch(2, None));
        assert_eq!(input("netmeeting-no-audio"), switch(1, None));
        assert_eq!(input("disable-file-transfer"), switch(1, Some(0)));
        assert_eq!(input("service-selection"), Some(Input::OneOf));
    }

    /// What `disable` and `no` promise, *on* must do: the first meaning is that of *on*.
    #[test]
    fn on_does_what_the_title_says() {
        let usage = Catalogue::get().option("no-usage-reporting").unwrap();
        let on = usage.meaning(2).unwrap();
        assert!(
            usage.title.starts_with("No ") && on.starts_with("nothing is sent"),
            "{on}"
        );
        for option in OPTIONS {
            let Input::Switch { on, .. } = option.input else {
                continue;
            };
            let first = option.meanings.first().map(|meaning| meaning.value);
            assert_eq!(first, Some(MeaningOf::Number(on)), "{}", option.id);
        }
    }

    #[test]
    fn the_lines_bandwidth_is_bounded_as_the_template_bounds_it() {
        let option = Catalogue::get().option("netmeeting-max-bandwidth").unwrap();
        let Input::Number { min, max, unit } = option.input else {
            panic!("{:?}", option.input);
        };
        assert_eq!((min, max, unit), (85_000, 621_700, "bits per second"));
        assert_eq!(option.value_name, "MaximumBandwidth");
        assert_eq!(
            Catalogue::get()
                .option_at(Hive::CurrentUser, option.key, "maximumbandwidth")
                .map(|it| it.id),
            Some(option.id)
        );
    }

    #[test]
    fn a_search_finds_by_value_name_key_client_and_words() {
        let ids = |text| {
            Catalogue::get()
                .search(text)
                .iter()
                .map(|o| o.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("disablepc2pcaudio"), ["disable-voice"]);
        assert_eq!(ids("FILE transfer windows"), ["disable-file-transfer"]);
        assert_eq!(ids("outlook 2002"), ["outlook-im-enabled"]);
        assert!(ids("messengerservice\\policies").contains(&"service-selection"));
        assert_eq!(
            ids(
                "HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Messenger\\Client\\disablevideo"
            ),
            ["disable-video"]
        );
        assert!(
            ids("hklm\\software\\policies\\microsoft\\messenger\\client").contains(&"prevent-run")
        );
        assert!(ids("no such thing").is_empty());
        assert_eq!(ids("").len(), OPTIONS.len());
    }

    #[test]
    fn categories_lose_no_option() {
        let listed: usize = Catalogue::get()
            .by_category()
            .iter()
            .map(|(_, options)| options.len())
            .sum();
        assert_eq!(listed, OPTIONS.len());
    }
}
