//! The formats from outside the library: what they write, and that it reads back.

mod admx;
mod contacts;
mod many_values;
mod nasty_texts;
mod other_readers;
mod readers;
mod samples;
mod snapshots_of_formats;
mod write_then_read;
