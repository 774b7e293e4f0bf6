//! Contact lists, kept in memory.

use super::Fake;
use policies::{
    ContactFormat, ContactList, ScriptPlace, contact_scripts, read_contacts, write_contacts,
};
use web::backend::{BackendError, Download};
use web::model::{ContactLine, ContactSummary, ContactsPage, ContactsTaken, ContactsView};

/// A list, and what stands in the overview.
pub(super) type Kept = (ContactSummary, ContactList);

fn invalid(field: &'static str, message: &impl ToString) -> BackendError {
    BackendError::Invalid {
        field,
        message: message.to_string(),
    }
}

impl Fake {
    pub(super) fn contact_lists(&self) -> ContactsPage {
        let inner = self.inner();
        ContactsPage {
            lists: inner.contacts.values().map(|it| it.0.clone()).collect(),
            served: inner
                .contacts_served
                .then(|| "http://im.example.com/rollcall/contacts".to_owned()),
        }
    }

    pub(super) fn contact_list(&self, alias: &str) -> Option<ContactsView> {
        let inner = self.inner();
        let (summary, list) = inner.contacts.get(alias)?;
        let line = |it: policies::Contact| ContactLine {
            profile: it.profile,
            address: it.address,
        };
        Some(ContactsView {
            summary: summary.clone(),
            contacts: list.contacts().into_iter().map(line).collect(),
        })
    }

    pub(super) fn take_contacts(
        &self,
        alias: &str,
        file: &[u8],
        by: &str,
    ) -> Result<ContactsTaken, BackendError> {
        let read = read_contacts(file).map_err(|error| invalid("file", &error))?;
        let mut inner = self.inner();
        let before = inner.contacts.get(alias).map_or(0, |it| it.0.revision);
        let summary = ContactSummary {
            alias: alias.to_owned(),
            contacts: u32::try_from(read.list.contacts().len()).expect("few contacts"),
            values: u32::try_from(read.list.value_count()).expect("few values"),
            revision: before + 1,
            saved: (self.now)(),
            saved_by: by.to_owned(),
        };
        let kept = (summary.clone(), read.list);
        inner.contacts.insert(alias.to_owned(), kept);
        Ok(ContactsTaken {
            summary,
            refused: read.refused,
            notices: read.notices,
        })
    }

    pub(super) fn give_contacts(
        &self,
        alias: &str,
        format: &str,
    ) -> Result<Download, BackendError> {
        let missing = || BackendError::NotFound(format!("No contacts of {alias} are kept here."));
        let inner = self.inner();
        let (_, list) = inner.contacts.get(alias).ok_or_else(missing)?;
        let format = ContactFormat::named(format)
            .ok_or_else(|| invalid("format", &"There is no such format."))?;
        let bytes = write_contacts(list, format, "x").map_err(|error| invalid("format", &error))?;
        Ok(Download {
            file_name: format!("contacts-{alias}.reg"),
            media_type: "application/octet-stream".to_owned(),
            bytes,
        })
    }

    pub(super) fn forget_contacts(&self, alias: &str) -> Result<(), BackendError> {
        let missing = || BackendError::NotFound(format!("No contacts of {alias} are kept here."));
        let removed = self.inner().contacts.remove(alias);
        removed.map(drop).ok_or_else(missing)
    }

    pub(super) fn scripts(&self, share: Option<&str>) -> Result<Vec<Download>, BackendError> {
        let place = match (share, self.contact_lists().served) {
            (Some(share), _) => ScriptPlace::Share(share.to_owned()),
            (None, Some(url)) => ScriptPlace::Server(url),
            (None, None) => return Err(BackendError::Conflict("It is switched off.".to_owned())),
        };
        let files = contact_scripts(&place).map_err(|error| invalid("share", &error))?;
        let files = files.into_iter().map(|file| Download {
            file_name: file.file_name,
            media_type: file.media_type.to_owned(),
            bytes: file.bytes,
        });
        Ok(files.collect())
    }

    /// Switches on that clients get their list from the server.
    #[cfg(test)]
    pub(crate) fn serve_contacts(&self) {
        self.inner().contacts_served = true;
    }
}
