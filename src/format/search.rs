//! The list of a search index, beside the identity file. docs/format.md section 9, "Search index".

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{ObjectKey, Structure};
use crate::record::{CardHash, CaseId, Digest, VaultId};

/// What an index covers, and its segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchList {
    /// The vault.
    pub vault: VaultId,
    /// How words are folded and heard.
    pub rules: u64,
    /// What was read.
    pub sources: Vec<SearchSource>,
    /// Where the words are.
    pub segments: Vec<SearchSegment>,
    /// Cases of which something could not be read.
    pub unread: Vec<SearchCase>,
}

impl Structure for SearchList {
    const TYPE: &'static str = "search";
    const LIMIT: usize = 64 << 20;
}

/// A run, or for who reads what was shared a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSource {
    /// The digest of the run, or of where the message stands.
    pub id: Digest,
    /// The rows of the run; 1 for a message.
    pub rows: u64,
}

/// A file of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSegment {
    /// The end of its name.
    pub file: ByteArray<8>,
    /// The key it is sealed under.
    pub key: ObjectKey,
    /// How many documents it has.
    pub documents: u64,
    /// The length of each section.
    pub sections: [u64; 5],
    /// A bit for each document that is not to be found any more.
    pub gone: ByteBuf,
}

/// A case as somebody gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchCase {
    /// The case.
    pub case: CaseId,
    /// Who gave it: the owner in their own vault.
    pub giver: CardHash,
}
