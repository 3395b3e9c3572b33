//! Writes a bundle: plan, manifests, signature, then every file once, sealed as it goes.

use std::io::{self, Write};

use super::bag::{
    BAG_DECLARATION, BAG_INFO, BagInfo, DECLARATION, Manifest, ManifestKind, Oxum, PAYLOAD_FOLDER,
    PAYLOAD_MANIFEST, TAG_MANIFEST, TAG_SIGNATURE,
};
use super::comment::{TrustedComment, day};
use super::custody::{OPENINGS, RECIPE};
use super::error::ExhibitFault;
use super::layout::{Cut, PADDING, README, SIGNER, bag_folder, lay_out, member, part_content};
use super::parcel::{ExhibitSource, Parcel};
use super::pipe::{self, Feed};
use super::plan::{Content, Piece, Planned, plan_content, sort};
use super::tar::{TarWriteError, TarWriter, archive_len, padding_file_len};
use super::verify::{needed_cards, verify_all};
use super::{BundleError, text};
use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::minisign::MinisignHasher;
use crate::crypto::{Identity, Sha256Stream, sha256};
use crate::format::{Exhibit, render_part};
use crate::record::Digest;

/// Room for the signature when the padding is chosen: one block, whatever its exact length.
const SIGNATURE_ROOM: u64 = 512;
static ZEROS: [u8; 65536] = [0; 65536];

/// A bundle that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenBundle {
    /// SHA-256 of the signed tag manifest, by which the log knows the bundle.
    pub manifest: Digest,
    /// SHA-256 of the sealed file.
    pub sha256: Digest,
    /// Size of the sealed file.
    pub bytes: u64,
}

/// What is exported, by whom and for whom.
#[derive(Clone, Copy)]
pub struct Export<'a> {
    /// The content; `parcel.to` names the same recipient as `recipient`.
    pub parcel: &'a Parcel,
    /// Where the bytes of its exhibits come from.
    pub exhibits: &'a dyn ExhibitSource,
    /// Who makes the bundle.
    pub signer: &'a Identity,
    /// Whom it is sealed to.
    pub recipient: &'a AgeRecipient,
}

/// Writes a sealed bundle for one recipient; `progress` hears of every exhibit byte written.
///
/// Everything a reader would refuse is refused here. `out` is flushed and not made durable. After an error it
/// holds a file that nothing opens.
pub fn write_bundle(
    export: &Export<'_>,
    out: impl Write + Send,
    progress: &mut dyn FnMut(u64),
) -> Result<WrittenBundle, BundleError> {
    write_cut(export, Cut::default(), out, progress)
}

pub(super) fn write_cut(
    export: &Export<'_>,
    cut: Cut,
    out: impl Write + Send,
    progress: &mut dyn FnMut(u64),
) -> Result<WrittenBundle, BundleError> {
    let card = export.signer.card();
    let laid = lay_out(&export.parcel.cases)?;
    let cards = needed_cards(&laid, &export.parcel.cards, card)?;
    verify_all(&laid, &export.parcel.log, &cards, card)?;
    let mut plan = plan_content(&laid, &export.parcel.log, &cards, cut)?;
    digest_pieces(&mut plan, export.exhibits)?;
    let manifest = plan_tag_files(&mut plan, export)?;
    let folder = bag_folder(&export.parcel.bundle);
    let (bytes, sha256) = pipe::seal(export.recipient, out, |feed| {
        let mut archive = Archive { tar: TarWriter::new(feed), folder, exhibits: export.exhibits, progress };
        archive.put_all(&plan)?;
        archive.tar.finish()?;
        Ok(())
    })?;
    Ok(WrittenBundle { manifest, sha256, bytes })
}

