//! The first pass over a bundle, packed or unpacked: every file is read to its end, hashed and judged.
//!
//! Files come in the order of a bundle, so that the signature is known before anything else is parsed, and all
//! texts and signatures are verified before the first byte of an exhibit is read.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::bag::{BagInfo, Inventory, Manifest, PAYLOAD_FOLDER};
use super::custody::{OPENINGS, RECIPE};
use super::expected::ExpectedExhibits;
use super::judge::{Head, Judge, check_listed};
use super::layout::{Cut, PADDING, README, bag_folder, lay_out, member, rank};
use super::parcel::Parcel;
use super::parse::parse;
use super::plan::{Content, plan_content};
use super::small::SmallFiles;
use super::tar::{MemberPath, TarError};
use super::verify::{needed_cards, verify_all};
use super::{BundleError, Verified};
use crate::crypto::{KnownCard, OpenError, Sha256Stream, sha256};
use crate::record::Digest;

/// Rank of the signature, of the first file after it, after the manifests, of the first exhibit, of the padding.
const SIGNATURE: u8 = 3;
const AFTER_SIGNATURE: u8 = 4;
const AFTER_MANIFESTS: u8 = 7;
const EXHIBITS: u8 = 9;
const PADDING_RANK: u8 = 10;
/// Bytes read at once.
pub(super) const BUFFER_BYTES: usize = 128 * 1024;

/// A file that was read.
pub(super) struct Found {
    pub(super) path: MemberPath,
    pub(super) bytes: u64,
    pub(super) digest: Digest,
    /// The SHA-256 of the exhibit it belongs to, and which of its pieces it is.
    pub(super) exhibit: Option<(Digest, usize)>,
}

/// The first pass.
pub(super) struct Collector<'a> {
    judge: Judge<'a>,
    cut: Cut,
    folder: Option<String>,
    small: SmallFiles,
    inventory: Inventory,
    found: Vec<Found>,
    stage: Stage,
    buffer: Vec<u8>,
}

/// How much of a bundle is known.
enum Stage {
    /// Nothing is believed.
    Begun,
    /// Signed by a known card, for this reader.
    Signed(Box<Head>),
    /// All files are known by their digests.
    Listed(Box<Listed>),
    /// All texts and signatures are verified.
    Verified(Box<Listed>, Box<(Parcel, ExpectedExhibits)>),
}

/// The signed head and the lists under it.
struct Listed {
    head: Head,
    info: BagInfo,
    payload: Manifest,
}

impl<'a> Collector<'a> {
    /// Starts with nothing found.
    pub(super) fn new(judge: Judge<'a>, cut: Cut) -> Self {
        Self {
            judge,
            cut,
            folder: None,
            small: SmallFiles::default(),
            inventory: Inventory::new(),
            found: Vec::new(),
            stage: Stage::Begun,
            buffer: vec![0; BUFFER_BYTES],
        }
    }

    /// Takes the next file of an archive, where all lie in one folder.
    pub(super) fn packed_file(
        &mut self,
        path: &MemberPath,
        bytes: u64,
        reader: &mut dyn Read,
    ) -> Result<(), BundleError> {
        let (folder, path) = path.split_first().ok_or(BundleError::Folders)?;
        if self.folder.get_or_insert_with(|| folder.to_owned()) != folder {
            return Err(BundleError::Folders);
        }
        self.file(path, bytes, reader)
    }

    /// Refuses something that is no plain file; by its name only once the signature was checked.
    pub(super) fn no_file(&mut self, path: MemberPath) -> BundleError {
        match self.advance(rank(path.as_str())) {
            Ok(()) => BundleError::Unexpected { path },
            Err(error) => error,
        }
    }

    /// Takes the next file, which must come after the one before it.
    pub(super) fn file(
        &mut self,
        path: MemberPath,
        bytes: u64,
        reader: &mut dyn Read,
    ) -> Result<(), BundleError> {
        let place = |path: &MemberPath| (rank(path.as_str()), path.clone());
        if self.found.last().is_some_and(|last| place(&last.path) >= place(&path)) {
            return Err(BundleError::OutOfPlace { path });
        }
        let rank = rank(path.as_str());
        self.advance(rank)?;
        let mut exhibit = None;
        let digest = match (rank, &mut self.stage) {
            (EXHIBITS, Stage::Verified(_, content)) => {
                let (digest, of) = content.1.take(&path, bytes, reader, &mut self.buffer)?;
                exhibit = Some(of);
                digest
            }
            (PADDING_RANK, _) => hash_zeros(&path, reader, &mut self.buffer)?,
            _ => sha256(self.small.read(&path, bytes, reader)?),
        };
        if let Stage::Listed(listed) | Stage::Verified(listed, ..) = &self.stage {
            let is_payload = path.as_str().starts_with(PAYLOAD_FOLDER);
            check_listed(if is_payload { &listed.payload } else { &listed.head.tags }, &path, &digest)?;
        }
        self.inventory.record(path.clone(), bytes, *digest.as_bytes())?;
        self.found.push(Found { path, bytes, digest, exhibit });
        // Of a later version no more than these files are known: nothing further is looked at.
        if rank == SIGNATURE { self.advance(AFTER_SIGNATURE) } else { Ok(()) }
    }

