//! Revisions: writing, and reading with every check. docs/format.md section 7.

use serde_bytes::{ByteArray, ByteBuf};

use super::error::{Damage, Item, VaultError};
use super::objects::{open_sealed, put_structure};
use crate::crypto::{KnownCard, ObjectType, SignatureLabel, Signer, random, sha256};
use crate::format::{
    Exhibit, Malformed, ObjectKey, PartContent, Revision, RevisionCore, decode, encode, is_form, render_part,
};
use crate::record::{
    CaseId, Digest, Lang, MAX_FILE_NAME_BYTES, PartName, Position, RevisionId, Time, Vector, is_normal_text,
};
use crate::store::Store;

/// Largest number of an exhibit.
const MAX_EXHIBIT_NUMBER: u64 = 999_999_999;

/// What a new revision of a part holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartDraft {
    pub(crate) lang: Option<Lang>,
    pub(crate) text: Option<String>,
    pub(crate) exhibits: Vec<Exhibit>,
    pub(crate) removed: Vec<Digest>,
    pub(crate) form: Option<String>,
}

/// A revision read from a store: its content, its core, and its id.
#[derive(Clone, Debug)]
pub struct OpenRevision {
    /// Content and signature.
    pub revision: Revision,
    /// What was signed.
    pub core: RevisionCore,
    /// SHA-256 of the core's bytes.
    pub id: RevisionId,
}

impl OpenRevision {
    /// Checks the author's signature.
    pub fn check_author(&self, card: &KnownCard) -> Result<(), VaultError> {
        let item = Item::Revision(self.core.case, self.core.part.clone());
        if card.hash() != self.core.author {
            return Err(VaultError::damaged(item, Damage::UnknownAuthor));
        }
        card.check(SignatureLabel::Revision, &self.revision.core, &self.revision.sig)
            .map_err(|error| VaultError::damaged(item, error))
    }
}

/// The content that a revision renders to.
pub fn content_of(revision: &Revision, core: &RevisionCore) -> PartContent {
    PartContent {
        case: core.case,
        part: core.part.clone(),
        lang: revision.lang.clone(),
        random: Digest::new(revision.random.into_array()),
        text: revision.text.clone(),
        exhibits: revision.exhibits.clone(),
        removed: revision.removed.clone(),
        form: revision.form.clone(),
    }
}

/// SHA-256 of the lines that `sha256sum part.json statement.txt form.json` prints about those that are there.
pub fn content_digest(content: &PartContent) -> Digest {
    let lines: String =
        render_part(content).iter().map(|file| format!("{}  {}\n", sha256(&file.bytes), file.path)).collect();
    sha256(lines.as_bytes())
}

/// Checks a revision against its own core: vector, digests, order.
pub fn check_revision(revision: &Revision) -> Result<(RevisionCore, RevisionId), Damage> {
    let core: RevisionCore = decode(&revision.core)?;
    core.check()?;
    let fits = core.case != CaseId::VAULT
        && revision.text.as_deref().is_none_or(is_normal_text)
        && revision.form.as_deref().is_none_or(is_form)
        && revision.exhibits.iter().all(|e| (1..=MAX_EXHIBIT_NUMBER).contains(&e.number))
        && revision.exhibits.iter().all(|e| (1..=MAX_FILE_NAME_BYTES).contains(&e.name.len()));
    if !fits {
        return Err(Damage::Malformed(Malformed::Field("content")));
    }
    // The first digits of the digest tell files apart that share a number.
    let key = |e: &Exhibit| (e.number, e.sha256.as_bytes()[..4].to_vec());
    let in_order =
        revision.exhibits.is_sorted_by(|a, b| key(a) < key(b)) && revision.removed.is_sorted_by(|a, b| a < b);
    let same_exhibits = revision.exhibits.iter().map(|e| e.sha256).eq(core.exhibits.iter().copied());
    if !in_order || !same_exhibits || content_digest(&content_of(revision, &core)) != core.content {
        return Err(Damage::Other);
    }
    Ok((core, RevisionId::new(*sha256(&revision.core).as_bytes())))
}

/// Where a new revision stands.
pub(crate) struct RevisionPlace {
    pub(crate) case: CaseId,
    pub(crate) part: PartName,
    pub(crate) position: Position,
    pub(crate) vector: Vector,
    pub(crate) time: Time,
}

/// Signs a new revision.
pub(crate) fn sign_revision(signer: &Signer, place: RevisionPlace, draft: PartDraft) -> OpenRevision {
    let PartDraft { lang, text, mut exhibits, mut removed, form } = draft;
    exhibits.sort_by_key(|exhibit| (exhibit.number, exhibit.sha256));
    removed.sort();
    let mut revision = Revision {
        core: ByteBuf::new(),
        sig: ByteArray::new([0; 64]),
        random: ByteArray::new(random()),
        lang,
        text,
        exhibits,
        removed,
        form,
    };
    let mut core = RevisionCore {
        case: place.case,
        part: place.part,
        branch: place.position.branch,
        index: place.position.index,
        vector: place.vector,
        content: Digest::new([0; 32]),
        exhibits: revision.exhibits.iter().map(|exhibit| exhibit.sha256).collect(),
        author: place.position.author,
        time: place.time,
    };
    core.content = content_digest(&content_of(&revision, &core));
    let bytes = encode(&core);
    revision.sig = signer.sign(SignatureLabel::Revision, &bytes);
    let id = RevisionId::new(*sha256(&bytes).as_bytes());
    revision.core = ByteBuf::from(bytes);
    OpenRevision { revision, core, id }
}

/// Puts a revision under a fresh key; not durable before a barrier.
pub(crate) fn put_revision(store: &dyn Store, revision: &Revision) -> Result<ObjectKey, VaultError> {
    Ok(put_structure(store, ObjectType::Revision, revision)?.0)
}

/// Opens the revision that a reference names: anything else found in its place is refused.
pub(crate) fn read_revision(
    store: &dyn Store,
    case: CaseId,
    part: &PartName,
    (key, id): (&ObjectKey, RevisionId),
) -> Result<OpenRevision, VaultError> {
    let item = Item::Revision(case, part.clone());
    let content = open_sealed(store, key, ObjectType::Revision, &item)?;
    let read = || -> Result<OpenRevision, Damage> {
        let revision: Revision = decode(&content)?;
        let (core, found) = check_revision(&revision)?;
        if found != id || core.case != case || core.part != *part {
            return Err(Damage::Other);
        }
        Ok(OpenRevision { revision, core, id })
    };
    read().map_err(|damage| VaultError::damaged(item, damage))
}
