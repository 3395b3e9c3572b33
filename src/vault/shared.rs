//! A vault read by someone it was shared with: only what was given, with their own identity.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::case::CaseView;
use super::catalogue::choose;
use super::contacts::Contacts;
use super::error::{Damage, Item, VaultError};
use super::mailbox::{ReceivedGrant, Remembered, read_mailbox};
use super::revision::read_revision;
use super::session::{Desktop, Finding, read_header};
use crate::crypto::{CardError, Identity, KnownCard, case_digest};
use crate::format::{
    EntryPlace, GrantedRevision, Memory, MessageGap, People, ReceivedFact, RevisionFact, SeenMessage,
};
use crate::record::{CardHash, CaseCode, CaseId, RevisionId, Time, VaultId, Writer};
use crate::store::Store;

/// Where a message stands: its sender, their writer, its number.
pub(super) type MessagePlace = (CardHash, Writer, u64);

/// A vault as far as it was shared with this identity.
pub struct SharedVault {
    store: Arc<dyn Store>,
    desktop: Desktop,
    id: VaultId,
    contacts: Contacts,
    cards: HashMap<CardHash, KnownCard>,
    /// By case and sender. What one gave says nothing about what another gave: whose vault this is cannot be seen.
    cases: BTreeMap<(CaseId, CardHash), Vec<Given>>,
    last: Vec<SeenMessage>,
    missing: Vec<MessageGap>,
    listed: Vec<SeenMessage>,
    findings: Vec<Finding>,
}

/// A reference that a sender gave. One revision may be given more than once, and not every reference need open.
struct Given {
    granted: GrantedRevision,
    time: Time,
    place: EntryPlace,
}

impl SharedVault {
    /// Opens what contacts of this identity shared with it here. Reading is enough.
    pub fn open(store: Arc<dyn Store>, desktop: Desktop) -> Result<Self, VaultError> {
        let id = read_header(store.as_ref())?;
        let contacts = Contacts::load(&desktop.desk, &desktop.identity)?;
        let memory = desktop.desk.recall(&desktop.identity, &id)?.seen(id);
        let mut shared = Self {
            store,
            id,
            contacts,
            cards: HashMap::new(),
            cases: BTreeMap::new(),
            last: Vec::new(),
            missing: Vec::new(),
            listed: memory.listed.clone(),
            findings: Vec::new(),
            desktop,
        };
        let senders: Vec<KnownCard> =
            shared.contacts.all().iter().filter_map(|contact| contact.card().cloned()).collect();
        for sender in &senders {
            let before = Remembered { seen: &memory.messages, accepted: &memory.accepted };
            let from = (sender, before);
            let mailed = read_mailbox(shared.store.as_ref(), id, &shared.desktop.identity, from)?;
            shared.findings.extend(mailed.findings);
            shared.missing.extend(mailed.missing);
            for grant in mailed.grants {
                shared.take(&grant, sender);
            }
        }
        shared.look_back(&memory);
        if shared.cases.is_empty() && !shared.is_missing_messages() {
            let newer = shared.findings.contains(&Finding::NewerGrant);
            return Err(if newer { VaultError::Newer } else { VaultError::NothingShared });
        }
        Ok(shared)
    }

    /// Takes in a grant; one whose cards cannot be read is skipped and hides nothing of others.
    fn take(&mut self, grant: &ReceivedGrant, sender: &KnownCard) {
        let sender_hash = sender.hash();
        let seen = SeenMessage { sender: sender_hash, writer: grant.core.writer, n: grant.core.n };
        match self.last.iter_mut().find(|last| (last.sender, last.writer) == (seen.sender, seen.writer)) {
            Some(last) => last.n = last.n.max(seen.n),
            None => self.last.push(seen),
        }
        let cards = grant.content.cards.iter().map(|card| KnownCard::decode(card));
        let cards = match cards.collect::<Result<Vec<_>, _>>() {
            Ok(cards) => cards,
            Err(CardError::Newer) => return self.findings.push(Finding::NewerGrant),
            Err(_) => return self.findings.push(Finding::Occupied(grant.core.n)),
        };
        self.cards.extend(cards.into_iter().chain([sender.clone()]).map(|card| (card.hash(), card)));
        let place = EntryPlace { writer: grant.core.writer, n: grant.core.n, operation: 0 };
        for case in &grant.content.cases {
            let all = self.cases.entry((case.case, sender_hash)).or_default();
            for granted in &case.revisions {
                if all.iter().all(|known| known.granted != *granted) {
                    all.push(Given { granted: granted.clone(), time: grant.core.time, place });
                }
            }
        }
    }

