//! A vault opened with its owner's keys, so that single objects can be changed and sealed again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::crypto::{
    Chain, Identity, ObjectType, SignatureLabel, object_name, open_object, seal_object, sha256,
};
use sanduq::format::{
    Entry, EntryCore, EntryPrivate, Genesis, ObjectKey, RevisionFact, Structure, decode, encode,
};
use sanduq::record::{CaseCode, VaultId, Writer};
use sanduq::store::{LocalStore, ObjectName};
use sanduq::vault::{CaseView, Desk, Desktop, Vault, read_header};
use serde_bytes::ByteBuf;

use super::scene::{home, identity, know, path, session};
use crate::support::program::Home;

/// Owner and guest, and the keys to the owner's vault.
pub(super) struct Keys {
    pub(super) owner: Home,
    pub(super) guest: Home,
    pub(super) code: String,
    pub(super) identity: Arc<Identity>,
    pub(super) vault: VaultId,
    pub(super) chain: Chain,
    /// The writer that has more than one entry.
    pub(super) writer: Writer,
}

impl Keys {
    /// A case with a text and an exhibit, of which the guest has both.
    pub(super) fn new() -> Self {
        let (owner, guest) = (home(), home());
        know(&owner, "lawyer", &guest);
        know(&guest, "activist", &owner);
        let code = owner.new_case();
        owner.write("words", "Мен көрдім.");
        owner.write("photo.jpg", vec![7; 70_000]);
        let share = format!(
            "share {code} --to lawyer --parts testimony,exhibits --override unasked --yes --unverified"
        );
        session(
            &owner,
            &[format!("put {code} testimony --from words"), format!("attach {code} photo.jpg"), share],
        );
        let identity = Arc::new(identity(&owner));
        let store = LocalStore::open(&owner.path("vault")).unwrap();
        let vault = read_header(&store).unwrap();
        let key = identity.genesis_key(&vault);
        let sealed =
            std::fs::read(owner.path("vault").join(ObjectName::new(object_name(&key)).path())).unwrap();
        let genesis: Genesis = decode(&open_object(&key, ObjectType::Genesis, &sealed).unwrap()).unwrap();
        let chain = Chain::log(&genesis.secret);
        let writer = writer_of_several(&owner.path("vault"), &chain);
        Self { owner, guest, code, identity, vault, chain, writer }
    }

    /// A copy of the vault, to be spoilt.
    pub(super) fn copy(&self) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("vault");
        let status =
            std::process::Command::new("cp").args(["-a", &path(&self.owner, "vault")]).arg(&copy).status();
        assert!(status.unwrap().success());
        (folder, copy)
    }

    /// Changes entry `n`: its signed core, its private half, and whether the owner signs again what came of it.
    pub(super) fn change_entry(
        &self,
        vault: &Path,
        n: u64,
        change: impl FnOnce(&mut EntryCore, &mut EntryPrivate),
    ) {
        let (name, key) = (self.chain.name(&self.writer, n), self.chain.key(&self.writer, n));
        reseal::<Entry>(vault, name, &key, ObjectType::Entry, |entry| {
            let mut core: EntryCore = decode(&entry.core).unwrap();
            let mut private: EntryPrivate = decode(&entry.private).unwrap();
            change(&mut core, &mut private);
            entry.private = ByteBuf::from(encode(&private));
            core.private = sha256(&entry.private);
            entry.core = ByteBuf::from(encode(&core));
            entry.sig = self.identity.sign(SignatureLabel::Entry, &entry.core);
        });
    }

    pub(super) fn entry_file(&self, vault: &Path, n: u64) -> PathBuf {
        vault.join(ObjectName::new(self.chain.name(&self.writer, n)).path())
    }

    /// The case as the library sees it.
    pub(super) fn view(&self, vault: &Path) -> CaseView {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::beside(&folder.path().join("identity"), b"another machine");
        let desktop = Desktop { identity: Arc::clone(&self.identity), desk };
        let vault = Vault::open(Arc::new(LocalStore::open(vault).unwrap()), desktop).unwrap();
        let code: CaseCode = self.code.parse().unwrap();
        vault.case(vault.find(&code).unwrap()).unwrap()
    }

    pub(super) fn fact(&self, vault: &Path, part: &str) -> RevisionFact {
        self.view(vault).revisions(&part.parse().unwrap())[0].clone()
    }
}

fn writer_of_several(vault: &Path, chain: &Chain) -> Writer {
    let folder = vault.join(format!("objects/{:02x}", chain.folder()));
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.filter_map(|name| ObjectName::from_place(chain.folder(), name.to_str().unwrap()));
    let writer = |name: ObjectName| {
        let key = chain.recognise(name.as_bytes())?;
        let sealed = std::fs::read(vault.join(name.path())).unwrap();
        let entry: Entry = decode(&open_object(&key, ObjectType::Entry, &sealed).unwrap()).unwrap();
        let core: EntryCore = decode(&entry.core).unwrap();
        vault.join(ObjectName::new(chain.name(&core.writer, 1)).path()).exists().then_some(core.writer)
    };
    names.filter_map(writer).next().unwrap()
}

/// Opens an object, changes what is in it, and seals it again under its key.
pub(super) fn reseal<T: Structure>(
    vault: &Path,
    name: [u8; 32],
    key: &ObjectKey,
    kind: ObjectType,
    change: impl FnOnce(&mut T),
) {
    let file = vault.join(ObjectName::new(name).path());
    let mut value: T = decode(&open_object(key, kind, &std::fs::read(&file).unwrap()).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(&file, seal_object(key, kind, &encode(&value))).unwrap();
}
