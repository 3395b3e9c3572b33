//! Taking cases in: from a contact's vault or a bundle, authors' cores unchanged, everything sealed anew.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::ops::ControlFlow;

use super::case::CaseView;
use super::commit::Draft;
use super::error::{Damage, Item, VaultError};
use super::exhibits::{StoredExhibit, store_exhibit};
use super::revision::{OpenRevision, check_revision, put_revision};
use super::session::Vault;
use super::shared::SharedVault;
use crate::crypto::{KnownCard, case_digest, leaving_no_stack};
use crate::format::{
    CardFact, CodeFact, Exhibit, Given, ObjectKey, OpenedFact, OperationBody, People, ReceivedFact, Revision,
    RevisionFact, parse_form,
};
use crate::record::form::Id;
use crate::record::{BundleId, CardHash, CaseId, Digest, PartName, RevisionId, Time, VaultId};

/// Cases that came from someone, every signature checked.
pub struct Incoming {
    /// Who passed them on.
    pub from: KnownCard,
    /// From which vault, if from one.
    pub vault: Option<VaultId>,
    /// In which bundle, if in one.
    pub bundle: Option<BundleId>,
    /// The revisions; the segments of their exhibits are those of where they came from.
    pub revisions: Vec<OpenRevision>,
    /// Cards of all authors.
    pub cards: Vec<KnownCard>,
}

/// Gives the bytes of exhibits that come in.
pub trait ExhibitFeed: Send {
    /// Streams one exhibit and checks its digest.
    fn feed(
        &mut self,
        place: (CaseId, &PartName, RevisionId),
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> Result<(), VaultError>;
}

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenIn {
    /// How many revisions of which case are new here.
    pub cases: Vec<(CaseId, usize)>,
    /// Who withdrew their consent by what is new here, and who says so.
    pub withdrawn: Vec<(CaseId, Id, CardHash)>,
    /// How many revisions were here already.
    pub known: usize,
    /// Cases of a contact's vault that were left out, because something of them is damaged, and what.
    pub left: Vec<(CaseId, String)>,
}

/// A revision put under fresh keys, to be recorded.
struct Adopted {
    opened: OpenRevision,
    key: ObjectKey,
}

/// Where exhibits come from, which are here already, and what is told on the way.
struct Adopting<'a> {
    feed: &'a mut dyn ExhibitFeed,
    stored: &'a mut HashMap<Digest, StoredExhibit>,
    progress: &'a mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
}

impl Vault {
    /// Takes in what is new here, in one commit; what is known already is left alone. **Durable** on return.
    pub fn take_in(
        &mut self,
        incoming: &Incoming,
        feed: &mut dyn ExhibitFeed,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
        time: Time,
    ) -> Result<TakenIn, VaultError> {
        let mut stored = HashMap::new();
        let adopted =
            self.adopt_all(incoming, &incoming.revisions, Adopting { feed, stored: &mut stored, progress })?;
        self.record(incoming, &adopted, time)
    }

    /// Takes in what contacts shared in another vault: all cases, or these. A case of which something is damaged is
    /// left out; what else came of the same sender stands.
    pub fn accept(
        &mut self,
        from: &SharedVault,
        cases: Option<&[CaseId]>,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
        time: Time,
    ) -> Result<TakenIn, VaultError> {
        let mut total = TakenIn { cases: Vec::new(), withdrawn: Vec::new(), known: 0, left: Vec::new() };
        let mut cases_taken: BTreeMap<CaseId, usize> = BTreeMap::new();
        let views = from.cases()?;
        for sender in from.senders() {
            let card = from.card(&sender)?;
            let card = card.ok_or_else(|| VaultError::damaged(Item::Card(sender), Damage::UnknownAuthor))?;
            let (vault, bundle) = (Some(from.id()), None);
            let mut incoming = Incoming { from: card, vault, bundle, revisions: vec![], cards: vec![] };
            let (mut adopted, mut stored) = (Vec::new(), HashMap::new());
            for view in &views {
                if view.owner != sender || cases.is_some_and(|cases| !cases.contains(&view.case)) {
                    continue;
                }
                let mut feed = FromVault(from);
                let with = Adopting { feed: &mut feed, stored: &mut stored, progress: &mut *progress };
                match self.accept_case(from, view, (&mut incoming, with)) {
                    Ok(more) => adopted.extend(more),
                    Err(VaultError::Damaged(item, damage)) => {
                        total.left.push((view.case, format!("{item}: {damage}")));
                        // A withdrawal must arrive, whatever else of the case is damaged.
                        let with =
                            Adopting { feed: &mut feed, stored: &mut stored, progress: &mut *progress };
                        adopted.extend(self.accept_consents(from, view, (&mut incoming, with))?);
                    }
                    Err(error) => return Err(error),
                }
            }
            let taken = self.record(&incoming, &adopted, time)?;
            for (case, revisions) in taken.cases {
                *cases_taken.entry(case).or_default() += revisions;
            }
            total.withdrawn.extend(taken.withdrawn);
            total.known += taken.known;
        }
        total.cases = cases_taken.into_iter().collect();
        Ok(total)
    }

