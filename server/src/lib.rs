//! The Rollcall daemon as a library, so that its parts can be tested; `main.rs` is the program.
//!
//! Floors from the top, each using only those below it: command line and daemon (`cli`,
//! `serve`), what they speak (`listener`, `console`, `control`), what may be ordered (`admin`),
//! `doctor`, `enforcement`, `delivery`, `federation`, `presence`, `groups`, `auth`, `store`, and
//! `names`, `proxy_script`, `config`, `keys`, `clock`, `network`, `dns`, `timeouts`, `telemetry`,
//! `access_log`, `net`, `stop` at the bottom.

pub mod access_log;
pub mod admin;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod control;
pub mod data_dir;
pub mod delivery;
pub mod dns;
pub mod doctor;
pub mod enforcement;
pub mod federation;
pub mod groups;
pub mod history;
pub mod keys;
pub mod listener;
pub mod names;
pub mod net;
pub mod network;
pub mod opening;
pub mod presence;
pub mod proxy_script;
pub mod serve;
mod signals;
pub mod stop;
pub mod store;
mod tasks;
pub mod telemetry;
pub mod timeouts;
