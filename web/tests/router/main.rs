//! The console from outside: what a browser sends, and what it gets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fake/mod.rs"]
mod fake;

mod assignments;
mod browser;
mod contacts;
mod files;
mod groups;
mod large_policy;
mod live;
mod orders;
mod pages;
mod policies_pages;
mod policy_import;
mod privacy;
mod sign_in;
