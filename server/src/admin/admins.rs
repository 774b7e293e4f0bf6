//! Console accounts. One administrator who may sign in always stays; and whatever proved an account
//! before a change proves it no more, so its sessions end.

use super::change::{Change, field};
use super::first_run::FIRST_RUN_FACT;
use super::list::{listed, small};
use super::registry::Handle;
use super::{Admin, Live, internal, invalid, revision_number};
use crate::auth::HasherError;
use crate::auth::admin::check_strength;
use crate::store::{AdminRow, Noun, StoreError, Thing};
use api::{
    AccountPage, AccountRow, AccountView, Actor, ChangeOwnPassword, CreateAccount, DeleteAccount,
    DisableAccount, Done, EnableAccount, Error, GetAccount, ListAccounts, Millis, PasswordChanged,
    ResetAccountPassword, Role, Secret, SetAccountRole, Viewer,
};
use tokio::sync::watch;
use web::off_thread;

/// The longest name, in characters.
pub(super) const LONGEST_NAME: usize = 64;

impl Handle<ListAccounts> for Admin {
    async fn handle(&self, _: &Actor, asked: ListAccounts) -> Result<AccountPage, Error> {
        let search = asked.query.search.trim().to_lowercase();
        let all = self.store.admins().await.map_err(internal)?;
        let total = small(all.len());
        let found = |row: &AdminRow| row.name.to_lowercase().contains(&search);
        let rows: Vec<_> = all.into_iter().filter(found).map(account_row).collect();
        // As the database compares them.
        let key = |row: &AccountRow| row.name.to_ascii_lowercase();
        let (page, part) = (asked.query.page, &asked.part);
        Ok(listed(&rows, total, page, part, key))
    }
}

impl Handle<GetAccount> for Admin {
    async fn handle(&self, _: &Actor, asked: GetAccount) -> Result<AccountView, Error> {
        let all = self.store.admins().await.map_err(internal)?;
        let name = asked.name.trim();
        let found = all.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        let row = found.ok_or_else(|| no_such_account(name))?.clone();
        let revision = self.store.revision(&thing(&row.name)).await;
        Ok(AccountView {
            revision: revision_number(revision.map_err(internal)?),
            last_administrator: is_last(&all, &row),
            row: account_row(row),
        })
    }
}

impl Handle<CreateAccount> for Admin {
    async fn handle(&self, actor: &Actor, order: CreateAccount) -> Result<Done, Error> {
        let row = self
            .new_account(&order.name, order.role, &order.password)
            .await?;
        let mut change = self.begin(actor).await?;
        let added = change.rows.add_admin(&row).await;
        added.map_err(|error| match error {
            StoreError::Exists => Error::Conflict(format!(
                "There is a console account {} already. Choose another name.",
                row.name
            )),
            error => internal(error),
        })?;
        // Whoever has the word of the first run comes too late.
        let cleared = change.rows.clear_fact(FIRST_RUN_FACT).await;
        cleared.map_err(internal)?;
        let fields = [field("name", "", &row.name), field("role", "", &row.role)];
        let fields = fields.into_iter().flatten().collect();
        change.audit_change("admin.create", &row.name, thing(&row.name), fields);
        change.commit(|_| ()).await?;
        Ok(Done {})
    }
}

impl Handle<SetAccountRole> for Admin {
    async fn handle(&self, actor: &Actor, order: SetAccountRole) -> Result<Done, Error> {
        let mut change = self.begin(actor).await?;
        let mut row = account(&mut change, &order.name).await?;
        let Some(edit) = field("role", &row.role, role_name(order.role)) else {
            return Ok(Done {});
        };
        change
            .check_revision(&thing(&row.name), order.revision, &["role"])
            .await?;
        if order.role != Role::Administrator {
            refuse_last(&mut change, &row, "a lower role").await?;
        }
        row.role = role_name(order.role).to_owned();
        row.generation = self.generation();
        change.rows.change_admin(&row).await.map_err(internal)?;
        change.audit_change("admin.role", &row.name, thing(&row.name), vec![edit]);
        change.commit(self.tell_sessions()).await?;
        Ok(Done {})
    }
}

impl Handle<EnableAccount> for Admin {
    async fn handle(&self, actor: &Actor, order: EnableAccount) -> Result<Done, Error> {
        self.set_enabled(actor, &order.name, true).await
    }
}

