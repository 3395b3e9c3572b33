//! Exhibits: files of any size, cut into segments and sealed; read back with every check made.
//!
//! Hashing, sealing and writing (reading, opening and hashing) run side by side in bounded memory. Knows nothing
//! of parts and revisions beyond their names. docs/format.md section 4, "Exhibit segments", and section 7.

mod line;
mod reading;
mod storing;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::error::{Damage, Item, VaultError};
use crate::crypto::SEGMENT_BYTES;
use crate::crypto::padme::sealed_size;
use crate::format::{Exhibit, ObjectKey};
use crate::record::{CaseId, Digest, PartName};
use crate::store::Store;

/// A file that was sealed and put.
#[derive(Clone, Debug)]
pub struct StoredExhibit {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Digest,
    /// The objects that hold it, in order.
    pub segments: Vec<ObjectKey>,
}

/// Reads `source` to its end, hashes it, seals it under fresh keys and puts it. Not durable before a barrier.
///
/// `progress` is told how many bytes more were read, and may say stop.
///
/// # Errors
/// [`VaultError::Source`] if `source` fails or does not give exactly `size` bytes, [`VaultError::Cancelled`] if
/// `progress` said stop. On any error what was put already is deleted again, as far as the store allows.
pub fn store_exhibit(
    store: &dyn Store,
    source: &mut (dyn Read + Send),
    size: u64,
    progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
) -> Result<StoredExhibit, VaultError> {
    storing::store(store, source, Shape::of(size, SEGMENT_BYTES), progress)
}

/// Streams an exhibit to `sink`.
///
/// Every chunk's tag, each segment's size, padding and length, and at the end the SHA-256 are checked; nothing
/// reaches `sink` before its tag was. A wrong SHA-256 shows only after all bytes went out: what they were written
/// to **MUST** be published only on `Ok`.
///
/// # Errors
/// [`VaultError::Damaged`] with [`Item::Exhibit`], [`VaultError::Store`] if the place cannot be read,
/// [`VaultError::Sink`] with the error `sink` gave.
pub fn read_exhibit(
    store: &dyn Store,
    (case, part): (CaseId, &PartName),
    exhibit: &Exhibit,
    sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
) -> Result<(), VaultError> {
    let shape = Shape::of(exhibit.bytes, SEGMENT_BYTES);
    reading::read(store, exhibit, shape, sink).map_err(|failure| match failure {
        Failure::Damage(damage) => {
            VaultError::damaged(Item::Exhibit(case, part.clone(), exhibit.number), damage)
        }
        Failure::Sink(error) => VaultError::Sink(error),
    })
}

/// Why reading ended early.
#[derive(Debug)]
enum Failure {
    Damage(Damage),
    Sink(io::Error),
}

impl<E: Into<Damage>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Damage(error.into())
    }
}

/// How an exhibit is cut into segments.
#[derive(Clone, Copy)]
struct Shape {
    bytes: u64,
    segment_bytes: u64,
}

impl Shape {
    fn of(bytes: u64, segment_bytes: u64) -> Self {
        Self { bytes, segment_bytes }
    }

    fn segments(self) -> u64 {
        self.bytes.div_ceil(self.segment_bytes)
    }

    /// Size of all segments when sealed, or a little more.
    fn sealed_bytes(self) -> u64 {
        sealed_size(self.content(0)).saturating_mul(self.segments())
    }

    /// Content of the segment with this number.
    fn content(self, segment: u64) -> u64 {
        self.bytes.saturating_sub(segment.saturating_mul(self.segment_bytes)).min(self.segment_bytes)
    }
}
