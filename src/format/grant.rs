//! Grants: what a message holds. docs/format.md section 9.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{ObjectKey, Structure};
use crate::record::{CardHash, CaseId, Digest, PartName, RevisionId, Time, VaultId, Writer};

/// A signed grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A [`GrantCore`], encoded.
    pub core: ByteBuf,
    /// By the sender.
    pub sig: ByteArray<64>,
    /// A [`GrantContent`], encoded.
    pub content: ByteBuf,
}

impl Structure for Grant {
    const TYPE: &'static str = "grant";
    const LIMIT: usize = 256 << 20;
}

/// The signed part of a grant: from whom, to whom, where, which number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantCore {
    /// The sender's vault.
    pub vault: VaultId,
    /// Who gives.
    pub sender: CardHash,
    /// Who receives.
    pub recipient: CardHash,
    /// Writer of the message.
    pub writer: Writer,
    /// Number of the message.
    pub n: u64,
    /// When.
    pub time: Time,
    /// SHA-256 of the content.
    pub content: Digest,
}

impl Structure for GrantCore {
    const TYPE: &'static str = "grant core";
    const LIMIT: usize = 1024;
}

/// What is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantContent {
    /// The cases.
    pub cases: Vec<GrantedCase>,
    /// Cards of the authors.
    pub cards: Vec<ByteBuf>,
}

impl Structure for GrantContent {
    const TYPE: &'static str = "grant content";
    const LIMIT: usize = 256 << 20;
}

/// The revisions of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantedCase {
    /// The case.
    pub case: CaseId,
    /// Its revisions.
    pub revisions: Vec<GrantedRevision>,
}

/// A reference: where, and what must be found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantedRevision {
    /// The part.
    pub part: PartName,
    /// The object.
    pub key: ObjectKey,
    /// What must be found there.
    pub revision: RevisionId,
}
