//! What an owner can do with their keys and no program of ours: name, open and seal anew every object of a vault.

use std::collections::BTreeMap;

use sanduq::crypto::{Chain, Identity, KnownCard, ObjectType, object_name, open_object};
use sanduq::format::{
    Entry, EntryCore, EntryPrivate, Fact, FactKind, Genesis, MessageFact, ObjectKey, Revision, RevisionFact,
    RunRef, VaultHeader, decode, parse_block, run_index_from_tail,
};
use sanduq::record::{Digest, VaultId};
use sanduq::store::{ObjectName, Store};
use zeroize::Zeroizing;

/// Largest object that these tests read.
const LIMIT: u64 = 1 << 28;

/// Type and key of every object that a vault's owner can name.
pub(crate) type Keys = BTreeMap<ObjectName, (ObjectType, ObjectKey)>;

/// Walks a whole vault as docs/format.md has it; `readers` are those it was shared with.
pub(crate) fn keys_of(store: &dyn Store, identity: &Identity, readers: &[&KnownCard]) -> Keys {
    let vault = VaultHeader::decode(&store.read_header().unwrap().unwrap()).unwrap().vault;
    let mut walk = Walk { store, keys: Keys::new() };
    let genesis: Genesis = decode(&walk.open(ObjectType::Genesis, &identity.genesis_key(&vault))).unwrap();
    let chain = Chain::log(&genesis.secret);
    for name in store.list(chain.folder()).unwrap() {
        let Some(key) = chain.recognise(name.as_bytes()) else { continue };
        let core = core_of(&walk.open_at(name, ObjectType::Entry, &key));
        for n in 0.. {
            let name = ObjectName::new(chain.name(&core.writer, n));
            if !store.exists(name).unwrap() {
                break;
            }
            let entry = walk.open_at(name, ObjectType::Entry, &chain.key(&core.writer, n));
            walk.entry(&decode(&entry).unwrap(), (identity, vault), readers);
        }
    }
    walk.keys
}

fn core_of(entry: &[u8]) -> EntryCore {
    decode(&decode::<Entry>(entry).unwrap().core).unwrap()
}

struct Walk<'a> {
    store: &'a dyn Store,
    keys: Keys,
}

impl Walk<'_> {
    fn open(&mut self, kind: ObjectType, key: &ObjectKey) -> Zeroizing<Vec<u8>> {
        self.open_at(ObjectName::new(object_name(key)), kind, key)
    }

    fn open_at(&mut self, name: ObjectName, kind: ObjectType, key: &ObjectKey) -> Zeroizing<Vec<u8>> {
        self.keys.insert(name, (kind, key.clone()));
        open_object(key, kind, &self.store.get(name, LIMIT).unwrap()).unwrap()
    }

    fn entry(&mut self, entry: &Entry, (identity, vault): (&Identity, VaultId), readers: &[&KnownCard]) {
        let private: EntryPrivate = decode(&entry.private).unwrap();
        if let Some(object) = private.object {
            self.open(ObjectType::Operations, &object.key);
        }
        for run in &private.runs {
            for (kind, value) in self.rows(run) {
                if kind == FactKind::Revision as u8 {
                    self.revision(&RevisionFact::from_value(&value).unwrap().key);
                } else if kind == FactKind::Message as u8 {
                    let fact = MessageFact::from_value(&value).unwrap();
                    let to = readers.iter().find(|card| card.hash() == fact.to).expect("a reader named here");
                    let mailbox = identity.mailbox(&vault, identity.card(), to).unwrap();
                    let name = ObjectName::new(mailbox.name(&fact.writer, fact.n));
                    self.open_at(name, ObjectType::Message, &mailbox.key(&fact.writer, fact.n));
                }
            }
        }
    }

    fn rows(&mut self, run: &RunRef) -> Vec<(u8, Vec<u8>)> {
        let content = self.open(ObjectType::Run, &run.key);
        let (index, _) = run_index_from_tail(&content).unwrap().unwrap();
        let mut rows = Vec::new();
        for (i, block) in index.blocks.iter().enumerate() {
            let bytes = content[i << 16..][..usize::try_from(block.bytes).unwrap()].to_vec();
            let read = parse_block(Zeroizing::new(bytes)).unwrap();
            rows.extend(read.into_iter().map(|row| (row.key.kind, row.value.to_vec())));
        }
        rows
    }

    fn revision(&mut self, key: &ObjectKey) {
        let name = ObjectName::new(object_name(key));
        if self.keys.contains_key(&name) {
            return;
        }
        let revision: Revision = decode(&self.open(ObjectType::Revision, key)).unwrap();
        for segment in revision.exhibits.iter().flat_map(|exhibit| &exhibit.segments) {
            self.keys.insert(ObjectName::new(object_name(segment)), (ObjectType::Segment, segment.clone()));
        }
    }
}

/// SHA-256 of bytes, short, to tell two contents apart.
pub(crate) fn short_digest(bytes: &[u8]) -> String {
    let digest: Digest = sanduq::crypto::sha256(bytes);
    digest.to_string()[..16].to_owned()
}