impl Handle<DisableAccount> for Admin {
    async fn handle(&self, actor: &Actor, order: DisableAccount) -> Result<Done, Error> {
        self.set_enabled(actor, &order.name, false).await
    }
}

impl Handle<ResetAccountPassword> for Admin {
    async fn handle(&self, actor: &Actor, order: ResetAccountPassword) -> Result<Done, Error> {
        let name = order.name.trim();
        let known = self.store.admin(name).await.map_err(internal)?;
        if known.is_none() {
            return Err(no_such_account(name));
        }
        let hash = self.hashed(name, &order.password).await?;
        let mut change = self.begin(actor).await?;
        let row = account(&mut change, name).await?;
        self.new_password(&mut change, row, hash).await?;
        change.commit(self.tell_sessions()).await?;
        Ok(Done {})
    }
}

impl Handle<ChangeOwnPassword> for Admin {
    async fn handle(
        &self,
        actor: &Actor,
        order: ChangeOwnPassword,
    ) -> Result<PasswordChanged, Error> {
        let known = self.store.admin(&actor.name).await.map_err(internal)?;
        if known.is_none() {
            return Err(Error::Conflict(format!(
                "{} is no console account and has no password here. Name the account, and let an administrator set its password.",
                actor.name
            )));
        }
        let proven = self
            .prove_own(&actor.name, order.old_password.expose(), &actor.from)
            .await?;
        if order.password == order.old_password {
            return Err(invalid(
                "password",
                "The new password is the old one. Choose another.",
            ));
        }
        let hash = self.hashed(&proven.name, &order.password).await?;
        let mut change = self.begin(actor).await?;
        let row = account(&mut change, &proven.name).await?;
        if row.generation != proven.generation {
            return Err(Error::Conflict(
                "Somebody changed this account meanwhile, so the password is as they left it. Sign in anew.".into(),
            ));
        }
        let generation = self.new_password(&mut change, row, hash).await?;
        change.commit(self.tell_sessions()).await?;
        Ok(PasswordChanged { generation })
    }
}

