//! One change of a principal: its rows, what was before, whom to tell.

use super::Refused;
use super::event::{Effects, Event};
use super::nodes::Nodes;
use super::principal::Principal;
use super::undo::{Before, Previous};
use crate::store::writer::Write;
use rvp::Alias;

/// What a change did so far.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) writes: Vec<Write>,
    pub(super) before: Previous,
    pub(super) events: Vec<Event>,
}

impl Change {
    /// Notes a step: the row it writes, and what takes it back.
    pub(super) fn step(&mut self, write: Write, before: Before) {
        self.writes.push(write);
        self.before.0.push(before);
    }
}

impl Nodes {
    /// Changes a principal, all of it or nothing: what is refused half way is taken back here, and
    /// what cannot be saved by the writer. While the database refuses, nothing is begun.
    pub(super) fn change<T, E: From<Refused>>(
        &self,
        alias: &Alias,
        act: impl FnOnce(&mut Principal, &mut Change) -> Result<T, E>,
    ) -> Result<(T, Effects), E> {
        let mut shard = self.shard(alias);
        let Some(principal) = shard.get_mut(alias) else {
            return Err(Refused::NoSuchNode(alias.to_string()).into());
        };
        if self.writer.is_failing() {
            return Err(Refused::Unsaved.into());
        }
        let mut change = Change::default();
        let result = act(principal, &mut change);
        let Change {
            writes,
            before,
            events,
        } = change;
        let result = match result {
            Ok(result) => result,
            Err(refused) => {
                self.undo(principal, before);
                return Err(refused);
            }
        };
        self.watch_deadline(principal);
        let commit = self.writer.submit(&principal.alias, writes, before);
        drop(shard);
        self.changed();
        Ok((result, Effects::new(commit, events, self.untold.clone())))
    }
}
