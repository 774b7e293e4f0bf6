//! Which rows are ticked, and whom the open dialog is about.

use crate::model::OnlinePage;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// Whom a logoff is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// These users.
    These(Vec<String>),
    /// Everybody.
    All,
}

/// What is chosen on the page.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    ticked: RwSignal<BTreeSet<String>>,
    page: RwSignal<OnlinePage>,
    /// Whom the open dialog is about; `None` while it is closed.
    pub(super) asking: RwSignal<Option<Whom>>,
}

impl Choice {
    pub(super) fn new(page: RwSignal<OnlinePage>) -> Self {
        Self {
            ticked: RwSignal::new(BTreeSet::new()),
            page,
            asking: RwSignal::new(None),
        }
    }

    pub(super) fn has(self, alias: &str) -> bool {
        self.ticked.with(|ticked| ticked.contains(alias))
    }

    pub(super) fn tick(self, alias: &str, on: bool) {
        self.ticked.update(|ticked| {
            if on {
                ticked.insert(alias.to_owned());
            } else {
                ticked.remove(alias);
            }
        });
    }

    /// Ticked rows that are on the page: nobody is logged off who is not seen.
    pub(super) fn seen(self) -> Vec<String> {
        self.page.with(|page| {
            self.ticked.with(|ticked| {
                page.rows
                    .iter()
                    .map(|row| &row.alias)
                    .filter(|alias| ticked.contains(*alias))
                    .cloned()
                    .collect()
            })
        })
    }

    /// True if every row of the page is ticked.
    pub(super) fn whole_page(self) -> bool {
        self.page.with(|page| {
            self.ticked.with(|ticked| {
                !page.rows.is_empty() && page.rows.iter().all(|row| ticked.contains(&row.alias))
            })
        })
    }

    pub(super) fn tick_page(self, on: bool) {
        let aliases = self.page.with_untracked(|page| {
            page.rows
                .iter()
                .map(|row| row.alias.clone())
                .collect::<Vec<_>>()
        });
        self.ticked.update(|ticked| {
            for alias in aliases {
                if on {
                    ticked.insert(alias);
                } else {
                    ticked.remove(&alias);
                }
            }
        });
    }

    /// Closes the dialog after its order was carried out: whom it was about is ticked no
    /// more, so that a tick does not wait for a user to come back.
    pub(super) fn close_done(self) {
        match self.asking.get_untracked() {
            Some(Whom::These(aliases)) => {
                self.ticked.update(|ticked| {
                    for alias in &aliases {
                        ticked.remove(alias);
                    }
                });
            }
            Some(Whom::All) => self.ticked.update(BTreeSet::clear),
            None => {}
        }
        self.asking.set(None);
    }
}
