//! Groups of users: for whom a policy counts, and whom a message to a group reaches.

use super::overview::{page_of, presence_state, small};
use super::{Orders, internal, invalid, require};
use crate::delivery::SYSTEM_ALIAS;
use crate::groups::{Group, GroupsNow};
use crate::store::{GroupRow as StoredGroup, StoreError};
use rvp::{Alias, State};
use std::collections::BTreeSet;
use std::sync::Arc;
use web::backend::{Actor, BackendError};
use web::model::{
    GroupPage, GroupQuery, GroupRow, GroupView, Member, NewGroup, PresenceState, Role,
};

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 256;

impl Orders {
    /// One page of groups.
    pub async fn groups(&self, query: &GroupQuery) -> Result<GroupPage, BackendError> {
        let search = query.search.trim().to_lowercase();
        let all = self.all_groups().await?;
        let total = small(all.len());
        let found = |row: &GroupRow| {
            [&row.name, &row.description]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        };
        let rows: Vec<_> = all.into_iter().filter(found).collect();
        let (page, shown) = page_of(&rows, query.page);
        Ok(GroupPage {
            rows: shown.to_vec(),
            matching: small(rows.len()),
            total,
            page,
        })
    }

    /// All groups, by name.
    pub async fn all_groups(&self) -> Result<Vec<GroupRow>, BackendError> {
        Ok(self
            .groups_now()
            .await?
            .iter()
            .map(|(_, g)| row(g))
            .collect())
    }

    /// One group with a page of its members; with all of them where no page is asked for.
    pub async fn group(
        &self,
        name: &str,
        query: Option<&GroupQuery>,
    ) -> Result<GroupView, BackendError> {
        let now = self.groups_now().await?;
        let group = group_named(&now, name)?;
        let search = query.map_or_else(String::new, |q| q.search.trim().to_lowercase());
        let mut members = self.described(&group.members).await?;
        members.retain(|member| {
            [&member.alias, &member.display_name]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        });
        let matching = small(members.len());
        let (page, members) = match query {
            Some(query) => {
                let (page, shown) = page_of(&members, query.page);
                (page, shown.to_vec())
            }
            None => (1, members),
        };
        Ok(GroupView {
            row: row(group),
            members,
            matching,
            page,
        })
    }

    /// Makes a group.
    pub async fn create_group(&self, actor: &Actor, group: &NewGroup) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let spelled = group.name.trim();
        let name = group_name(spelled)?;
        let description = checked(&group.description)?;
        let members = self.users_named(&group.members).await?;
        let row = StoredGroup {
            name: name.to_string(),
            spelled: spelled.to_owned(),
            description,
            created_ms: self.clock.now_ms(),
        };
        match self.store.add_group(&row, &members).await {
            Ok(()) => {}
            Err(StoreError::Exists) => {
                let group = self
                    .store
                    .has_group(name.as_str())
                    .await
                    .map_err(internal)?;
                return Err(BackendError::Conflict(if group {
                    format!("There is a group {name} already. Choose another name.")
                } else {
                    format!(
                        "There is a user {name} already, and a group may not have the same name: both stand in addresses. Choose another name."
                    )
                }));
            }
            Err(error) => return Err(internal(error)),
        }
        self.redraw().await?;
        let detail = format!("{} members {}", members.len(), members.join(" "));
        self.audit(actor, "group.create", spelled, detail.trim_end())
            .await
    }

    /// Changes what a group is for.
    pub async fn describe_group(
        &self,
        actor: &Actor,
        name: &str,
        description: &str,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let key = Self::alias(name)?;
        let description = checked(description)?;
        self.store
            .describe_group(key.as_str(), &description)
            .await
            .map_err(no_such_group(name))?;
        self.redraw().await?;
        let detail = format!("description {description:?}");
        self.audit(actor, "group.edit", name, detail).await
    }

    /// Adds members, all or none: aliases, or several of them in one text. Gives how many are new.
    pub async fn add_members(
        &self,
        actor: &Actor,
        name: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        require(actor, Role::Administrator)?;
        let now = self.groups_now().await?;
        let spelled = group_named(&now, name)?.spelled.clone();
        let members = self.users_named(aliases).await?;
        if members.is_empty() {
            return Err(invalid(
                "members",
                "Nobody is named. Write one alias or several, with spaces or commas between them.",
            ));
        }
        let added = self
            .store
            .add_members(Self::alias(name)?.as_str(), &members)
            .await
            .map_err(internal)?;
        self.redraw().await?;
        self.audit(actor, "group.add-member", &spelled, members.join(" "))
            .await?;
        Ok(u32::try_from(added).unwrap_or(u32::MAX))
    }

    /// Takes members out. Gives how many were in it.
    pub async fn remove_members(
        &self,
        actor: &Actor,
        name: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        require(actor, Role::Administrator)?;
        let now = self.groups_now().await?;
        let group = group_named(&now, name)?;
        let mut members = Vec::new();
        for word in words(aliases) {
            let alias = Self::alias(word)?;
            if !group.members.contains(&alias) {
                return Err(BackendError::NotFound(format!(
                    "{alias} is not in the group {}. Nobody was taken out.",
                    group.spelled
                )));
            }
            members.push(alias.to_string());
        }
        if members.is_empty() {
            return Err(invalid(
                "members",
                "Nobody is chosen. Choose members to take out.",
            ));
        }
        let removed = self
            .store
            .remove_members(Self::alias(name)?.as_str(), &members)
            .await
            .map_err(internal)?;
        self.redraw().await?;
        self.audit(
            actor,
            "group.remove-member",
            &group.spelled,
            members.join(" "),
        )
        .await?;
        Ok(u32::try_from(removed).unwrap_or(u32::MAX))
    }

    /// Deletes a group; its members stay users.
    pub async fn delete_group(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let now = self.groups_now().await?;
        let group = group_named(&now, name)?;
        self.store
            .remove_group(Self::alias(name)?.as_str())
            .await
            .map_err(no_such_group(name))?;
        self.redraw().await?;
        let detail = format!("it had {} members", group.members.len());
        self.audit(actor, "group.delete", &group.spelled, detail)
            .await
    }

    /// The groups as they are now: those in memory, while a server runs.
    pub(super) async fn groups_now(&self) -> Result<Arc<GroupsNow>, BackendError> {
        match &self.live {
            Some(live) => Ok(live.groups.now()),
            None => Ok(Arc::new(self.groups_stored().await?)),
        }
    }

    /// The groups as they are stored.
    pub(super) async fn groups_stored(&self) -> Result<GroupsNow, BackendError> {
        let groups = self.store.groups().await.map_err(internal)?;
        let members = self.store.members().await.map_err(internal)?;
        Ok(GroupsNow::of_rows(&groups, &members))
    }

    /// The names of the groups that a user is in.
    pub(super) fn groups_of(now: &GroupsNow, who: &Alias) -> Vec<String> {
        let spelled = |name: &Alias| now.get(name).map(|group| group.spelled.to_string());
        now.of(who).iter().filter_map(spelled).collect()
    }

    /// The users that are meant, each once; everyone must exist.
    pub(super) async fn users_named(&self, texts: &[String]) -> Result<Vec<String>, BackendError> {
        let mut found = BTreeSet::new();
        let mut wanted = Vec::new();
        for word in words(texts) {
            wanted.push(Alias::new(word).map_err(|e| {
                invalid(
                    "members",
                    format!("{word:?} cannot be an alias: {e}. Nobody was added."),
                )
            })?);
        }
        let known: BTreeSet<String> = match &self.live {
            Some(live) => wanted
                .iter()
                .filter(|alias| live.nodes.account(alias).is_some())
                .map(Alias::to_string)
                .collect(),
            None => self
                .all_users()
                .await?
                .into_iter()
                .map(|u| u.alias)
                .collect(),
        };
        let mut missing = Vec::new();
        for alias in wanted {
            if known.contains(alias.as_str()) {
                found.insert(alias.to_string());
            } else {
                missing.push(alias.to_string());
            }
        }
        if missing.is_empty() {
            return Ok(found.into_iter().collect());
        }
        let who = if missing.len() == 1 { "user" } else { "users" };
        Err(invalid(
            "members",
            format!(
                "There is no {who} {}. Nobody was added.",
                missing.join(", ")
            ),
        ))
    }

    async fn described(&self, members: &[Alias]) -> Result<Vec<Member>, BackendError> {
        if let Some(live) = &self.live {
            let member = |alias: &Alias| {
                let account = live.nodes.account(alias)?;
                let state = live
                    .nodes
                    .properties(alias)
                    .map_or(State::Offline, |p| p.state);
                Some(Member {
                    alias: alias.to_string(),
                    display_name: account.display_name.to_string(),
                    state: presence_state(&state),
                })
            };
            return Ok(members.iter().filter_map(member).collect());
        }
        let users = self.all_users().await?;
        Ok(users
            .into_iter()
            .filter(|user| members.iter().any(|m| m.as_str() == user.alias))
            .map(|user| Member {
                alias: user.alias,
                display_name: user.display_name,
                state: PresenceState::Offline,
            })
            .collect())
    }
}

