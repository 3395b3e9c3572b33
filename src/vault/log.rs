//! The log: finding heads, reading and checking entries. docs/format.md section 6.

use serde_bytes::ByteBuf;

use super::error::{Damage, Item, VaultError};
use super::objects::{open_at, open_structure};
use crate::crypto::{Chain, KnownCard, LeafKind, LeafSalts, ObjectType, SignatureLabel, sha256};
use crate::format::{
    Entry, EntryCore, EntryPrivate, Head, ObjectKey, Operation, OperationBody, Operations, RunRef, decode,
    decode_value, encode_value,
};
use crate::record::{Digest, RevisionId, VaultId, Writer};
use crate::store::{ObjectName, Store};

/// After a head this many names are looked at, to notice that something before them is missing.
pub(crate) const LOOK_AHEAD: u64 = 64;

/// An entry whose signature and place were checked.
#[derive(Clone, Debug)]
pub(crate) struct ReadEntry {
    pub(crate) entry: Entry,
    pub(crate) core: EntryCore,
    pub(crate) private: EntryPrivate,
    pub(crate) hash: Digest,
}

impl ReadEntry {
    pub(crate) fn head(&self) -> Head {
        Head { writer: self.core.writer, n: self.core.n, hash: self.hash }
    }

    /// Whether this entry has seen exactly `head`; another entry of its number is a clone's, and one that lists a
    /// later number may stand on another entry than this one.
    pub(crate) fn has_seen(&self, head: &Head) -> bool {
        self.private.heads.contains(head)
    }

    /// The operations, encoded, wherever they stand, checked against the core.
    pub(crate) fn operations(&self, store: &dyn Store) -> Result<Vec<ByteBuf>, VaultError> {
        let operations = match &self.private.object {
            None => self.private.inline.clone(),
            Some(object) => {
                let held: Operations =
                    open_structure(store, &object.key, ObjectType::Operations, &Item::Operations)?;
                held.operations
            }
        };
        let salts = LeafSalts::new(&self.private.salt);
        let root = salts.root(LeafKind::Operation, operations.iter().map(|bytes| bytes.as_slice()));
        if root == self.core.operations {
            Ok(operations)
        } else {
            Err(VaultError::damaged(Item::Operations, Damage::Other))
        }
    }
}

/// Decodes an operation of an entry.
pub(crate) fn read_operation(bytes: &[u8]) -> Result<Operation, VaultError> {
    decode_value(bytes, "operation").map_err(|error| VaultError::damaged(Item::Operations, error))
}

/// The revisions that an operation recorded here.
pub(crate) fn recorded_by(body: &OperationBody) -> Vec<RevisionId> {
    match body {
        OperationBody::PartRevised { revision, .. } => vec![*revision],
        OperationBody::Accepted { revisions, .. } | OperationBody::Imported { revisions, .. } => {
            revisions.iter().map(|given| given.revision).collect()
        }
        _ => Vec::new(),
    }
}

/// What reading the log gives.
#[derive(Default)]
pub(crate) struct Heads {
    /// The last entry of every writer that can be read, sorted by writer.
    pub(crate) entries: Vec<ReadEntry>,
    /// Entries that are not there, though later ones are.
    pub(crate) missing: Vec<Item>,
    /// Entries that stand and do not open, with no later one that does: they count as not written.
    pub(crate) torn: Vec<Torn>,
}

/// An entry that counts as not written, and where it lies.
#[derive(Clone, Debug)]
pub(crate) struct Torn {
    pub(crate) item: Item,
    pub(crate) name: ObjectName,
}

/// What a log belongs to and where it stands.
pub(crate) struct Log<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) chain: &'a Chain,
    pub(crate) vault: VaultId,
    pub(crate) owner: &'a KnownCard,
}

