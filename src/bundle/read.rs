//! Reads a sealed bundle: a first pass that judges everything, then files and exhibits from the same open file.

use std::io::{self, Read, Seek, SeekFrom};

use super::BundleError;
use super::collect::{BUFFER_BYTES, Collector, Found, each_piece, open_error};
use super::judge::Judge;
use super::layout::Cut;
use super::parcel::Parcel;
use super::tar::{Limits, MemberPath, TarError, TarWalker};
use crate::crypto::age::file::AgeReader;
use crate::crypto::age::keys::AgeKeys;
use crate::crypto::{KnownCard, OpenError, Sha256Stream};
use crate::format::Exhibit;
use crate::record::Digest;

const BLOCK_BYTES: u64 = 512;

/// The content of a bundle, all of it verified: the signature over the bag by a known card, every revision by its
/// author, every log extract, every digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub(super) signer: KnownCard,
    pub(super) parcel: Parcel,
    pub(super) manifest: Digest,
}

impl Verified {
    /// Who made the bundle.
    pub fn signer(&self) -> &KnownCard {
        &self.signer
    }

    /// What is in it: cases sorted by code, revisions in the order of `case.json`, exhibits without segments, the
    /// cards of authors and signer; the date is the first second of the day.
    pub fn parcel(&self) -> &Parcel {
        &self.parcel
    }

    /// SHA-256 of the signed tag manifest, by which the maker's log knows the bundle.
    pub fn manifest(&self) -> Digest {
        self.manifest
    }
}

/// A sealed bundle that was verified and is still open.
pub struct VerifiedBundle<R: Read> {
    verified: Verified,
    reader: AgeReader<R>,
    /// Each file, and where its bytes begin in the archive.
    files: Vec<(u64, Found)>,
}

/// Reads and verifies a sealed bundle; `progress` hears of every byte read.
///
/// Nothing of it is handed out before all of it is verified.
pub fn read_bundle<R: Read + Seek>(
    file: R,
    keys: &AgeKeys,
    judge: Judge<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<VerifiedBundle<R>, BundleError> {
    read_cut(file, keys, Collector::new(judge, Cut::default()), progress)
}

pub(super) fn read_cut<R: Read + Seek>(
    file: R,
    keys: &AgeKeys,
    mut collector: Collector<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<VerifiedBundle<R>, BundleError> {
    let mut reader = AgeReader::open(file, keys).map_err(|error| match error {
        OpenError::Io(error) => BundleError::Read(error),
        refused => BundleError::Open(refused),
    })?;
    // An armored file cannot be read twice; a cut off one shows here.
    reader.plain_len().map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => BundleError::Open(OpenError::Unsupported),
        _ => open_error(error),
    })?;
    let mut offsets = Vec::new();
    let mut offset = 0;
    let mut walker = TarWalker::new(Progress { inner: &mut reader, progress }, Limits::default());
    while let Some(mut entry) = walker.next_entry().map_err(walk_error)? {
        let (path, bytes) = (entry.path().clone(), entry.size());
        offset += BLOCK_BYTES;
        offsets.push(offset);
        offset += bytes.next_multiple_of(BLOCK_BYTES);
        collector.packed_file(&path, bytes, &mut entry)?;
    }
    drop(walker);
    let (verified, found) = collector.finish()?;
    Ok(VerifiedBundle { verified, reader, files: offsets.into_iter().zip(found).collect() })
}

/// What the walker could not read is the sealed file's fault.
fn walk_error(error: TarError) -> BundleError {
    match error {
        TarError::Read { cause, .. } => open_error(cause),
        refused => BundleError::Tar(refused),
    }
}

impl<R: Read + Seek> VerifiedBundle<R> {
    /// What is in the bundle.
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// The files of the bundle inside its folder, with their sizes.
    pub fn files(&self) -> impl Iterator<Item = (&MemberPath, u64)> {
        self.files.iter().map(|(_, found)| (&found.path, found.bytes))
    }

    /// Hands every file to `visit`, and checks its digest again as it is read; what a visitor leaves is skipped.
    pub fn each_file(
        &mut self,
        visit: &mut dyn FnMut(&MemberPath, u64, &mut dyn Read) -> io::Result<()>,
    ) -> Result<(), BundleError> {
        let mut buffer = vec![0; BUFFER_BYTES];
        for (offset, found) in &self.files {
            self.reader.seek(SeekFrom::Start(*offset)).map_err(open_error)?;
            let inner = (&mut self.reader).take(found.bytes);
            let mut hashing = Hashing { inner, hash: Sha256Stream::default() };
            visit(&found.path, found.bytes, &mut hashing).map_err(BundleError::Sink)?;
            each_piece(&mut hashing, &mut buffer, |_| Ok(()))?;
            if hashing.hash.finish() != found.digest {
                return Err(BundleError::Open(OpenError::Corrupt));
            }
        }
        Ok(())
    }

    /// Hands all bytes of an exhibit to `sink`, and checks its digest again: bytes handed over are the exhibit's
    /// only when this returns without error.
    pub fn read_exhibit(
        &mut self,
        exhibit: &Exhibit,
        sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<(), BundleError> {
        let mut pieces = Vec::new();
        for (offset, found) in &self.files {
            // The same file may be attached twice: its first set of pieces is enough.
            if found.exhibit == Some((exhibit.sha256, pieces.len())) {
                pieces.push((*offset, found.bytes));
            }
        }
        if pieces.is_empty() {
            return Err(BundleError::NoSuchExhibit);
        }
        let mut hash = Sha256Stream::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        for (offset, bytes) in pieces {
            self.reader.seek(SeekFrom::Start(offset)).map_err(open_error)?;
            each_piece(&mut (&mut self.reader).take(bytes), &mut buffer, |bytes| {
                hash.update(bytes);
                sink(bytes)
            })?;
        }
        if hash.finish() == exhibit.sha256 { Ok(()) } else { Err(BundleError::Open(OpenError::Corrupt)) }
    }
}

/// Hashes what is read.
struct Hashing<R> {
    inner: R,
    hash: Sha256Stream,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Tells how much was read.
struct Progress<'a, R> {
    inner: R,
    progress: &'a mut dyn FnMut(u64),
}

impl<R: Read> Read for Progress<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        (self.progress)(count as u64);
        Ok(count)
    }
}
