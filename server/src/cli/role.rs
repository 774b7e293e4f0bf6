//! Roles as words of the command line.

use api::Role;
use clap::ValueEnum;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleArg {
    /// Looks, changes nothing.
    Viewer,
    /// Also logs users off.
    Operator,
    /// Also keeps users and policies.
    Administrator,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Operator => Self::Operator,
            RoleArg::Administrator => Self::Administrator,
        }
    }
}
