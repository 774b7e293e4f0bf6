//! Client policies.

mod choice;
mod counts_for;
mod delete;
mod downloads;
mod history;
mod import;
mod list;
mod option;
mod others;
mod preview;
mod sheet;
mod traps;
mod values;

pub(crate) use delete::DeletePolicyPage;
pub(crate) use history::PolicyHistoryPage;
pub(crate) use import::ImportPolicyPage;
pub(crate) use list::PoliciesPage;
pub(crate) use sheet::{NewPolicyPage, PolicyPage};
pub(crate) use values::PolicyValuesPage;
