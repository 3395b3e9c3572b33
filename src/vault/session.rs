//! A vault opened by its owner: heads, state, and what was noticed on the way.

use std::sync::Arc;

use super::contacts::Contacts;
use super::desk::{Desk, Recall};
use super::error::{Damage, Item, VaultError};
use super::log::{Heads, Log, ReadEntry, Torn, frontier, live_runs};
use super::objects::{name_of, open_structure};
use super::run::prefix;
use super::state::{State, read_fact};
use crate::crypto::{Chain, Identity, KnownCard, ObjectType};
use crate::format::{CardFact, Contact, FactKind, Genesis, Head, Malformed, Memory, RunRef, VaultHeader};
use crate::record::{CardHash, CaseId, Digest, VaultId, Writer};
use crate::store::{Store, StoreError};

/// What an operation works with: whose vault, where, and the files beside the identity.
#[derive(Clone)]
pub struct Desktop {
    /// The secret keys.
    pub identity: Arc<Identity>,
    /// The files beside the identity file.
    pub desk: Desk,
}

/// A vault opened by its owner.
pub struct Vault {
    pub(super) store: Arc<dyn Store>,
    pub(super) desktop: Desktop,
    pub(super) id: VaultId,
    pub(super) chain: Chain,
    pub(super) heads: Vec<ReadEntry>,
    pub(super) runs: Vec<RunRef>,
    pub(super) state: State,
    pub(super) contacts: Contacts,
    pub(super) torn: Vec<Torn>,
    pub(super) findings: Vec<Finding>,
}

/// Something noticed while a vault was opened, that people should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// What is seen here cannot be remembered beside the identity file.
    CannotRemember,
    /// A message to this card cannot be sealed and was not sent.
    CannotSend(CardHash),
    /// Two entries were written under one name: a device's memory was copied. Both stand, and a new writer is begun.
    Clone,
    /// Entries before later ones, or parts of the index, are missing or do not open. Without a part of the index
    /// the vault is read-only.
    Missing(Item),
    /// A message place was occupied by something foreign and was skipped.
    Occupied(u64),
    /// Another vault stood at this path before.
    OtherVault(VaultId),
    /// The vault went back: this head was seen before and is not there.
    RolledBack(Head),
    /// A message is missing that was seen before, or after which later ones are there.
    MessageMissing,
    /// A grant by a later version was skipped.
    NewerGrant,
    /// The last entry of a writer is cut short or does not open: it counts as not written.
    Torn(Item),
}

/// How often the heads are read while others write, before what two readings agree on is believed.
const READINGS: usize = 4;

/// Reads the plain header.
pub fn read_header(store: &dyn Store) -> Result<VaultId, VaultError> {
    let bytes = match store.read_header() {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(VaultError::damaged(Item::Header, Damage::Other)),
        Err(error) => return Err(VaultError::damaged(Item::Header, error)),
    };
    let header =
        VaultHeader::decode(&bytes).map_err(|error: Malformed| VaultError::damaged(Item::Header, error))?;
    Ok(header.vault)
}

/// Reads the genesis of a vault and checks that it is this owner's.
pub(super) fn read_genesis(
    store: &dyn Store,
    owner: &Identity,
    vault: &VaultId,
) -> Result<Genesis, VaultError> {
    let key = owner.genesis_key(vault);
    let genesis: Genesis = open_structure(store, &key, ObjectType::Genesis, &Item::Genesis)?;
    match genesis.vault == *vault && genesis.owner == owner.card().hash() {
        true => Ok(genesis),
        false => Err(VaultError::damaged(Item::Genesis, Damage::Other)),
    }
}

impl Vault {
    /// Opens a vault with its owner's identity.
    pub fn open(store: Arc<dyn Store>, desktop: Desktop) -> Result<Self, VaultError> {
        let id = read_header(store.as_ref())?;
        let identity = &desktop.identity;
        let key = identity.genesis_key(&id);
        if !store.exists(name_of(&key))? && !desktop.desk.is_ours(identity, &id)? {
            return Err(VaultError::NotOwner);
        }
        let genesis = read_genesis(store.as_ref(), identity, &id)?;
        let contacts = Contacts::load(&desktop.desk, identity)?;
        let mut vault = Self {
            state: State::open(store.as_ref(), &[])?,
            chain: Chain::log(&genesis.secret),
            store,
            desktop,
            id,
            heads: Vec::new(),
            runs: Vec::new(),
            contacts,
            torn: Vec::new(),
            findings: Vec::new(),
        };
        vault.look_again()?;
        Ok(vault)
    }