impl Log<'_> {
    /// The last entry of every writer, and what of the log is not there or does not open.
    pub(crate) fn heads(&self) -> Result<Heads, VaultError> {
        let mut found = Heads::default();
        for name in self.store.list(self.chain.folder())? {
            let Some(key) = self.chain.recognise(name.as_bytes()) else { continue };
            let writer = match self.announced(name, &key) {
                Err(VaultError::Damaged(item, _)) => {
                    found.torn.push(Torn { item, name });
                    continue;
                }
                other => other?,
            };
            let (n, gap) = self.reach(&writer)?;
            if gap {
                found.missing.push(entry_item(&writer, n.saturating_add(1)));
            }
            let last = self.last_whole(&writer, n, &mut found.torn)?;
            found.entries.extend(last);
        }
        found.entries.sort_by_key(|entry| entry.core.writer);
        Ok(found)
    }

    /// The last entry before which none is missing, and whether something stands beyond. Entries appear in order: one
    /// found beyond a name that was free is a gap only if that name is still free afterwards.
    fn reach(&self, writer: &Writer) -> Result<(u64, bool), VaultError> {
        let mut n = 0u64;
        loop {
            n = n.saturating_add(last_of(|more| self.stands(writer, n.saturating_add(more)))?);
            let mut beyond = false;
            for later in n.saturating_add(2)..=n.saturating_add(LOOK_AHEAD) {
                beyond = beyond || self.stands(writer, later)?;
            }
            if !beyond || !self.stands(writer, n.saturating_add(1))? {
                return Ok((n, beyond));
            }
        }
    }

    /// The writer whose announcement stands here.
    fn announced(&self, name: ObjectName, key: &ObjectKey) -> Result<Writer, VaultError> {
        let item = Item::Entry("unknown".into(), 0);
        let bytes = open_at(self.store, name, key, ObjectType::Entry, &item)?;
        let read = || -> Result<EntryCore, Damage> { Ok(decode(&decode::<Entry>(&bytes)?.core)?) };
        let core = read().map_err(|damage| VaultError::damaged(item.clone(), damage))?;
        match self.chain.announcement(&core.writer).0 == *name.as_bytes() {
            true => Ok(core.writer),
            false => Err(VaultError::damaged(item, Damage::Other)),
        }
    }

    /// The last entry up to `n` that opens: one cut short by a power failure was never committed.
    fn last_whole(
        &self,
        writer: &Writer,
        n: u64,
        torn: &mut Vec<Torn>,
    ) -> Result<Option<ReadEntry>, VaultError> {
        for n in (0..=n).rev() {
            match self.read(writer, n) {
                Err(VaultError::Damaged(item, _)) => {
                    let name = ObjectName::new(self.chain.name(writer, n));
                    torn.push(Torn { item, name });
                }
                other => return other.map(Some),
            }
        }
        Ok(None)
    }

    pub(crate) fn stands(&self, writer: &Writer, n: u64) -> Result<bool, VaultError> {
        Ok(self.store.exists(ObjectName::new(self.chain.name(writer, n)))?)
    }

    /// Reads an entry and checks everything that one entry alone can show.
    pub(crate) fn read(&self, writer: &Writer, n: u64) -> Result<ReadEntry, VaultError> {
        let item = entry_item(writer, n);
        let name = ObjectName::new(self.chain.name(writer, n));
        let bytes = open_at(self.store, name, &self.chain.key(writer, n), ObjectType::Entry, &item)?;
        self.check(&bytes, writer, n).map_err(|damage| VaultError::damaged(item, damage))
    }

    fn check(&self, bytes: &[u8], writer: &Writer, n: u64) -> Result<ReadEntry, Damage> {
        let entry: Entry = decode(bytes)?;
        let core: EntryCore = decode(&entry.core)?;
        self.owner.check(SignatureLabel::Entry, &entry.core, &entry.sig)?;
        let placed = core.vault == self.vault
            && core.owner == self.owner.hash()
            && (core.writer, core.n) == (*writer, n)
            && core.previous.is_none() == (n == 0)
            && core.private == sha256(&entry.private);
        if !placed {
            return Err(Damage::Other);
        }
        let private: EntryPrivate = decode(&entry.private)?;
        if heads_root(&private) != core.heads {
            return Err(Damage::Other);
        }
        let hash = sha256(&entry.core);
        Ok(ReadEntry { entry, core, private, hash })
    }
}

pub(crate) fn entry_item(writer: &Writer, n: u64) -> Item {
    Item::Entry(writer.to_string()[..8].to_owned(), n)
}

/// Salted Merkle root of the heads that a private half lists.
pub(crate) fn heads_root(private: &EntryPrivate) -> Digest {
    let encoded: Vec<Vec<u8>> = private.heads.iter().map(encode_value).collect();
    LeafSalts::new(&private.salt).root(LeafKind::Head, encoded.iter().map(Vec::as_slice))
}

/// The last number of a chain whose number 0 stands: doubles until one is missing, then halves.
pub(crate) fn last_of(stands: impl Fn(u64) -> Result<bool, VaultError>) -> Result<u64, VaultError> {
    let (mut there, mut step) = (0u64, 1u64);
    while stands(there.saturating_add(step))? {
        there = there.saturating_add(step);
        step = step.saturating_mul(2);
    }
    while step > 1 {
        step /= 2;
        if stands(there.saturating_add(step))? {
            there = there.saturating_add(step);
        }
    }
    Ok(there)
}

/// The entries that no other entry has seen.
pub(crate) fn frontier(heads: &[ReadEntry]) -> Vec<&ReadEntry> {
    heads.iter().filter(|entry| !heads.iter().any(|other| other.has_seen(&entry.head()))).collect()
}

/// The runs that are live after all these entries.
pub(crate) fn live_runs(heads: &[ReadEntry]) -> Vec<RunRef> {
    let mut runs: Vec<RunRef> =
        frontier(heads).into_iter().flat_map(|entry| entry.private.runs.iter().cloned()).collect();
    runs.sort();
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_last_of_any_chain() {
        for last in (0..70).chain([1000, 1023, 1024, 1025]) {
            assert_eq!(last_of(|n| Ok(n <= last)).unwrap(), last);
        }
    }
}
