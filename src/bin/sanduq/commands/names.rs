//! What people are called: you, a contact's label, or the first words of a card nobody knows.

use std::fmt;

use serde::Serialize;

use sanduq::crypto::KnownCard;
use sanduq::record::{CardHash, Recipient};
use sanduq::vault::{Contacts, Vault};

use super::access::Access;
use crate::failure::Failure;
use crate::sanitize;

/// Words of an unknown card's fingerprint that are shown: enough to tell it from others at a glance, no more.
const SHOWN_WORDS: usize = 3;

/// Whose card it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Who {
    Contact,
    Unknown,
    You,
}

/// How a card is called here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Name {
    who: Who,
    label: Option<String>,
    verified: bool,
    card: String,
    #[serde(skip)]
    words: String,
}

impl Name {
    /// Names the card with this hash.
    pub(crate) fn of(access: &Access, hash: CardHash) -> Result<Self, Failure> {
        Self::among(hash, access.me(), access.contacts(), || access.card(&hash))
    }

    /// Names a card as the owner of a vault knows it.
    pub(crate) fn of_vault(vault: &Vault, hash: CardHash) -> Result<Self, Failure> {
        Self::among(hash, vault.owner().hash(), vault.contacts(), || Ok(vault.card(&hash)?))
    }

    /// Names a card that came with a bundle, as its reader knows it.
    pub(crate) fn of_bundle(
        hash: CardHash,
        own: &KnownCard,
        contacts: &Contacts,
        cards: &[KnownCard],
    ) -> Result<Self, Failure> {
        let found = || Ok(cards.iter().find(|card| card.hash() == hash).cloned());
        Self::among(hash, own.hash(), contacts, found)
    }

    /// Reports whether the words of the card were compared, or it is one's own.
    pub(crate) fn is_verified(&self) -> bool {
        self.verified
    }

    fn among(
        hash: CardHash,
        me: CardHash,
        contacts: &Contacts,
        found: impl FnOnce() -> Result<Option<KnownCard>, Failure>,
    ) -> Result<Self, Failure> {
        let card = hash.to_string();
        if hash == me {
            return Ok(Self { who: Who::You, label: None, verified: true, card, words: String::new() });
        }
        if let Some(contact) = contacts.by_card(&hash) {
            let label = Some(contact.label.to_string());
            let verified = contact.verified;
            return Ok(Self { who: Who::Contact, label, verified, card, words: String::new() });
        }
        // The card of a stranger may itself be missing; then only its hash can be told.
        let words = match found()? {
            Some(card) => card.fingerprint().words()[..SHOWN_WORDS].join(" "),
            None => card[..8].to_owned(),
        };
        Ok(Self { who: Who::Unknown, label: None, verified: false, card, words })
    }
}

/// How a recipient of something is called: by the label, which a removed contact has no more.
pub(crate) fn recipient_label(contacts: &Contacts, to: &Recipient) -> String {
    contacts.by_recipient(to).map_or_else(
        || format!("removed contact {}", &to.to_string()[..8]),
        |contact| contact.label.to_string(),
    )
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.who, &self.label, self.verified) {
            (Who::You, ..) => f.write_str("you"),
            (Who::Contact, Some(label), true) => write!(f, "{}, verified", sanitize::one_line(label)),
            (Who::Contact, Some(label), false) => write!(f, "{}, unverified", sanitize::one_line(label)),
            _ => write!(f, "unknown, card {} …", self.words),
        }
    }
}