/// Adds the tag files, signed, and the padding; returns the digest of the tag manifest.
fn plan_tag_files(plan: &mut Vec<Planned<'_>>, export: &Export<'_>) -> Result<Digest, BundleError> {
    let Export { parcel, signer, recipient, .. } = export;
    let (card, key) = (signer.card(), signer.minisign_key());
    let date = day(parcel.date).ok_or(BundleError::TrustedComment)?;
    let payload = manifest(ManifestKind::Payload, plan)?;
    let info = BagInfo { bagging_date: date, bundle_id: *parcel.bundle.as_bytes(), payload: oxum(plan) };
    let readme = text::readme(&parcel.bundle, parcel.date, recipient, card, &key.public());
    for (path, bytes) in [
        (README, readme.into_bytes()),
        (SIGNER, card.to_text().into_bytes()),
        (DECLARATION, BAG_DECLARATION.as_bytes().to_vec()),
        (BAG_INFO, info.render().into_bytes()),
        (PAYLOAD_MANIFEST, payload),
        (RECIPE, text::recipe(card).into_bytes()),
        (OPENINGS, text::OPENINGS_PY.as_bytes().to_vec()),
    ] {
        plan.push(Planned::bytes(path, bytes)?);
    }
    plan_padding(plan)?;
    let tags = manifest(ManifestKind::Tag, plan)?;
    let comment = TrustedComment { bundle: parcel.bundle, date, to: parcel.to, head: parcel.head }.render();
    let mut hasher = MinisignHasher::new();
    hasher.write_all(&tags).expect("hashing does not fail");
    let signature = key.sign(&hasher.finish(), &comment).map_err(BundleError::Signature)?;
    let digest = sha256(&tags);
    plan.push(Planned::bytes(TAG_MANIFEST, tags)?);
    plan.push(Planned::bytes(TAG_SIGNATURE, signature.into_bytes())?);
    sort(plan);
    Ok(digest)
}

/// Adds the file of zeros that gives the archive a Padmé length.
fn plan_padding(plan: &mut Vec<Planned<'_>>) -> Result<(), BundleError> {
    let content = Content::Zeros;
    plan.push(Planned { path: member(PADDING)?, bytes: 0, digest: Some(sha256(b"")), content });
    // Its size does not change the length of the manifest that lists it.
    let tags = manifest(ManifestKind::Tag, plan)?.len() as u64;
    let padding = plan.pop().expect("it was just pushed");
    let sizes = plan.iter().map(|file| file.bytes).chain([tags, SIGNATURE_ROOM]);
    let too_large = || TarWriteError::TooLarge { size: u64::MAX };
    let bytes = archive_len(sizes).and_then(padding_file_len).ok_or_else(too_large)?;
    let mut digest = Sha256Stream::default();
    zeros(bytes, |piece| {
        digest.update(piece);
        Ok::<(), BundleError>(())
    })?;
    plan.push(Planned { bytes, digest: Some(digest.finish()), ..padding });
    Ok(())
}

