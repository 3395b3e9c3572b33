//! A person of the demo: a folder with an identity, its passphrase, an address book, and perhaps a vault.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanduq::crypto::{Identity, Passphrase, generate_passphrase, seal_identity};
use sanduq::format::KdfCost;
use sanduq::record::{Label, Time};
use sanduq::store::{LocalStore, Store, files};
use sanduq::vault::{ContactKey, Contacts, Desk, Desktop, SharedVault, Vault};

use crate::failure::{Failure, Kind};

/// One of the three.
pub(super) struct Person {
    folder: PathBuf,
    /// A demo's passphrase, which lies in a file and is shown: nothing it protects is real.
    pub(super) passphrase: Passphrase,
    pub(super) desktop: Desktop,
}

impl Person {
    /// Draws an identity and keeps it, with its passphrase beside it, in a new folder.
    pub(super) fn new(folder: PathBuf, machine: &[u8]) -> Result<Self, Failure> {
        files::make_folder(&folder)?;
        let identity = Identity::generate();
        let passphrase = generate_passphrase();
        let file = folder.join("identity");
        files::create_new(&file, &seal_identity(&identity, &passphrase, KdfCost::LOW)?)?;
        files::create_new(&folder.join("passphrase"), format!("{}\n", passphrase.reveal()).as_bytes())?;
        files::create_new(&folder.join("card"), identity.card().to_text().as_bytes())?;
        let desktop = Desktop { identity: Arc::new(identity), desk: Desk::beside(&file, machine) };
        Ok(Self { folder, passphrase, desktop })
    }

    /// A place in this person's folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes this person's vault.
    pub(super) fn create_vault(&self, now: Time) -> Result<Vault, Failure> {
        let store = LocalStore::create(&self.path("vault"))?;
        Ok(Vault::create(Arc::new(store), self.desktop.clone(), now)?)
    }

    /// Opens this person's vault anew, with the contacts as they are now.
    pub(super) fn open_vault(&self) -> Result<Vault, Failure> {
        Ok(Vault::open(store(&self.path("vault"))?, self.desktop.clone())?)
    }

    /// Opens another person's vault as far as it was shared with this one.
    pub(super) fn visit(&self, other: &Self) -> Result<SharedVault, Failure> {
        Ok(SharedVault::open(store(&other.path("vault"))?, self.desktop.clone())?)
    }

    /// Adds another person's card, read from its file, and marks it verified where the words were compared.
    pub(super) fn meet(&self, label: &str, other: &Self, compared: bool, now: Time) -> Result<(), Failure> {
        let Desktop { identity, desk } = &self.desktop;
        let label: Label = label.parse().map_err(|error| Failure::new(Kind::Other, error))?;
        let card = sanduq::crypto::KnownCard::from_text(&files::read(&other.path("card"), 1 << 16)?)?;
        let mut contacts = Contacts::load(desk, identity)?;
        contacts.add(desk, identity, (label.clone(), ContactKey::Card(Box::new(card))), now)?;
        if compared {
            contacts.verify(desk, identity, &label, now)?;
        }
        Ok(())
    }

    /// The twelve words of this person's card.
    pub(super) fn words(&self) -> String {
        self.desktop.identity.card().fingerprint().words().join(" ")
    }
}

fn store(folder: &Path) -> Result<Arc<dyn Store>, Failure> {
    Ok(Arc::new(LocalStore::open(folder)?))
}