    /// Adopts a whole case of a contact's vault; what came of it joins what came in.
    fn accept_case(
        &self,
        from: &SharedVault,
        view: &CaseView,
        (incoming, with): (&mut Incoming, Adopting<'_>),
    ) -> Result<Vec<Adopted>, VaultError> {
        let revisions = open_whole(from, view, incoming)?;
        let adopted = self.adopt_all(incoming, &revisions, with)?;
        incoming.revisions.extend(revisions);
        Ok(adopted)
    }

    /// Adopts what people agreed to in a case of which something else is damaged, as far as it opens.
    fn accept_consents(
        &self,
        from: &SharedVault,
        view: &CaseView,
        (incoming, with): (&mut Incoming, Adopting<'_>),
    ) -> Result<Vec<Adopted>, VaultError> {
        let mut revisions = Vec::new();
        for fact in view.consent_parts().flat_map(|part| view.revisions(part)) {
            match view.open(from.store(), fact) {
                Ok(opened) if opened.revision.exhibits.is_empty() => revisions.push(opened),
                Ok(_) | Err(VaultError::Damaged(..)) => {}
                Err(error) => return Err(error),
            }
        }
        for author in revisions.iter().map(|opened| opened.core.author) {
            if incoming.cards.iter().all(|card| card.hash() != author) {
                incoming.cards.extend(from.card(&author)?);
            }
        }
        let adopted = self.adopt_all(incoming, &revisions, with)?;
        incoming.revisions.extend(revisions);
        Ok(adopted)
    }

    /// Checks these revisions and puts those that are new here, with their exhibits; nothing is recorded yet.
    fn adopt_all(
        &self,
        incoming: &Incoming,
        revisions: &[OpenRevision],
        mut with: Adopting<'_>,
    ) -> Result<Vec<Adopted>, VaultError> {
        let mut adopted = Vec::new();
        for opened in revisions {
            let author = incoming.cards.iter().find(|card| card.hash() == opened.core.author);
            let item = || Item::Revision(opened.core.case, opened.core.part.clone());
            let author = author.ok_or_else(|| VaultError::damaged(item(), Damage::UnknownAuthor))?;
            let (core, id) =
                check_revision(&opened.revision).map_err(|damage| VaultError::damaged(item(), damage))?;
            if (&core, id) != (&opened.core, opened.id) {
                return Err(VaultError::damaged(item(), Damage::Other));
            }
            opened.check_author(author)?;
            if !self.knows(opened)? {
                let revision = self.adopt(opened, &mut with)?;
                let key = put_revision(self.store.as_ref(), &revision)?;
                adopted.push(Adopted { opened: opened.clone(), key });
            }
        }
        Ok(adopted)
    }

    /// Records what was adopted of what came in, in one commit. **Durable** on return.
    fn record(
        &mut self,
        incoming: &Incoming,
        adopted: &[Adopted],
        time: Time,
    ) -> Result<TakenIn, VaultError> {
        let known = incoming.revisions.len() - adopted.len();
        let left = Vec::new();
        if adopted.is_empty() {
            return Ok(TakenIn { cases: Vec::new(), withdrawn: Vec::new(), known, left });
        }
        self.commit(time, |draft| {
            let mut cases: Vec<(CaseId, usize)> = Vec::new();
            for one in by_case(adopted) {
                draft.record_case(incoming, one)?;
                cases.push((one[0].opened.core.case, one.len()));
            }
            draft.record_cards(incoming)?;
            let withdrawn = adopted.iter().flat_map(withdrawals).collect();
            Ok(TakenIn { cases, withdrawn, known, left: left.clone() })
        })
    }

    fn knows(&self, opened: &OpenRevision) -> Result<bool, VaultError> {
        Ok(self
            .case(opened.core.case)?
            .revisions(&opened.core.part)
            .iter()
            .any(|fact| fact.revision == opened.id))
    }

    /// The same revision with its exhibits stored here under fresh keys.
    fn adopt(&self, opened: &OpenRevision, with: &mut Adopting<'_>) -> Result<Revision, VaultError> {
        let mut revision = opened.revision.clone();
        let place = (opened.core.case, &opened.core.part, opened.id);
        for exhibit in &mut revision.exhibits {
            let here = match with.stored.get(&exhibit.sha256) {
                Some(here) => here.clone(),
                None => self.bring(place, exhibit, with.feed, with.progress)?,
            };
            exhibit.segments = here.segments.clone();
            with.stored.insert(exhibit.sha256, here);
        }
        Ok(revision)
    }

    /// Streams an exhibit from its feed into this vault's store.
    fn bring(
        &self,
        place: (CaseId, &PartName, RevisionId),
        exhibit: &Exhibit,
        feed: &mut dyn ExhibitFeed,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<StoredExhibit, VaultError> {
        let (mut reader, mut writer) = io::pipe().map_err(VaultError::Source)?;
        let store = self.store.as_ref();
        let (fed, put) = std::thread::scope(|scope| {
            let feeding = scope.spawn(move || {
                leaving_no_stack(|| feed.feed(place, exhibit, &mut |bytes| writer.write_all(bytes)))
            });
            let put = store_exhibit(store, &mut reader, exhibit.bytes, progress);
            drop(reader);
            (*feeding.join().expect("feeding does not panic"), put)
        });
        let put = match (fed, put) {
            // A feed that fails because nobody reads any more hides why nobody does.
            (Err(error @ VaultError::Damaged(..)), _) | (Err(error), Ok(_)) => return Err(error),
            (_, put) => put?,
        };
        if put.sha256 == exhibit.sha256 {
            Ok(put)
        } else {
            Err(VaultError::damaged(Item::Exhibit(place.0, place.1.clone(), exhibit.number), Damage::Other))
        }
    }
}

/// Opens a whole case of a contact's vault; the cards of its authors join those that came in.
fn open_whole(
    from: &SharedVault,
    view: &CaseView,
    incoming: &mut Incoming,
) -> Result<Vec<OpenRevision>, VaultError> {
    if let Some((part, _)) = view.damaged.first() {
        return Err(VaultError::damaged(Item::Revision(view.case, part.clone()), Damage::Other));
    }
    let mut revisions = Vec::new();
    for fact in view.parts.values().flatten() {
        revisions.push(view.open(from.store(), fact)?);
        if incoming.cards.iter().all(|card| card.hash() != fact.author) {
            incoming.cards.extend(from.card(&fact.author)?);
        }
    }
    Ok(revisions)
}

fn by_case(adopted: &[Adopted]) -> Vec<&[Adopted]> {
    adopted.chunk_by(|a, b| a.opened.core.case == b.opened.core.case).collect()
}

impl Draft<'_> {
    fn record_case(&mut self, incoming: &Incoming, adopted: &[Adopted]) -> Result<(), VaultError> {
        let case = adopted[0].opened.core.case;
        let via = Some(incoming.from.hash());
        if self.vault().case(case)?.opened.is_empty() {
            self.fact(CaseId::VAULT, &CodeFact { case, digest: case_digest(&case) });
            self.fact(case, &OpenedFact { time: self.time, via });
        }
        let revisions: Vec<Given> = adopted
            .iter()
            .map(|one| Given { part: one.opened.core.part.clone(), revision: one.opened.id })
            .collect();
        let ids = revisions.iter().map(|given| given.revision).collect();
        let entry = self.operation(Some(case), &came(incoming, revisions));
        for Adopted { opened, key } in adopted {
            let core = &opened.core;
            self.fact(
                case,
                &RevisionFact {
                    part: core.part.clone(),
                    revision: opened.id,
                    key: key.clone(),
                    author: core.author,
                    branch: core.branch,
                    index: core.index,
                    vector: core.vector.clone(),
                    time: core.time,
                    entry,
                    via,
                    people: People::of_revision(&opened.revision, core.time),
                },
            );
        }
        let received = ReceivedFact {
            from: incoming.from.hash(),
            vault: incoming.vault,
            bundle: incoming.bundle,
            time: self.time,
            revisions: ids,
        };
        self.fact(case, &received);
        Ok(())
    }

    fn record_cards(&mut self, incoming: &Incoming) -> Result<(), VaultError> {
        let own = self.vault().owner().hash();
        let mut seen: Vec<CardHash> = vec![own];
        for card in incoming.cards.iter().chain([&incoming.from]) {
            if !seen.contains(&card.hash()) {
                seen.push(card.hash());
                let fact = CardFact { card: card.encode().into(), via: incoming.from.hash() };
                self.card_fact(&card.hash(), &fact);
            }
        }
        Ok(())
    }
}

/// Who withdrew their consent by a revision that came in.
fn withdrawals(adopted: &Adopted) -> Vec<(CaseId, Id, CardHash)> {
    let OpenRevision { revision, core, .. } = &adopted.opened;
    let form = revision.form.as_deref().and_then(|form| parse_form(form).ok()).unwrap_or_default();
    let withdrawn = form.consent.into_iter().filter(|consent| consent.status.as_str() == "withdrawn");
    withdrawn.map(|consent| (core.case, consent.person, core.author)).collect()
}

fn came(incoming: &Incoming, revisions: Vec<Given>) -> OperationBody {
    let sender = incoming.from.hash();
    match (incoming.bundle, incoming.vault) {
        (Some(bundle), _) => OperationBody::Imported { bundle, signer: sender, revisions },
        (None, vault) => {
            OperationBody::Accepted { vault: vault.unwrap_or(VaultId::new([0; 32])), sender, revisions }
        }
    }
}

/// Exhibits from a vault that was shared.
struct FromVault<'a>(&'a SharedVault);

impl ExhibitFeed for FromVault<'_> {
    fn feed(
        &mut self,
        (case, part, _): (CaseId, &PartName, RevisionId),
        exhibit: &Exhibit,
        sink: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> Result<(), VaultError> {
        super::exhibits::read_exhibit(self.0.store(), (case, part), exhibit, sink)
    }
}
