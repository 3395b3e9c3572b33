//! A vault read by someone it was shared with: only what was given, with their own identity.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::case::CaseView;
use super::catalogue::choose;
use super::contacts::Contacts;
use super::desk::Recall;
use super::error::{Damage, Item, VaultError};
use super::mailbox::{ReceivedGrant, read_mailbox};
use super::revision::read_revision;
use super::session::{Desktop, Finding, read_header};
use crate::crypto::{Identity, KnownCard, case_digest};
use crate::format::{EntryPlace, GrantedRevision, Memory, ReceivedFact, RevisionFact, SeenMessage};
use crate::record::{CardHash, CaseCode, CaseId, RevisionId, Time, VaultId};
use crate::store::Store;

/// A vault as far as it was shared with this identity.
pub struct SharedVault {
    store: Arc<dyn Store>,
    desktop: Desktop,
    id: VaultId,
    contacts: Contacts,
    cards: HashMap<CardHash, KnownCard>,
    cases: BTreeMap<CaseId, GivenCase>,
    last: Vec<SeenMessage>,
    listed: Vec<SeenMessage>,
    findings: Vec<Finding>,
}

/// What was given of one case.
struct GivenCase {
    sender: CardHash,
    revisions: Vec<(GrantedRevision, Time, EntryPlace)>,
}

impl SharedVault {
    /// Opens what contacts of this identity shared with it here. Reading is enough.
    pub fn open(store: Arc<dyn Store>, desktop: Desktop) -> Result<Self, VaultError> {
        let id = read_header(store.as_ref())?;
        let contacts = Contacts::load(&desktop.desk, &desktop.identity)?;
        let mut shared = Self {
            store,
            id,
            contacts,
            cards: HashMap::new(),
            cases: BTreeMap::new(),
            last: Vec::new(),
            listed: Vec::new(),
            findings: Vec::new(),
            desktop,
        };
        let senders: Vec<KnownCard> =
            shared.contacts.all().iter().filter_map(|contact| contact.card().cloned()).collect();
        for sender in &senders {
            let (grants, findings) =
                read_mailbox(shared.store.as_ref(), id, &shared.desktop.identity, sender)?;
            shared.findings.extend(findings);
            for grant in grants {
                shared.take(&grant, sender)?;
            }
        }
        if shared.cases.is_empty() {
            return Err(VaultError::NothingShared);
        }
        shared.look_back()?;
        Ok(shared)
    }

    fn take(&mut self, grant: &ReceivedGrant, sender: &KnownCard) -> Result<(), VaultError> {
        let sender_hash = sender.hash();
        self.cards.insert(sender_hash, sender.clone());
        for card in &grant.content.cards {
            let card = KnownCard::decode(card)
                .map_err(|error| VaultError::damaged(Item::Message(grant.core.n), Damage::Card(error)))?;
            self.cards.insert(card.hash(), card);
        }
        let place = EntryPlace { writer: grant.core.writer, n: grant.core.n, operation: 0 };
        for case in &grant.content.cases {
            let given = self
                .cases
                .entry(case.case)
                .or_insert_with(|| GivenCase { sender: sender_hash, revisions: Vec::new() });
            for revision in &case.revisions {
                if given.revisions.iter().all(|(known, ..)| known.revision != revision.revision) {
                    given.revisions.push((revision.clone(), grant.core.time, place));
                }
            }
        }
        let seen = SeenMessage { sender: sender_hash, writer: grant.core.writer, n: grant.core.n };
        match self.last.iter_mut().find(|last| (last.sender, last.writer) == (seen.sender, seen.writer)) {
            Some(last) => last.n = last.n.max(seen.n),
            None => self.last.push(seen),
        }
        Ok(())
    }

