//! Messages: grants on their way from a vault's owner to a recipient. docs/format.md sections 3 and 9.

use std::collections::BTreeMap;
use std::io::{Read as _, Write};

use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

use super::error::{Damage, Item, VaultError};
use super::objects::{open_at, stands_whole};
use super::session::{Finding, Vault};
use super::state::{Known, is, read_fact};
use crate::crypto::age::file::{AgeReader, AgeWriter};
use crate::crypto::{Identity, KnownCard, Mailbox, ObjectType, SignatureLabel, seal_object, sha256};
use crate::format::{
    EndedFact, FactKind, GivenFact, Grant, GrantContent, GrantCore, GrantedCase, GrantedRevision,
    MessageFact, MessageGap, ObjectKey, RevisionFact, Row, SeenMessage, Structure, decode, encode,
};
use crate::record::{CaseId, Time, VaultId, Writer};
use crate::store::{ObjectName, Store, StoreError};

/// A walk ends where this many names after each other are missing. It never jumps: whoever sends could leave just the
/// names at which a jump lands, and every number up to the last would be looked for.
const MAX_GAP: u64 = 64;

/// How often a message is put whose place frees itself meanwhile.
const SEND_TRIES: usize = 3;

/// A sealed message, to be put once its entry stands.
pub(super) struct Outgoing {
    name: ObjectName,
    key: ObjectKey,
    n: u64,
    sealed: Vec<u8>,
}

/// A message to be sealed.
pub(super) struct Message {
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

    /// Seals a message: what cannot be sealed is known before anything says that it was sent.
    pub(super) fn seal(&self, message: &Message) -> Result<Outgoing, VaultError> {
        let mailbox = self.mailbox_to(&message.to)?;
        let sealed = seal_message(self.identity(), self.id, &mailbox, message)?;
        let name = ObjectName::new(mailbox.name(&message.writer, message.n));
        Ok(Outgoing { name, key: mailbox.key(&message.writer, message.n), n: message.n, sealed })
    }

    /// Puts messages; one that stands already is left alone, one cut short makes room. **Durable** on return.
    pub(super) fn send_all(&mut self, messages: &[Outgoing]) -> Result<(), VaultError> {
        for message in messages {
            let mut tries = 1;
            while !self.put_message(message, tries == SEND_TRIES)? {
                tries += 1;
            }
        }
        if messages.is_empty() { Ok(()) } else { Ok(self.store.barrier()?) }
    }

