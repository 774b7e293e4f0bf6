//! The process itself: file handles, signals, logs that nobody reads, output that nobody takes,
//! a server that hangs.

mod command_line;
mod handles;
mod health;
mod log;
mod signals;
