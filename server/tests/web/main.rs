//! The console from outside, on the server that it administers: what a browser sends, what it
//! gets, and what becomes of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../house/mod.rs"]
mod house;

mod accounts;
mod assignments;
mod audit;
mod browser;
mod console;
mod contacts;
mod files;
mod groups;
mod hooks;
mod large_policy;
mod live;
mod orders;
mod pages;
mod policies_pages;
mod policy_import;
mod privacy;
mod sign_in;
mod tokens;