    /// Puts one message; false when its place was made free instead, and it is to be put again.
    ///
    /// From the moment its entry stands, every device of ours sends it, so that it may stand there already. The seal
    /// tells it from what a stranger put: only its sender and its recipient have the key.
    fn put_message(&mut self, message: &Outgoing, is_last: bool) -> Result<bool, VaultError> {
        match self.store.put_synced(message.name, &message.sealed) {
            Err(StoreError::AlreadyExists { .. }) if !is_last => {}
            other => return Ok(other.map(|()| true)?),
        }
        let item = Item::Message(message.n);
        if !stands_whole(self.store(), message.name)? {
            match self.store.delete(message.name) {
                Err(StoreError::NotFound { .. }) => {}
                other => other?,
            }
            return Ok(false);
        }
        match open_at(self.store(), message.name, &message.key, ObjectType::Message, &item) {
            Ok(_) => self.store.adopt(message.name),
            gone if is_absent(&gone) => return Ok(false),
            Err(VaultError::Damaged(..)) => self.note(Finding::Occupied(message.n)),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Sends the messages that entries name and that are missing, as after a crash between commit and sending. Of what
    /// they gave, only what sharing goes on for. One that cannot be sealed is noted, and stops no other.
    pub fn send_missing(&mut self) -> Result<usize, VaultError> {
        if self.is_read_only() || self.missing_messages()?.is_empty() {
            return Ok(0);
        }
        let _lock = self.desktop.desk.lock(&self.desktop.identity, &self.id)?;
        self.refresh()?;
        let missing = self.missing_messages()?;
        let rows = self.state.all()?;
        let mut messages = Vec::new();
        for (fact, to) in &missing {
            match self.rebuild(fact, to, &rows).and_then(|message| self.seal(&message)) {
                Ok(message) => messages.push(message),
                Err(VaultError::Damaged(..)) => self.note(Finding::CannotSend(fact.to)),
                Err(error) => return Err(error),
            }
        }
        self.send_all(&messages)?;
        Ok(messages.len())
    }

    fn missing_messages(&self) -> Result<Vec<(MessageFact, KnownCard)>, VaultError> {
        let mut missing = Vec::new();
        for known in self.state.of_vault::<MessageFact>()? {
            let Some(to) = self.card(&known.fact.to)? else { continue };
            let Ok(mailbox) = self.mailbox_to(&to) else { continue };
            let name = mailbox.name(&known.fact.writer, known.fact.n);
            if !stands_whole(self.store(), ObjectName::new(name))? {
                missing.push((known.fact, to));
            }
        }
        Ok(missing)
    }

    /// A message as it was decided, less what ended since. One of which nothing is left gives nothing, and keeps its
    /// place: the chain has no gap, and its number 0 announces the writer.
    fn rebuild(&self, fact: &MessageFact, to: &KnownCard, rows: &[Row]) -> Result<Message, VaultError> {
        let mut given = Vec::new();
        let mut ended = Vec::new();
        for row in rows {
            if is(row, FactKind::Ended) {
                ended.extend(read_fact::<EndedFact>(row)?.fact.ends.into_iter().map(|id| (row.key.case, id)));
            } else if is(row, FactKind::Given) {
                let known = read_fact::<GivenFact>(row)?;
                let place = (known.fact.to, known.fact.writer, known.fact.n);
                if known.fact.bundle.is_none() && place == (to.recipient(), fact.writer, fact.n) {
                    given.push((row.key.case, known));
                }
            }
        }
        given.retain(|(case, known)| !ended.contains(&(*case, known.id)));
        let mut cases = Vec::new();
        for (case, Known { fact, .. }) in given {
            let known = self.revisions_of(&case)?;
            let find =
                |given: &crate::format::Given| known.iter().find(|fact| fact.revision == given.revision);
            let revisions = fact.revisions.iter().filter_map(find).map(granted).collect();
            cases.push(GrantedCase { case, revisions });
        }
        let cards = self.author_cards(&cases)?;
        Ok(Message {
            to: to.clone(),
            writer: fact.writer,
            n: fact.n,
            time: fact.time,
            content: GrantContent { cases, cards },
        })
    }

    fn revisions_of(&self, case: &CaseId) -> Result<Vec<RevisionFact>, VaultError> {
        let rows = self.state.rows_with(&super::run::prefix(case, Some(FactKind::Revision as u8)))?;
        rows.iter().map(|row| read_fact(row).map(|known| known.fact)).collect()
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

    /// The encoded cards of all these but the owner; without one of them nobody could check what its author wrote.
    pub(super) fn cards_of(
        &self,
        authors: impl IntoIterator<Item = crate::record::CardHash>,
    ) -> Result<Vec<ByteBuf>, VaultError> {
        let mut cards = Vec::new();
        for author in authors {
            if author != self.owner().hash() {
                let card = self.card(&author)?;
                let card =
                    card.ok_or_else(|| VaultError::damaged(Item::Card(author), Damage::UnknownAuthor))?;
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
    message: &Message,
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

/// What was remembered of messages before.
#[derive(Clone, Copy, Default)]
pub(super) struct Remembered<'a> {
    /// The last ones seen.
    pub(super) seen: &'a [SeenMessage],
    /// Those whose absence was accepted.
    pub(super) accepted: &'a [MessageGap],
}

/// What a mailbox gave.
#[derive(Default)]
pub(super) struct Mailed {
    /// Every usable grant, in order.
    pub(super) grants: Vec<ReceivedGrant>,
    /// What was noticed.
    pub(super) findings: Vec<Finding>,
    /// What is missing before a later message, or up to the last one seen before, also where that was accepted.
    pub(super) missing: Vec<MessageGap>,
}

/// Everything `sender` gave `identity` in this vault. Up to the last messages that were seen before, and to those whose
/// absence was accepted, a walk goes over gaps of any length.
pub(super) fn read_mailbox(
    store: &dyn Store,
    vault: VaultId,
    identity: &Identity,
    (sender, before): (&KnownCard, Remembered<'_>),
) -> Result<Mailed, VaultError> {
    let mut read = Mailed::default();
    let Some(mailbox) = identity.mailbox(&vault, sender, identity.card()) else {
        return Ok(read);
    };
    let accepted = before.accepted.iter().filter(|gap| gap.sender == sender.hash()).copied().collect();
    let mail = Mail { store, vault, identity, sender, mailbox: &mailbox, accepted };
    let mut writers: BTreeMap<Writer, u64> = BTreeMap::new();
    let seen = before.seen.iter().filter(|seen| seen.sender == sender.hash());
    let reached = seen.map(|seen| (seen.writer, seen.n));
    for (writer, n) in reached.chain(mail.accepted.iter().map(|gap| (gap.writer, gap.last))) {
        let reach = writers.entry(writer).or_insert(n);
        *reach = n.max(*reach);
    }
    for name in store.list(mailbox.folder())? {
        let Some(key) = mailbox.recognise(name.as_bytes()) else { continue };
        // Read here for its writer, and again in its place on the walk.
        let first = mail.read_at(name, &key, None);
        if is_absent(&first) {
            // Taken away since it was listed, as one that was cut short is before it is sent again.
            continue;
        }
        if let Some(first) = read.keep(first, 0)? {
            match mailbox.name(&first.core.writer, 0) == *name.as_bytes() && first.core.n == 0 {
                true => drop(writers.entry(first.core.writer).or_insert(0)),
                false => read.note(Finding::Occupied(0)),
            }
        }
    }
    for (writer, reach) in writers {
        mail.walk(&writer, reach, &mut read)?;
    }
    read.grants.sort_by_key(|grant| (grant.core.time, grant.core.writer, grant.core.n));
    Ok(read)
}

/// Whether nothing stood where something was to be read.
fn is_absent<T>(read: &Result<T, VaultError>) -> bool {
    matches!(read, Err(VaultError::Damaged(_, Damage::Store(StoreError::NotFound { .. }))))
}

impl Mailed {
    /// Notes what is no usable grant of its sender; only a place that cannot be read is an error.
    fn keep(
        &mut self,
        grant: Result<ReceivedGrant, VaultError>,
        n: u64,
    ) -> Result<Option<ReceivedGrant>, VaultError> {
        match grant {
            Ok(grant) => return Ok(Some(grant)),
            Err(VaultError::Newer) => self.note(Finding::NewerGrant),
            Err(VaultError::Damaged(..)) => self.note(Finding::Occupied(n)),
            Err(error) => return Err(error),
        }
        Ok(None)
    }

    fn note(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

struct Mail<'a> {
    store: &'a dyn Store,
    vault: VaultId,
    identity: &'a Identity,
    sender: &'a KnownCard,
    mailbox: &'a Mailbox,
    accepted: Vec<MessageGap>,
}

impl Mail<'_> {
    /// Reads a writer's messages one after the other, up to the first long gap after `reach`.
    fn walk(&self, writer: &Writer, reach: u64, read: &mut Mailed) -> Result<(), VaultError> {
        let (mut n, mut free) = (0u64, 0u64);
        while n - free < MAX_GAP || n <= reach {
            if self.take(writer, n, read)? {
                // Messages appear in order: what was not there before this one may be there now.
                self.look_again(writer, free..n, read)?;
                free = n + 1;
            }
            n += 1;
        }
        self.look_again(writer, free..reach.saturating_add(1), read)
    }

    /// Takes what stands under one number; whether something does.
    fn take(&self, writer: &Writer, n: u64, read: &mut Mailed) -> Result<bool, VaultError> {
        let name = ObjectName::new(self.mailbox.name(writer, n));
        let grant = self.read_at(name, &self.mailbox.key(writer, n), Some((writer, n)));
        if is_absent(&grant) {
            return Ok(false);
        }
        let grant = read.keep(grant, n)?;
        read.grants.extend(grant);
        Ok(true)
    }

    /// Looks a second time at numbers that were not there; those that still are not, are missing.
    fn look_again(
        &self,
        writer: &Writer,
        numbers: std::ops::Range<u64>,
        read: &mut Mailed,
    ) -> Result<(), VaultError> {
        for n in numbers {
            if self.take(writer, n, read)? {
                continue;
            }
            if !self.accepted.iter().any(|gap| gap.writer == *writer && (gap.first..=gap.last).contains(&n)) {
                read.note(Finding::MessageMissing);
            }
            match read.missing.last_mut().filter(|gap| gap.writer == *writer && gap.last + 1 == n) {
                Some(gap) => gap.last = n,
                None => {
                    let sender = self.sender.hash();
                    read.missing.push(MessageGap { sender, writer: *writer, first: n, last: n });
                }
            }
        }
        Ok(())
    }

    fn read_at(
        &self,
        name: ObjectName,
        key: &ObjectKey,
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
