//! Genesis and log entries. docs/format.md section 6.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{ObjectKey, Structure};
use crate::record::{CardHash, Digest, Time, VaultId, Writer};

/// Holds the vault secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The vault.
    pub vault: VaultId,
    /// Its owner.
    pub owner: CardHash,
    /// The vault secret S.
    pub secret: ObjectKey,
    /// Reserved for earlier secrets after a replacement.
    pub former: Vec<ByteBuf>,
}

impl Structure for Genesis {
    const TYPE: &'static str = "genesis";
    const LIMIT: usize = 1 << 20;
}

/// One commit of one writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// An [`EntryCore`], encoded.
    pub core: ByteBuf,
    /// By the owner.
    pub sig: ByteArray<64>,
    /// An [`EntryPrivate`], encoded.
    pub private: ByteBuf,
}

impl Structure for Entry {
    const TYPE: &'static str = "entry";
    const LIMIT: usize = 1 << 20;
}

/// The signed part of an entry: no list, key, title or guessable hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryCore {
    /// The vault.
    pub vault: VaultId,
    /// Its owner.
    pub owner: CardHash,
    /// The writer.
    pub writer: Writer,
    /// Its number, from 0.
    pub n: u64,
    /// Hash of the entry before.
    pub previous: Option<Digest>,
    /// Salted Merkle root of the other writers' heads.
    pub heads: Digest,
    /// When it was made.
    pub time: Time,
    /// Salted Merkle root of the operations.
    pub operations: Digest,
    /// SHA-256 of the private half.
    pub private: Digest,
}

impl Structure for EntryCore {
    const TYPE: &'static str = "entry core";
    const LIMIT: usize = 1024;
}

/// The private half of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryPrivate {
    /// From which the leaves' salts are derived.
    pub salt: ObjectKey,
    /// The head of every other writer known, sorted by writer.
    pub heads: Vec<Head>,
    /// Operations, each encoded, when they are few.
    pub inline: Vec<ByteBuf>,
    /// The object that holds them otherwise.
    pub object: Option<ObjectRef>,
    /// All live runs.
    pub runs: Vec<RunRef>,
}

impl Structure for EntryPrivate {
    const TYPE: &'static str = "entry private";
    const LIMIT: usize = 1 << 20;
}

/// A writer's last entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The writer.
    pub writer: Writer,
    /// The entry's number.
    pub n: u64,
    /// SHA-256 of its core.
    pub hash: Digest,
}

/// Where the operations of a large commit stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    /// The object.
    pub key: ObjectKey,
    /// SHA-256 of its content.
    pub digest: Digest,
    /// How many operations it holds.
    pub count: u64,
}

/// A state run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRef {
    /// The object.
    pub key: ObjectKey,
    /// SHA-256 of its index.
    pub digest: Digest,
    /// How many rows it holds.
    pub rows: u64,
}

/// The operations of a large commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Each encoded.
    pub operations: Vec<ByteBuf>,
}

impl Structure for Operations {
    const TYPE: &'static str = "operations";
    const LIMIT: usize = 256 << 20;
}