    /// Compares with the messages seen before, and remembers those seen now, where that can be written.
    fn look_back(&mut self) -> Result<(), VaultError> {
        let Desktop { identity, desk } = &self.desktop;
        let mut memory = match desk.recall(identity, &self.id)? {
            Recall::Own(memory) | Recall::Copied(memory) => memory,
            Recall::Nothing => Memory::blank(self.id),
        };
        let gone = memory.messages.iter().any(|seen| {
            let now = self.last.iter().find(|last| (last.sender, last.writer) == (seen.sender, seen.writer));
            now.is_none_or(|now| now.n < seen.n)
        });
        self.listed = memory.listed.clone();
        if gone {
            self.findings.push(Finding::MessageMissing);
        } else if memory.messages != self.last {
            memory.messages = self.last.clone();
            let remembered = desk.try_lock(identity, &self.id).and_then(|lock| match lock {
                Some(_held) => desk.remember(identity, &mut memory),
                None => Ok(()),
            });
            if remembered.is_err() {
                self.findings.push(Finding::CannotRemember);
            }
        }
        Ok(())
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
        let mut senders: Vec<CardHash> = self.cases.values().map(|case| case.sender).collect();
        senders.sort();
        senders.dedup();
        senders
    }

    /// The case with this code, among those given.
    pub fn find(&self, code: &CaseCode) -> Result<CaseId, VaultError> {
        let found: Vec<CaseId> =
            self.cases.keys().filter(|case| code.names(&case_digest(case))).copied().collect();
        choose(code, &found)
    }

    /// All cases given, in no order.
    pub fn cases(&self) -> Result<Vec<CaseView>, VaultError> {
        self.cases.keys().map(|case| self.case(*case)).collect()
    }

    /// The cases of which something came since `list --new` was last asked.
    pub fn arrivals(&self) -> Result<Vec<CaseId>, VaultError> {
        let fresh = |case: &GivenCase| {
            case.revisions.iter().any(|(_, _, place)| {
                let seen =
                    self.listed.iter().find(|seen| (seen.sender, seen.writer) == (case.sender, place.writer));
                seen.is_none_or(|seen| seen.n < place.n)
            })
        };
        Ok(self.cases.iter().filter(|(_, case)| fresh(case)).map(|(case, _)| *case).collect())
    }

    /// Notes that `list --new` showed everything there is.
    pub fn mark_arrivals(&mut self) -> Result<(), VaultError> {
        let Desktop { identity, desk } = &self.desktop;
        let _lock = desk.lock(identity, &self.id)?;
        let mut memory = match desk.recall(identity, &self.id)? {
            Recall::Own(memory) | Recall::Copied(memory) => memory,
            Recall::Nothing => Memory::blank(self.id),
        };
        memory.listed = self.last.clone();
        desk.remember(identity, &mut memory)?;
        self.listed = memory.listed;
        Ok(())
    }

    /// What was given of a case. A revision that does not open stands in `damaged`; the others are there.
    pub fn case(&self, case: CaseId) -> Result<CaseView, VaultError> {
        let Some(given) = self.cases.get(&case) else {
            return Err(VaultError::NotShared(crate::crypto::case_code(&case).to_string()));
        };
        let mut view = CaseView::blank(case, given.sender);
        let mut received: BTreeMap<Time, Vec<RevisionId>> = BTreeMap::new();
        for (granted, time, place) in &given.revisions {
            received.entry(*time).or_default().push(granted.revision);
            match self.fact(case, granted, *place) {
                Ok(fact) => view.parts.entry(fact.part.clone()).or_default().push(fact),
                Err(VaultError::Damaged(item, damage)) => {
                    view.damaged.push((granted.part.clone(), format!("{item}: {damage}")));
                }
                Err(error) => return Err(error),
            }
        }
        view.received = received
            .into_iter()
            .map(|(time, revisions)| ReceivedFact {
                from: given.sender,
                vault: Some(self.id),
                bundle: None,
                time,
                revisions,
            })
            .collect();
        view.parts
            .values_mut()
            .for_each(|facts| facts.sort_by_key(|fact| (fact.time, fact.index, fact.revision)));
        Ok(view)
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
        })
    }
}
