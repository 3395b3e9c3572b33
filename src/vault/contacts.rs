//! Contacts: cards under local labels, in a sealed address book beside the identity file. docs/format.md section 5.

use serde_bytes::ByteBuf;

use super::desk::{Desk, Lock, read_sealed};
use super::error::{Item, VaultError};
use crate::crypto::age::recipient::AgeRecipient;
use crate::crypto::{Identity, KnownCard, ObjectType, SignatureLabel, random, seal_object, sha256};
use crate::format::{AddressBook, Contact, ContactCore, encode};
use crate::record::{CardHash, FactId, Label, Recipient, Time};
use crate::store::files;

/// A contact, read and judged.
#[derive(Clone, Debug)]
pub struct KnownContact {
    /// The local name.
    pub label: Label,
    /// What it was added with.
    pub key: ContactKey,
    /// Whether its owner compared the words.
    pub verified: bool,
    /// When it was added or changed.
    pub added: Time,
}

/// What a contact can be reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactKey {
    /// A bare age recipient: bundles only.
    Age(AgeRecipient),
    /// A card.
    Card(Box<KnownCard>),
}

impl KnownContact {
    /// How facts name it.
    pub fn recipient(&self) -> Recipient {
        match &self.key {
            ContactKey::Card(card) => card.recipient(),
            ContactKey::Age(age) => Recipient::new(*sha256(age.to_string().as_bytes()).as_bytes()),
        }
    }

    /// Its card, if it has one.
    pub fn card(&self) -> Option<&KnownCard> {
        match &self.key {
            ContactKey::Card(card) => Some(card),
            ContactKey::Age(_) => None,
        }
    }
}

/// The address book of an identity.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    book: AddressBook,
    known: Vec<KnownContact>,
}

impl Contacts {
    /// Reads the address book; without a file it is empty.
    pub fn load(desk: &Desk, identity: &Identity) -> Result<Self, VaultError> {
        let key = identity.address_book_key();
        let book = read_sealed(desk.contacts(), &key, ObjectType::AddressBook, &Item::AddressBook)?;
        Self::judge(book.unwrap_or_default(), identity)
    }

    /// Joins the contacts that a vault kept, as after the loss of the file or from another device. The file wins.
    pub(crate) fn restore(&mut self, kept: Vec<Contact>, identity: &Identity) -> Result<(), VaultError> {
        let own = &self.book.contacts;
        let ended = |id: &FactId| own.iter().any(|contact| contact.replaces.contains(id));
        let differs = |contact: &Contact| {
            own.iter().all(|there| {
                let same_key = is_live(there) && (&there.card, &there.age) == (&contact.card, &contact.age);
                there.id != contact.id && !same_key && !(is_live(there) && there.label == contact.label)
            })
        };
        let missing: Vec<Contact> =
            kept.into_iter().filter(|contact| !ended(&contact.id) && differs(contact)).collect();
        if !missing.is_empty() {
            let contacts = own.iter().cloned().chain(missing).collect();
            *self = Self::judge(AddressBook { contacts }, identity)?;
        }
        Ok(())
    }

    fn judge(book: AddressBook, identity: &Identity) -> Result<Self, VaultError> {
        let known = book.contacts.iter().filter_map(|contact| read_contact(contact, identity).transpose());
        let known = known.collect::<Result<_, _>>()?;
        Ok(Self { known, book })
    }

    /// All contacts, in the order added.
    pub fn all(&self) -> &[KnownContact] {
        &self.known
    }

    /// The contact with this label.
    pub fn find(&self, label: &str) -> Result<&KnownContact, VaultError> {
        let wanted = label.parse::<Label>().ok();
        let found = self.known.iter().find(|contact| Some(&contact.label) == wanted.as_ref());
        found.ok_or_else(|| VaultError::NoContact(label.to_owned()))
    }

    /// The contact with this card or age recipient.
    pub fn by_recipient(&self, recipient: &Recipient) -> Option<&KnownContact> {
        self.known.iter().find(|contact| contact.recipient() == *recipient)
    }

    /// The contact with this card.
    pub fn by_card(&self, card: &CardHash) -> Option<&KnownContact> {
        self.by_recipient(&(*card).into())
    }

