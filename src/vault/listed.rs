//! What `list --new` has shown: remembered beside the identity file. docs/format.md section 9.

use super::case::CaseView;
use super::desk::Recall;
use super::error::VaultError;
use super::session::{Desktop, Vault};
use crate::crypto::sha256;
use crate::format::Memory;
use crate::record::{CaseId, Digest, RevisionId, VaultId};

impl Vault {
    /// The cases with a revision that was not there when this was asked last; remembers them as shown.
    pub fn take_new(&mut self, cases: &[CaseView]) -> Result<Vec<CaseId>, VaultError> {
        take_new(&self.desktop, self.id(), cases)
    }
}

/// As [`Vault::take_new`], for whoever reads in the vault `id`. `cases` are all that can be read.
pub(crate) fn take_new(
    desktop: &Desktop,
    id: VaultId,
    cases: &[CaseView],
) -> Result<Vec<CaseId>, VaultError> {
    let (desk, identity) = (&desktop.desk, &desktop.identity);
    let _lock = desk.lock(identity, &id)?;
    let mut memory = match desk.recall(identity, &id)? {
        Recall::Own(memory) => memory,
        // Written anew here it would count as this place's own, and its writer is another place's.
        Recall::Copied(memory) => Memory { writer: None, marked: None, pending: None, ..memory },
        Recall::Nothing => Memory::blank(id),
    };
    let shown: std::collections::HashSet<Digest> = memory.listed.iter().copied().collect();
    let states: Vec<(CaseId, Digest)> = cases.iter().map(|case| (case.case, state_of(case))).collect();
    let new = states.iter().filter(|(_, state)| !shown.contains(state)).map(|(case, _)| *case).collect();
    let mut listed: Vec<Digest> = states.into_iter().map(|(_, state)| state).collect();
    listed.sort();
    if listed != memory.listed {
        memory.listed = listed;
        desk.remember(identity, &mut memory)?;
    }
    Ok(new)
}

/// SHA-256 of the case and all its revisions, sorted.
fn state_of(case: &CaseView) -> Digest {
    let mut revisions: Vec<RevisionId> = case.parts.values().flatten().map(|fact| fact.revision).collect();
    revisions.sort();
    let mut bytes = case.case.as_bytes().to_vec();
    revisions.iter().for_each(|revision| bytes.extend(revision.as_bytes()));
    sha256(&bytes)
}