/// The aliases in texts that people typed: with spaces, commas or semicolons between them, with
/// or without the domain.
fn words(texts: &[String]) -> impl Iterator<Item = &str> {
    texts
        .iter()
        .flat_map(|text| text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')))
        .filter(|word| !word.is_empty())
        .map(|word| word.split_once('@').map_or(word, |(alias, _)| alias))
}

fn group_name(spelled: &str) -> Result<Alias, BackendError> {
    let name = Alias::new(spelled)
        .map_err(|e| invalid("name", format!("{spelled:?} cannot be a name: {e}.")))?;
    if spelled.contains('@') {
        return Err(invalid("name", "A name has no @. Leave the rest out."));
    }
    if matches!(name.as_str(), SYSTEM_ALIAS | "new") {
        return Err(invalid(
            "name",
            format!("The server itself uses the name \"{name}\". Choose another."),
        ));
    }
    Ok(name)
}

fn checked(description: &str) -> Result<String, BackendError> {
    let description = description.trim();
    if description.chars().count() > LONGEST_DESCRIPTION
        || description.chars().any(char::is_control)
    {
        return Err(invalid(
            "description",
            "The description must be one line of at most 256 characters.",
        ));
    }
    Ok(description.to_owned())
}

fn group_named<'a>(now: &'a GroupsNow, name: &str) -> Result<&'a Group, BackendError> {
    Alias::new(name.trim())
        .ok()
        .and_then(|key| now.get(&key))
        .ok_or_else(|| no_such_group(name)(StoreError::Missing))
}

fn no_such_group(name: &str) -> impl Fn(StoreError) -> BackendError {
    move |error| match error {
        StoreError::Missing => BackendError::NotFound(format!("There is no group {name}.")),
        error => internal(error),
    }
}

fn row(group: &Group) -> GroupRow {
    GroupRow {
        name: group.spelled.to_string(),
        description: group.description.to_string(),
        members: small(group.members.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn aliases_are_read_as_people_write_them() {
        let typed = [
            "alice, bob;carol@im.example.com\n dave".to_owned(),
            "erin".to_owned(),
        ];
        let read: Vec<_> = words(&typed).collect();
        assert_eq!(read, ["alice", "bob", "carol", "dave", "erin"]);
        assert_eq!(words(&[" , ;".to_owned()]).count(), 0);
    }
}
