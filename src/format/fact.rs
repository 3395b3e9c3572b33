//! Facts: the rows of the state. docs/format.md section 8.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Contact, Malformed, ObjectKey, People, decode_value, encode_value};
use crate::record::form::Purpose;
use crate::record::{
    Branch, BundleId, CardHash, CaseId, Digest, FactId, Label, PartName, Position, Recipient, RevisionId,
    Standing, Time, Title, VaultId, Vector, Writer,
};

/// The key of a fact: sorts by case, then kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    /// The case, or [`CaseId::VAULT`].
    pub case: CaseId,
    /// The kind's number; a reader keeps numbers it does not know.
    pub kind: u8,
    /// Tells facts of one kind about one case apart.
    pub id: FactId,
}

impl FactKey {
    /// Length in bytes.
    pub const BYTES: usize = 33;

    /// `case ‖ kind ‖ id`.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (case, rest) = bytes.split_at_mut(16);
        case.copy_from_slice(self.case.as_bytes());
        if let Some((kind, id)) = rest.split_first_mut() {
            *kind = self.kind;
            id.copy_from_slice(self.id.as_bytes());
        }
        bytes
    }

    /// Reads `case ‖ kind ‖ id`.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (case, rest) = bytes.split_at(16);
        let (&kind, id) = rest.split_first()?;
        Some(Self { case: CaseId::from_slice(case)?, kind, id: FactId::from_slice(id)? })
    }
}

/// The kinds of facts known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FactKind {
    /// A contact of the address book.
    Contact = 1,
    /// A message that must exist.
    Message = 2,
    /// Somebody's card.
    Card = 3,
    /// A bundle that was written.
    Bundle = 4,
    /// Which case has which code.
    Code = 5,
    /// Shares open the vault.
    Recovery = 6,
    /// A case was opened or received.
    Opened = 16,
    /// A case's title.
    Title = 17,
    /// A revision is known.
    Revision = 18,
    /// Revisions were given to someone.
    Given = 19,
    /// Sharing ended.
    Ended = 20,
    /// Revisions were received.
    Received = 21,
}

/// A value that is a fact.
pub trait Fact: Serialize + serde::de::DeserializeOwned {
    /// Its kind.
    const KIND: FactKind;

    /// The id, given `digest`, which is SHA-256 of the encoded value.
    fn id(&self, digest: &Digest) -> FactId {
        first_sixteen(digest.as_bytes())
    }

    /// The encoded value.
    fn to_value(&self) -> Vec<u8> {
        encode_value(self)
    }

    /// Reads an encoded value.
    fn from_value(bytes: &[u8]) -> Result<Self, Malformed> {
        decode_value(bytes, "fact")
    }
}

fn first_sixteen(bytes: &[u8; 32]) -> FactId {
    let (id, _) = bytes.split_at(16);
    FactId::from_slice(id).expect("sixteen bytes were taken")
}

impl Fact for Contact {
    const KIND: FactKind = FactKind::Contact;

    fn id(&self, _: &Digest) -> FactId {
        self.id
    }
}

/// A message that must exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageFact {
    /// For whom.
    pub to: CardHash,
    /// Its writer.
    pub writer: Writer,
    /// Its number.
    pub n: u64,
    /// When it was decided.
    pub time: Time,
    /// How many cases it gives.
    pub cases: u64,
}

impl Fact for MessageFact {
    const KIND: FactKind = FactKind::Message;
}

/// Somebody's card, as it came with a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFact {
    /// The encoded card.
    pub card: ByteBuf,
    /// Who passed it on.
    pub via: CardHash,
}

impl CardFact {
    /// The id of the fact that holds this card: the start of its hash.
    pub fn id_of(card: &CardHash) -> FactId {
        first_sixteen(card.as_bytes())
    }
}

impl Fact for CardFact {
    const KIND: FactKind = FactKind::Card;
}

/// A bundle that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFact {
    /// The bundle.
    pub bundle: BundleId,
    /// For whom.
    pub to: Recipient,
    /// The contact's label at the time.
    pub label: Label,
    /// When.
    pub time: Time,
    /// SHA-256 of the signed tag manifest.
    pub manifest: Digest,
}

impl Fact for BundleFact {
    const KIND: FactKind = FactKind::Bundle;
}

/// A recovery: shares that open the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryFact {
    /// The name of its object.
    pub object: Digest,
    /// How many shares open it.
    pub needed: u8,
    /// How many there are.
    pub all: u8,
    /// When it was set.
    pub time: Time,
    /// The names of the recoveries it replaces.
    pub replaces: Vec<Digest>,
}

impl Fact for RecoveryFact {
    const KIND: FactKind = FactKind::Recovery;
}

/// Which case has which code, so that one case is found among many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeFact {
    /// The case.
    pub case: CaseId,
    /// SHA-256 whose beginning the code shows.
    pub digest: Digest,
}

