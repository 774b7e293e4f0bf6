//! What decides for whom which policy counts, at one moment.

use super::{
    AssignmentRow, GroupRow, MemberRow, PolicyRow, Store, StoreError, Transaction, assignments,
    facts, groups, policies,
};
use sqlx::SqliteConnection;
use std::sync::Arc;

/// Groups, policies and assignments as they stand together.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// All groups, by name.
    pub groups: Vec<GroupRow>,
    /// Who is in which group.
    pub members: Vec<MemberRow>,
    /// The newest revision of each policy, by name.
    pub policies: Vec<Arc<PolicyRow>>,
    /// For whom they count.
    pub assignments: Vec<AssignmentRow>,
    /// The policy whose proxy settings are handed out as a script.
    pub proxy_script_of: Option<String>,
}

/// The fact that names the policy of the proxy script.
const PROXY_SCRIPT_FACT: &str = "proxy_script_of";

impl Store {
    /// All of it, as it stands at one moment.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut read = self.pool.begin().await?;
        snapshot(&mut read, &[]).await
    }

    /// The policy of the proxy script.
    pub async fn proxy_script_of(&self) -> Result<Option<String>, StoreError> {
        self.fact(PROXY_SCRIPT_FACT).await
    }
}

impl Transaction {
    /// All of it, with what this transaction changed. Of policies that are `known` as they stood
    /// before, only what is new is read: they may be large, and everybody who writes waits.
    pub async fn snapshot(&mut self, known: &[Arc<PolicyRow>]) -> Result<Snapshot, StoreError> {
        snapshot(self.db(), known).await
    }

    /// The policy of the proxy script.
    pub async fn proxy_script_of(&mut self) -> Result<Option<String>, StoreError> {
        self.fact(PROXY_SCRIPT_FACT).await
    }

    /// Sets the policy of the proxy script; none: there is no script.
    pub async fn set_proxy_script(&mut self, policy: Option<&str>) -> Result<(), StoreError> {
        match policy {
            Some(name) => self.set_fact(PROXY_SCRIPT_FACT, name).await,
            None => self.clear_fact(PROXY_SCRIPT_FACT).await,
        }
    }
}

async fn snapshot(
    db: &mut SqliteConnection,
    known: &[Arc<PolicyRow>],
) -> Result<Snapshot, StoreError> {
    Ok(Snapshot {
        groups: groups::groups(&mut *db).await?,
        members: groups::members(&mut *db).await?,
        policies: policies::newest(&mut *db, known).await?,
        assignments: assignments::assignments(&mut *db).await?,
        proxy_script_of: facts::fact(db, PROXY_SCRIPT_FACT).await?,
    })
}
