//! What the fake does with policies: the library's files, as the server hands them out.

use super::Fake;
use policies::{ExportContext, ExportError, ExportedFile, FormatGroup, Policy, Windows};
use web::backend::{BackendError, Download};
use web::model::{PolicyRevision, PolicyView};

fn invalid(message: String) -> BackendError {
    BackendError::Invalid {
        field: "format",
        message,
    }
}

fn refused(error: &ExportError) -> BackendError {
    invalid(error.to_string())
}

fn download(file: ExportedFile) -> Download {
    Download {
        file_name: file.file_name,
        media_type: file.media_type.to_owned(),
        bytes: file.bytes,
    }
}

impl Fake {
    /// The revisions of a policy, newest first.
    pub(super) fn history(&self, name: &str) -> Vec<PolicyRevision> {
        let inner = self.inner();
        let kept = inner.revisions.get(name).into_iter().flatten().rev();
        kept.map(|(comment, view)| PolicyRevision {
            revision: view.summary.revision,
            saved: view.summary.saved,
            saved_by: view.summary.saved_by.clone(),
            comment: comment.clone(),
        })
        .collect()
    }

    /// A policy as it was.
    pub(super) fn at_revision(
        &self,
        name: &str,
        revision: u32,
    ) -> Result<PolicyView, BackendError> {
        let inner = self.inner();
        let mut kept = inner.revisions.get(name).into_iter().flatten();
        let found = kept.find(|(_, view)| view.summary.revision == revision);
        let missing = || BackendError::NotFound(format!("{name} has no revision {revision}."));
        found.map(|(_, view)| view.clone()).ok_or_else(missing)
    }

    /// A policy, and what its files say of it.
    pub(super) fn opened(&self, name: &str) -> Result<(Policy, ExportContext), BackendError> {
        let missing = || BackendError::NotFound(format!("There is no policy {name}."));
        let view = self
            .inner()
            .policies
            .get(name)
            .cloned()
            .ok_or_else(missing)?;
        let policy = serde_json::from_str(&view.policy)
            .map_err(|error| BackendError::Internal(error.to_string()))?;
        let context = ExportContext {
            revision: view.summary.revision,
            date: "2002-06-01".to_owned(),
            server: Some("im.example.com".to_owned()),
        };
        Ok((policy, context))
    }
}

pub(super) fn file(
    policy: &Policy,
    word: &str,
    undo: bool,
    context: &ExportContext,
) -> Result<Download, BackendError> {
    let group =
        FormatGroup::named(word).ok_or_else(|| invalid(format!("There is no format {word}.")))?;
    let made = if undo {
        group.undo(policy, context)
    } else {
        group.export(policy, context)
    };
    let files = made.map_err(|error| refused(&error))?;
    Ok(download(match <[ExportedFile; 1]>::try_from(files) {
        Ok([only]) => only,
        Err(files) => ExportedFile {
            file_name: group.archive_name(policy, undo),
            media_type: "application/zip",
            bytes: policies::archive(&files, &context.date).expect("few files"),
        },
    }))
}

pub(super) fn kit(
    policy: &Policy,
    word: &str,
    context: &ExportContext,
) -> Result<Download, BackendError> {
    let windows = Windows::named(word)
        .ok_or_else(|| BackendError::NotFound(format!("There is no kit for {word}.")))?;
    let kit = policies::client_kit(policy, windows, context).map_err(|error| refused(&error))?;
    Ok(download(kit.archive(context).expect("few files")))
}
