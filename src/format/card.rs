//! Cards and contacts. docs/format.md section 5.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::Structure;
use crate::record::{CardHash, FactId, Label, Time};

/// A card as it is handed out: its core and signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// A [`CardCore`], encoded.
    pub core: ByteBuf,
    /// By the card's own signing key.
    pub sig: ByteArray<64>,
    /// By the signing key of the card this one succeeds.
    pub succession: Option<ByteArray<64>>,
}

impl Structure for Card {
    const TYPE: &'static str = "card";
    const LIMIT: usize = 4096;
}

/// The public keys of a person or office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardCore {
    /// age `mlkem768x25519` recipient.
    pub hybrid: ByteArray<1216>,
    /// age X25519 recipient.
    pub classic: ByteArray<32>,
    /// X25519 key from which mailboxes are agreed.
    pub mailbox: ByteArray<32>,
    /// Ed25519 key of revisions, log and grants.
    pub signing: ByteArray<32>,
    /// Ed25519 key of bundles.
    pub minisign: ByteArray<32>,
    /// The card this one succeeds.
    pub succeeds: Option<CardHash>,
}

impl Structure for CardCore {
    const TYPE: &'static str = "card core";
    const LIMIT: usize = 2048;
}

/// A card, or a bare age recipient, under a local label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Tells this record from others, random.
    pub id: FactId,
    /// The local name.
    pub label: Label,
    /// An encoded [`Card`].
    pub card: Option<ByteBuf>,
    /// A bare age recipient.
    pub age: Option<String>,
    /// The owner's signature over a [`ContactCore`]: the words were compared.
    pub verified: Option<ByteArray<64>>,
    /// When it was added or changed.
    pub added: Time,
    /// The records it replaces.
    pub replaces: Vec<FactId>,
}

/// What "verified" signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactCore {
    /// Whose address book.
    pub owner: CardHash,
    /// Whose card.
    pub card: CardHash,
    /// Under which label.
    pub label: Label,
}

impl Structure for ContactCore {
    const TYPE: &'static str = "contact core";
    const LIMIT: usize = 512;
}
