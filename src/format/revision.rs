//! Revisions: signed, immutable states of a part. docs/format.md section 7.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{Malformed, ObjectKey, Structure};
use crate::record::{Branch, CardHash, CaseId, Digest, Lang, PartName, Position, Standing, Time, Vector};

/// A part's whole content at one moment, and its signed core.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// A [`RevisionCore`], encoded.
    pub core: ByteBuf,
    /// By the author.
    pub sig: ByteArray<64>,
    /// Makes the core's digests unguessable.
    pub random: ByteArray<32>,
    /// Language of the text.
    pub lang: Option<Lang>,
    /// The text.
    pub text: Option<String>,
    /// The attached files, sorted by number, then SHA-256.
    pub exhibits: Vec<Exhibit>,
    /// SHA-256 of exhibits left out, sorted.
    pub removed: Vec<Digest>,
    /// The form, as [`write_form`](super::write_form) writes it; left out where there is none, as before there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

impl Structure for Revision {
    const TYPE: &'static str = "revision";
    const LIMIT: usize = 32 << 20;
}

/// An attached file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// Its number in the case.
    pub number: u64,
    /// Its file name at intake.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, taken at intake.
    pub sha256: Digest,
    /// The objects that hold it, in order.
    pub segments: Vec<ObjectKey>,
}

/// The signed part of a revision: covers content, never keys, names or the vault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionCore {
    /// The case.
    pub case: CaseId,
    /// The part.
    pub part: PartName,
    /// The branch it was written on.
    pub branch: Branch,
    /// Its number on the branch.
    pub index: u64,
    /// All it covers, itself included.
    pub vector: Vector,
    /// Digest of the content as a bundle lays it out.
    pub content: Digest,
    /// SHA-256 of the exhibits, in order.
    pub exhibits: Vec<Digest>,
    /// Who wrote it.
    pub author: CardHash,
    /// When.
    pub time: Time,
}

impl Structure for RevisionCore {
    const TYPE: &'static str = "revision core";
    const LIMIT: usize = 8 << 20;
}

impl RevisionCore {
    /// Checks what the encoding alone does not: the vector's form.
    pub fn check(&self) -> Result<(), Malformed> {
        if self.vector.is_proper(self.position()) { Ok(()) } else { Err(Malformed::Field("vector")) }
    }
}

impl Standing for RevisionCore {
    fn position(&self) -> Position {
        Position { author: self.author, branch: self.branch, index: self.index }
    }

    fn vector(&self) -> &Vector {
        &self.vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_without_the_revision_itself_is_refused() {
        let own = Position { author: CardHash::new([1; 32]), branch: Branch::new([2; 16]), index: 3 };
        let core = |index| RevisionCore {
            case: CaseId::new([4; 16]),
            part: "notes".parse().unwrap(),
            branch: own.branch,
            index,
            vector: Vector::joining(&[] as &[RevisionCore], own.author, own),
            content: Digest::new([5; 32]),
            exhibits: vec![],
            author: own.author,
            time: Time::from_seconds(1),
        };
        assert_eq!(core(3).check(), Ok(()));
        assert_eq!((core(3).position(), core(3).vector()), (own, &core(3).vector));
        assert_eq!(core(3).vector().positions(), [own]);
        assert_eq!(core(4).check(), Err(Malformed::Field("vector")));
    }
}
