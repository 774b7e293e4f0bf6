//! A form as the policy library needs it.

use super::word;
use crate::ssr::forms::Fields;
use policies::catalogue::Input;
use policies::{Catalogue, CatalogueOption, Choice, Hive, Mode, Policy, Setting};
use std::collections::HashSet;

/// A policy as a form says it, on top of what it was: what the form does not show is kept.
///
/// # Errors
/// A field holds what its option cannot take; the field is the option's id.
pub(crate) fn from_form(mut policy: Policy, fields: &Fields) -> Result<Policy, api::Error> {
    policy.description = fields.text("description");
    if let Some(mode) = Mode::ALL
        .into_iter()
        .find(|mode| word(*mode) == fields.get("mode"))
    {
        policy.mode = mode;
    }
    for option in Catalogue::get().options() {
        let Some(typed) = fields
            .all(&format!("set.{}", option.id))
            .next()
            .map(str::to_owned)
        else {
            continue;
        };
        let setting = setting(option, &typed).map_err(|message| {
            api::Error::invalid(option.id, format!("{}: {message}", option.title))
        })?;
        // The usual hive is not written down: it then follows the catalogue.
        let hive = Hive::named(fields.get(&format!("hive.{}", option.id)))
            .filter(|hive| option.hives.first() != Some(hive));
        policy.set(option.option_id(), Choice { setting, hive });
    }
    take_out(&mut policy, fields);
    Ok(policy)
}

/// The fields of a form that say what the policy said before, and with them the ticks, which go by
/// the places that its values had.
pub(crate) fn untouched(before: &Policy, fields: &Fields) -> HashSet<String> {
    let mut names: HashSet<String> = fields
        .iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("drop."))
        .map(str::to_owned)
        .collect();
    if fields.text("description") == before.description {
        names.insert("description".to_owned());
    }
    if fields.get("mode") == word(before.mode) {
        names.insert("mode".to_owned());
    }
    let Ok(after) = from_form(before.clone(), fields) else {
        return names;
    };
    for option in Catalogue::get().options() {
        if before.settings.get(option.id) == after.settings.get(option.id) {
            names.insert(format!("set.{}", option.id));
            names.insert(format!("hive.{}", option.id));
        }
    }
    names
}

/// Takes the values out that the form ticks, by their place among all.
pub(crate) fn take_out(policy: &mut Policy, fields: &Fields) {
    let dropped: HashSet<usize> = fields
        .iter()
        .filter(|(_, ticked)| !ticked.is_empty())
        .filter_map(|(name, _)| name.strip_prefix("drop.")?.parse().ok())
        .collect();
    let mut places = 0..;
    policy
        .other_values
        .retain(|_| places.next().is_none_or(|place| !dropped.contains(&place)));
}

fn setting(option: &CatalogueOption, typed: &str) -> Result<Setting, String> {
    let number = |typed: &str| {
        typed.trim().parse().map(Setting::Number).map_err(|_| {
            format!("“{typed}” is not a number. Type digits only, or nothing for not set.")
        })
    };
    match (option.input, typed) {
        (_, "") => Ok(Setting::NotSet),
        (Input::Switch { .. } | Input::ServerSwitch, "on") => Ok(Setting::On),
        (Input::Switch { .. } | Input::ServerSwitch, "off") => Ok(Setting::Off),
        (Input::Switch { .. } | Input::ServerSwitch, other) => Err(format!(
            "“{other}” is none of the choices. Choose one of the list."
        )),
        (Input::OneOf | Input::Number { .. }, typed) => number(typed),
        (Input::Text { .. }, typed) => Ok(Setting::Text(typed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes())
    }

    #[test]
    fn a_form_says_what_was_chosen_and_keeps_what_it_does_not_show() {
        let stored = Policy::new("WAN")
            .with("disable-voice", Setting::On)
            .with("of-the-future", Setting::On);
        let form = "description=thin+line&mode=export-only&set.disable-file-transfer=on\
                    &hive.disable-file-transfer=HKCU&set.disable-voice=&set.netmeeting-max-send-kb=500\
                    &set.conversation-warning=Mind+the+line";
        let policy = from_form(stored, &fields(form)).unwrap();
        assert_eq!(policy.description, "thin line");
        assert_eq!(policy.mode, Mode::ExportOnly);
        assert_eq!(policy.setting("disable-voice"), &Setting::NotSet);
        assert_eq!(policy.setting("of-the-future"), &Setting::On);
        assert_eq!(
            policy.setting("netmeeting-max-send-kb"),
            &Setting::Number(500)
        );
        let file_transfer = &policy.settings["disable-file-transfer"];
        assert_eq!(file_transfer.hive, Some(Hive::CurrentUser));
        assert_eq!(file_transfer.setting, Setting::On);
    }

    #[test]
    fn what_was_not_touched_is_told_from_what_was() {
        let mut before = Policy::new("x").with("disable-voice", Setting::On);
        before.description = "thin".to_owned();
        let form = "description=thin&mode=export-only&set.disable-voice=on&set.disable-video=\
                    &set.disable-phone=on&drop.3=1";
        let names = untouched(&before, &fields(form));
        for name in [
            "description",
            "set.disable-voice",
            "set.disable-video",
            "drop.3",
        ] {
            assert!(names.contains(name), "{name}");
        }
        for name in ["mode", "set.disable-phone"] {
            assert!(!names.contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_by_the_name_of_its_option() {
        let error = from_form(Policy::new("x"), &fields("set.netmeeting-max-send-kb=much"));
        assert!(matches!(
            error,
            Err(api::Error::Invalid { field, .. }) if field == "netmeeting-max-send-kb"
        ));
    }
}