impl Fact for CodeFact {
    const KIND: FactKind = FactKind::Code;

    fn id(&self, _: &Digest) -> FactId {
        first_sixteen(self.digest.as_bytes())
    }
}

/// A case was opened here, or came via someone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedFact {
    /// When.
    pub time: Time,
    /// From whom it came.
    pub via: Option<CardHash>,
}

impl Fact for OpenedFact {
    const KIND: FactKind = FactKind::Opened;
}

/// A case's title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TitleFact {
    /// The text.
    pub title: Title,
    /// When it was given.
    pub time: Time,
    /// The titles it replaces.
    pub replaces: Vec<FactId>,
}

impl Fact for TitleFact {
    const KIND: FactKind = FactKind::Title;
}

/// The entry and operation that recorded something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryPlace {
    /// The writer.
    pub writer: Writer,
    /// The entry's number.
    pub n: u64,
    /// The operation's index in the entry.
    pub operation: u64,
}

/// A revision is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionFact {
    /// The part.
    pub part: PartName,
    /// The revision.
    pub revision: RevisionId,
    /// The object that holds it.
    pub key: ObjectKey,
    /// Who wrote it.
    pub author: CardHash,
    /// On which branch.
    pub branch: Branch,
    /// Its number there.
    pub index: u64,
    /// All it covers.
    pub vector: Vector,
    /// When it was written.
    pub time: Time,
    /// The entry that recorded it here.
    pub entry: EntryPlace,
    /// From whom it came.
    pub via: Option<CardHash>,
    /// Whom its form names; left out when it names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
}

impl Fact for RevisionFact {
    const KIND: FactKind = FactKind::Revision;

    fn id(&self, _: &Digest) -> FactId {
        first_sixteen(self.revision.as_bytes())
    }
}

impl Standing for RevisionFact {
    fn position(&self) -> Position {
        Position { author: self.author, branch: self.branch, index: self.index }
    }

    fn vector(&self) -> &Vector {
        &self.vector
    }
}

/// A revision of a part, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The part.
    pub part: PartName,
    /// The revision.
    pub revision: RevisionId,
}

/// Revisions of a case were given to someone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenFact {
    /// To whom.
    pub to: Recipient,
    /// When.
    pub time: Time,
    /// Writer of the message, or of the entry that names the bundle.
    pub writer: Writer,
    /// Number of the message, or of that entry.
    pub n: u64,
    /// The bundle, if it went in one.
    pub bundle: Option<BundleId>,
    /// What was given.
    pub revisions: Vec<Given>,
    /// What it was given for; left out when that was not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
}

impl Fact for GivenFact {
    const KIND: FactKind = FactKind::Given;
}

/// Sharing a case with someone ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndedFact {
    /// With whom.
    pub to: Recipient,
    /// When.
    pub time: Time,
    /// The `given` facts it ends.
    pub ends: Vec<FactId>,
}

impl Fact for EndedFact {
    const KIND: FactKind = FactKind::Ended;
}

/// Revisions of a case were received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceivedFact {
    /// From whom.
    pub from: CardHash,
    /// From which vault.
    pub vault: Option<VaultId>,
    /// From which bundle.
    pub bundle: Option<BundleId>,
    /// When.
    pub time: Time,
    /// What came.
    pub revisions: Vec<RevisionId>,
}

impl Fact for ReceivedFact {
    const KIND: FactKind = FactKind::Received;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_case_kind_and_id() {
        let key = FactKey { case: CaseId::new([1; 16]), kind: 18, id: FactId::new([2; 16]) };
        let bytes = [&[1; 16][..], &[18], &[2; 16]].concat();
        assert_eq!(key.to_bytes().as_slice(), bytes);
        assert_eq!(FactKey::from_bytes(&key.to_bytes()), Some(key));
    }

    #[test]
    fn facts_are_known_by_what_the_format_says() {
        let digest = Digest::new([9; 32]);
        let start = |byte| FactId::new([byte; 16]);
        let contact = Contact {
            id: start(1),
            label: "адвокат".parse().unwrap(),
            card: None,
            age: None,
            verified: None,
            added: Time::from_seconds(1),
            replaces: vec![],
        };
        assert_eq!(contact.id(&digest), start(1));
        let code = CodeFact { case: CaseId::new([3; 16]), digest: Digest::new([4; 32]) };
        assert_eq!(code.id(&digest), start(4));
        let opened = OpenedFact { time: Time::from_seconds(1), via: None };
        assert_eq!(opened.id(&digest), start(9));
        assert_eq!(OpenedFact::from_value(&opened.to_value()), Ok(opened));
        assert_eq!(CardFact::id_of(&CardHash::new([5; 32])), start(5));
    }
}
