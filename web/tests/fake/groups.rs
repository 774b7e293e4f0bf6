//! Groups in memory.

use super::Fake;
use super::backend::{cut, has};
use web::backend::{Actor, BackendError};
use web::model::{GroupPage, GroupQuery, GroupRow, GroupView, Member, NewGroup};

/// A group: what it is for, and who is in it.
#[derive(Default)]
pub(crate) struct Group {
    description: String,
    members: Vec<String>,
}

fn none(name: &str) -> BackendError {
    BackendError::NotFound(format!("There is no group {name}."))
}

fn row(name: &str, group: &Group) -> GroupRow {
    GroupRow {
        name: name.to_owned(),
        description: group.description.clone(),
        members: u32::try_from(group.members.len()).expect("few members"),
    }
}

impl Fake {
    pub(super) fn groups_page(&self, query: &GroupQuery) -> GroupPage {
        let inner = self.inner();
        let all = inner.groups.iter().map(|(name, group)| row(name, group));
        let rows = all.filter(|row| has(&row.name, &query.search)).collect();
        let (rows, matching, page) = cut(rows, query.page);
        GroupPage {
            rows,
            matching,
            total: u32::try_from(inner.groups.len()).expect("few groups"),
            page,
        }
    }

    pub(super) fn one_group(
        &self,
        name: &str,
        query: &GroupQuery,
    ) -> Result<GroupView, BackendError> {
        let inner = self.inner();
        let group = inner.groups.get(name).ok_or_else(|| none(name))?;
        let members = group
            .members
            .iter()
            .filter(|alias| has(alias, &query.search))
            .filter_map(|alias| inner.users.get(alias))
            .map(|user| Member {
                alias: user.row.alias.clone(),
                display_name: user.row.display_name.clone(),
                state: user.row.state,
            })
            .collect();
        let (members, matching, page) = cut(members, query.page);
        Ok(GroupView {
            row: row(name, group),
            members,
            matching,
            page,
        })
    }

    pub(super) fn make_group(&self, actor: &Actor, group: &NewGroup) -> Result<(), BackendError> {
        {
            let mut inner = self.inner();
            if inner.users.contains_key(&group.name) {
                return Err(BackendError::Conflict(format!(
                    "There is a user {} already.",
                    group.name
                )));
            }
            let made = Group {
                description: group.description.clone(),
                ..Group::default()
            };
            inner.groups.insert(group.name.clone(), made);
        }
        self.note(actor, "group.create", &group.name, "");
        self.join(actor, &group.name, &group.members).map(drop)
    }

    pub(super) fn describe(
        &self,
        actor: &Actor,
        name: &str,
        description: &str,
    ) -> Result<(), BackendError> {
        description.clone_into(
            &mut self
                .inner()
                .groups
                .get_mut(name)
                .ok_or_else(|| none(name))?
                .description,
        );
        self.note(actor, "group.edit", name, "");
        Ok(())
    }

    pub(super) fn join(
        &self,
        actor: &Actor,
        name: &str,
        texts: &[String],
    ) -> Result<u32, BackendError> {
        let mut added = 0;
        {
            let mut inner = self.inner();
            for alias in texts.iter().flat_map(|text| text.split([' ', ','])) {
                if alias.is_empty() {
                    continue;
                }
                let Some(user) = inner.users.get_mut(alias) else {
                    return Err(BackendError::Invalid {
                        field: "members",
                        message: format!("There is no user {alias}. Nobody was added."),
                    });
                };
                if !user.groups.iter().any(|group| group == name) {
                    user.groups.push(name.to_owned());
                    let group = inner.groups.get_mut(name).ok_or_else(|| none(name))?;
                    group.members.push(alias.to_owned());
                    added += 1;
                }
            }
        }
        self.note(actor, "group.add-member", name, &texts.join(" "));
        Ok(added)
    }

    pub(super) fn leave(
        &self,
        actor: &Actor,
        name: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        let removed = {
            let mut inner = self.inner();
            let group = inner.groups.get_mut(name).ok_or_else(|| none(name))?;
            let before = group.members.len();
            group.members.retain(|member| !aliases.contains(member));
            let removed = before - group.members.len();
            for alias in aliases {
                if let Some(user) = inner.users.get_mut(alias) {
                    user.groups.retain(|group| group != name);
                }
            }
            u32::try_from(removed).expect("few members")
        };
        self.note(actor, "group.remove-member", name, &aliases.join(" "));
        Ok(removed)
    }

    pub(super) fn drop_group(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        {
            let mut inner = self.inner();
            inner.groups.remove(name).ok_or_else(|| none(name))?;
            for user in inner.users.values_mut() {
                user.groups.retain(|group| group != name);
            }
        }
        self.note(actor, "group.delete", name, "");
        Ok(())
    }
}
