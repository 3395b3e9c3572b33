//! Exhibits (first form).
use super::error::VaultError;
use crate::format::{Exhibit, ObjectKey};
use crate::record::{CaseId, Digest, PartName};
use crate::store::Store;
use std::io::Read;
/// x
#[derive(Clone, Debug)]
pub struct StoredExhibit {
    /// x
    pub bytes: u64,
    /// x
    pub sha256: Digest,
    /// x
    pub segments: Vec<ObjectKey>,
}
/// x
pub fn store_exhibit(
    _: &dyn Store,
    _: &mut (dyn Read + Send),
    _: u64,
    _: &mut (dyn FnMut(u64) + Send),
) -> Result<StoredExhibit, VaultError> {
    Err(VaultError::Changed)
}
/// x
pub fn read_exhibit(
    _: &dyn Store,
    _: (CaseId, &PartName),
    _: &Exhibit,
    _: &mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
) -> Result<(), VaultError> {
    Err(VaultError::Changed)
}
