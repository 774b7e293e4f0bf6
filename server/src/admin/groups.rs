//! Groups of users: for whom a policy counts, and whom a message to a group reaches.

use super::change::{Change, field};
use super::list::{listed, shown, small};
use super::registry::Handle;
use super::users::presence_state;
use super::{Admin, internal, invalid, revision_number};
use crate::delivery::SYSTEM_ALIAS;
use crate::groups::{Group, GroupsNow};
use crate::store::{GroupRow as StoredGroup, Noun, StoreError, TakenName, Thing};
use api::{
    Actor, AddMembers, CreateGroup, DeleteGroup, Done, EditGroup, Error, GetGroup, GroupPage,
    GroupRow, GroupView, ListGroups, Member, PresenceState, RemoveMembers,
};
use rvp::{Alias, State};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 256;

impl Handle<ListGroups> for Admin {
    async fn handle(&self, _: &Actor, asked: ListGroups) -> Result<GroupPage, Error> {
        let search = asked.query.search.trim().to_lowercase();
        let now = self.groups_now().await?;
        let all: Vec<_> = now.iter().map(|(_, group)| row(group)).collect();
        let total = small(all.len());
        let found = |row: &GroupRow| {
            [&row.name, &row.description]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        };
        let rows: Vec<_> = all.into_iter().filter(found).collect();
        let key = |row: &GroupRow| row.name.to_lowercase();
        let (page, part) = (asked.query.page, &asked.part);
        Ok(listed(&rows, total, page, part, key))
    }
}

impl Handle<GetGroup> for Admin {
    async fn handle(&self, _: &Actor, asked: GetGroup) -> Result<GroupView, Error> {
        // Between two changes, so that what is shown is of the revision that is said.
        let turn = self.turn().await;
        let now = self.groups_now().await?;
        let group = group_named(&now, &asked.name)?;
        let revision = self.store.revision(&thing(&group.spelled)).await;
        drop(turn);
        let search = asked.query.search.trim().to_lowercase();
        let mut members = self.described(&group.members).await?;
        members.retain(|member| {
            [&member.alias, &member.display_name]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        });
        let key = |member: &Member| member.alias.clone();
        let shown = shown(&members, asked.query.page, &asked.part, key);
        Ok(GroupView {
            row: row(group),
            revision: revision_number(revision.map_err(internal)?),
            matching: small(members.len()),
            members: shown.rows.to_vec(),
            page: shown.page,
            next: shown.next,
        })
    }
}

impl Handle<CreateGroup> for Admin {
    async fn handle(&self, actor: &Actor, order: CreateGroup) -> Result<Done, Error> {
        let group = order.group;
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
        let added = change.rows.add_group(&row, &members).await;
        added.map_err(internal)?;
        let fields = [
            field("name", "", spelled),
            field("description", "", &row.description),
            field("members", "", &members.join(" ")),
        ];
        let fields = fields.into_iter().flatten().collect();
        change.audit_change("group.create", spelled, thing(spelled), fields);
        change.commit_followed(|_| ()).await?;
        Ok(Done {})
    }
}

impl Handle<EditGroup> for Admin {
    async fn handle(&self, actor: &Actor, order: EditGroup) -> Result<Done, Error> {
        let Some(description) = order.description.as_deref().map(checked).transpose()? else {
            return Ok(Done {});
        };
        let mut change = self.begin(actor).await?;
        let group = change.group_named(&order.name).await?;
        let thing = thing(&group.spelled);
        let Some(edit) = field("description", &group.description, &description) else {
            return Ok(Done {});
        };
        change
            .check_revision(&thing, order.revision, &["description"])
            .await?;
        let described = change.rows.describe_group(&group.name, &description).await;
        described.map_err(no_such_group(&order.name))?;
        change.audit_change("group.edit", &group.spelled, thing, vec![edit]);
        change.commit_followed(|_| ()).await?;
        Ok(Done {})
    }
}

impl Handle<AddMembers> for Admin {
    async fn handle(&self, actor: &Actor, order: AddMembers) -> Result<u32, Error> {
        let members = wanted(&order.members)?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(&order.name).await?;
        let members = change.existing(members).await?;
        if members.is_empty() {
            return Err(invalid(
                "members",
                "Nobody is named. Write one alias or several, with spaces or commas between them.",
            ));
        }
        let added = change.rows.add_members(&group.name, &members).await;
        let added = added.map_err(internal)?;
        let joined = field("members", "", &members.join(" "));
        let joined = joined.into_iter().collect();
        change.audit_change(
            "group.add-member",
            &group.spelled,
            thing(&group.spelled),
            joined,
        );
        change.commit_followed(|_| ()).await?;
        Ok(u32::try_from(added).unwrap_or(u32::MAX))
    }
}

