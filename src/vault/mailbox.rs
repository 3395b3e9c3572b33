//! Messages: grants on their way from a vault's owner to a recipient. docs/format.md sections 3 and 9.

use std::io::{Read, Write};

use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

use super::error::{Damage, Item, VaultError};
use super::log::last_of;
use super::objects::open_at;
use super::session::{Finding, Vault};
use crate::crypto::age::file::{AgeReader, AgeWriter};
use crate::crypto::{Identity, KnownCard, Mailbox, ObjectType, SignatureLabel, seal_object, sha256};
use crate::format::{
    FactKind, GivenFact, Grant, GrantContent, GrantCore, GrantedCase, GrantedRevision, MessageFact,
    RevisionFact, Structure, decode, encode,
};
use crate::record::{CaseId, Time, VaultId, Writer};
use crate::store::{ObjectName, Store, StoreError};

/// After the last message found this many further names are looked at.
const LOOK_AHEAD: u64 = 64;

/// A message to be put once its entry stands.
pub(super) struct Outgoing {
    pub(super) to: KnownCard,
    pub(super) writer: Writer,
    pub(super) n: u64,
    pub(super) time: Time,
    pub(super) content: GrantContent,
}

/// A grant whose sender, recipient and place were checked.
#[derive(Clone, Debug)]
pub struct ReceivedGrant {
    /// What its sender signed.
    pub core: GrantCore,
    /// What it gives.
    pub content: GrantContent,
}

impl Vault {
    pub(super) fn mailbox_to(&self, to: &KnownCard) -> Result<Mailbox, VaultError> {
        self.identity()
            .mailbox(&self.id, self.owner(), to)
            .ok_or_else(|| VaultError::damaged(Item::Card(to.hash()), Damage::Other))
    }

    /// The next free number of our messages to `to`, and how many occupied ones were skipped.
    pub(super) fn next_message(&self, to: &KnownCard, writer: Writer) -> Result<u64, VaultError> {
        let mailbox = self.mailbox_to(to)?;
        let sent = self.state.of_vault::<MessageFact>()?;
        let ours =
            sent.iter().map(|known| &known.fact).filter(|fact| fact.to == to.hash() && fact.writer == writer);
        let mut n = ours.map(|fact| fact.n + 1).max().unwrap_or(0);
        while self.store.exists(ObjectName::new(mailbox.name(&writer, n)))? {
            n += 1;
        }
        Ok(n)
    }

    /// Seals and puts messages; one that stands already is left alone. **Durable** on return.
    pub(super) fn send_all(&mut self, messages: &[Outgoing]) -> Result<(), VaultError> {
        for message in messages {
            let mailbox = self.mailbox_to(&message.to)?;
            let sealed = seal_message(self.identity(), self.id, &mailbox, message)?;
            let name = ObjectName::new(mailbox.name(&message.writer, message.n));
            match self.store.put_new(name, &sealed) {
                Err(StoreError::AlreadyExists { .. }) => self.note(Finding::Occupied(message.n)),
                other => other?,
            }
        }
        if messages.is_empty() { Ok(()) } else { Ok(self.store.barrier()?) }
    }

    /// Sends the messages that entries name and that are missing, as after a crash between commit and sending.
    pub fn send_missing(&mut self) -> Result<usize, VaultError> {
        if self.missing_messages()?.is_empty() {
            return Ok(0);
        }
        let _lock = self.desktop.desk.lock(&self.desktop.identity, &self.id)?;
        self.refresh()?;
        let missing = self.missing_messages()?;
        let rows = self.state.all()?;
        let messages =
            missing.iter().map(|(fact, to)| self.rebuild(fact, to, &rows)).collect::<Result<Vec<_>, _>>()?;
        self.send_all(&messages)?;
        Ok(messages.len())
    }

