//! New vaults. docs/format.md sections 2 and 6.

use std::sync::Arc;

use serde_bytes::ByteBuf;

use super::error::VaultError;
use super::objects::name_of;
use super::session::{Desktop, Vault};
use crate::crypto::{
    Chain, LeafKind, LeafSalts, ObjectType, SignatureLabel, random, random_key, seal_object, sha256,
};
use crate::format::{Entry, EntryCore, EntryPrivate, Genesis, VaultHeader, encode};
use crate::record::{Time, VaultId, Writer};
use crate::store::{ObjectName, Store};

impl Vault {
    /// Makes a vault in an empty store: genesis and a first entry, durable before the plain header says that it is one.
    pub fn create(store: Arc<dyn Store>, desktop: Desktop, time: Time) -> Result<Self, VaultError> {
        let id = VaultId::new(random());
        let identity = &desktop.identity;
        let secret = random_key();
        let genesis =
            Genesis { vault: id, owner: identity.card().hash(), secret: secret.clone(), former: Vec::new() };
        let key = identity.genesis_key(&id);
        store.put_new(name_of(&key), &seal_object(&key, ObjectType::Genesis, &encode(&genesis)))?;
        let chain = Chain::log(&secret);
        let writer = Writer::new(random());
        let (name, key) = chain.announcement(&writer);
        let first = first_entry(&desktop, id, writer, time);
        store.put_new(ObjectName::new(name), &seal_object(&key, ObjectType::Entry, &encode(&first)))?;
        store.barrier()?;
        store.write_header_new(&VaultHeader { vault: id }.encode())?;
        Self::open(store, desktop)
    }
}

/// Entry 0 of a vault: nothing was done yet. Its writer ends with it; the first commit begins another.
fn first_entry(desktop: &Desktop, vault: VaultId, writer: Writer, time: Time) -> Entry {
    let salt = random_key();
    let salts = LeafSalts::new(&salt);
    let (heads, operations) = (salts.root(LeafKind::Head, []), salts.root(LeafKind::Operation, []));
    let private = encode(&EntryPrivate { salt, heads: vec![], inline: vec![], object: None, runs: vec![] });
    let core = encode(&EntryCore {
        vault,
        owner: desktop.identity.card().hash(),
        writer,
        n: 0,
        previous: None,
        heads,
        time,
        operations,
        private: sha256(&private),
    });
    let sig = desktop.identity.sign(SignatureLabel::Entry, &core);
    Entry { core: ByteBuf::from(core), sig, private: ByteBuf::from(private) }
}