impl Handle<RemoveMembers> for Admin {
    async fn handle(&self, actor: &Actor, order: RemoveMembers) -> Result<u32, Error> {
        let named = words(&order.members).map(Self::alias);
        let named = named.collect::<Result<BTreeSet<_>, _>>()?;
        let mut change = self.begin(actor).await?;
        let group = change.group_named(&order.name).await?;
        let members = change.rows.members_of(&group.name).await;
        let members: BTreeSet<_> = members.map_err(internal)?.into_iter().collect();
        let named: Vec<_> = named.iter().map(Alias::to_string).collect();
        if let Some(stranger) = named.iter().find(|alias| !members.contains(*alias)) {
            return Err(Error::NotFound(format!(
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
        let removed = change.rows.remove_members(&group.name, &named).await;
        let removed = removed.map_err(internal)?;
        let left = field("members", &named.join(" "), "");
        let left = left.into_iter().collect();
        change.audit_change(
            "group.remove-member",
            &group.spelled,
            thing(&group.spelled),
            left,
        );
        change.commit_followed(|_| ()).await?;
        Ok(u32::try_from(removed).unwrap_or(u32::MAX))
    }
}

impl Handle<DeleteGroup> for Admin {
    async fn handle(&self, actor: &Actor, order: DeleteGroup) -> Result<Done, Error> {
        let mut change = self.begin(actor).await?;
        let group = change.group_named(&order.name).await?;
        let thing = thing(&group.spelled);
        change.check_revision(&thing, order.revision, &[]).await?;
        let members = change.rows.members_of(&group.name).await;
        let members = members.map_err(internal)?.join(" ");
        let removed = change.rows.remove_group(&group.name).await;
        removed.map_err(no_such_group(&order.name))?;
        let gone = [
            field("name", &group.spelled, ""),
            field("description", &group.description, ""),
            field("members", &members, ""),
        ];
        let gone = gone.into_iter().flatten().collect();
        change.audit_change("group.delete", &group.spelled, thing, gone);
        change.commit_followed(|_| ()).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// The groups as they are now: those in memory, while a server runs.
    pub(super) async fn groups_now(&self) -> Result<Arc<GroupsNow>, Error> {
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

    async fn described(&self, members: &[Alias]) -> Result<Vec<Member>, Error> {
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
    pub(super) async fn group_named(&mut self, name: &str) -> Result<StoredGroup, Error> {
        let missing = || no_such_group(name)(StoreError::Missing);
        let key = Alias::new(name.trim()).map_err(|_| missing())?;
        let found = self.rows.group(key.as_str()).await.map_err(internal)?;
        found.ok_or_else(missing)
    }

    /// These users, by alias; everyone must exist.
    pub(super) async fn existing(&mut self, wanted: BTreeSet<Alias>) -> Result<Vec<String>, Error> {
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
pub(super) fn wanted(texts: &[String]) -> Result<BTreeSet<Alias>, Error> {
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
async fn refuse_taken(change: &mut Change<'_>, name: &Alias) -> Result<(), Error> {
    let taken = change.rows.taken(&[name.to_string()]).await;
    match taken.map_err(internal)?.first() {
        None => Ok(()),
        Some(TakenName { of_group: true, .. }) => Err(Error::Conflict(format!(
            "There is a group {name} already. Choose another name."
        ))),
        Some(_) => Err(Error::Conflict(format!(
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

fn group_name(spelled: &str) -> Result<Alias, Error> {
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

fn checked(description: &str) -> Result<String, Error> {
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

fn group_named<'a>(now: &'a GroupsNow, name: &str) -> Result<&'a Group, Error> {
    Alias::new(name.trim())
        .ok()
        .and_then(|key| now.get(&key))
        .ok_or_else(|| no_such_group(name)(StoreError::Missing))
}

fn no_such_group(name: &str) -> impl Fn(StoreError) -> Error {
    move |error| match error {
        StoreError::Missing => Error::NotFound(format!("There is no group {name}.")),
        error => internal(error),
    }
}

fn thing(name: &str) -> Thing {
    Thing::new(Noun::Group, name)
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
