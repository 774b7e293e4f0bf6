//! What an operation is, and who asks for it.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One thing that may be asked or ordered. Its fields are its parameters, its documentation is
/// what people read of it.
pub trait Operation: Serialize + DeserializeOwned + JsonSchema + Send + 'static {
    /// Noun and verb, such as `groups.add-members`.
    const NAME: &'static str;
    /// Whether it changes anything.
    const KIND: Kind;
    /// The least role that may do it.
    const ROLE: Role;
    /// Where it is in the REST API. Parts in braces are fields.
    const ROUTE: Route;
    /// What comes of it.
    type Output: Serialize + DeserializeOwned + JsonSchema + Send + 'static;
}

/// Whether an operation changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It looks.
    Query,
    /// It changes something or gives something away: it is written down in the audit.
    Command,
}

/// The methods that the REST API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Look.
    Get,
    /// Make, or do.
    Post,
    /// Change what is named and leave the rest.
    Patch,
    /// Put in place of what is there.
    Put,
    /// Remove.
    Delete,
}

/// Where an operation is in the REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the version, such as `/groups/{name}`.
    pub path: &'static str,
}

impl Route {
    /// The names of the fields that stand in the path.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        let segments = self.path.split('/');
        segments.filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// What an account may do. Each role may do all that the one before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks, changes nothing.
    Viewer,
    /// Also logs users off.
    Operator,
    /// Also keeps users and policies, and reads the audit.
    Administrator,
}

/// Who asks or orders, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Console account, `token NAME`, or the system's name of a user of the command line.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Address of the browser or program, or `command line`.
    pub from: String,
    /// The only operations it may do, if it is kept to some.
    pub only: Option<Vec<String>>,
}

impl Actor {
    /// Whether this actor may do such an operation.
    #[must_use]
    pub fn may(&self, name: &str, least: Role) -> bool {
        let listed = |only: &Vec<String>| only.iter().any(|it| it == name);
        self.role >= least && self.only.as_ref().is_none_or(listed)
    }
}

/// Says of a type which operation it is: name, kind, least role, method and path, output.
macro_rules! operation {
    ($type:ty = $name:literal, $kind:ident, $role:ident, $method:ident $path:literal, $output:ty) => {
        impl $crate::Operation for $type {
            const NAME: &'static str = $name;
            const KIND: $crate::Kind = $crate::Kind::$kind;
            const ROLE: $crate::Role = $crate::Role::$role;
            const ROUTE: $crate::Route = $crate::Route {
                method: $crate::Method::$method,
                path: $path,
            };
            type Output = $output;
        }
    };
}
pub(crate) use operation;
