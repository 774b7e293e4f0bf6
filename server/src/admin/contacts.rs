//! Contact lists that clients keep in the registry: taken from exported files, kept, and given
//! back as they were.

use super::change::Change;
use super::list::{shown, small};
use super::registry::Handle;
use super::{Admin, internal, invalid, no_such_user};
use crate::store::{ContactListRow, ContactValueRow, StoreError};
use api::{
    Actor, Base64, ContactLine, ContactSummary, ContactsPage, ContactsTaken, ContactsView,
    DeleteContacts, Done, Error, ExportContacts, File, GetContactScripts, GetContacts,
    ImportContacts, ListContacts, Millis, Role,
};
use policies::{
    CodePage, ContactFormat, ContactKey, ContactList, ContactValue, ExportedFile, ReadOptions,
    ScriptPlace, contact_scripts, read_contacts_with, write_contacts,
};
use rvp::Alias;
use time::OffsetDateTime;

/// Where the RVP listener serves each user's own list.
pub(crate) const CONTACTS_PATH: &str = "/rollcall/contacts";

/// A list in a file.
#[derive(Debug)]
pub(crate) struct ContactsFile {
    /// Its content.
    pub(crate) bytes: Vec<u8>,
    /// The revision.
    pub(crate) revision: u32,
}

impl Handle<ListContacts> for Admin {
    async fn handle(&self, _: &Actor, asked: ListContacts) -> Result<ContactsPage, Error> {
        let lists = self.store.contact_lists().await.map_err(internal)?;
        let lists: Vec<_> = lists.into_iter().map(summary).collect();
        let key = |list: &ContactSummary| list.alias.clone();
        let shown = shown(&lists, 1, &asked.part, key);
        Ok(ContactsPage {
            lists: shown.rows.to_vec(),
            served: self.contacts_url(),
            next: shown.next,
        })
    }
}

impl Handle<GetContacts> for Admin {
    async fn handle(&self, actor: &Actor, asked: GetContacts) -> Result<ContactsView, Error> {
        let alias = Self::alias(&asked.alias)?;
        let (row, values) = self.contact_list(&alias).await?;
        self.note_read(actor, "contacts.read", alias.as_str()).await;
        let contacts = list(values).contacts();
        let line = |it: policies::Contact| ContactLine {
            profile: it.profile,
            address: it.address,
        };
        Ok(ContactsView {
            summary: summary(row),
            contacts: contacts.into_iter().map(line).collect(),
        })
    }
}

impl Handle<ImportContacts> for Admin {
    async fn handle(&self, actor: &Actor, order: ImportContacts) -> Result<ContactsTaken, Error> {
        let alias = Self::alias(&order.alias)?;
        let options = ReadOptions {
            code_page: order.code_page.map(code_page).transpose()?,
            skip_bad_lines: order.skip_bad_lines,
            ..ReadOptions::default()
        };
        let file = Taken::read(&order.file.0, &options)?;
        let mut change = self.begin(actor).await?;
        let taken = change.keep_contacts(&alias, file, &actor.name).await?;
        let detail = format!(
            "{} contacts, {} values, revision {}",
            taken.summary.contacts, taken.summary.values, taken.summary.revision
        );
        change.audit("contacts.import", alias.as_str(), detail);
        change.commit(|_| ()).await?;
        Ok(taken)
    }
}

impl Handle<ExportContacts> for Admin {
    async fn handle(&self, actor: &Actor, order: ExportContacts) -> Result<File, Error> {
        let alias = Self::alias(&order.alias)?;
        let format = contact_format(&order.format)?;
        let file = self.contacts_file(&alias, format).await?;
        self.act(actor, "contacts.export", alias.as_str(), format.word())
            .await?;
        let ending = match format {
            ContactFormat::Reg => "",
            ContactFormat::Reg4 => "-regedit4",
        };
        Ok(File {
            name: format!("contacts-{alias}{ending}.reg"),
            media_type: "application/octet-stream".to_owned(),
            bytes: Base64(file.bytes),
        })
    }
}

impl Handle<DeleteContacts> for Admin {
    async fn handle(&self, actor: &Actor, order: DeleteContacts) -> Result<Done, Error> {
        let alias = Self::alias(&order.alias)?;
        let mut change = self.begin(actor).await?;
        let removed = change.rows.remove_contacts(alias.as_str()).await;
        removed.map_err(|error| match error {
            StoreError::Missing => none_kept(&alias),
            error => internal(error),
        })?;
        change.audit("contacts.remove", alias.as_str(), "");
        change.commit(|_| ()).await?;
        Ok(Done {})
    }
}

