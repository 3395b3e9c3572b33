//! Writes a bundle: plan, manifests, signature, then every file once, sealed as it goes.

use std::io::Write;

use super::archive::{Archive, zeros};
use super::bag::{
    BAG_DECLARATION, BAG_INFO, BagInfo, DECLARATION, Manifest, ManifestKind, Oxum, PAYLOAD_FOLDER,
    PAYLOAD_MANIFEST, TAG_MANIFEST, TAG_SIGNATURE,
};
use super::comment::{TrustedComment, day};
use super::custody::{OPENINGS, RECIPE};
use super::error::ExhibitFault;
use super::layout::{Cut, PADDING, README, SIGNER, bag_folder, lay_out, member};
use super::parcel::{ExhibitSource, Parcel};
use super::pipe;
use super::plan::{Content, Piece, Planned, plan_content, sort};
use super::tar::{TarWriteError, TarWriter, archive_len, padding_file_len};
use super::verify::{needed_cards, verify_all};
use super::{BundleError, text};
use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::minisign::MinisignHasher;
use crate::crypto::{Identity, Sha256Stream, sha256};
use crate::record::Digest;

/// Room for the signature when the padding is chosen: one block, whatever its exact length.
const SIGNATURE_ROOM: u64 = 512;

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
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<WrittenBundle, BundleError> {
    write_cut(export, Cut::default(), out, progress)
}

pub(super) fn write_cut(
    export: &Export<'_>,
    cut: Cut,
    out: impl Write + Send,
    progress: &mut (dyn FnMut(u64) + Send),
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
