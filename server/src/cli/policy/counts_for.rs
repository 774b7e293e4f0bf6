//! For whom a policy is to count, as `--for` says it.

use anyhow::bail;
use api::Assignment;

/// One word of `--for`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Nobody,
    Everyone,
    Group(String),
    User(String),
}

/// Reads `everyone`, `nobody`, `group:NAME` or `user:ALIAS`.
pub(super) fn whom(word: &str) -> Result<Whom, String> {
    let (kind, name) = word
        .split_once([':', '='])
        .map_or((word, None), |(kind, name)| (kind, Some(name.trim())));
    let named = name.filter(|name| !name.is_empty()).map(str::to_owned);
    match (kind.trim().to_ascii_lowercase().as_str(), name, named) {
        ("everyone", None, _) => Ok(Whom::Everyone),
        ("nobody", None, _) => Ok(Whom::Nobody),
        ("group", _, Some(group)) => Ok(Whom::Group(group)),
        ("user", _, Some(alias)) => Ok(Whom::User(alias)),
        _ => Err("use everyone, nobody, group:NAME or user:ALIAS".to_owned()),
    }
}

/// All words together; nothing, where nothing was said.
pub(super) fn assignment(words: Vec<Whom>) -> anyhow::Result<Option<Assignment>> {
    if words.is_empty() {
        return Ok(None);
    }
    if words.len() > 1 && words.contains(&Whom::Nobody) {
        bail!("--for nobody cannot stand beside another --for; leave one of them out");
    }
    let mut assignment = Assignment::default();
    for word in words {
        match word {
            Whom::Nobody => {}
            Whom::Everyone => assignment.everyone = true,
            Whom::Group(group) => assignment.groups.push(group),
            Whom::User(alias) => assignment.users.push(alias),
        }
    }
    Ok(Some(assignment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_groups_and_users_are_told_apart() {
        assert_eq!(whom("everyone"), Ok(Whom::Everyone));
        assert_eq!(
            whom("Group:WAN branch"),
            Ok(Whom::Group("WAN branch".into()))
        );
        assert_eq!(whom("user=alice"), Ok(Whom::User("alice".into())));
        for bad in [
            "",
            "branch",
            "group:",
            "group",
            "everyone:all",
            "users:alice",
        ] {
            assert!(whom(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn words_add_up_and_nobody_stands_alone() {
        assert_eq!(assignment(vec![]).unwrap(), None);
        let all = vec![Whom::Everyone, Whom::User("alice".into())];
        let all = assignment(all).unwrap().unwrap();
        assert_eq!(all.words(), "everyone and the user alice");
        let nobody = assignment(vec![Whom::Nobody]).unwrap().unwrap();
        assert_eq!(nobody.words(), "nobody");
        assert!(assignment(vec![Whom::Nobody, Whom::Everyone]).is_err());
    }
}
