//! Revisions and exhibits. docs/format.md section 7.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::error::{Damage, Item, VaultError};
use super::super::exhibits::read_exhibit;
use super::super::objects::name_of;
use super::super::revision::{OpenRevision, read_revision};
use super::super::spread::spread;
use super::super::state::{is, read_fact};
use super::chains::Recorded;
use super::{Check, CheckOptions, CheckStage};
use crate::crypto::padme::sealed_size;
use crate::crypto::{KnownCard, OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, OpenError, SEGMENT_BYTES};
use crate::format::{Exhibit, FactKind, ObjectKey, People, RevisionFact, Row};
use crate::record::{CardHash, CaseId, PartName};
use crate::store::{ObjectName, Store};

/// An exhibit and the first part that was found to hold it.
pub(super) struct Placed {
    case: CaseId,
    part: PartName,
    exhibit: Exhibit,
}

/// Cards by their hash; none where an author's is not known.
type Authors = BTreeMap<CardHash, Option<KnownCard>>;

impl Check<'_> {
    /// Opens every revision: reference, digest, author's signature, the operation that recorded it.
    pub(super) fn revisions(&mut self, rows: &[Row], recorded: &Recorded) -> Result<Vec<Placed>, VaultError> {
        let mut facts: Vec<(CaseId, RevisionFact)> = Vec::new();
        for row in rows.iter().filter(|row| is(row, FactKind::Revision)) {
            let fact = self.judge(read_fact::<RevisionFact>(row))?;
            facts.extend(fact.map(|known| (row.key.case, known.fact)));
        }
        let authors = self.authors(&facts)?;
        let (done, total) = (AtomicU64::new(0), facts.len() as u64);
        let opened = spread(&facts, |(case, fact)| {
            self.tell(CheckStage::Revisions, done.fetch_add(1, Ordering::Relaxed), total)?;
            let exhibits = check_revision(self.vault.store(), *case, fact, &authors)?;
            check_recorded(*case, fact, recorded).map(|()| exhibits)
        });
        let (mut placed, mut seen) = (Vec::new(), HashSet::new());
        for ((case, fact), opened) in facts.into_iter().zip(opened) {
            self.known.insert(name_of(&fact.key));
            let Some(exhibits) = self.judge(opened)? else { continue };
            self.report.sound.revisions += 1;
            if authors.get(&fact.author).is_none_or(Option::is_none) {
                self.report.unknown_authors.push((case, fact.part.clone(), fact.author));
            }
            for exhibit in exhibits {
                let names: Vec<ObjectName> = exhibit.segments.iter().map(name_of).collect();
                self.known.extend(&names);
                if seen.insert((exhibit.sha256, names)) {
                    placed.push(Placed { case, part: fact.part.clone(), exhibit });
                }
            }
        }
        Ok(placed)
    }

    fn authors(&mut self, facts: &[(CaseId, RevisionFact)]) -> Result<Authors, VaultError> {
        let mut authors = Authors::new();
        for author in facts.iter().map(|(_, fact)| fact.author).collect::<BTreeSet<_>>() {
            let card = self.vault.card(&author);
            let card = self.judge(card)?.flatten();
            authors.insert(author, card);
        }
        Ok(authors)
    }

    /// Looks at every object of every exhibit, and reads them through when asked to.
    pub(super) fn exhibits(
        &mut self,
        exhibits: Vec<Placed>,
        options: CheckOptions,
    ) -> Result<(), VaultError> {
        let total = exhibits.iter().fold(0u64, |sum, placed| sum.saturating_add(placed.exhibit.bytes));
        let done = AtomicU64::new(0);
        let store = self.vault.store();
        let checked = spread(&exhibits, |placed| {
            check_segments(store, placed)?;
            if !options.read_data {
                return Ok(());
            }
            let mut advance = |bytes: &[u8]| {
                let before = done.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                let now = before.saturating_add(bytes.len() as u64).min(total);
                self.tell(CheckStage::Exhibits, now, total).map_err(io::Error::other)
            };
            match read_exhibit(store, (placed.case, &placed.part), &placed.exhibit, &mut advance) {
                Err(VaultError::Sink(_)) => Err(VaultError::Cancelled),
                other => other,
            }
        });
        for (placed, checked) in exhibits.iter().zip(checked) {
            if self.judge(checked)?.is_some() {
                self.report.sound.exhibits += 1;
                self.report.sound.segments += placed.exhibit.segments.len() as u64;
            }
        }
        Ok(())
    }
}

/// Opens what a fact names, compares the two, and checks the signature if the author's card is known.
fn check_revision(
    store: &dyn Store,
    case: CaseId,
    fact: &RevisionFact,
    authors: &Authors,
) -> Result<Vec<Exhibit>, VaultError> {
    let opened = read_revision(store, case, &fact.part, (&fact.key, fact.revision))?;
    let core = &opened.core;
    let same = (core.author, core.branch, core.index, core.time)
        == (fact.author, fact.branch, fact.index, fact.time)
        && core.vector == fact.vector
        && fact.people == people_of(&opened);
    if !same {
        return Err(VaultError::damaged(Item::Revision(case, fact.part.clone()), Damage::Other));
    }
    if let Some(Some(card)) = authors.get(&fact.author) {
        opened.check_author(card)?;
    }
    Ok(opened.revision.exhibits)
}

/// Whom the revision itself names: what the fact says of people must be this.
fn people_of(opened: &OpenRevision) -> Option<People> {
    let OpenRevision { revision, core, .. } = opened;
    People::of_revision(revision, core.time)
}

/// The operation that a fact names recorded this revision, unless its entry is gone.
fn check_recorded(case: CaseId, fact: &RevisionFact, recorded: &Recorded) -> Result<(), VaultError> {
    let Some(operations) = recorded.get(&(fact.entry.writer, fact.entry.n)) else { return Ok(()) };
    let operation = usize::try_from(fact.entry.operation).ok().and_then(|i| operations.get(i));
    match operation {
        Some(revisions) if revisions.contains(&fact.revision) => Ok(()),
        _ => Err(VaultError::damaged(Item::Revision(case, fact.part.clone()), Damage::Other)),
    }
}

/// Every segment is there, has exactly the size its content needs, and is sealed under its key.
fn check_segments(store: &dyn Store, placed: &Placed) -> Result<(), VaultError> {
    let Placed { case, part, exhibit } = placed;
    let item = || Item::Exhibit(*case, part.clone(), exhibit.number);
    if exhibit.bytes.div_ceil(SEGMENT_BYTES) != exhibit.segments.len() as u64 {
        return Err(VaultError::damaged(item(), Damage::Other));
    }
    let mut left = exhibit.bytes;
    for key in &exhibit.segments {
        let content = left.min(SEGMENT_BYTES);
        left = left.saturating_sub(content);
        check_segment(store, key, content).map_err(|damage| VaultError::damaged(item(), damage))?;
    }
    Ok(())
}

fn check_segment(store: &dyn Store, key: &ObjectKey, content: u64) -> Result<(), Damage> {
    let object = store.open(name_of(key))?;
    if object.size() != sealed_size(content) {
        return Err(Damage::Open(OpenError::Corrupt));
    }
    let mut header = [0; OBJECT_HEADER_BYTES];
    object.read_at(0, &mut header)?;
    ObjectOpener::new(key, ObjectType::Segment, &header, object.size())?;
    Ok(())
}
