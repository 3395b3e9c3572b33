//! The identity file's frame and content. docs/format.md section 5.

use serde::{Deserialize, Serialize};

use super::{Malformed, ObjectKey, Structure};
use crate::record::CardHash;

const MAGIC: &[u8; 16] = b"sanduq identity\n";
const HEADER_BYTES: usize = 62;
const COMMITMENT_BYTES: usize = 32;
/// Length of the sealed content, tag included.
pub const SEALED_IDENTITY_BYTES: usize = 528;

/// Cost of turning a passphrase into a key (Argon2id, RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfCost {
    /// 1 GiB: the default.
    pub const HIGH: Self = Self { memory_kib: 1 << 20, passes: 3, lanes: 4 };
    /// 256 MiB.
    pub const STANDARD: Self = Self { memory_kib: 256 << 10, passes: 3, lanes: 4 };
    /// 64 MiB.
    pub const LOW: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 4 };

    /// Whether a reader may spend this much: at most 4 GiB, 16 passes, 16 lanes, at least 8 KiB a lane.
    pub fn is_permitted(&self) -> bool {
        (1..=16).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
            && self.memory_kib <= 4 << 20
            && u64::from(self.memory_kib) >= u64::from(self.lanes).saturating_mul(8)
    }
}

/// The frame of an identity file: everything but what is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeader {
    /// Cost chosen when the passphrase was set.
    pub cost: KdfCost,
    /// Random salt.
    pub salt: [u8; 32],
}

impl IdentityHeader {
    /// The authenticated bytes before the commitment.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(1u16.to_be_bytes());
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(self.salt);
        bytes
    }

    /// Splits a whole identity file into its header, commitment and sealed content.
    pub fn split(file: &[u8]) -> Result<(Self, &[u8], &[u8]), Malformed> {
        let not_a = Malformed::NotA("identity file");
        let (version, rest) =
            file.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk()).ok_or(not_a)?;
        match u16::from_be_bytes(*version) {
            1 => {}
            0 => return Err(not_a),
            _ => return Err(Malformed::Newer),
        }
        let number = |bytes: &[u8; 4]| u32::from_be_bytes(*bytes);
        let (memory_kib, rest) = rest.split_first_chunk().ok_or(not_a)?;
        let (passes, rest) = rest.split_first_chunk().ok_or(not_a)?;
        let (lanes, rest) = rest.split_first_chunk().ok_or(not_a)?;
        let (salt, rest) = rest.split_first_chunk().ok_or(not_a)?;
        let cost = KdfCost { memory_kib: number(memory_kib), passes: number(passes), lanes: number(lanes) };
        if !cost.is_permitted() {
            return Err(Malformed::Field("cost"));
        }
        let (commitment, sealed) = rest.split_at_checked(COMMITMENT_BYTES).ok_or(not_a)?;
        if sealed.len() != SEALED_IDENTITY_BYTES {
            return Err(not_a);
        }
        debug_assert_eq!(
            file.len(),
            HEADER_BYTES.saturating_add(COMMITMENT_BYTES).saturating_add(sealed.len())
        );
        Ok((Self { cost, salt: *salt }, commitment, sealed))
    }
}

/// What the passphrase protects.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityContent {
    /// The root seed.
    pub root: ObjectKey,
    /// Reserved for a card that succeeds another.
    pub predecessor: Option<ObjectKey>,
}

impl Structure for IdentityContent {
    const TYPE: &'static str = "identity";
    const LIMIT: usize = 510;
}

/// The root seed as shares bring it back. docs/format.md section 5, "Recovery".
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The root seed.
    pub root: ObjectKey,
    /// The card that comes from it.
    pub owner: CardHash,
}

impl Structure for Recovery {
    const TYPE: &'static str = "recovery";
    const LIMIT: usize = 510;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let header = IdentityHeader { cost: KdfCost::HIGH, salt: [9; 32] };
        [header.encode(), vec![1; COMMITMENT_BYTES], vec![2; SEALED_IDENTITY_BYTES]].concat()
    }

    #[test]
    fn splits_what_it_frames() {
        let file = file();
        let (header, commitment, sealed) = IdentityHeader::split(&file).unwrap();
        assert_eq!((header.cost, commitment.len(), sealed.len()), (KdfCost::HIGH, 32, SEALED_IDENTITY_BYTES));
    }

    #[test]
    fn refuses_newer_versions_and_costs_that_would_exhaust_the_machine() {
        let mut newer = file();
        newer[17] = 2;
        assert_eq!(IdentityHeader::split(&newer), Err(Malformed::Newer));
        let mut huge = file();
        huge[18] = 0xff;
        assert_eq!(IdentityHeader::split(&huge), Err(Malformed::Field("cost")));
        let permitted = |memory_kib, passes, lanes| KdfCost { memory_kib, passes, lanes }.is_permitted();
        for (memory_kib, passes, lanes) in [(8, 1, 1), (4 << 20, 16, 16), (128, 1, 16)] {
            assert!(permitted(memory_kib, passes, lanes));
        }
        for (memory_kib, passes, lanes) in [
            (7, 1, 1),
            ((4 << 20) + 1, 1, 1),
            (127, 1, 16),
            (64, 0, 1),
            (64, 17, 1),
            (64, 1, 0),
            (4 << 20, 1, 17),
        ] {
            assert!(!permitted(memory_kib, passes, lanes), "{memory_kib} {passes} {lanes}");
        }
        let mut zero = file();
        zero[17] = 0;
        assert_eq!(IdentityHeader::split(&zero), Err(Malformed::NotA("identity file")));
        assert!(IdentityHeader::split(&[file(), vec![0]].concat()).is_err());
        for cut in 0..file().len() {
            assert!(IdentityHeader::split(&file()[..cut]).is_err());
        }
    }
}