    /// The vault's id.
    pub fn id(&self) -> VaultId {
        self.id
    }

    /// Its owner's card.
    pub fn owner(&self) -> &KnownCard {
        self.desktop.identity.card()
    }

    /// The owner's identity.
    pub fn identity(&self) -> &Identity {
        &self.desktop.identity
    }

    /// The owner's contacts.
    pub fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// What was noticed so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The store it lies in.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The store, for whoever puts exhibits while the vault records them.
    pub fn shared_store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Whether it went back to an earlier state and nothing may be written.
    pub fn is_rolled_back(&self) -> bool {
        self.findings.iter().any(|finding| matches!(finding, Finding::RolledBack(_)))
    }

    /// Whether nothing may be written: it went back, or a part of its index is missing.
    pub fn is_read_only(&self) -> bool {
        self.is_rolled_back() || !self.state.unread().is_empty()
    }

    /// Reads what was written since by other processes and devices, and notices anew.
    pub fn reload(&mut self) -> Result<(), VaultError> {
        self.findings.retain(|finding| {
            !matches!(finding, Finding::RolledBack(_) | Finding::Missing(_) | Finding::Torn(_))
        });
        self.look_again()
    }

    /// Reads the vault and compares with what was remembered before: of what is remembered while it is read, by
    /// another process of this device, the reading may know nothing yet.
    fn look_again(&mut self) -> Result<(), VaultError> {
        let recall = self.desktop.desk.recall(&self.desktop.identity, &self.id)?;
        self.refresh()?;
        self.look_back(recall)
    }

