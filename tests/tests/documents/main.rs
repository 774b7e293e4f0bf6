//! The documents against the sources: what they say of the house must be so.

mod floors;
mod habits;
mod rust_source;
