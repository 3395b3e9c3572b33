//! Forms that are being filled in: each answer sealed beside the identity file. docs/format.md section 9.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::desk::read_sealed;
use super::error::{Item, VaultError};
use super::session::Desktop;
use crate::crypto::{ObjectType, seal_object};
use crate::format::{FormDraft, ObjectKey, encode};
use crate::record::{CaseId, PartName, VaultId};
use crate::store::files;

/// The draft of a part's form, sealed beside the identity file until the form is written.
#[derive(Clone, Debug)]
pub struct DraftFile {
    path: PathBuf,
    key: ObjectKey,
}

impl DraftFile {
    /// Where the draft for a part of a case stands.
    pub fn of(desktop: &Desktop, vault: &VaultId, case: &CaseId, part: &PartName) -> Self {
        let (key, name) = desktop.identity.draft_key(vault, case, part);
        let mut path = desktop.desk.path(&name).into_os_string();
        path.push(".draft");
        Self { path: path.into(), key }
    }

    /// The draft that was kept, if there is one.
    pub fn recall(&self) -> Result<Option<FormDraft>, VaultError> {
        read_sealed(&self.path, &self.key, ObjectType::Draft, &Item::Draft)
    }

    /// Keeps a draft, durably.
    pub fn keep(&self, draft: &FormDraft) -> Result<(), VaultError> {
        if let Some(folder) = self.path.parent() {
            files::make_folder(folder)?;
        }
        let content = Zeroizing::new(encode(draft));
        files::replace(&self.path, &seal_object(&self.key, ObjectType::Draft, &content))?;
        Ok(())
    }

    /// Takes the draft away.
    pub fn remove(&self) -> Result<(), VaultError> {
        Ok(files::remove(&self.path)?)
    }
}
