//! Policies as files: single formats, the files that take them back, and client kits. Every
//! one that leaves the server is in the audit.

use super::policies::{capitalised, read};
use super::registry::Handle;
use super::{Admin, internal, invalid};
use crate::store::PolicyRow;
use api::{Actor, Base64, Error, ExportPolicy, File, GetKit};
use policies::{ExportContext, ExportError, ExportedFile, Exporter, Format, FormatGroup, Windows};
use time::OffsetDateTime;
use web::off_thread;

impl Handle<ExportPolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: ExportPolicy) -> Result<Vec<File>, Error> {
        let ExportPolicy {
            name,
            format: word,
            undo,
            archive,
        } = order;
        let formats = match (FormatGroup::named(&word), Format::named(&word)) {
            (Some(group), _) => group.formats.to_vec(),
            (None, Some(format)) => vec![format],
            (None, None) => return Err(no_such_format(&word)),
        };
        let row = self.policy_row(&name).await?;
        let context = self.context(&row)?;
        let group = FormatGroup::named(&word).filter(|_| archive);
        let (row, names, files) = off_thread(move || {
            let policy = read(&row)?;
            let exporter = Exporter::new(&policy);
            let make = |format: &Format| {
                if undo {
                    exporter.undo(*format, &context)
                } else {
                    exporter.export(*format, &context)
                }
            };
            let files: Result<Vec<_>, _> = formats.iter().map(make).collect();
            let mut files = files.map_err(|error| refused(&error))?;
            let names: Vec<_> = files.iter().map(|file| file.file_name.clone()).collect();
            if let Some(group) = group.filter(|_| files.len() > 1) {
                files = vec![ExportedFile {
                    file_name: group.archive_name(&policy, undo),
                    media_type: "application/zip",
                    bytes: policies::archive(&files, &context.date).map_err(internal)?,
                }];
            }
            Ok::<_, Error>((row, names, files))
        })
        .await?;
        let what = if undo { "the undo of " } else { "" };
        let (revision, names) = (row.revision, names.join(", "));
        let detail = format!("revision {revision}, {what}{word}: {names}");
        self.act(actor, "policy.export", &row.name, detail).await?;
        Ok(files.into_iter().map(file).collect())
    }
}

impl Handle<GetKit> for Admin {
    async fn handle(&self, actor: &Actor, order: GetKit) -> Result<File, Error> {
        let windows = Windows::named(&order.windows).ok_or_else(|| {
            let words = Windows::ALL.map(Windows::word).join(", ");
            invalid(
                "windows",
                format!(
                    "There is no kit for Windows {}. Use one of: {words}.",
                    order.windows
                ),
            )
        })?;
        let row = self.policy_row(&order.name).await?;
        let context = self.context(&row)?;
        let (row, kit) = off_thread(move || {
            let policy = read(&row)?;
            let kit = policies::client_kit(&policy, windows, &context);
            let kit = kit.map_err(|error| refused(&error))?.archive(&context);
            Ok::<_, Error>((row, kit.map_err(internal)?))
        })
        .await?;
        let detail = format!("revision {}, {}", row.revision, kit.file_name);
        self.act(actor, "policy.kit", &row.name, detail).await?;
        Ok(file(kit))
    }
}

impl Admin {
    /// The full DNS name by which clients reach the server.
    #[must_use]
    pub fn server_name(&self) -> String {
        self.realm.domain.to_string()
    }

    /// Files bear the date of their revision, so that they are the same on every day.
    fn context(&self, row: &PolicyRow) -> Result<ExportContext, Error> {
        let saved = OffsetDateTime::from_unix_timestamp(row.saved_ms / 1000).map_err(internal)?;
        Ok(ExportContext {
            revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
            date: saved.date().to_string(),
            server: Some(self.server_name()),
        })
    }
}

fn file(made: ExportedFile) -> File {
    File {
        name: made.file_name,
        media_type: made.media_type.to_owned(),
        bytes: Base64(made.bytes),
    }
}

fn refused(error: &ExportError) -> Error {
    invalid("policy", format!("{}.", capitalised(&error.to_string())))
}

fn no_such_format(word: &str) -> Error {
    let words: Vec<_> = FormatGroup::ALL.iter().map(|group| group.word).collect();
    invalid(
        "format",
        format!(
            "There is no format {word}. Use one of: {}.",
            words.join(", ")
        ),
    )
}
