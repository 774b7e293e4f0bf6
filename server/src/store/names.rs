//! A change of what the server is called.

use super::{AuditEntry, Store, StoreError};

/// All that a change of the names changes.
#[derive(Clone, Debug)]
pub struct NamesChange {
    /// Name and text of the fact that keeps the names.
    pub fact: (&'static str, String),
    /// Sealed verifiers by alias.
    pub verifiers: Vec<(String, Vec<u8>)>,
    /// ACLs by alias.
    pub acls: Vec<(String, Vec<u8>)>,
    /// The entry that tells of it.
    pub audit: Option<AuditEntry>,
}

impl Store {
    /// Changes the names, and what hangs on them, or nothing.
    pub async fn change_names(&self, change: &NamesChange) -> Result<(), StoreError> {
        let mut rows = self.begin().await?;
        let (name, value) = &change.fact;
        rows.set_fact(name, value).await?;
        for (alias, verifiers) in &change.verifiers {
            // Of the same password: nobody has to prove anything anew.
            rows.set_verifiers(alias, verifiers, None).await?;
        }
        for (alias, acl) in &change.acls {
            rows.set_acl(alias, Some(acl)).await?;
        }
        if let Some(entry) = &change.audit {
            rows.add_audit(std::slice::from_ref(entry)).await?;
        }
        rows.commit().await
    }
}