    fn missing_messages(&self) -> Result<Vec<(MessageFact, KnownCard)>, VaultError> {
        let mut missing = Vec::new();
        for known in self.state.of_vault::<MessageFact>()? {
            let Some(to) = self.card(&known.fact.to)? else { continue };
            let name = self.mailbox_to(&to)?.name(&known.fact.writer, known.fact.n);
            if !self.store.exists(ObjectName::new(name))? {
                missing.push((known.fact, to));
            }
        }
        Ok(missing)
    }

    fn rebuild(
        &self,
        fact: &MessageFact,
        to: &KnownCard,
        rows: &[crate::format::Row],
    ) -> Result<Outgoing, VaultError> {
        let mut cases = Vec::new();
        let mut given = Vec::new();
        for row in rows.iter().filter(|row| super::state::is(row, FactKind::Given)) {
            let known = super::state::read_fact::<GivenFact>(row)?;
            let ours =
                known.fact.bundle.is_none() && (known.fact.writer, known.fact.n) == (fact.writer, fact.n);
            if ours && known.fact.to == to.recipient() {
                given.push((row.key.case, known.fact));
            }
        }
        for (case, fact) in given {
            let known = self.revisions_of(&case)?;
            let find =
                |given: &crate::format::Given| known.iter().find(|fact| fact.revision == given.revision);
            let revisions = fact.revisions.iter().filter_map(find).map(granted).collect();
            cases.push(GrantedCase { case, revisions });
        }
        let cards = self.author_cards(&cases)?;
        Ok(Outgoing {
            to: to.clone(),
            writer: fact.writer,
            n: fact.n,
            time: fact.time,
            content: GrantContent { cases, cards },
        })
    }

    fn revisions_of(&self, case: &CaseId) -> Result<Vec<RevisionFact>, VaultError> {
        let rows = self.state.rows_with(&super::run::prefix(case, Some(FactKind::Revision as u8)))?;
        rows.iter().map(|row| super::state::read_fact(row).map(|known| known.fact)).collect()
    }

    /// The cards of all authors but the owner of what is given.
    fn author_cards(&self, cases: &[GrantedCase]) -> Result<Vec<ByteBuf>, VaultError> {
        let mut authors = std::collections::BTreeSet::new();
        for case in cases {
            for fact in self.revisions_of(&case.case)? {
                if case.revisions.iter().any(|given| given.revision == fact.revision) {
                    authors.insert(fact.author);
                }
            }
        }
        self.cards_of(authors)
    }

    pub(super) fn cards_of(
        &self,
        authors: impl IntoIterator<Item = crate::record::CardHash>,
    ) -> Result<Vec<ByteBuf>, VaultError> {
        let mut cards = Vec::new();
        for author in authors {
            if author != self.owner().hash()
                && let Some(card) = self.card(&author)?
            {
                cards.push(ByteBuf::from(card.encode()));
            }
        }
        Ok(cards)
    }
}

/// The reference by which a revision is given.
pub(super) fn granted(fact: &RevisionFact) -> GrantedRevision {
    GrantedRevision { part: fact.part.clone(), key: fact.key.clone(), revision: fact.revision }
}

/// Grant ▸ age for exactly this recipient ▸ object under the mailbox.
pub(super) fn seal_message(
    identity: &Identity,
    vault: VaultId,
    mailbox: &Mailbox,
    message: &Outgoing,
) -> Result<Vec<u8>, VaultError> {
    let content = Zeroizing::new(encode(&message.content));
    let core = encode(&GrantCore {
        vault,
        sender: identity.card().hash(),
        recipient: message.to.hash(),
        writer: message.writer,
        n: message.n,
        time: message.time,
        content: sha256(&content),
    });
    let sig = identity.sign(SignatureLabel::Grant, &core);
    let grant = encode(&Grant { core: ByteBuf::from(core), sig, content: ByteBuf::from(content.to_vec()) });
    let grant = Zeroizing::new(grant);
    let unusable = || VaultError::damaged(Item::Card(message.to.hash()), Damage::Other);
    let mut age = AgeWriter::seal(Vec::new(), &message.to.hybrid()).map_err(|_| unusable())?;
    let sealed = age.write_all(&grant).and_then(|()| age.finish()).map_err(|_| unusable())?;
    Ok(seal_object(&mailbox.key(&message.writer, message.n), ObjectType::Message, &sealed))
}