impl Handle<GetContactScripts> for Admin {
    async fn handle(&self, _: &Actor, asked: GetContactScripts) -> Result<Vec<File>, Error> {
        let place = match asked.share {
            Some(share) => ScriptPlace::Share(share),
            None => ScriptPlace::Server(self.contacts_url().ok_or_else(|| {
                Error::Conflict(
                    "The server does not hand contacts out. Set serve = true under [contacts] in the configuration, or use a share.".into(),
                )
            })?),
        };
        let files = contact_scripts(&place);
        let files = files.map_err(|e| invalid("share", sentence(&e.to_string())))?;
        let file = |it: ExportedFile| File {
            name: it.file_name,
            media_type: it.media_type.to_owned(),
            bytes: Base64(it.bytes),
        };
        Ok(files.into_iter().map(file).collect())
    }
}

impl Admin {
    /// Refuses who was let in as an account that is another by now.
    fn require_current(&self, alias: &Alias, generation: i64) -> Result<(), Error> {
        match &self.live {
            Some(live) if !live.nodes.is_current(alias, generation) => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// The list of a user as a file, for their own computer.
    pub(crate) async fn own_contacts_file(
        &self,
        alias: &Alias,
        generation: i64,
        format: ContactFormat,
    ) -> Result<ContactsFile, Error> {
        let file = self.contacts_file(alias, format).await;
        self.require_current(alias, generation)?;
        file
    }

    /// Keeps the list that a user's own computer sends, which was let in under this number.
    pub(crate) async fn keep_own_contacts(
        &self,
        alias: &Alias,
        generation: i64,
        file: &[u8],
    ) -> Result<ContactsTaken, Error> {
        let file = Taken::read(file, &ReadOptions::default())?;
        let computer = Actor {
            name: format!("{alias}'s computer"),
            role: Role::Viewer,
            from: String::new(),
            only: None,
        };
        let mut change = self.begin(&computer).await?;
        // While it is this order's turn accounts stay what they are.
        self.require_current(alias, generation)?;
        let taken = change.keep_contacts(alias, file, &computer.name).await?;
        change.commit(|_| ()).await?;
        Ok(taken)
    }

    /// The list of a user as a file.
    async fn contacts_file(
        &self,
        alias: &Alias,
        format: ContactFormat,
    ) -> Result<ContactsFile, Error> {
        let (row, values) = self.contact_list(alias).await?;
        let list = list(values);
        let saved = OffsetDateTime::from_unix_timestamp(row.saved_ms.div_euclid(1000));
        let date = saved.map_or_else(|_| "?".to_owned(), |it| it.date().to_string());
        let title = format!("Contacts of {alias}, revision {}, {date}", row.revision);
        let bytes = write_contacts(&list, format, &title)
            .map_err(|e| invalid("format", sentence(&e.to_string())))?;
        Ok(ContactsFile {
            bytes,
            revision: row.revision,
        })
    }

    /// Where clients get their own list, if that is switched on.
    fn contacts_url(&self) -> Option<String> {
        let settings = &self.live.as_ref()?.settings;
        settings
            .serves_contacts
            .then(|| format!("http://{}{CONTACTS_PATH}", settings.authority()))
    }

    /// A list and its values, of one revision.
    async fn contact_list(
        &self,
        alias: &Alias,
    ) -> Result<(ContactListRow, Vec<ContactValueRow>), Error> {
        let kept = self.store.contact_list(alias.as_str()).await;
        if let Some(kept) = kept.map_err(internal)? {
            return Ok(kept);
        }
        let user = self.store.user(alias.as_str()).await.map_err(internal)?;
        Err(match user {
            Some(_) => none_kept(alias),
            None => no_such_user(alias.as_str())(StoreError::Missing),
        })
    }
}

/// What was taken of a file, ready to be kept.
struct Taken {
    contacts: u32,
    values: u32,
    rows: Vec<ContactValueRow>,
    refused: Vec<String>,
    notices: Vec<String>,
}

impl Taken {
    fn read(file: &[u8], options: &ReadOptions) -> Result<Self, Error> {
        let read = read_contacts_with(file, options)
            .map_err(|e| invalid("file", sentence(&e.to_string())))?;
        if read.list.value_count() == 0 {
            return Err(invalid(
                "file",
                format!(
                    "The file has no values below HKEY_CURRENT_USER\\{}, where the clients keep contacts. Export that key and try again; nothing was changed.",
                    policies::CONTACTS_KEY
                ),
            ));
        }
        Ok(Self {
            contacts: small(read.list.contacts().len()),
            values: small(read.list.value_count()),
            rows: rows(read.list),
            refused: read.refused,
            notices: read.notices,
        })
    }
}

impl Change<'_> {
    /// Keeps a list in place of an older one.
    async fn keep_contacts(
        &mut self,
        alias: &Alias,
        taken: Taken,
        saved_by: &str,
    ) -> Result<ContactsTaken, Error> {
        let Taken {
            contacts,
            values,
            rows,
            refused,
            notices,
        } = taken;
        let saved = self.now;
        let revision = self
            .rows
            .save_contacts(alias.as_str(), saved, saved_by, contacts, &rows)
            .await
            .map_err(no_such_user(alias.as_str()))?;
        Ok(ContactsTaken {
            summary: ContactSummary {
                alias: alias.to_string(),
                contacts,
                values,
                revision,
                saved: Millis(saved),
                saved_by: saved_by.to_owned(),
            },
            refused,
            notices,
        })
    }
}

/// The format of this word.
pub(crate) fn contact_format(word: &str) -> Result<ContactFormat, Error> {
    ContactFormat::named(word).ok_or_else(|| {
        invalid(
            "format",
            format!("There is no format {word}. Use reg (Windows 2000 and later) or reg4 (every Windows)."),
        )
    })
}

fn code_page(number: u16) -> Result<CodePage, Error> {
    CodePage::numbered(number).ok_or_else(|| {
        let known: Vec<_> = CodePage::all().map(|it| it.number().to_string()).collect();
        invalid(
            "code_page",
            format!(
                "{number} is no code page of Windows. Use one of {}, or none.",
                known.join(", ")
            ),
        )
    })
}

fn none_kept(alias: &Alias) -> Error {
    Error::NotFound(format!("No contacts of {alias} are kept here."))
}

/// A message of the library as a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    format!(
        "{}{}.",
        first.unwrap_or_default(),
        letters.as_str().trim_end_matches('.')
    )
}

