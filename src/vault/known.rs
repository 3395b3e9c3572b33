//! Known answers for what only the vault's own modules can open: entries, runs, messages. See `tests/known.rs`.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::error::{Damage, VaultError};
use super::log::{Log, read_operation};
use super::mailbox::{Remembered, read_mailbox};
use super::run::OpenRun;
use super::session::Finding;
use crate::crypto::{Chain, KnownCard, Passphrase, open_identity};
use crate::format::{ObjectKey, RunRef, SeenMessage};
use crate::record::{CaseId, Digest, VaultId, Writer};
use crate::store::{MemoryStore, ObjectName, Store};
use crate::vectors::{Vector, check};

fn class(error: &VaultError) -> &'static str {
    match error {
        VaultError::Newer => "newer",
        VaultError::Damaged(_, Damage::BadSignature(_)) => "signature",
        VaultError::Damaged(_, Damage::Malformed(_)) => "malformed",
        VaultError::Damaged(_, Damage::Open(_)) => "sealed",
        _ => "refused",
    }
}

fn key(vector: &Vector, member: &str) -> ObjectKey {
    ObjectKey::new(vector.array(member))
}

/// A store that holds a vector's object under this name.
fn holding(vector: &Vector, name: [u8; 32]) -> MemoryStore {
    let store = MemoryStore::new();
    store.put_new(ObjectName::new(name), &vector.bytes("object")).unwrap();
    store
}

/// Fails when entries are sealed, signed, salted or linked otherwise (seen with `previous` unchecked).
#[test]
fn entries() {
    check(include_str!("../../tests/vectors/sanduq/entry.json"), |vector| {
        let store = holding(vector, vector.array("object name"));
        let chain = Chain::log(&key(vector, "secret"));
        let owner = KnownCard::decode(&vector.bytes("owner")).unwrap();
        let (vault, writer) = (VaultId::new(vector.array("vault")), Writer::new(vector.array("writer")));
        let log = Log { store: &store, chain: &chain, vault, owner: &owner };
        let entry = log.read(&writer, vector.number("n")).map_err(|error| class(&error))?;
        let operations = entry.operations(&store).map_err(|error| class(&error))?;
        for operation in &operations {
            let operation = read_operation(operation).map_err(|error| class(&error))?;
            operation.body().map_err(|_| "malformed")?;
        }
        assert_eq!(entry.hash, Digest::new(vector.array("hash")));
        assert_eq!(
            operations.iter().map(|bytes| bytes.to_vec()).collect::<Vec<_>>(),
            vector.list("operations")
        );
        Ok(())
    });
}

/// Fails when runs are laid out or digested otherwise (seen with a block's digest unchecked).
#[test]
fn runs() {
    check(include_str!("../../tests/vectors/sanduq/run.json"), |vector| {
        let key = key(vector, "key");
        let store = holding(vector, crate::crypto::object_name(&key));
        let (digest, rows) = (Digest::new(vector.array("digest")), vector.number("row count"));
        let run = OpenRun::open(&store, &RunRef { key, digest, rows }).map_err(|error| class(&error))?;
        let mut rows = 0;
        for index in 0..run.blocks() {
            rows += run.block(index).map_err(|error| class(&error))?.len() as u64;
        }
        assert_eq!(rows, vector.number("rows"));
        Ok(())
    });
}

/// Fails when messages are named, sealed, signed or placed otherwise (seen with the recipient unchecked).
#[test]
fn messages() {
    check(include_str!("../../tests/vectors/sanduq/message.json"), |vector| {
        let store = holding(vector, vector.array("object name"));
        let passphrase = Passphrase::new(vector.text("passphrase").to_owned());
        let identity = open_identity(&vector.bytes("identity"), &passphrase).unwrap();
        let sender = KnownCard::decode(&vector.bytes("sender")).unwrap();
        let (writer, n) = (Writer::new(vector.array("writer")), vector.number("n"));
        let seen = [SeenMessage { sender: sender.hash(), writer, n }];
        let vault = VaultId::new(vector.array("vault"));
        let remembered = Remembered { seen: &seen, accepted: &[] };
        let mailed = read_mailbox(&store, vault, &identity, (&sender, remembered)).unwrap();
        let findings = mailed.findings;
        let [grant] = mailed.grants.as_slice() else {
            let newer = findings.contains(&Finding::NewerGrant);
            assert!(newer || findings.contains(&Finding::Occupied(n)), "{findings:?}");
            return Err(if newer { "newer" } else { "refused" });
        };
        for card in &grant.content.cards {
            KnownCard::decode(card).map_err(|_| "refused")?;
        }
        let cases: Vec<CaseId> = grant.content.cases.iter().map(|case| case.case).collect();
        assert_eq!(
            cases.iter().map(|case| case.as_bytes().to_vec()).collect::<Vec<_>>(),
            vector.list("cases")
        );
        Ok(())
    });
}
