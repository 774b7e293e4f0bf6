//! The policy library as the browser needs it, and a form as the policy library needs it.
//!
//! Each option has one field `set.ID`, empty for *not set*, and where it may go to either hive
//! a field `hive.ID`.

mod files;
mod form;
mod history;
mod option;

pub(crate) use form::{from_form, take_out, untouched};
pub(crate) use history::history;

use super::off_thread;
use crate::model::{
    OptionCategory, OptionView, PAGE_SIZE, PolicySheet, PolicySummary, PolicyValues, PolicyView,
    pages,
};
pub(crate) use option::value_line;
use option::{line, option_view};
use policies::catalogue::Category;
use policies::{Catalogue, CatalogueOption, Exporter, Feature, Mode, Policy, Severity};

/// How many of the values that no option knows a page shows at once. There may be thousands.
const SHOWN: usize = PAGE_SIZE as usize;

/// What a branch office on a thin line is locked down by, in the order of the page.
const QUICK: [Feature; 5] = [
    Feature::FileTransfer,
    Feature::Voice,
    Feature::Video,
    Feature::Phone,
    Feature::AppSharing,
];

/// Opens the JSON of a policy.
///
/// # Errors
/// It was not written by this policy library.
pub(crate) fn open(view: &PolicyView) -> Result<Policy, api::Error> {
    view.policy.read().map_err(|error| {
        api::Error::Internal(format!(
            "the policy {} is stored in a form that cannot be read ({error})",
            view.summary.name
        ))
    })
}

/// The page of a stored policy, which may be a large one, on the server of this name.
///
/// # Errors
/// As [`open`].
pub(crate) async fn opened(view: PolicyView, server: String) -> Result<PolicySheet, api::Error> {
    off_thread(move || Ok(sheet(&open(&view)?, Some(view.summary), &server))).await
}

/// One page of the values of a stored policy that no option knows.
///
/// # Errors
/// As [`open`].
pub(crate) async fn values(view: PolicyView, page: u32) -> Result<PolicyValues, api::Error> {
    off_thread(move || {
        let policy = open(&view)?;
        let total = count(policy.other_values.len());
        let page = page.clamp(1, pages(total));
        let all = (0..).zip(&policy.other_values);
        let here = all.skip((page - 1) as usize * SHOWN).take(SHOWN);
        Ok(PolicyValues {
            name: view.summary.name,
            revision: view.summary.revision,
            lines: here.map(|(at, value)| (at, value_line(value))).collect(),
            total,
            page,
        })
    })
    .await
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The page of a policy, on the server of this name.
pub(crate) fn sheet(policy: &Policy, summary: Option<PolicySummary>, server: &str) -> PolicySheet {
    let catalogue = Catalogue::get();
    let exporter = Exporter::new(policy);
    let mut problems = policy.check(catalogue);
    problems.extend(policy.check_reach(server));
    // A policy that has no name yet is not wrong: the form asks for one.
    let new = summary.is_none();
    let exportable = !new
        && policy.mode.exports()
        && problems
            .iter()
            .all(|problem| problem.severity != Severity::Error);
    let quick = QUICK
        .into_iter()
        .filter_map(|feature| catalogue.option_against(feature))
        .collect::<Vec<_>>();
    let view = |option: &CatalogueOption| option_view(option, policy, &problems, server);
    let mut categories = catalogue
        .by_category()
        .into_iter()
        .map(|(category, mut options)| {
            options.retain(|option| !quick.iter().any(|quick| quick.id == option.id));
            options.sort_by_key(|option| family(option));
            (category, options)
        })
        .filter(|(_, options)| !options.is_empty())
        .collect::<Vec<_>>();
    categories.sort_by_key(|(_, options)| options.first().map(|option| family(option)));
    PolicySheet {
        mode: word(policy.mode).to_owned(),
        modes: Mode::ALL
            .into_iter()
            .map(|mode| (word(mode).to_owned(), mode.title().to_owned()))
            .collect(),
        quick: quick.iter().map(|option| view(option)).collect(),
        categories: categories
            .into_iter()
            .map(|(category, options)| category_view(category, &options, view))
            .collect(),
        problems: problems
            .iter()
            .filter(|problem| {
                !new && problem
                    .option
                    .as_ref()
                    .is_none_or(|id| catalogue.option(id.as_str()).is_none())
            })
            .map(line)
            .collect(),
        others: policy
            .other_values
            .iter()
            .take(SHOWN)
            .map(value_line)
            .collect(),
        others_total: count(policy.other_values.len()),
        values: {
            let written = exporter.values().iter();
            let (of_options, others): (Vec<_>, Vec<_>) =
                written.partition(|value| value.option.is_some());
            let shown = of_options.into_iter().chain(others.into_iter().take(SHOWN));
            shown.map(value_line).collect()
        },
        values_total: count(exporter.values().len()),
        exportable,
        kits: if exportable {
            files::kits(&exporter)
        } else {
            Vec::new()
        },
        files: if exportable {
            files::files(&exporter)
        } else {
            Vec::new()
        },
        summary,
    }
}

/// In which order pages show options: the clients that this server is for come first.
fn family(option: &CatalogueOption) -> u8 {
    let key = option.key.to_ascii_lowercase();
    if key.starts_with(r"software\policies\microsoft\messenger\client") {
        0
    } else if key.contains("messengerservice") || key.contains(r"exchange\messenger") {
        1
    } else if option.is_server_only() {
        2
    } else if key.contains("conferencing") {
        4
    } else {
        3
    }
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Both => "both",
        Mode::ExportOnly => "export-only",
        Mode::EnforceOnly => "enforce-only",
    }
}

fn category_view(
    category: Category,
    options: &[&'static CatalogueOption],
    view: impl Fn(&CatalogueOption) -> OptionView,
) -> OptionCategory {
    OptionCategory {
        id: category.word().to_owned(),
        title: category.title().to_owned(),
        options: options.iter().map(|option| view(option)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssr::forms::Fields;
    use policies::Setting;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn what_a_sheet_shows_can_be_sent_back_unchanged() {
        let policy = Policy::new("x")
            .with("disable-video", Setting::Off)
            .with("netmeeting-max-send-kb", Setting::Number(64))
            .with("conversation-warning", Setting::Text("a & b".to_owned()));
        let shown = sheet(&policy, None, "im.example.com");
        let all = shown
            .quick
            .iter()
            .chain(shown.categories.iter().flat_map(|c| &c.options));
        let mut form = form_urlencoded::Serializer::new(String::new());
        for option in all {
            form.append_pair(&format!("set.{}", option.id), &option.chosen);
            form.append_pair(&format!("hive.{}", option.id), &option.hive);
        }
        let sent = from_form(Policy::new("x"), &fields(&form.finish())).unwrap();
        assert_eq!(sent, policy);
    }

    #[test]
    fn every_option_is_on_the_sheet_once() {
        let shown = sheet(&Policy::new("x"), None, "im.example.com");
        let mut ids = shown
            .quick
            .iter()
            .chain(
                shown
                    .categories
                    .iter()
                    .flat_map(|category| &category.options),
            )
            .map(|option| option.id.as_str())
            .collect::<Vec<_>>();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(
            (ids.len(), count),
            (count, Catalogue::get().options().len())
        );
        assert_eq!(shown.quick.len(), 5);
    }
}
