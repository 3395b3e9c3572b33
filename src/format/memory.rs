//! The sealed files beside the identity file. docs/format.md sections 5 and 9.

use serde::{Deserialize, Serialize};

use super::{Contact, Head, RunRef, Structure};
use crate::record::{CardHash, Digest, Time, VaultId, Writer};

/// The contacts of an identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressBook {
    /// In the order added.
    pub contacts: Vec<Contact>,
}

impl Structure for AddressBook {
    const TYPE: &'static str = "address book";
    const LIMIT: usize = 64 << 20;
}

/// What an identity remembers about one vault, outside of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The vault.
    pub vault: VaultId,
    /// Where this memory was written: another place means it was copied.
    pub place: Digest,
    /// Our writer.
    pub writer: Option<Writer>,
    /// Our last entry known to stand.
    pub marked: Option<Mark>,
    /// An entry about to be put.
    pub pending: Option<Mark>,
    /// The runs live after our last entry.
    pub runs: Vec<RunRef>,
    /// The last heads seen, sorted by writer.
    pub heads: Vec<Head>,
    /// The last messages seen.
    pub messages: Vec<SeenMessage>,
    /// Numbers of messages that are missing, which was accepted. Not there when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<MessageGap>,
    /// Up to where `list --new` has shown what came: messages of others, entries of our own writers.
    pub listed: Vec<SeenMessage>,
}

impl Structure for Memory {
    const TYPE: &'static str = "memory";
    const LIMIT: usize = 64 << 20;
}

/// An entry of our writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Its number.
    pub n: u64,
    /// SHA-256 of its core.
    pub hash: Digest,
}

/// The last message seen of a sender's writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenMessage {
    /// Who sent it.
    pub sender: CardHash,
    /// Its writer.
    pub writer: Writer,
    /// Its number.
    pub n: u64,
}

/// Messages of a sender's writer that are missing, from one number to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageGap {
    /// Who sent them.
    pub sender: CardHash,
    /// Their writer.
    pub writer: Writer,
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
}

/// Which vault stood where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// By path.
    pub places: Vec<PlaceOfVault>,
}

impl Structure for Places {
    const TYPE: &'static str = "places";
    const LIMIT: usize = 1 << 20;
}

/// A vault seen at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceOfVault {
    /// The path, hashed under the root seed.
    pub path: Digest,
    /// The vault seen there.
    pub vault: VaultId,
}

/// A form that is being filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormDraft {
    /// When it was last added to.
    pub time: Time,
    /// The section that is being filled in.
    pub section: Option<String>,
    /// Which entry of it, from 0.
    pub entry: u64,
    /// The answers so far: JSON, in which anything may be missing still.
    pub form: String,
}

impl Structure for FormDraft {
    const TYPE: &'static str = "draft";
    const LIMIT: usize = 16 << 20;
}
