//! The one table of operations, and the way that each of them goes: the role first, then the
//! handler. A handler that changes something does so through `change.rs`: its turn, its
//! transaction with the audit in it, commit, and only then memory.

use super::Admin;
use api::{Actor, Door, Error, Kind, Operation, Role, Route};
use async_trait::async_trait;
use futures::future::BoxFuture;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use std::any::Any;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Carries one kind of operation out. The role has been looked at before.
pub(super) trait Handle<O: Operation> {
    fn handle(
        &self,
        actor: &Actor,
        operation: O,
    ) -> impl Future<Output = Result<O::Output, Error>> + Send;
}

type Boxed = Box<dyn Any + Send>;
type Called<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// One operation, as doors see it that do not know its type.
pub struct Entry {
    /// Noun and verb, such as `groups.add-members`.
    pub name: &'static str,
    /// Whether it changes anything.
    pub kind: Kind,
    /// The least role that may do it.
    pub role: Role,
    /// Where it is in the REST API.
    pub route: Route,
    /// The schema of its fields.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of what comes of it.
    pub output: fn(&mut SchemaGenerator) -> Schema,
    typed: for<'a> fn(&'a Admin, &'a Actor, Boxed) -> Called<'a, Boxed>,
    json: for<'a> fn(&'a Admin, &'a Actor, Value) -> Called<'a, Value>,
}

impl Entry {
    const fn of<O: Operation>() -> Self
    where
        Admin: Handle<O>,
    {
        Self {
            name: O::NAME,
            kind: O::KIND,
            role: O::ROLE,
            route: O::ROUTE,
            input: SchemaGenerator::subschema_for::<O>,
            output: SchemaGenerator::subschema_for::<O::Output>,
            typed: |admin, actor, operation| {
                Box::pin(async move {
                    let operation = operation
                        .downcast::<O>()
                        .map_err(|_| mistaken::<O>("input"))?;
                    let output = admin.call(actor, *operation).await?;
                    Ok(Box::new(output) as Boxed)
                })
            },
            json: |admin, actor, fields| {
                Box::pin(async move {
                    let operation = serde_json::from_value(fields)
                        .map_err(|error| Error::invalid("", sentence(&error)))?;
                    let output = admin.call::<O>(actor, operation).await?;
                    serde_json::to_value(output).map_err(|_| mistaken::<O>("output"))
                })
            },
        }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

fn mistaken<O: Operation>(what: &str) -> Error {
    Error::Internal(format!("the {what} of {} is none of its own", O::NAME))
}

fn sentence(error: &serde_json::Error) -> String {
    format!("The fields do not fit: {error}. The document of the API says what they hold.")
}

macro_rules! operations {
    ($($operation:ident),* $(,)?) => {
        /// Every operation.
        pub static OPERATIONS: &[Entry] = &[$(Entry::of::<api::$operation>()),*];
    };
}

operations![
    AddMembers,
    AssignPolicy,
    ChangeOwnPassword,
    CreateAccount,
    CreateGroup,
    CreatePolicy,
    CreateToken,
    CreateUser,
    DeleteAccount,
    DeleteContacts,
    DeleteGroup,
    DeletePolicy,
    DeleteToken,
    DeleteUser,
    Diagnose,
    DisableAccount,
    DisableUser,
    EditGroup,
    EditUser,
    EnableAccount,
    EnableUser,
    EndSession,
    ExportAudit,
    ExportContacts,
    ExportPolicy,
    GetAccess,
    GetAccount,
    GetContactScripts,
    GetContacts,
    GetDashboard,
    GetEffective,
    GetGroup,
    GetKit,
    GetPolicy,
    GetPrivacy,
    GetReach,
    GetRevision,
    GetUser,
    ImportContacts,
    ImportPolicy,
    ImportUsers,
    ListAccounts,
    ListAudit,
    ListCatalogue,
    ListContacts,
    ListDeliveries,
    ListGroups,
    ListHooks,
    ListLockouts,
    ListOnline,
    ListPolicies,
    ListRefusals,
    ListRevisions,
    ListSessions,
    ListTokens,
    ListUsers,
    Logoff,
    RemoveMembers,
    ResetAccountPassword,
    RevertPolicy,
    SavePolicy,
    ServeProxyScript,
    SetAccountRole,
    SetPassword,
    SetPrivacy,
    UnblockUser,
    Unlock,
];

/// Every operation, by its name.
pub(super) static BY_NAME: LazyLock<HashMap<&'static str, &'static Entry>> =
    LazyLock::new(|| OPERATIONS.iter().map(|it| (it.name, it)).collect());

impl Admin {
    /// Carries an operation out in the name of somebody.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the actor's role does not allow it, and those of the operation.
    #[expect(
        private_bounds,
        reason = "what is in the table can be called, and nothing else"
    )]
    pub async fn call<O: Operation>(&self, actor: &Actor, operation: O) -> Result<O::Output, Error>
    where
        Self: Handle<O>,
    {
        if !actor.may(O::NAME, O::ROLE) {
            return Err(Error::Forbidden);
        }
        self.handle(actor, operation).await
    }

    /// Carries out the operation of an entry, as programs send it.
    ///
    /// # Errors
    /// As [`Admin::call`], and [`Error::Invalid`] if the fields are not those of the operation.
    pub async fn call_json(
        &self,
        actor: &Actor,
        entry: &Entry,
        fields: Value,
    ) -> Result<Value, Error> {
        // Whoever may not do it need not hear which fields it has.
        if !actor.may(entry.name, entry.role) {
            return Err(Error::Forbidden);
        }
        (entry.json)(self, actor, fields).await
    }
}

#[async_trait]
impl Door for Admin {
    async fn call_any(
        &self,
        actor: &Actor,
        name: &'static str,
        operation: Boxed,
    ) -> Result<Boxed, Error> {
        let unknown = || Error::NotFound(format!("There is no operation {name}."));
        let entry = BY_NAME.get(name).ok_or_else(unknown)?;
        (entry.typed)(self, actor, operation).await
    }
}