    /// Compares with the messages seen before, and remembers those seen now, where that can be written.
    fn look_back(&mut self, before: &Memory) {
        // Who is no contact any more is not looked for.
        let known = |seen: &&SeenMessage| self.contacts.by_card(&seen.sender).is_some();
        let gone = before.messages.iter().filter(known).any(|seen| {
            let now = self.last.iter().find(|last| (last.sender, last.writer) == (seen.sender, seen.writer));
            now.is_none_or(|now| now.n < seen.n)
        });
        if gone && !self.is_missing_messages() {
            self.findings.push(Finding::MessageMissing);
        }
        if self.is_missing_messages() {
            return;
        }
        let changed = before.messages != self.last || before.accepted != self.missing;
        if changed && self.remember_seen(before).is_err() {
            self.findings.push(Finding::CannotRemember);
        }
    }

    fn remember_seen(&self, before: &Memory) -> Result<(), VaultError> {
        let Desktop { identity, desk } = &self.desktop;
        let Some(_held) = desk.try_lock(identity, &self.id)? else { return Ok(()) };
        let mut memory = desk.recall(identity, &self.id)?.seen(self.id);
        if memory.messages != before.messages || memory.accepted != before.accepted {
            // Another process remembered meanwhile, and may have seen more.
            return Ok(());
        }
        (memory.messages, memory.accepted) = (self.last.clone(), self.missing.clone());
        desk.remember(identity, &mut memory)
    }

    /// Whether messages are missing: the last ones seen before, or some with later ones after them.
    pub fn is_missing_messages(&self) -> bool {
        self.findings.contains(&Finding::MessageMissing)
    }

    /// Accepts that messages are missing, those seen before and those skipped before later ones: just these numbers
    /// are not reported any more. One that comes is read.
    pub fn accept_missing(&mut self) -> Result<(), VaultError> {
        let Desktop { identity, desk } = &self.desktop;
        let _lock = desk.lock(identity, &self.id)?;
        let mut memory = desk.recall(identity, &self.id)?.seen(self.id);
        (memory.messages, memory.accepted) = (self.last.clone(), self.missing.clone());
        desk.remember(identity, &mut memory)?;
        self.findings.retain(|finding| *finding != Finding::MessageMissing);
        Ok(())
    }

    /// The numbers of messages that are missing, also those whose absence was accepted.
    pub fn missing_messages(&self) -> &[MessageGap] {
        &self.missing
    }

    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// The reader's identity.
    pub fn identity(&self) -> &Identity {
        &self.desktop.identity
    }

    /// The reader's contacts.
    pub fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// What was noticed.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The store it lies in.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// A card by its hash: the reader's own, a sender's, or one that came with a grant.
    pub fn card(&self, hash: &CardHash) -> Result<Option<KnownCard>, VaultError> {
        if *hash == self.desktop.identity.card().hash() {
            return Ok(Some(self.desktop.identity.card().clone()));
        }
        let contact = self.contacts.by_card(hash).and_then(|contact| contact.card()).cloned();
        Ok(contact.or_else(|| self.cards.get(hash).cloned()))
    }

    /// Everyone who shared something here.
    pub fn senders(&self) -> Vec<CardHash> {
        let mut senders: Vec<CardHash> = self.cases.keys().map(|(_, sender)| *sender).collect();
        senders.sort();
        senders.dedup();
        senders
    }

    /// The case with this code, among those given.
    pub fn find(&self, code: &CaseCode) -> Result<CaseId, VaultError> {
        let mut found: Vec<CaseId> = self.cases.keys().map(|(case, _)| *case).collect();
        found.dedup();
        found.retain(|case| code.names(&case_digest(case)));
        choose(code, &found)
    }

    /// All cases given, one view of each for every sender, in no order.
    pub fn cases(&self) -> Result<Vec<CaseView>, VaultError> {
        self.cases.iter().map(|(key, given)| self.view(*key, given)).collect()
    }

    /// A case as every sender gave it, one view each: its owner is who gave it.
    pub fn views(&self, case: CaseId) -> Result<Vec<CaseView>, VaultError> {
        let of_case = self.cases.iter().filter(|((other, _), _)| *other == case);
        let views = of_case.map(|(key, given)| self.view(*key, given)).collect::<Result<Vec<_>, _>>()?;
        match views.is_empty() {
            true => Err(VaultError::NotShared(crate::crypto::case_code(&case).to_string())),
            false => Ok(views),
        }
    }

    /// Where the messages stand that gave something.
    pub(super) fn messages(&self) -> BTreeSet<MessagePlace> {
        let all = self
            .cases
            .iter()
            .flat_map(|((_, sender), given)| given.iter().map(|given| (*sender, given.place)));
        all.map(|(sender, place)| (sender, place.writer, place.n)).collect()
    }

    /// The cases, and of whom, of which one of these messages gave something.
    pub(super) fn given_by(&self, messages: &BTreeSet<MessagePlace>) -> Vec<(CaseId, CardHash)> {
        let among = |sender, place: EntryPlace| messages.contains(&(sender, place.writer, place.n));
        let fresh = self
            .cases
            .iter()
            .filter(|((_, sender), given)| given.iter().any(|given| among(*sender, given.place)));
        fresh.map(|(key, _)| *key).collect()
    }