    /// Adds a contact, unverified. **Durable** on return.
    pub fn add(
        &mut self,
        desk: &Desk,
        identity: &Identity,
        contact: (Label, ContactKey),
        time: Time,
    ) -> Result<(), VaultError> {
        let (label, key) = contact;
        let _lock = self.reload(desk, identity)?;
        if self.known.iter().any(|known| known.label == label || known.key == key) {
            return Err(VaultError::ContactExists(label.to_string()));
        }
        let (card, age) = match key {
            ContactKey::Card(card) => (Some(ByteBuf::from(card.encode())), None),
            ContactKey::Age(age) => (None, Some(age.to_string())),
        };
        let contact = Contact {
            id: FactId::new(random()),
            label,
            card,
            age,
            verified: None,
            added: time,
            replaces: vec![],
        };
        self.change(desk, identity, |contacts| contacts.push(contact))
    }

    /// Records that the words of a contact were compared. **Durable** on return.
    pub fn verify(
        &mut self,
        desk: &Desk,
        identity: &Identity,
        label: &Label,
        time: Time,
    ) -> Result<(), VaultError> {
        let compared = self.find(label.as_str())?.key.clone();
        let _lock = self.reload(desk, identity)?;
        let known = self.find(label.as_str())?;
        if known.key != compared {
            return Err(VaultError::Changed);
        }
        let card = known.card().ok_or_else(|| VaultError::BundlesOnly(label.to_string()))?.hash();
        let core = encode(&ContactCore { owner: identity.card().hash(), card, label: label.clone() });
        let verified = Some(identity.sign(SignatureLabel::Contact, &core));
        self.change(desk, identity, |contacts| {
            for contact in contacts.iter_mut().filter(|contact| contact.label == *label && is_live(contact)) {
                contact.replaces = vec![contact.id];
                contact.id = FactId::new(random());
                contact.verified = verified;
                contact.added = time;
            }
        })
    }

    /// Removes a contact; a record stays that ends it wherever else it is kept. **Durable** on return.
    pub fn remove(&mut self, desk: &Desk, identity: &Identity, label: &Label) -> Result<(), VaultError> {
        let _lock = self.reload(desk, identity)?;
        self.find(label.as_str())?;
        self.change(desk, identity, |contacts| {
            for contact in contacts.iter_mut().filter(|contact| contact.label == *label && is_live(contact)) {
                let replaces = vec![contact.id];
                *contact = Contact {
                    id: FactId::new(random()),
                    label: label.clone(),
                    card: None,
                    age: None,
                    verified: None,
                    added: contact.added,
                    replaces,
                };
            }
        })
    }

    /// Takes what other processes of this identity changed meanwhile, and holds them off.
    fn reload(&mut self, desk: &Desk, identity: &Identity) -> Result<Lock, VaultError> {
        let lock = desk.lock_contacts()?;
        let mut current = Self::load(desk, identity)?;
        current.restore(std::mem::take(&mut self.book.contacts), identity)?;
        *self = current;
        Ok(lock)
    }

    fn change(
        &mut self,
        desk: &Desk,
        identity: &Identity,
        with: impl FnOnce(&mut Vec<Contact>),
    ) -> Result<(), VaultError> {
        let mut book = self.book.clone();
        with(&mut book.contacts);
        let changed = Self::judge(book, identity)?;
        let sealed =
            seal_object(&identity.address_book_key(), ObjectType::AddressBook, &encode(&changed.book));
        files::replace(desk.contacts(), &sealed)?;
        *self = changed;
        Ok(())
    }

    /// The records as they are kept in a vault too.
    pub(crate) fn records(&self) -> &[Contact] {
        &self.book.contacts
    }
}

/// Whether a record is a contact, and not the end of one.
fn is_live(contact: &Contact) -> bool {
    contact.card.is_some() || contact.age.is_some()
}

/// Judges a record: verified only with this identity's own signature over the card and label.
fn read_contact(contact: &Contact, identity: &Identity) -> Result<Option<KnownContact>, VaultError> {
    let damaged = |damage: super::error::Damage| VaultError::damaged(Item::AddressBook, damage);
    let key = match (&contact.card, &contact.age) {
        (Some(card), None) => {
            ContactKey::Card(Box::new(KnownCard::decode(card).map_err(|error| damaged(error.into()))?))
        }
        (None, Some(age)) => match age.parse() {
            Ok(age) => ContactKey::Age(age),
            Err(_) => return Err(damaged(super::error::Damage::Other)),
        },
        // A record without either ends those it replaces.
        _ => return Ok(None),
    };
    let verified = match (&key, &contact.verified) {
        (ContactKey::Card(card), Some(sig)) => {
            let core = ContactCore {
                owner: identity.card().hash(),
                card: card.hash(),
                label: contact.label.clone(),
            };
            identity.card().check(SignatureLabel::Contact, &encode(&core), sig).is_ok()
        }
        _ => false,
    };
    Ok(Some(KnownContact { label: contact.label.clone(), key, verified, added: contact.added }))
}
