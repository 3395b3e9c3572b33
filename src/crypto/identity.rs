//! Identities: one root seed, and everything that comes from it. docs/format.md section 5.

use ed25519_dalek::SigningKey;
use serde_bytes::{ByteArray, ByteBuf};
use x25519_dalek::{PublicKey, StaticSecret};

use super::age::keys::AgeKeys;
use super::card::KnownCard;
use super::kdf::Deriver;
use super::minisign::MinisignKey;
use super::random::random_secret;
use super::sign::{SignatureLabel, sign};
use super::{Mailbox, Secret};
use crate::format::{Card, CardCore, ObjectKey, encode};
use crate::record::{CaseId, Digest, PartName, VaultId};

/// A person's or office's secret keys.
pub struct Identity {
    root: Secret,
    card: KnownCard,
}

/// The signing key of an identity, made ready once for many signatures: making it costs as much as signing.
pub struct Signer(SigningKey);

impl Signer {
    /// Signs a core.
    pub fn sign(&self, label: SignatureLabel, core: &[u8]) -> ByteArray<64> {
        sign(&self.0, label, core)
    }
}

impl Identity {
    /// Draws a new root seed.
    pub fn generate() -> Self {
        Self::from_root(random_secret())
    }

    pub(crate) fn from_root(root: Secret) -> Self {
        let card = build_card(&root);
        Self { root, card }
    }

    pub(crate) fn root(&self) -> &Secret {
        &self.root
    }

    /// The public half.
    pub fn card(&self) -> &KnownCard {
        &self.card
    }

    /// The keys of bundles and of the inner layer of grants.
    pub fn age_keys(&self) -> AgeKeys {
        age_keys(&self.root)
    }

    /// The key that signs bundles.
    pub fn minisign_key(&self) -> MinisignKey {
        MinisignKey::from_seed(derive(&self.root).secret("minisign", &[]).expose())
    }

    /// The signing key of revisions, log, grants and contacts. It is not kept: while a prompt waits, the root seed is
    /// the only secret in memory.
    pub fn signer(&self) -> Signer {
        Signer(SigningKey::from_bytes(derive(&self.root).secret("signing", &[]).expose()))
    }

    /// Signs one core.
    pub fn sign(&self, label: SignatureLabel, core: &[u8]) -> ByteArray<64> {
        self.signer().sign(label, core)
    }

    /// The mailbox in `vault` from its owner, `sender`, to `recipient`; this identity is one of the two.
    /// None when the other's key is not contributory.
    pub fn mailbox(&self, vault: &VaultId, sender: &KnownCard, recipient: &KnownCard) -> Option<Mailbox> {
        let other = if sender.hash() == self.card.hash() { recipient } else { sender };
        let shared = mailbox_secret(&self.root).diffie_hellman(&PublicKey::from(*other.core().mailbox));
        if !shared.was_contributory() {
            return None;
        }
        let (from, to) = (sender.hash(), recipient.hash());
        let fields: [&[u8]; 3] = [vault.as_bytes(), from.as_bytes(), to.as_bytes()];
        let secret = Deriver::new(shared.as_bytes()).secret("mailbox", &fields);
        Some(Mailbox::new(&secret))
    }

    /// Key of the genesis of a vault.
    pub fn genesis_key(&self, vault: &VaultId) -> ObjectKey {
        derive(&self.root).key("genesis", &[vault.as_bytes()])
    }

    /// Key of the address book.
    pub fn address_book_key(&self) -> ObjectKey {
        derive(&self.root).key("address book", &[])
    }

    /// Key and file name of the memory of a vault.
    pub fn memory_key(&self, vault: &VaultId) -> (ObjectKey, [u8; 16]) {
        let deriver = derive(&self.root);
        (deriver.key("memory", &[vault.as_bytes()]), deriver.bytes("memory name", &[vault.as_bytes()]))
    }

    /// Key of the list of places.
    pub fn places_key(&self) -> ObjectKey {
        derive(&self.root).key("places", &[])
    }

    /// Key and file name of the draft of a part's form.
    pub fn draft_key(&self, vault: &VaultId, case: &CaseId, part: &PartName) -> (ObjectKey, [u8; 16]) {
        let deriver = derive(&self.root);
        let about: [&[u8]; 3] = [vault.as_bytes(), case.as_bytes(), part.as_str().as_bytes()];
        (deriver.key("draft", &about), deriver.bytes("draft name", &about))
    }

    /// Key of the list of a vault's search index, and the name its files begin with.
    pub fn search_key(&self, vault: &VaultId) -> (ObjectKey, [u8; 16]) {
        let deriver = derive(&self.root);
        (deriver.key("search", &[vault.as_bytes()]), deriver.bytes("search name", &[vault.as_bytes()]))
    }

    /// Where a memory was written: machine, file system and inode, hashed under the root seed.
    pub fn place(&self, machine: &[u8], filesystem: &[u8], inode: &[u8]) -> Digest {
        Digest::new(derive(&self.root).bytes("place", &[machine, filesystem, inode]))
    }

    /// A path, hashed under the root seed.
    pub fn path_digest(&self, path: &[u8]) -> Digest {
        Digest::new(derive(&self.root).bytes("path", &[path]))
    }
}

fn derive(root: &Secret) -> Deriver {
    Deriver::new(root.expose())
}

fn mailbox_secret(root: &Secret) -> StaticSecret {
    StaticSecret::from(*derive(root).secret("mailbox", &[]).expose())
}

fn age_keys(root: &Secret) -> AgeKeys {
    let deriver = derive(root);
    let (classic, hybrid) = (deriver.secret("age x25519", &[]), deriver.secret("age mlkem768x25519", &[]));
    AgeKeys::from_seeds(classic.expose(), hybrid.expose())
}

fn build_card(root: &Secret) -> KnownCard {
    let age = age_keys(root);
    let signing = SigningKey::from_bytes(derive(root).secret("signing", &[]).expose());
    let minisign = MinisignKey::from_seed(derive(root).secret("minisign", &[]).expose());
    let core = encode(&CardCore {
        hybrid: ByteArray::new(age.hybrid_recipient().as_bytes().try_into().expect("1216 bytes")),
        classic: ByteArray::new(age.classic_recipient().as_bytes().try_into().expect("32 bytes")),
        mailbox: ByteArray::new(PublicKey::from(&mailbox_secret(root)).to_bytes()),
        signing: ByteArray::new(signing.verifying_key().to_bytes()),
        minisign: ByteArray::new(*minisign.public().as_bytes()),
        succeeds: None,
    });
    let sig = sign(&signing, SignatureLabel::Card, &core);
    KnownCard::verify(Card { core: ByteBuf::from(core), sig, succession: None })
        .expect("we have just signed it")
}
