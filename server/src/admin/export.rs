//! Policies as files: single formats, the files that take them back, and client kits. Every
//! one that leaves the server is in the audit.

use super::policies::{capitalised, read};
use super::{Admin, internal, invalid};
use crate::store::PolicyRow;
use api::Actor;
use policies::{
    ExportContext, ExportError, ExportedFile, Exporter, Format, FormatGroup, Policy, Windows,
};
use time::OffsetDateTime;
use web::off_thread;

/// Files of one revision, and its date.
struct Made {
    policy: Policy,
    date: String,
    files: Vec<ExportedFile>,
}

impl Admin {
    /// The files of a policy in the formats of this word, or those that take it back.
    pub async fn export_policy(
        &self,
        actor: &Actor,
        name: &str,
        word: &str,
        undo: bool,
    ) -> Result<Vec<ExportedFile>, api::Error> {
        Ok(self.made(actor, name, word, undo).await?.files)
    }

    /// The same as one file: several come in an archive.
    pub async fn download_policy(
        &self,
        actor: &Actor,
        name: &str,
        word: &str,
        undo: bool,
    ) -> Result<ExportedFile, api::Error> {
        let made = self.made(actor, name, word, undo).await?;
        let files = match <[ExportedFile; 1]>::try_from(made.files) {
            Ok([only]) => return Ok(only),
            Err(files) => files,
        };
        let group = FormatGroup::named(word).ok_or_else(|| no_such_format(word))?;
        let (date, policy) = (made.date, made.policy);
        off_thread(move || {
            Ok(ExportedFile {
                file_name: group.archive_name(&policy, undo),
                media_type: "application/zip",
                bytes: policies::archive(&files, &date).map_err(internal)?,
            })
        })
        .await
    }

    async fn made(
        &self,
        actor: &Actor,
        name: &str,
        word: &str,
        undo: bool,
    ) -> Result<Made, api::Error> {
        let formats = match (FormatGroup::named(word), Format::named(word)) {
            (Some(group), _) => group.formats.to_vec(),
            (None, Some(format)) => vec![format],
            (None, None) => return Err(no_such_format(word)),
        };
        let row = self.policy_row(name).await?;
        let context = self.context(&row)?;
        let date = context.date.clone();
        let (row, policy, files) = off_thread(move || {
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
            let files = files.map_err(|error| refused(&error))?;
            Ok::<_, api::Error>((row, policy, files))
        })
        .await?;
        let what = if undo { "the undo of " } else { "" };
        let names: Vec<_> = files.iter().map(|file| file.file_name.as_str()).collect();
        let detail = format!(
            "revision {}, {what}{word}: {}",
            row.revision,
            names.join(", ")
        );
        self.act(actor, "policy.export", &row.name, detail).await?;
        Ok(Made {
            policy,
            date,
            files,
        })
    }

    /// The client kit of a policy for one Windows version, as an archive.
    pub async fn policy_kit(
        &self,
        actor: &Actor,
        name: &str,
        windows: Windows,
    ) -> Result<ExportedFile, api::Error> {
        let row = self.policy_row(name).await?;
        let context = self.context(&row)?;
        let (row, file) = off_thread(move || {
            let policy = read(&row)?;
            let kit = policies::client_kit(&policy, windows, &context);
            let file = kit.map_err(|error| refused(&error))?.archive(&context);
            Ok::<_, api::Error>((row, file.map_err(internal)?))
        })
        .await?;
        let detail = format!("revision {}, {}", row.revision, file.file_name);
        self.act(actor, "policy.kit", &row.name, detail).await?;
        Ok(file)
    }

    /// The full DNS name by which clients reach the server.
    #[must_use]
    pub fn server_name(&self) -> String {
        self.realm.domain.to_string()
    }

    /// Files bear the date of their revision, so that they are the same on every day.
    fn context(&self, row: &PolicyRow) -> Result<ExportContext, api::Error> {
        let saved = OffsetDateTime::from_unix_timestamp(row.saved_ms / 1000).map_err(internal)?;
        Ok(ExportContext {
            revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
            date: saved.date().to_string(),
            server: Some(self.server_name()),
        })
    }
}

fn refused(error: &ExportError) -> api::Error {
    invalid("policy", format!("{}.", capitalised(&error.to_string())))
}

fn no_such_format(word: &str) -> api::Error {
    let words: Vec<_> = FormatGroup::ALL.iter().map(|group| group.word).collect();
    invalid(
        "format",
        format!(
            "There is no format {word}. Use one of: {}.",
            words.join(", ")
        ),
    )
}
