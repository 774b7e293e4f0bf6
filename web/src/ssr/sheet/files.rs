//! Which files a policy can be written to, and what each is for. The page offers no link that
//! leads to a refusal; the library knows what can be made without making it.

use super::option::sentence;
use crate::model::{FileLine, KitLine};
use policies::{Exporter, FormatGroup, Windows, can_make_kit};

pub(super) fn kits(exporter: &Exporter<'_>) -> Vec<KitLine> {
    let kit = |windows: Windows| {
        let (refused, left_out) = match can_make_kit(exporter, windows) {
            Ok(left_out) => {
                let left_out = left_out.iter();
                (
                    String::new(),
                    left_out.map(|(_, why)| sentence(why)).collect(),
                )
            }
            Err(error) => (sentence(&error.to_string()), Vec::new()),
        };
        KitLine {
            word: windows.word().to_owned(),
            title: windows.title().to_owned(),
            refused,
            idle: windows
                .idle(exporter.policy())
                .into_iter()
                .map(|option| (option.title.to_owned(), option.client_names()))
                .collect(),
            left_out,
        }
    };
    Windows::ALL.into_iter().map(kit).collect()
}

pub(super) fn files(exporter: &Exporter<'_>) -> Vec<FileLine> {
    let file = |group: &FormatGroup| {
        let refused = group.can_export(exporter).err();
        let no_undo = group.can_undo(exporter).err();
        let why = |error: Option<policies::ExportError>| {
            error.map_or_else(String::new, |error| sentence(&error.to_string()))
        };
        FileLine {
            word: group.word.to_owned(),
            title: group.title.to_owned(),
            purpose: group.purpose.to_owned(),
            refused: why(refused),
            no_undo: group.why_no_undo().map_or_else(|| why(no_undo), sentence),
        }
    };
    FormatGroup::ALL.iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use policies::{Policy, Setting};

    #[test]
    fn what_cannot_be_written_says_why() {
        let policy = Policy::new("x").with("conversation-warning", Setting::Text("Ω".to_owned()));
        let files = files(&Exporter::new(&policy));
        let refused = |word: &str| {
            let line = files.iter().find(|line| line.word == word);
            line.map(|line| line.refused.clone()).unwrap()
        };
        assert_eq!(refused("reg"), "");
        assert!(refused("reg4").contains("U+03A9"), "{}", refused("reg4"));
        assert!(refused("pac").contains("nothing for this format"));
        assert_eq!(files.len(), FormatGroup::ALL.len());
        let kits = kits(&Exporter::new(&policy));
        assert!(kits[0].refused.contains("U+03A9"));
        assert_eq!((kits[3].refused.as_str(), kits[3].left_out.len()), ("", 1));
    }

    #[test]
    fn a_template_has_no_undo_and_says_what_to_do_instead() {
        let policy = Policy::new("x").with("disable-voice", Setting::On);
        let files = files(&Exporter::new(&policy));
        let admx = files.iter().find(|line| line.word == "admx").unwrap();
        assert!(admx.refused.is_empty() && admx.no_undo.contains("Not Configured"));
        let reg = files.iter().find(|line| line.word == "reg").unwrap();
        assert!(reg.refused.is_empty() && reg.no_undo.is_empty());
    }
}
