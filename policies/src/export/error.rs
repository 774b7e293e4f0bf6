//! Why a file was not made.

use thiserror::Error;

use super::Format;
use crate::check::Problem;

/// Why a file was not made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The policy has errors.
    #[error("the policy \"{policy}\" cannot be exported before this is put right: {}", sentences(.problems))]
    NotSound {
        /// The policy's name.
        policy: String,
        /// The errors alone.
        problems: Vec<Problem>,
    },
    /// The policy is for the wire alone.
    #[error(
        "the policy \"{policy}\" has effect on the server only; let it have effect in files, too, and export it again"
    )]
    WireOnly {
        /// The policy's name.
        policy: String,
    },
    /// The format cannot carry a character.
    #[error("{place} contains \"{}\" (U+{:04X}), which this format cannot carry ({}): {why}", .character.escape_debug(), u32::from(*.character), .format.title())]
    Character {
        /// The option, or the path of a value that no option knows.
        place: String,
        /// The character.
        character: char,
        /// The format.
        format: Format,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The format cannot carry a value.
    #[error("{place} cannot be carried by this format ({}): {why}", .format.title())]
    Value {
        /// The option, or the path of a value that no option knows.
        place: String,
        /// The format.
        format: Format,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The policy has nothing that the format is for.
    #[error("the policy \"{policy}\" has nothing for this format ({}): {why}", .format.title())]
    Nothing {
        /// The policy's name.
        policy: String,
        /// The format.
        format: Format,
        /// What is missing.
        why: &'static str,
    },
    /// The format cannot take a policy back.
    #[error("there is no undo file of this format ({}): {why}", .format.title())]
    NoUndo {
        /// The format.
        format: Format,
        /// What to do instead.
        why: &'static str,
    },
}

fn sentences(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
