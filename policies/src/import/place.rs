//! Where in which file something stands, and lines that cannot be read.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// So much of a line is shown.
const SHOWN: usize = 120;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The file, where several are read as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Arc<str>>,
    /// Where in it.
    pub spot: Spot,
}

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spot {
    /// A line, from 1.
    Line(usize),
    /// The record that begins at this byte, from 0.
    Byte(usize),
    /// Everywhere.
    File,
}

/// `line 4`, `lab.reg, line 4`
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.spot) {
            (Some(file), Spot::File) => f.write_str(file),
            (None, Spot::File) => f.write_str("the file"),
            (file, spot) => {
                if let Some(file) = file {
                    write!(f, "{file}, ")?;
                }
                match spot {
                    Spot::Line(line) => write!(f, "line {line}"),
                    Spot::Byte(at) => write!(f, "byte {at}"),
                    Spot::File => Ok(()),
                }
            }
        }
    }
}

/// Something that cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Where it stands.
    pub place: Position,
    /// What is wrong.
    pub why: String,
    /// The line, shortened; empty for a binary file.
    pub text: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)?;
        if self.text.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.text)
    }
}

/// Everything that cannot be read, up to a bound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLines {
    /// The first ones.
    pub named: Vec<BadLine>,
    /// How many more there are.
    pub more: usize,
}

impl BadLines {
    /// How many are named.
    pub const MOST: usize = 500;

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.named.len() + self.more
    }

    /// The first `most`, one on each line, and how many more there are.
    #[must_use]
    pub fn listed(&self, most: usize) -> String {
        let shown = self.named.len().min(most);
        let mut lines: Vec<String> = self.named[..shown].iter().map(BadLine::to_string).collect();
        let more = self.count() - shown;
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.join("\n")
    }

    pub(super) fn push(&mut self, place: Position, why: impl Into<String>, text: &str) {
        if self.named.len() < Self::MOST {
            self.named.push(BadLine {
                place,
                why: why.into(),
                text: shortened(text),
            });
        } else {
            self.more += 1;
        }
    }
}

/// `line 4 cannot be read: …`, or the count and all of them.
impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.named.as_slice(), self.more) {
            ([one], 0) => {
                write!(f, "{} cannot be read: {}", one.place, one.why)?;
                if one.text.is_empty() {
                    return Ok(());
                }
                write!(f, "; correct or remove it: {}", one.text)
            }
            (_, _) => write!(
                f,
                "{} lines cannot be read; correct or remove them, or have them skipped:\n{}",
                self.count(),
                self.listed(Self::MOST)
            ),
        }
    }
}

/// The beginning of a line, without blanks around it.
fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