fn manifest(kind: ManifestKind, plan: &[Planned<'_>]) -> Result<Vec<u8>, BundleError> {
    let mut manifest = Manifest::new(kind);
    for file in plan.iter().filter(|file| is_payload(file) == (kind == ManifestKind::Payload)) {
        let digest = file.digest.expect("all digests are known before the manifests are made");
        manifest.insert(file.path.clone(), *digest.as_bytes())?;
    }
    let mut text = Vec::new();
    manifest.write_to(&mut text).expect("a vector takes every byte");
    Ok(text)
}

fn is_payload(file: &Planned<'_>) -> bool {
    file.path.as_str().starts_with(PAYLOAD_FOLDER)
}

fn oxum(plan: &[Planned<'_>]) -> Oxum {
    plan.iter().filter(|file| is_payload(file)).fold(Oxum::default(), |sum, file| Oxum {
        bytes: sum.bytes.saturating_add(file.bytes),
        files: sum.files + 1,
    })
}

fn zeros<E>(mut bytes: u64, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    while bytes > 0 {
        let step = usize::try_from(bytes).unwrap_or(usize::MAX).min(ZEROS.len());
        sink(&ZEROS[..step])?;
        bytes -= step as u64;
    }
    Ok(())
}

/// A first pass over exhibits that are cut: the digests of their pieces, which stand side by side.
fn digest_pieces(plan: &mut [Planned<'_>], source: &dyn ExhibitSource) -> Result<(), BundleError> {
    for at in 0..plan.len() {
        let files = &mut plan[at..];
        let Some(Planned { digest: None, content: Content::Piece(piece), .. }) = files.first() else {
            continue;
        };
        let sizes: Vec<u64> = files.iter().take(piece.of).map(|file| file.bytes).collect();
        let digests = piece_digests(piece, &sizes, source)?;
        files.iter_mut().zip(digests).for_each(|(file, digest)| file.digest = Some(digest));
    }
    Ok(())
}

fn piece_digests(
    piece: &Piece<'_>,
    sizes: &[u64],
    source: &dyn ExhibitSource,
) -> Result<Vec<Digest>, BundleError> {
    let mut done = Vec::with_capacity(sizes.len());
    let (mut hash, mut room) = (Sha256Stream::default(), sizes.first().copied().unwrap_or(0));
    let read = source.read(piece.exhibit, &mut |mut bytes| {
        while !bytes.is_empty() {
            let step = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(step);
            hash.update(now);
            (bytes, room) = (later, room - step as u64);
            if room == 0 {
                done.push(std::mem::take(&mut hash).finish());
                room = sizes.get(done.len()).copied().unwrap_or(u64::MAX);
            }
        }
        Ok(())
    });
    read.map_err(|cause| piece.error(ExhibitFault::Source(cause)))?;
    if done.len() == sizes.len() { Ok(done) } else { Err(piece.error(ExhibitFault::Differs)) }
}

/// The archive while it is written.
struct Archive<'a, 'f> {
    tar: TarWriter<&'f mut Feed>,
    folder: String,
    exhibits: &'a dyn ExhibitSource,
    progress: &'a mut dyn FnMut(u64),
}

impl Archive<'_, '_> {
    fn put_all(&mut self, plan: &[Planned<'_>]) -> Result<(), BundleError> {
        for (at, file) in plan.iter().enumerate() {
            match &file.content {
                Content::Piece(piece) if piece.number > 0 => continue,
                Content::Piece(piece) => {
                    let files: Vec<&Planned<'_>> = plan.iter().skip(at).take(piece.of).collect();
                    self.put_exhibit(piece, &files)?;
                }
                Content::Bytes(bytes) => self.put(file, bytes)?,
                Content::Part(part, number) => {
                    let rendered = render_part(&part_content(&part.core, part.revision));
                    let bytes = rendered.get(*number).map(|file| file.bytes.as_slice());
                    self.put(file, bytes.unwrap_or_default())?;
                }
                Content::Zeros => {
                    self.begin(file)?;
                    zeros(file.bytes, |piece| self.tar.write_all(piece)).map_err(BundleError::Write)?;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, file: &Planned<'_>) -> Result<(), BundleError> {
        Ok(self.tar.begin(&format!("{}/{}", self.folder, file.path), file.bytes)?)
    }

    fn put(&mut self, file: &Planned<'_>, bytes: &[u8]) -> Result<(), BundleError> {
        self.begin(file)?;
        self.tar.write_all(bytes).map_err(BundleError::Write)
    }

    /// Streams an exhibit into its files and checks that it is still the file that was attached.
    fn put_exhibit(&mut self, piece: &Piece<'_>, files: &[&Planned<'_>]) -> Result<(), BundleError> {
        let source = self.exhibits;
        let mut taker = Taker { archive: self, files, room: 0, hash: Sha256Stream::default(), stopped: None };
        taker.next_file()?;
        let read = source.read(piece.exhibit, &mut |bytes| taker.take(bytes));
        let Taker { files, room, hash, stopped, .. } = taker;
        match (stopped, read) {
            (Some(Stop::TooLong), _) => return Err(piece.error(ExhibitFault::Differs)),
            (Some(Stop::Failed(error)), _) => return Err(error),
            (None, Err(cause)) => return Err(piece.error(ExhibitFault::Source(cause))),
            (None, Ok(())) => {}
        }
        let Exhibit { sha256, .. } = piece.exhibit;
        if room > 0 || !files.is_empty() || hash.finish() != *sha256 {
            return Err(piece.error(ExhibitFault::Differs));
        }
        Ok(())
    }
}

/// Why no more bytes of an exhibit are taken.
enum Stop {
    Failed(BundleError),
    TooLong,
}

/// Spreads the bytes of an exhibit over its files.
struct Taker<'t, 'a, 'f, 'p> {
    archive: &'t mut Archive<'a, 'f>,
    /// The files not begun yet.
    files: &'t [&'t Planned<'p>],
    /// Bytes that the current file still takes.
    room: u64,
    hash: Sha256Stream,
    stopped: Option<Stop>,
}

impl Taker<'_, '_, '_, '_> {
    fn next_file(&mut self) -> Result<(), BundleError> {
        if let Some((file, rest)) = self.files.split_first() {
            self.archive.begin(file)?;
            (self.files, self.room) = (rest, file.bytes);
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        (self.archive.progress)(bytes.len() as u64);
        self.spread(bytes).map_err(|stop| {
            self.stopped = Some(stop);
            io::Error::other("the bundle cannot be written")
        })
    }

    fn spread(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            if self.room == 0 {
                if self.files.is_empty() {
                    return Err(Stop::TooLong);
                }
                self.next_file().map_err(Stop::Failed)?;
            }
            let step = usize::try_from(self.room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(step);
            self.archive.tar.write_all(now).map_err(|cause| Stop::Failed(BundleError::Write(cause)))?;
            (bytes, self.room) = (later, self.room - step as u64);
        }
        Ok(())
    }
}
