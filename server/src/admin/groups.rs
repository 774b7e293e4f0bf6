//! Groups of users: for whom a policy counts, and whom a message to a group reaches.

use super::change::Change;
use super::overview::{page_of, presence_state, small};
use super::{Admin, internal, invalid, require};
use crate::delivery::SYSTEM_ALIAS;
use crate::groups::{Group, GroupsNow};
use crate::store::{GroupRow as StoredGroup, StoreError, TakenName};
use rvp::{Alias, State};
use std::collections::BTreeSet;
use std::sync::Arc;
use web::backend::{Actor, BackendError};
use web::model::{
    GroupPage, GroupQuery, GroupRow, GroupView, Member, NewGroup, PresenceState, Role,
};

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 256;

impl Admin {
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
        let members = wanted(&group.members)?;
        let mut change = self.begin(actor).await?;
        refuse_taken(&mut change, &name).await?;
        let members = change.existing(members).await?;
        let row = StoredGroup {
            name: name.to_string(),
            spelled: spelled.to_owned(),
            description,
            created_ms: change.now,
        };
        change
            .rows
            .add_group(&row, &members)
            .await
            .map_err(internal)?;
        let detail = format!("{} members {}", members.len(), members.join(" "));
        change.audit("group.create", spelled, detail.trim_end());
        change.commit_followed(|_| ()).await.map(drop)
    }

    /// Changes what a group is for.
    pub async fn describe_group(
        &self,
        actor: &Actor,
        name: &str,
        description: &str,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let description = checked(description)?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(name).await?;
        change
            .rows
            .describe_group(&group.name, &description)
            .await
            .map_err(no_such_group(name))?;
        let detail = format!("description {description:?}");
        change.audit("group.edit", &group.spelled, detail);
        change.commit_followed(|_| ()).await.map(drop)
    }

    /// Adds members, all or none: aliases, or several of them in one text. Gives how many are new.
    pub async fn add_members(
        &self,
        actor: &Actor,
        name: &str,
        aliases: &[String],
    ) -> Result<u32, BackendError> {
        require(actor, Role::Administrator)?;
        let members = wanted(aliases)?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(name).await?;
        let members = change.existing(members).await?;
        if members.is_empty() {
            return Err(invalid(
                "members",
                "Nobody is named. Write one alias or several, with spaces or commas between them.",
            ));
        }
        let added = change
            .rows
            .add_members(&group.name, &members)
            .await
            .map_err(internal)?;
        change.audit("group.add-member", &group.spelled, members.join(" "));
        change.commit_followed(|_| ()).await?;
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
        let named = words(aliases).map(Self::alias);
        let named = named.collect::<Result<BTreeSet<_>, _>>()?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(name).await?;
        let members = change.rows.members_of(&group.name).await;
        let members: BTreeSet<_> = members.map_err(internal)?.into_iter().collect();
        let named: Vec<_> = named.iter().map(Alias::to_string).collect();
        if let Some(stranger) = named.iter().find(|alias| !members.contains(*alias)) {
            return Err(BackendError::NotFound(format!(
                "{stranger} is not in the group {}. Nobody was taken out.",
                group.spelled
            )));
        }
        if named.is_empty() {
            return Err(invalid(
                "members",
                "Nobody is chosen. Choose members to take out.",
            ));
        }
        let removed = change
            .rows
            .remove_members(&group.name, &named)
            .await
            .map_err(internal)?;
        change.audit("group.remove-member", &group.spelled, named.join(" "));
        change.commit_followed(|_| ()).await?;
        Ok(u32::try_from(removed).unwrap_or(u32::MAX))
    }

    /// Deletes a group; its members stay users.
    pub async fn delete_group(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(name).await?;
        let members = change.rows.members_of(&group.name).await;
        let detail = format!("it had {} members", members.map_err(internal)?.len());
        change
            .rows
            .remove_group(&group.name)
            .await
            .map_err(no_such_group(name))?;
        change.audit("group.delete", &group.spelled, detail);
        change.commit_followed(|_| ()).await.map(drop)
    }

    /// The groups as they are now: those in memory, while a server runs.
    pub(super) async fn groups_now(&self) -> Result<Arc<GroupsNow>, BackendError> {
        match &self.live {
            Some(live) => Ok(live.groups.now()),
            None => {
                let groups = self.store.groups().await.map_err(internal)?;
                let members = self.store.members().await.map_err(internal)?;
                Ok(Arc::new(GroupsNow::of_rows(&groups, &members)))
            }
        }
    }

    /// The names of the groups that a user is in.
    pub(super) fn groups_of(now: &GroupsNow, who: &Alias) -> Vec<String> {
        let spelled = |name: &Alias| now.get(name).map(|group| group.spelled.to_string());
        now.of(who).iter().filter_map(spelled).collect()
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

impl Change<'_> {
    /// The group of this name.
    pub(super) async fn group_named(&mut self, name: &str) -> Result<StoredGroup, BackendError> {
        let missing = || no_such_group(name)(StoreError::Missing);
        let key = Alias::new(name.trim()).map_err(|_| missing())?;
        let found = self.rows.group(key.as_str()).await.map_err(internal)?;
        found.ok_or_else(missing)
    }

    /// These users, by alias; everyone must exist.
    pub(super) async fn existing(
        &mut self,
        wanted: BTreeSet<Alias>,
    ) -> Result<Vec<String>, BackendError> {
        let wanted: Vec<_> = wanted.iter().map(Alias::to_string).collect();
        let known = self.rows.taken(&wanted).await.map_err(internal)?;
        let known: BTreeSet<_> = known
            .iter()
            .filter(|it| !it.of_group)
            .map(|it| it.name.as_str())
            .collect();
        let missing: Vec<_> = wanted
            .iter()
            .map(String::as_str)
            .filter(|alias| !known.contains(alias))
            .collect();
        if missing.is_empty() {
            return Ok(wanted);
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
}

/// The users that are meant, each once.
pub(super) fn wanted(texts: &[String]) -> Result<BTreeSet<Alias>, BackendError> {
    words(texts)
        .map(|word| {
            Alias::new(word).map_err(|e| {
                invalid(
                    "members",
                    format!("{word:?} cannot be an alias: {e}. Nobody was added."),
                )
            })
        })
        .collect()
}

/// Refuses a name for a new group that a user or another group has.
async fn refuse_taken(change: &mut Change<'_>, name: &Alias) -> Result<(), BackendError> {
    let taken = change.rows.taken(&[name.to_string()]).await;
    match taken.map_err(internal)?.first() {
        None => Ok(()),
        Some(TakenName { of_group: true, .. }) => Err(BackendError::Conflict(format!(
            "There is a group {name} already. Choose another name."
        ))),
        Some(_) => Err(BackendError::Conflict(format!(
            "There is a user {name} already, and a group may not have the same name: both stand in addresses. Choose another name."
        ))),
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