impl Handle<DeleteAccount> for Admin {
    async fn handle(&self, actor: &Actor, order: DeleteAccount) -> Result<Done, Error> {
        let mut change = self.begin(actor).await?;
        let row = account(&mut change, &order.name).await?;
        let thing = thing(&row.name);
        change.check_revision(&thing, order.revision, &[]).await?;
        refuse_last(&mut change, &row, "removing it").await?;
        let removed = change.rows.remove_admin(&row.name).await;
        removed.map_err(internal)?;
        let gone = [field("name", &row.name, ""), field("role", &row.role, "")];
        let gone = gone.into_iter().flatten().collect();
        change.audit_change("admin.remove", &row.name, thing, gone);
        change.commit(self.tell_sessions()).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// The account behind a console session, as it is now; none if it is not the one that the
    /// session was begun with, whatever its name, or may sign in no more.
    pub async fn viewer(&self, name: &str, generation: i64) -> Result<Option<Viewer>, Error> {
        let admin = self.store.admin(name).await.map_err(internal)?;
        let same = admin.filter(|admin| admin.enabled && admin.generation == generation);
        Ok(same.map(|a| Viewer {
            role: role(&a.role),
            name: a.name,
        }))
    }

    /// A number that changes whenever sessions of the console end.
    #[must_use]
    pub fn admins_version(&self) -> watch::Receiver<u64> {
        self.admins_changed.subscribe()
    }

    /// Lets streams that sessions left open look whether theirs has ended.
    pub(super) fn tell_sessions(&self) -> impl FnOnce(&Live) + Send + use<> {
        let changed = self.admins_changed.clone();
        move |_| changed.send_modify(|version| *version += 1)
    }

    /// An account that is to be made.
    pub(super) async fn new_account(
        &self,
        name: &str,
        role: Role,
        password: &Secret,
    ) -> Result<AdminRow, Error> {
        let name = checked_name(name)?;
        Ok(AdminRow {
            password_hash: self.hashed(name, password).await?,
            name: name.to_owned(),
            role: role_name(role).to_owned(),
            generation: self.generation(),
            enabled: true,
            created_ms: self.clock.wall_ms(),
            signed_in_ms: None,
            signed_in_from: None,
        })
    }

    /// The hash of a password that is good enough for this account.
    async fn hashed(&self, name: &str, password: &Secret) -> Result<String, Error> {
        let (word, known) = (password.clone(), name.to_owned());
        let measured = off_thread(move || check_strength(word.expose(), &[&known])).await;
        measured.map_err(|why| invalid("password", why))?;
        let word = password.expose().to_owned();
        let hash = self.hasher.hash(word, self.random.bytes()).await;
        hash.map_err(|error| match error {
            HasherError::Busy => Error::TooMany {
                message: error.to_string(),
                seconds: 2,
            },
            error => internal(error),
        })
    }

    /// Sets a password that was hashed; gives the account's new number.
    async fn new_password(
        &self,
        change: &mut Change<'_>,
        mut row: AdminRow,
        hash: String,
    ) -> Result<i64, Error> {
        row.password_hash = hash;
        row.generation = self.generation();
        change.rows.change_admin(&row).await.map_err(internal)?;
        let changed = field("password", "", "changed").into_iter().collect();
        change.audit_change("admin.password", &row.name, thing(&row.name), changed);
        Ok(row.generation)
    }

    async fn set_enabled(&self, actor: &Actor, name: &str, enabled: bool) -> Result<Done, Error> {
        let mut change = self.begin(actor).await?;
        let mut row = account(&mut change, name).await?;
        let word = |enabled| if enabled { "yes" } else { "no" };
        let Some(edit) = field("enabled", word(row.enabled), word(enabled)) else {
            return Ok(Done {});
        };
        if !enabled {
            refuse_last(&mut change, &row, "disabling it").await?;
        }
        row.enabled = enabled;
        row.generation = self.generation();
        change.rows.change_admin(&row).await.map_err(internal)?;
        let action = if enabled {
            "admin.enable"
        } else {
            "admin.disable"
        };
        change.audit_change(action, &row.name, thing(&row.name), vec![edit]);
        change.commit(self.tell_sessions()).await?;
        Ok(Done {})
    }
}

async fn account(change: &mut Change<'_>, name: &str) -> Result<AdminRow, Error> {
    let found = change.rows.admin(name.trim()).await.map_err(internal)?;
    found.ok_or_else(|| no_such_account(name.trim()))
}

/// Refuses what would leave nobody who may administer the server.
async fn refuse_last(change: &mut Change<'_>, row: &AdminRow, what: &str) -> Result<(), Error> {
    let all = change.rows.admins().await.map_err(internal)?;
    if !is_last(&all, row) {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "{} is the last administrator who may sign in, and {what} would leave nobody: add another first.",
        row.name
    )))
}

fn is_last(all: &[AdminRow], row: &AdminRow) -> bool {
    let may = |it: &AdminRow| it.enabled && role(&it.role) == Role::Administrator;
    may(row) && !all.iter().any(|it| it.name != row.name && may(it))
}

fn checked_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(invalid(
            "name",
            "The name must have 1 to 64 characters and no control character.",
        ));
    }
    let lower = name.to_lowercase();
    // `new` and dots mean something in addresses; and in the audit a token is called `token …`.
    if matches!(lower.as_str(), "new" | "." | "..") || lower.starts_with("token ") {
        return Err(invalid(
            "name",
            format!("The server itself uses the name {name:?}. Choose another."),
        ));
    }
    Ok(name)
}

fn no_such_account(name: &str) -> Error {
    Error::NotFound(format!("There is no console account {name}."))
}

fn thing(name: &str) -> Thing {
    Thing::new(Noun::Account, name)
}

fn account_row(row: AdminRow) -> AccountRow {
    AccountRow {
        role: role(&row.role),
        name: row.name,
        enabled: row.enabled,
        created: Millis(row.created_ms),
        signed_in: row.signed_in_ms.map(Millis),
        signed_in_from: row.signed_in_from,
    }
}

/// A role as the database says it.
#[must_use]
pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
        Role::Administrator => "administrator",
    }
}

/// A role by its name; what is not known may only look.
pub(super) fn role(name: &str) -> Role {
    match name {
        "administrator" => Role::Administrator,
        "operator" => Role::Operator,
        _ => Role::Viewer,
    }
}
