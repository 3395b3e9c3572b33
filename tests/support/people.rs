//! Invented people, each with an identity, a desk and a vault in a private folder.

use std::sync::Arc;

use sanduq::crypto::Identity;
use sanduq::record::{CaseCode, CaseId, PartName, Time};
use sanduq::store::{MemoryStore, Store};
use sanduq::vault::{
    ContactKey, Desk, Desktop, NewExhibit, NewText, SharePlan, SharedVault, Vault, store_exhibit,
};

/// A person: identity, desk, and the folder in which everything of theirs lies.
pub(crate) struct Person {
    /// Held, so that it is removed at the end.
    _folder: tempfile::TempDir,
    pub(crate) desktop: Desktop,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn part(name: &str) -> PartName {
    name.parse().unwrap()
}

/// Seconds that rise by hand.
pub(crate) const fn at(seconds: u64) -> Time {
    Time::from_seconds(1_795_356_000 + seconds)
}

pub(crate) fn text(text: &str) -> NewText {
    NewText { text: text.into(), lang: None, add: false }
}

/// Lets a plan go without consent, where a test is not about consent.
pub(crate) fn unasked(plan: SharePlan) -> SharePlan {
    plan.overruled("invented people, of whom nobody was asked".parse().unwrap())
}

impl Person {
    pub(crate) fn new() -> Self {
        Self::with_store(Arc::new(MemoryStore::new()))
    }

    fn with_store(store: Arc<dyn Store>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::beside(&folder.path().join("identity"), b"machine");
        Self { desktop: Desktop { identity: Arc::new(Identity::generate()), desk }, _folder: folder, store }
    }

    pub(crate) fn create(&self) -> Vault {
        Vault::create(self.store.clone(), self.desktop.clone(), at(0)).unwrap()
    }

    pub(crate) fn open(&self) -> Vault {
        Vault::open(self.store.clone(), self.desktop.clone()).unwrap()
    }

    /// Adds another person's card under a label.
    pub(crate) fn know(&self, label: &str, other: &Self) {
        let mut contacts = sanduq::vault::Contacts::load(&self.desktop.desk, &self.desktop.identity).unwrap();
        let key = ContactKey::Card(Box::new(other.desktop.identity.card().clone()));
        contacts
            .add(&self.desktop.desk, &self.desktop.identity, (label.parse().unwrap(), key), at(0))
            .unwrap();
    }

    /// Opens another person's vault as far as it was shared with this one.
    pub(crate) fn visit(&self, other: &Self) -> Result<SharedVault, sanduq::vault::VaultError> {
        SharedVault::open(other.store.clone(), self.desktop.clone())
    }
}

/// Opens a case with texts and gives its id.
pub(crate) fn new_case(vault: &mut Vault, texts: &[(&str, &str)]) -> (CaseId, CaseCode) {
    let code = vault.open_case(None, at(1)).unwrap();
    let case = vault.find(&code).unwrap();
    for (name, words) in texts {
        vault.put_text(case, &part(name), &text(words), at(2)).unwrap();
    }
    (case, code)
}

/// Attaches bytes as a file of this name.
pub(crate) fn attach(vault: &mut Vault, case: CaseId, name: &str, bytes: &[u8]) {
    let mut source = bytes;
    let stored = store_exhibit(vault.store(), &mut source, bytes.len() as u64, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    vault.attach(case, &PartName::exhibits(), &[NewExhibit { name: name.into(), stored }], at(3)).unwrap();
}

/// The text of a part's only head.
pub(crate) fn read_text(view: &sanduq::vault::CaseView, store: &dyn Store, name: &str) -> String {
    let heads = view.heads(&part(name));
    assert_eq!(heads.len(), 1, "one head of {name}");
    view.open(store, heads[0]).unwrap().revision.text.unwrap()
}
