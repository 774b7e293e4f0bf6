//! Client policies.

mod choice;
mod delete;
mod downloads;
mod list;
mod option;
mod preview;
mod sheet;

pub(crate) use delete::DeletePolicyPage;
pub(crate) use list::PoliciesPage;
pub(crate) use sheet::{NewPolicyPage, PolicyPage};
