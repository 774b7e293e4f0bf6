//! Accounts as they are.

use super::thing;
use crate::admin::compliance::lately;
use crate::admin::list::{listed, small};
use crate::admin::registry::Handle;
use crate::admin::{Admin, internal, no_such_user, revision_number};
use crate::presence::Account;
use crate::store::StoreError;
use api::{
    Actor, Error, GetUser, ListUsers, Millis, PresenceState, UserDetail, UserFilter, UserPage,
    UserRow,
};
use rvp::{Alias, LogicalUrl, State};

impl Handle<ListUsers> for Admin {
    async fn handle(&self, _: &Actor, asked: ListUsers) -> Result<UserPage, Error> {
        let search = asked.query.search.trim().to_lowercase();
        let all = self.all_users().await?;
        let total = small(all.len());
        let wanted = |user: &UserRow| match asked.query.filter {
            UserFilter::All => true,
            UserFilter::Enabled => user.enabled,
            UserFilter::Disabled => !user.enabled,
        };
        let found = |user: &UserRow| {
            [&user.alias, &user.display_name, &user.email]
                .iter()
                .any(|t| t.to_lowercase().contains(&search))
        };
        let users: Vec<_> = all.into_iter().filter(|u| wanted(u) && found(u)).collect();
        let key = |user: &UserRow| user.alias.clone();
        let (page, part) = (asked.query.page, &asked.part);
        Ok(listed(&users, total, page, part, key))
    }
}

impl Handle<GetUser> for Admin {
    async fn handle(&self, _: &Actor, asked: GetUser) -> Result<UserDetail, Error> {
        let missing = || no_such_user(asked.alias.trim())(StoreError::Missing);
        let key = Alias::new(asked.alias.trim()).map_err(|_| missing())?;
        // The revision first, and what can be edited from the disk, as memory follows it: so what
        // is shown is never older than the revision that is shown with it.
        let revision = self.store.revision(&thing(&key)).await.map_err(internal)?;
        let kept = self.store.user(key.as_str()).await.map_err(internal)?;
        let kept = kept.ok_or_else(missing)?;
        let (now, offset) = (self.clock.now_ms(), self.clock.offset());
        let blocked = kept.blocked_until_ms.filter(|until| *until > now);
        let reason = kept.blocked_reason.unwrap_or_default();
        let live = self.live.as_ref();
        let account = live.and_then(|live| live.nodes.account(&key));
        let state = live.and_then(|live| live.nodes.properties(&key).ok());
        let authority = live.map_or_else(
            || self.realm.domain.to_string(),
            |live| live.settings.authority(),
        );
        let mark = live.and_then(|live| live.enforcement.record().mark_of(key.as_str()));
        Ok(UserDetail {
            revision: revision_number(revision),
            url: LogicalUrl::compose(&authority, &kept.spelled)
                .as_str()
                .to_owned(),
            created: Millis(kept.created_ms),
            blocked_until: blocked.map(|until| (Millis(until + offset), reason)),
            groups: Self::groups_of(&*self.groups_now().await?, &key),
            refused: mark.as_ref().map(lately),
            row: UserRow {
                alias: kept.alias,
                display_name: kept.display_name,
                email: kept.email,
                enabled: kept.enabled,
                state: presence_state(&state.map_or(State::Offline, |it| it.state)),
                // Of the last minutes memory knows more.
                last_sign_on: account
                    .and_then(|account| account.last_sign_on)
                    .or(kept.last_sign_on_ms)
                    .map(Millis),
            },
        })
    }
}

impl Admin {
    /// All accounts, by alias.
    pub(in crate::admin) async fn all_users(&self) -> Result<Vec<UserRow>, Error> {
        if let Some(live) = &self.live {
            let accounts = live.nodes.accounts_with_state();
            return Ok(accounts
                .iter()
                .map(|(alias, account, state)| row(alias, account, state))
                .collect());
        }
        let rows = self.store.users().await.map_err(internal)?;
        Ok(rows
            .into_iter()
            .map(|row| UserRow {
                alias: row.alias,
                display_name: row.display_name,
                email: row.email,
                enabled: row.enabled,
                state: PresenceState::Offline,
                last_sign_on: row.last_sign_on_ms.map(Millis),
            })
            .collect())
    }
}

fn row(alias: &Alias, account: &Account, state: &State) -> UserRow {
    UserRow {
        alias: alias.to_string(),
        display_name: account.display_name.to_string(),
        email: account.email.to_string(),
        enabled: account.enabled,
        state: presence_state(state),
        last_sign_on: account.last_sign_on.map(Millis),
    }
}

/// A state as it travels.
pub(in crate::admin) fn presence_state(state: &State) -> PresenceState {
    match state {
        State::Online | State::Other(_) => PresenceState::Online,
        State::Offline => PresenceState::Offline,
        State::Away => PresenceState::Away,
        State::Busy => PresenceState::Busy,
        State::BackSoon => PresenceState::BackSoon,
        State::OnPhone => PresenceState::OnPhone,
        State::AtLunch => PresenceState::AtLunch,
        State::Idle => PresenceState::Idle,
        State::Invisible => PresenceState::Invisible,
    }
}