    /// What one sender gave of a case; none when they gave nothing of it.
    pub(super) fn view_of(&self, case: CaseId, sender: CardHash) -> Result<Option<CaseView>, VaultError> {
        let key = (case, sender);
        self.cases.get(&key).map(|given| self.view(key, given)).transpose()
    }

    /// What its files beside the identity file are for.
    pub(super) fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    /// The cases, and of whom, of which something came since `list --new` was last asked.
    pub fn arrivals(&self) -> Result<Vec<(CaseId, CardHash)>, VaultError> {
        let fresh = |sender: CardHash, given: &[Given]| {
            given.iter().any(|Given { place, .. }| {
                let seen =
                    self.listed.iter().find(|seen| (seen.sender, seen.writer) == (sender, place.writer));
                seen.is_none_or(|seen| seen.n < place.n)
            })
        };
        Ok(self
            .cases
            .iter()
            .filter(|((_, sender), given)| fresh(*sender, given))
            .map(|(key, _)| *key)
            .collect())
    }

    /// Notes that `list --new` showed everything there is.
    pub fn mark_arrivals(&mut self) -> Result<(), VaultError> {
        let Desktop { identity, desk } = &self.desktop;
        let _lock = desk.lock(identity, &self.id)?;
        let mut memory = desk.recall(identity, &self.id)?.seen(self.id);
        memory.listed = self.last.clone();
        desk.remember(identity, &mut memory)?;
        self.listed = memory.listed;
        Ok(())
    }

    /// What one sender gave of a case. A revision that does not open stands in `damaged`; the others are there.
    fn view(&self, (case, sender): (CaseId, CardHash), given: &[Given]) -> Result<CaseView, VaultError> {
        let mut view = CaseView::blank(case, sender);
        let mut received: BTreeMap<Time, Vec<RevisionId>> = BTreeMap::new();
        for (revision, references) in by_revision(given) {
            let Some(first) = references.first() else { continue };
            received.entry(first.time).or_default().push(revision);
            match self.first_that_opens(case, &references)? {
                Ok(fact) => view.parts.entry(fact.part.clone()).or_default().push(fact),
                Err(why) => view.damaged.push((first.granted.part.clone(), why)),
            }
        }
        let vault = Some(self.id);
        let fact = |(time, revisions)| ReceivedFact { from: sender, vault, bundle: None, time, revisions };
        view.received = received.into_iter().map(fact).collect();
        view.parts
            .values_mut()
            .for_each(|facts| facts.sort_by_key(|fact| (fact.time, fact.vector.weight(), fact.revision)));
        Ok(view)
    }

    /// The fact by the first of these references that opens, or why the first does not.
    fn first_that_opens(
        &self,
        case: CaseId,
        references: &[&Given],
    ) -> Result<Result<RevisionFact, String>, VaultError> {
        let mut why = None;
        for Given { granted, place, .. } in references {
            match self.fact(case, granted, *place) {
                Ok(fact) => return Ok(Ok(fact)),
                Err(VaultError::Damaged(item, damage)) => {
                    why.get_or_insert_with(|| format!("{item}: {damage}"));
                }
                Err(VaultError::Newer) => {
                    why.get_or_insert_with(|| VaultError::Newer.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Err(why.unwrap_or_default()))
    }

    fn fact(
        &self,
        case: CaseId,
        granted: &GrantedRevision,
        entry: EntryPlace,
    ) -> Result<RevisionFact, VaultError> {
        let opened =
            read_revision(self.store.as_ref(), case, &granted.part, (&granted.key, granted.revision))?;
        let item = || Item::Revision(case, granted.part.clone());
        let author = self
            .card(&opened.core.author)?
            .ok_or_else(|| VaultError::damaged(item(), Damage::UnknownAuthor))?;
        opened.check_author(&author)?;
        Ok(RevisionFact {
            part: granted.part.clone(),
            revision: granted.revision,
            key: granted.key.clone(),
            author: opened.core.author,
            branch: opened.core.branch,
            index: opened.core.index,
            vector: opened.core.vector,
            time: opened.core.time,
            entry,
            via: None,
            people: People::of_revision(&opened.revision, opened.core.time),
        })
    }
}

/// References by the revision they name, each revision where it was first named.
fn by_revision(given: &[Given]) -> Vec<(RevisionId, Vec<&Given>)> {
    let mut at: HashMap<RevisionId, usize> = HashMap::new();
    let mut grouped: Vec<(RevisionId, Vec<&Given>)> = Vec::new();
    for one in given {
        let revision = one.granted.revision;
        let i = *at.entry(revision).or_insert(grouped.len());
        match grouped.get_mut(i) {
            Some((_, references)) => references.push(one),
            None => grouped.push((revision, vec![one])),
        }
    }
    grouped
}