fn summary(row: ContactListRow) -> ContactSummary {
    ContactSummary {
        alias: row.alias,
        contacts: row.contacts,
        values: row.values,
        revision: row.revision,
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by,
    }
}

fn rows(list: ContactList) -> Vec<ContactValueRow> {
    let mut rows = Vec::with_capacity(list.value_count());
    for ContactKey { path, values } in list.keys {
        if values.is_empty() {
            rows.push(ContactValueRow {
                key: path,
                name: None,
                kind: None,
                data: None,
            });
            continue;
        }
        rows.extend(values.into_iter().map(|value| ContactValueRow {
            key: path.clone(),
            name: Some(value.name),
            kind: Some(value.kind.into()),
            data: Some(value.bytes),
        }));
    }
    rows
}

fn list(rows: Vec<ContactValueRow>) -> ContactList {
    let mut keys: Vec<ContactKey> = Vec::new();
    for row in rows {
        if keys.last().is_none_or(|key| key.path != row.key) {
            keys.push(ContactKey {
                path: row.key,
                values: Vec::new(),
            });
        }
        if let (Some(key), Some(name)) = (keys.last_mut(), row.name) {
            key.values.push(ContactValue {
                name,
                kind: row.kind.and_then(|kind| kind.try_into().ok()).unwrap_or(0),
                bytes: row.data.unwrap_or_default(),
            });
        }
    }
    ContactList { keys }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_from_its_rows() {
        let value = |name: &str, kind| ContactValue {
            name: name.to_owned(),
            kind,
            bytes: vec![1, 2, 3],
        };
        let key = |path: &str, values| ContactKey {
            path: path.to_owned(),
            values,
        };
        let whole = ContactList {
            keys: vec![
                key("a", vec![value("", 3), value("x", 0xffff_ffff)]),
                key("a\\b", vec![]),
                key("c", vec![value("y", 1)]),
            ],
        };
        assert_eq!(list(rows(whole.clone())), whole);
    }

    #[test]
    fn a_message_becomes_a_sentence() {
        assert_eq!(sentence("this is no file"), "This is no file.");
        assert_eq!(sentence("Ends here."), "Ends here.");
    }
}