    pub(super) fn log(&self) -> Log<'_> {
        Log { store: self.store.as_ref(), chain: &self.chain, vault: self.id, owner: self.owner() }
    }

    /// Reads the heads and opens the state they name.
    pub(super) fn refresh(&mut self) -> Result<(), VaultError> {
        let (Heads { entries: heads, missing, torn }, lost) = self.settled_heads()?;
        if heads.is_empty() {
            return Err(VaultError::damaged(
                Item::Entry("any".into(), 0),
                StoreError::NotFound { place: crate::store::Place::Path("objects".into()) },
            ));
        }
        missing.into_iter().for_each(|item| self.note(Finding::Missing(item)));
        torn.iter().for_each(|torn| self.note(Finding::Torn(torn.item.clone())));
        lost.into_iter().for_each(|lost| self.note(lost));
        (self.runs, self.heads, self.torn) = (live_runs(&heads), heads, torn);
        self.state = State::open(self.store.as_ref(), &self.runs)?;
        if !self.state.unread().is_empty() {
            self.note(Finding::Missing(Item::Run));
            return Ok(());
        }
        match self.kept_contacts() {
            Ok(kept) => self.contacts.restore(kept, &self.desktop.identity),
            Err(VaultError::Damaged(item, _)) => {
                self.note(Finding::Missing(item));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The heads, and what of those they name is not there. Others may write while they are read one after the other:
    /// what one entry names and was not there is believed to be gone when a second reading does not find it either.
    fn settled_heads(&self) -> Result<(Heads, Vec<Finding>), VaultError> {
        let mut heads = self.log().heads()?;
        let mut suspected = unfound(&heads.entries);
        let mut certain = Vec::new();
        for _ in 1..READINGS {
            if suspected.is_empty() || !certain.is_empty() {
                break;
            }
            heads = self.log().heads()?;
            let now = unfound(&heads.entries);
            certain = now.iter().filter(|finding| suspected.contains(finding)).cloned().collect();
            suspected = now;
        }
        Ok((heads, certain))
    }

    /// Compares with what was remembered, and remembers what is seen.
    fn look_back(&mut self, recall: Recall) -> Result<(), VaultError> {
        let (mut memory, own) = match recall {
            Recall::Own(memory) => (memory, true),
            Recall::Copied(memory) => (memory, false),
            Recall::Nothing => (Memory::blank(self.id), true),
        };
        self.compare(&memory)?;
        let seen = self.lasting_heads(&memory);
        if own && !self.is_rolled_back() && memory.heads != seen {
            let before = memory.clone();
            memory.heads = seen;
            if self.remember_seen(&before, &mut memory).is_err() {
                self.note(Finding::CannotRemember);
            }
        }
        Ok(())
    }

    /// The heads that will not be lost: of an entry whose writer ended before it was durable, which a commit makes
    /// up for, the one remembered before. What is remembered and then lost would look like a vault that went back.
    fn lasting_heads(&self, memory: &Memory) -> Vec<Head> {
        let pending = memory.writer.zip(memory.pending);
        let pending = pending.map(|(writer, mark)| Head { writer, n: mark.n, hash: mark.hash });
        let heads = self.heads.iter().map(ReadEntry::head);
        let settle = |head: Head| match pending {
            Some(pending) if pending == head => {
                memory.heads.iter().copied().find(|before| before.writer == head.writer)
            }
            _ => Some(head),
        };
        heads.filter_map(settle).collect()
    }

    fn remember_seen(&self, before: &Memory, memory: &mut Memory) -> Result<(), VaultError> {
        // Whoever holds the lock writes, and remembers more than we saw.
        let Some(_lock) = self.desktop.desk.try_lock(&self.desktop.identity, &self.id)? else {
            return Ok(());
        };
        match self.desktop.desk.recall(&self.desktop.identity, &self.id)? {
            Recall::Own(now) if now != *before => Ok(()),
            _ => self.desktop.desk.remember(&self.desktop.identity, memory),
        }
    }

    /// Every head remembered must still stand, with the same hash. Gives whether another validly signed entry has
    /// the name of one that the remembered writer wrote, which only a clone can have put there.
    pub(super) fn compare(&mut self, memory: &Memory) -> Result<bool, VaultError> {
        let marked = memory.writer.zip(memory.marked);
        let marked = marked.map(|(writer, mark)| Head { writer, n: mark.n, hash: mark.hash });
        let mut cloned = false;
        for head in memory.heads.iter().copied().chain(marked) {
            match self.hash_at(&head.writer, head.n)? {
                Some(hash) if hash == head.hash => {}
                Some(_) if memory.writer == Some(head.writer) => {
                    self.note(Finding::Clone);
                    cloned = true;
                }
                _ => self.note(Finding::RolledBack(head)),
            }
        }
        Ok(cloned)
    }

    /// The hash of an entry that stands, up to the head read for its writer.
    fn hash_at(&self, writer: &Writer, n: u64) -> Result<Option<Digest>, VaultError> {
        let found = self.heads.iter().find(|entry| entry.core.writer == *writer && entry.core.n >= n);
        match found {
            None => Ok(None),
            Some(found) if found.core.n == n => Ok(Some(found.hash)),
            Some(_) => match self.log().read(writer, n) {
                Ok(entry) => Ok(Some(entry.hash)),
                Err(VaultError::Damaged(..)) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    pub(super) fn note(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn kept_contacts(&self) -> Result<Vec<Contact>, VaultError> {
        let kept = self.state.of_vault::<Contact>()?;
        let replaced: Vec<_> = kept.iter().flat_map(|known| known.fact.replaces.clone()).collect();
        Ok(kept
            .into_iter()
            .map(|known| known.fact)
            .filter(|contact| !replaced.contains(&contact.id))
            .collect())
    }

    /// A card by its hash: the owner's, a contact's, or one that came with a case.
    pub fn card(&self, hash: &CardHash) -> Result<Option<KnownCard>, VaultError> {
        if *hash == self.owner().hash() {
            return Ok(Some(self.owner().clone()));
        }
        if let Some(card) = self.contacts.by_card(hash).and_then(|contact| contact.card()) {
            return Ok(Some(card.clone()));
        }
        let kept = self.state.readable_with(&prefix(&CaseId::VAULT, Some(FactKind::Card as u8)))?;
        for row in &kept.rows {
            let known = read_fact::<CardFact>(row)?;
            if known.id == CardFact::id_of(hash) {
                let card = KnownCard::decode(&known.fact.card)
                    .map_err(|error| VaultError::damaged(Item::Card(*hash), error))?;
                return Ok((card.hash() == *hash).then_some(card));
            }
        }
        Ok(None)
    }

    /// Notes which vault stands at a path; a finding when it was another one before.
    pub fn notice_place(&mut self, path: &[u8]) -> Result<(), VaultError> {
        if let Some(other) = self.desktop.desk.notice(&self.desktop.identity, path, self.id)? {
            self.note(Finding::OtherVault(other));
        }
        Ok(())
    }
}

/// What entries that no other has seen name, and that is not there. What a later entry that has seen such a one does not
/// name any more was lost, and that was accepted.
fn unfound(heads: &[ReadEntry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for head in frontier(heads).into_iter().flat_map(|entry| &entry.private.heads) {
        match heads.iter().find(|entry| entry.core.writer == head.writer) {
            Some(found) if found.core.n > head.n || found.hash == head.hash => {}
            // Nothing is hidden: neither has seen the other, and both are read.
            Some(found) if found.core.n == head.n => findings.push(Finding::Clone),
            _ => findings.push(Finding::RolledBack(*head)),
        }
    }
    findings
}
