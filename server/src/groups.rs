//! Who is in which group: an immutable picture in memory, drawn anew after each order. Readers
//! take the picture and hold no lock while they use it.

use crate::store::{GroupRow, MemberRow};
use parking_lot::RwLock;
use rvp::Alias;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One group.
#[derive(Clone, Debug)]
pub struct Group {
    /// The name as it was typed when the group was made.
    pub spelled: Arc<str>,
    /// What it is for; may be empty.
    pub description: Arc<str>,
    /// Its members, by alias.
    pub members: Arc<[Alias]>,
}

/// All groups at one moment.
#[derive(Clone, Debug, Default)]
pub struct GroupsNow {
    groups: BTreeMap<Alias, Group>,
    of: HashMap<Alias, Arc<[Alias]>>,
}

impl GroupsNow {
    /// The picture of these rows. A row whose name is none that an address can hold is left out.
    #[must_use]
    pub fn of_rows(groups: &[GroupRow], members: &[MemberRow]) -> Self {
        let mut gathered: HashMap<Alias, Vec<Alias>> = HashMap::new();
        let mut of: HashMap<Alias, Vec<Alias>> = HashMap::new();
        for row in members {
            if let (Ok(group), Ok(alias)) = (Alias::new(&row.group_name), Alias::new(&row.alias)) {
                of.entry(alias.clone()).or_default().push(group.clone());
                gathered.entry(group).or_default().push(alias);
            }
        }
        let group = |row: &GroupRow| {
            let name = Alias::new(&row.name).ok()?;
            let members = gathered.remove(&name).unwrap_or_default().into();
            let group = Group {
                spelled: row.spelled.as_str().into(),
                description: row.description.as_str().into(),
                members,
            };
            Some((name, group))
        };
        Self {
            groups: groups.iter().filter_map(group).collect(),
            of: of.into_iter().map(|(who, in_)| (who, in_.into())).collect(),
        }
    }

    /// One group; `None`: there is none of this name.
    #[must_use]
    pub fn get(&self, name: &Alias) -> Option<&Group> {
        self.groups.get(name)
    }

    /// All groups, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Alias, &Group)> {
        self.groups.iter()
    }

    /// The groups that a user is in, by name.
    #[must_use]
    pub fn of(&self, who: &Alias) -> &[Alias] {
        self.of.get(who).map_or(&[], |groups| groups)
    }
}

/// The groups, as they are now.
#[derive(Debug, Default)]
pub struct Groups(RwLock<Arc<GroupsNow>>);

impl Groups {
    /// Shows this picture from now on.
    pub fn show(&self, now: GroupsNow) {
        *self.0.write() = Arc::new(now);
    }

    /// All groups at this moment.
    #[must_use]
    pub fn now(&self) -> Arc<GroupsNow> {
        self.0.read().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> GroupRow {
        GroupRow {
            name: name.to_owned(),
            spelled: name.to_uppercase(),
            description: String::new(),
            created_ms: 0,
        }
    }

    fn member(group: &str, alias: &str) -> MemberRow {
        MemberRow {
            group_name: group.to_owned(),
            alias: alias.to_owned(),
        }
    }

    fn alias(text: &str) -> Alias {
        Alias::new(text).unwrap()
    }

    #[test]
    fn members_and_groups_are_found_from_both_sides() {
        let groups = Groups::default();
        assert!(groups.now().get(&alias("branch")).is_none());
        groups.show(GroupsNow::of_rows(
            &[group("branch"), group("empty")],
            &[member("branch", "alice"), member("branch", "bob")],
        ));
        let groups = groups.now();
        let branch = groups.get(&alias("BRANCH")).unwrap();
        assert_eq!(*branch.members, [alias("alice"), alias("bob")]);
        assert_eq!(groups.get(&alias("empty")).unwrap().members.len(), 0);
        assert_eq!(*groups.of(&alias("alice")), [alias("branch")]);
        assert_eq!(groups.of(&alias("carol")).len(), 0);
        assert_eq!(&*branch.spelled, "BRANCH");
    }

    #[test]
    fn a_reader_keeps_the_picture_it_took() {
        let groups = Groups::default();
        groups.show(GroupsNow::of_rows(&[group("a")], &[]));
        let before = groups.now();
        groups.show(GroupsNow::default());
        assert!(before.get(&alias("a")).is_some());
        assert!(groups.now().get(&alias("a")).is_none());
    }
}
