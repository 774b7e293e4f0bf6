//! What the wire follows: groups, policies and the proxy script, worked out of their rows.

use super::assignments::assigned;
use super::proxy_script::script;
use super::{Admin, Live, internal};
use crate::enforcement::Table;
use crate::groups::GroupsNow;
use crate::proxy_script::Script;
use crate::store::Snapshot;
use web::off_thread;

/// All that is worked out of a [`Snapshot`].
pub(super) struct Picture {
    groups: GroupsNow,
    table: Table,
    script: Script,
}

impl Picture {
    /// Works it out for a server of this domain. It may take a while.
    pub(super) fn of(rows: &Snapshot, domain: &str) -> Self {
        let groups = GroupsNow::of_rows(&rows.groups, &rows.members);
        let policies = assigned(&rows.policies, &rows.assignments, &groups);
        Self {
            table: Table::new(&policies, &groups),
            script: script(rows, domain),
            groups,
        }
    }

    /// Lets the live side follow it from now on.
    pub(super) fn show(self, live: &Live) {
        live.nodes.show_groups(&self.groups);
        live.groups.show(self.groups);
        live.enforcement.follow(self.table);
        live.proxy_script.put(self.script);
        live.nodes.figures_changed();
    }
}

impl Admin {
    /// Makes the wire follow the groups and policies that are saved.
    pub(crate) async fn redraw(&self) -> Result<(), api::Error> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let _turn = self.turn().await;
        let rows = self.store.snapshot().await.map_err(internal)?;
        let domain = self.realm.domain.clone();
        let drawn = off_thread(move || Picture::of(&rows, &domain)).await;
        drawn.show(live);
        Ok(())
    }
}
