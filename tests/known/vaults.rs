//! Whole vaults that another program made.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use sanduq::crypto::{KnownCard, OpenError};
use sanduq::record::{CaseCode, Time};
use sanduq::store::{LocalStore, Store, StoreError};
use sanduq::vault::{
    CaseView, CheckOptions, ContactKey, Contacts, Damage, Desk, Desktop, SharedVault, Vault, VaultError,
};
use serde_json::{Map, Value, json};

use super::malformed;
use super::people::identity;
use super::vectors::{Vector, check, read, unhex};

const FILE: &str = include_str!("../vectors/sanduq/vault.json");

/// Lays a vault out: the objects of the whole one, as this vector changes them.
fn lay_out(folder: &Path, vector: &Vector) {
    let whole = read(FILE).remove(0);
    let mut objects: Map<String, Value> = whole.value("objects").as_object().unwrap().clone();
    if vector.has("change") {
        objects.extend(vector.value("change").as_object().unwrap().clone());
    }
    for (name, content) in objects.iter().filter(|(_, content)| !content.is_null()) {
        let place = folder.join("vault/objects").join(&name[..2]);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(&name[2..]), unhex(content.as_str().unwrap())).unwrap();
    }
    std::fs::write(folder.join("vault/vault"), vector.text("header")).unwrap();
    std::fs::write(folder.join("owner.contacts"), vector.bytes("address book")).unwrap();
}

fn desktop(folder: &Path, vector: &Vector, member: &str, name: &str) -> Desktop {
    let desk = Desk::beside(&folder.join(name), b"machine");
    Desktop { identity: Arc::new(identity(vector, member)), desk }
}

fn class(error: &VaultError) -> &'static str {
    match error {
        VaultError::Newer => "newer",
        VaultError::Damaged(_, Damage::BadSignature(_)) => "signature",
        VaultError::Damaged(_, Damage::Malformed(error)) => malformed(*error),
        VaultError::Damaged(_, Damage::Open(OpenError::Corrupt)) => "sealed",
        VaultError::Damaged(_, Damage::Store(StoreError::NotFound { .. })) => "missing",
        _ => "refused",
    }
}

fn texts(view: &CaseView, store: &dyn Store) -> Value {
    let open = |part| view.heads(part).into_iter().map(|head| view.open(store, head).unwrap().revision.text);
    let mut texts: Vec<_> = view.part_names().into_iter().flat_map(open).collect();
    texts.sort();
    json!(texts)
}

/// What the one with whom it was shared reads.
fn shared_texts(folder: &Path, vector: &Vector, owner: &KnownCard, code: &CaseCode) -> Value {
    let store = Arc::new(LocalStore::open(&folder.join("vault")).unwrap());
    let desktop = desktop(folder, vector, "recipient", "recipient");
    let mut contacts = Contacts::load(&desktop.desk, &desktop.identity).unwrap();
    let contact = ("Гүлзар".parse().unwrap(), ContactKey::Card(Box::new(owner.clone())));
    contacts.add(&desktop.desk, &desktop.identity, contact, Time::from_seconds(0)).unwrap();
    let shared = SharedVault::open(store.clone(), desktop).unwrap();
    let views = shared.views(shared.find(code).unwrap()).unwrap();
    assert_eq!(views.len(), 1);
    texts(&views[0], store.as_ref())
}

/// Fails when anything in a vault is read otherwise than docs/format.md says, or damage to it goes unseen (seen with
/// the link between entries unchecked).
#[test]
fn vaults_made_by_another_program() {
    check(FILE, |vector| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("vault")).unwrap();
        lay_out(folder.path(), vector);
        let store = Arc::new(LocalStore::open(&folder.path().join("vault")).unwrap());
        let vault = Vault::open(store.clone(), desktop(folder.path(), vector, "identity", "owner"))
            .map_err(|error| class(&error))?;
        let report = vault
            .check(CheckOptions { read_data: true }, &|_, _, _| ControlFlow::Continue(()))
            .map_err(|error| class(&error))?;
        let classes: Vec<&str> = report.damaged.iter().map(class).collect();
        if let Some(first) = classes.first() {
            let expected = classes.iter().find(|class| **class == vector.text("expect"));
            return Err(*expected.unwrap_or(first));
        }
        assert_eq!(report.sound.entries, vector.number("entries"));
        assert_eq!(report.sound.messages, vector.number("messages"));
        let code: CaseCode = vector.text("code").parse().unwrap();
        let view = vault.case(vault.find(&code).unwrap()).unwrap();
        assert_eq!(view.title(), Some(vector.text("title")));
        assert_eq!(texts(&view, store.as_ref()), *vector.value("texts"));
        assert_eq!(shared_texts(folder.path(), vector, vault.owner(), &code), *vector.value("shared texts"));
        Ok(())
    });
}