    /// Judges what is complete when a file of this rank comes.
    fn advance(&mut self, rank: u8) -> Result<(), BundleError> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Begun) {
            Stage::Begun if rank >= AFTER_SIGNATURE => {
                Stage::Signed(Box::new(self.judge.head(&mut self.small)?))
            }
            stage => stage,
        };
        self.stage = match std::mem::replace(&mut self.stage, Stage::Begun) {
            Stage::Signed(head) if rank >= AFTER_MANIFESTS => {
                let (info, payload) = head.payload(&mut self.small)?;
                if self.folder.as_ref().is_some_and(|folder| *folder != bag_folder(&head.comment.bundle)) {
                    return Err(BundleError::TrustedComment);
                }
                Stage::Listed(Box::new(Listed { head: *head, info, payload }))
            }
            stage => stage,
        };
        self.stage = match std::mem::replace(&mut self.stage, Stage::Begun) {
            Stage::Listed(listed) if rank >= EXHIBITS => {
                let parcel = parse(&listed.head, &mut self.small)?;
                let expected = self.compare(&listed.head.signer, &parcel)?;
                Stage::Verified(listed, Box::new((parcel, expected)))
            }
            stage => stage,
        };
        Ok(())
    }

    /// Verifies the content, renders it again and compares with what was found; returns the exhibits to come.
    fn compare(&self, signer: &KnownCard, parcel: &Parcel) -> Result<ExpectedExhibits, BundleError> {
        let laid = lay_out(&parcel.cases)?;
        let cards = needed_cards(&laid, &parcel.cards, signer)?;
        verify_all(&laid, &parcel.log, &cards, signer)?;
        let plan = plan_content(&laid, &parcel.log, &cards, self.cut)?;
        let mut found: BTreeMap<&MemberPath, &Found> = self
            .found
            .iter()
            .filter(|found| rank(found.path.as_str()) >= AFTER_MANIFESTS)
            .map(|found| (&found.path, found))
            .collect();
        for path in [RECIPE, OPENINGS] {
            let path = member(path)?;
            if found.remove(&path).is_none() {
                return Err(BundleError::Missing { path });
            }
        }
        for file in plan.iter().filter(|file| !matches!(file.content, Content::Piece(_))) {
            match found.remove(&file.path) {
                None => return Err(BundleError::Missing { path: file.path.clone() }),
                Some(found) if Some(found.digest) == file.digest => {}
                Some(_) => return Err(BundleError::Rendering { path: file.path.clone() }),
            }
        }
        match found.into_keys().next() {
            None => Ok(ExpectedExhibits::of(&plan)),
            Some(path) => Err(BundleError::Unexpected { path: path.clone() }),
        }
    }

    /// Ends the pass: the bag is closed and everything in it was judged.
    pub(super) fn finish(mut self) -> Result<(Verified, Vec<Found>), BundleError> {
        self.advance(u8::MAX)?;
        let Stage::Verified(listed, content) = self.stage else {
            unreachable!("advancing to the end verifies or fails");
        };
        let (parcel, expected) = *content;
        expected.finish()?;
        for path in [README, PADDING] {
            let path = member(path)?;
            if !self.found.iter().any(|found| found.path == path) {
                return Err(BundleError::Missing { path });
            }
        }
        let Listed { head, info, payload } = *listed;
        self.inventory.check(&payload, &head.tags, &info)?;
        Ok((Verified { signer: head.signer, parcel, manifest: head.manifest }, self.found))
    }
}

/// Hashes a file that must be all zeros.
fn hash_zeros(path: &MemberPath, reader: &mut dyn Read, buffer: &mut [u8]) -> Result<Digest, BundleError> {
    let (mut hash, mut zero) = (Sha256Stream::default(), true);
    each_piece(reader, buffer, |bytes| {
        hash.update(bytes);
        zero &= bytes.iter().all(|byte| *byte == 0);
        Ok(())
    })?;
    if zero { Ok(hash.finish()) } else { Err(BundleError::Rendering { path: path.clone() }) }
}

/// Reads to the end; an error of `take` is [`BundleError::Sink`].
pub(super) fn each_piece(
    reader: &mut dyn Read,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), BundleError> {
    loop {
        match reader.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => take(buffer.get(..count).unwrap_or_default()).map_err(BundleError::Sink)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read_error(error)),
        }
    }
}

/// Judges an error met while reading a file of an archive: a cut off archive, a damaged sealed file, a disk.
pub(super) fn read_error(error: io::Error) -> BundleError {
    if error.get_ref().is_some_and(|inner| inner.is::<TarError>()) {
        let inner = error.into_inner().and_then(|inner| inner.downcast::<TarError>().ok());
        return BundleError::Tar(*inner.expect("its type was just seen"));
    }
    open_error(error)
}

/// Judges an error of the sealed file or of a file on disk.
pub(super) fn open_error(error: io::Error) -> BundleError {
    match OpenError::from_read(error) {
        OpenError::Io(error) => BundleError::Read(error),
        refused => BundleError::Open(refused),
    }
}
