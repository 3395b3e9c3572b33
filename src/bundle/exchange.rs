//! Between a vault and a bundle: packing what a plan takes, taking in what a verified bundle holds.

use std::io::{self, Read, Seek};

use super::{ExhibitSource, Parcel, ParcelCase, Verified, VerifiedBundle};
use crate::crypto::KnownCard;
use crate::format::Exhibit;
use crate::record::{BundleId, CaseId, Digest, PartName, RevisionId, Time};
use crate::vault::{
    Damage, ExhibitFeed, Incoming, Item, OpenRevision, SharePlan, Vault, VaultError, check_revision,
    read_exhibit,
};

/// Gathers what a plan takes: revisions opened and checked, authors' cards, the entries that recorded them.
pub fn pack(vault: &Vault, plan: &SharePlan, bundle: BundleId, date: Time) -> Result<Parcel, VaultError> {
    let mut cards: Vec<KnownCard> = Vec::new();
    let mut cases = Vec::new();
    for case in &plan.cases {
        let opened = vault.open_planned(case)?;
        for revision in &opened {
            if cards.iter().all(|card| card.hash() != revision.core.author) {
                let item = Item::Revision(case.case, revision.core.part.clone());
                let card = vault.card(&revision.core.author)?;
                cards.push(card.ok_or(VaultError::Damaged(item, Damage::UnknownAuthor))?);
            }
        }
        cases.push(ParcelCase {
            case: case.case,
            revisions: opened.into_iter().map(|one| one.revision).collect(),
        });
    }
    let facts = plan.cases.iter().flat_map(|case| case.facts());
    let log = vault.extracts(facts)?;
    Ok(Parcel { bundle, date, to: plan.to.recipient(), cases, cards, log, head: vault.head() })
}

/// The exhibits of a vault's cases, for a bundle that is being written.
pub struct VaultExhibits<'a> {
    vault: &'a Vault,
    places: Vec<(Digest, CaseId, PartName)>,
}

impl<'a> VaultExhibits<'a> {
    /// The exhibits of what a plan takes.
    pub fn new(vault: &'a Vault, parcel: &Parcel) -> Self {
        let mut places = Vec::new();
        for case in &parcel.cases {
            for revision in &case.revisions {
                let Ok((core, _)) = check_revision(revision) else { continue };
                places.extend(revision.exhibits.iter().map(|e| (e.sha256, case.case, core.part.clone())));
            }
        }
        Self { vault, places }
    }
}

impl ExhibitSource for VaultExhibits<'_> {
    fn read(
        &self,
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> io::Result<Digest> {
        let place = self.places.iter().find(|(sha256, ..)| *sha256 == exhibit.sha256);
        let (_, case, part) = place.ok_or(io::ErrorKind::NotFound)?;
        // The sink's own error must come back as it was, and is not the vault's.
        let mut refused = None;
        let read = read_exhibit(self.vault.store(), (*case, part), exhibit, &mut |bytes| {
            sink(bytes).map_err(|error| {
                let kind = error.kind();
                refused = Some(error);
                io::Error::from(kind)
            })
        });
        match (refused, read) {
            (Some(error), _) => Err(error),
            // The vault compared the digest of all bytes.
            (None, read) => read.map(|()| exhibit.sha256).map_err(io::Error::other),
        }
    }
}

/// What a verified bundle brings to a vault.
pub fn incoming(verified: &Verified) -> Result<Incoming, VaultError> {
    let parcel = verified.parcel();
    let mut revisions = Vec::new();
    for case in &parcel.cases {
        for revision in &case.revisions {
            let (core, id) = check_revision(revision).map_err(|damage| {
                VaultError::Damaged(Item::Revision(case.case, PartName::exhibits()), damage)
            })?;
            revisions.push(OpenRevision { revision: revision.clone(), core, id });
        }
    }
    Ok(Incoming {
        from: verified.signer().clone(),
        vault: None,
        bundle: Some(parcel.bundle),
        revisions,
        cards: parcel.cards.clone(),
    })
}

/// The exhibits of an open bundle, for a vault that takes them in.
pub struct BundleFeed<'a, R: Read>(pub &'a mut VerifiedBundle<R>);

impl<R: Read + Seek + Send> ExhibitFeed for BundleFeed<'_, R> {
    fn feed(
        &mut self,
        (case, part, _): (CaseId, &PartName, RevisionId),
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> Result<(), VaultError> {
        let item = || Item::Exhibit(case, part.clone(), exhibit.number);
        self.0.read_exhibit(exhibit, sink).map_err(|error| match error {
            super::BundleError::Sink(error) | super::BundleError::Read(error) => VaultError::Source(error),
            _ => VaultError::Damaged(item(), Damage::Other),
        })
    }
}