/// Everything `sender` gave `identity` in this vault, in order, and what was noticed.
pub(super) fn read_mailbox(
    store: &dyn Store,
    vault: VaultId,
    identity: &Identity,
    sender: &KnownCard,
) -> Result<(Vec<ReceivedGrant>, Vec<Finding>), VaultError> {
    let (mut grants, mut findings) = (Vec::new(), Vec::new());
    let Some(mailbox) = identity.mailbox(&vault, sender, identity.card()) else {
        return Ok((grants, findings));
    };
    let place = Mail { store, vault, identity, sender, mailbox: &mailbox };
    for name in store.list(mailbox.folder())? {
        let Some(key) = mailbox.recognise(name.as_bytes()) else { continue };
        let Ok(first) = place.read_at(name, &key, None) else {
            findings.push(Finding::Occupied(0));
            continue;
        };
        let writer = first.core.writer;
        if mailbox.name(&writer, 0) != *name.as_bytes() || first.core.n != 0 {
            findings.push(Finding::Occupied(0));
            continue;
        }
        grants.push(first);
        place.walk(&writer, &mut grants, &mut findings)?;
    }
    grants.sort_by_key(|grant| (grant.core.time, grant.core.writer, grant.core.n));
    Ok((grants, findings))
}

struct Mail<'a> {
    store: &'a dyn Store,
    vault: VaultId,
    identity: &'a Identity,
    sender: &'a KnownCard,
    mailbox: &'a Mailbox,
}

impl Mail<'_> {
    fn walk(
        &self,
        writer: &Writer,
        grants: &mut Vec<ReceivedGrant>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), VaultError> {
        let stands = |n: u64| Ok(self.store.exists(ObjectName::new(self.mailbox.name(writer, n)))?);
        let mut last = last_of(stands)?;
        for later in last.saturating_add(2)..=last.saturating_add(LOOK_AHEAD) {
            if stands(later)? {
                findings.push(Finding::MessageMissing);
                last = later;
            }
        }
        for n in 1..=last {
            let name = ObjectName::new(self.mailbox.name(writer, n));
            match self.read_at(name, &self.mailbox.key(writer, n), Some((writer, n))) {
                Ok(grant) => grants.push(grant),
                Err(VaultError::Damaged(_, Damage::Store(StoreError::NotFound { .. }))) => {}
                Err(VaultError::Damaged(..)) => findings.push(Finding::Occupied(n)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read_at(
        &self,
        name: ObjectName,
        key: &crate::format::ObjectKey,
        place: Option<(&Writer, u64)>,
    ) -> Result<ReceivedGrant, VaultError> {
        let item = Item::Message(place.map_or(0, |(_, n)| n));
        let sealed = open_at(self.store, name, key, ObjectType::Message, &item)?;
        self.check(&sealed, place).map_err(|damage| VaultError::damaged(item, damage))
    }

    fn check(&self, sealed: &[u8], place: Option<(&Writer, u64)>) -> Result<ReceivedGrant, Damage> {
        let reader = AgeReader::open(sealed, &self.identity.age_keys())?;
        let mut bytes = Zeroizing::new(Vec::new());
        reader
            .take(Grant::LIMIT as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(crate::crypto::OpenError::from_read)?;
        let grant: Grant = decode(&bytes)?;
        self.sender.check(SignatureLabel::Grant, &grant.core, &grant.sig)?;
        let core: GrantCore = decode(&grant.core)?;
        let placed = core.vault == self.vault
            && core.sender == self.sender.hash()
            && core.recipient == self.identity.card().hash()
            && core.content == sha256(&grant.content)
            && place.is_none_or(|(writer, n)| (core.writer, core.n) == (*writer, n));
        if !placed {
            return Err(Damage::Other);
        }
        Ok(ReceivedGrant { core, content: decode(&grant.content)? })
    }
}
