//! The secret that shares bring back, and the root seed sealed under it. docs/format.md section 5, "Recovery".

use zeroize::Zeroizing;

use super::kdf::Deriver;
use super::random::random_secret;
use super::slip39::{CombineError, Scheme, Share, ShareError, SplitError, combine, split};
use super::{Identity, ObjectType, Secret, object_name, seal_object};
use crate::format::{Malformed, ObjectKey, Recovery, decode, encode};
use crate::record::VaultId;

/// Words of a share.
pub const SHARE_WORDS: usize = 33;
/// Shares beyond those needed that are tried without each other to find a wrong one.
const MAX_SPARE: usize = 3;

/// The secret `R`, which nobody keeps: it exists while shares are made, and while they are combined.
pub struct RecoverySecret(Secret);

impl RecoverySecret {
    /// Draws a new one.
    pub fn generate() -> Self {
        Self(random_secret())
    }

    /// Cuts it into shares.
    pub fn split(&self, needed: u8, all: u8) -> Result<Vec<Share>, SplitError> {
        let scheme = Scheme { group_threshold: 1, groups: &[(needed, all)], exponent: 0 };
        Ok(split(self.0.expose(), b"", &scheme)?.into_iter().flatten().collect())
    }

    /// Reads a share that `split` made; one of something else is refused, for combining it might take hours.
    pub fn read_share(words: &str) -> Result<Share, ShareError> {
        let share = Share::from_words(words)?;
        match share.is_flat() && share.words().split(' ').count() == SHARE_WORDS {
            true => Ok(share),
            false => Err(ShareError::Foreign),
        }
    }

    /// Combines shares: all of them must agree.
    pub fn combine(shares: &[Share]) -> Result<Self, CombineError> {
        let secret = combine(shares, b"")?;
        let secret = <&[u8; 32]>::try_from(secret.as_slice()).map_err(|_| CombineError::Digest)?;
        Ok(Self(Secret::copy_of(secret)))
    }

    /// Which of the shares do not belong to the others, where leaving out some of up to three spare ones makes the
    /// rest agree; by their numbers in the order given, from 0.
    pub fn find_wrong(shares: &[Share]) -> Option<Vec<usize>> {
        let needed = usize::from(shares.first()?.needed());
        let spare = shares.len().checked_sub(needed)?.min(MAX_SPARE);
        let numbers: Vec<usize> = (0..shares.len()).collect();
        (1..=spare).find_map(|wrong| {
            let mut choices = choices(&numbers, wrong).into_iter();
            choices.find(|out| {
                let rest = shares.iter().enumerate().filter(|(number, _)| !out.contains(number));
                let rest: Vec<Share> = rest.map(|(_, share)| share.copy()).collect();
                Self::combine(&rest).is_ok()
            })
        })
    }

    fn key(&self, vault: &VaultId) -> ObjectKey {
        Deriver::new(self.0.expose()).key("recovery", &[vault.as_bytes()])
    }

    /// The key and the name of the recovery of a vault.
    pub fn place(&self, vault: &VaultId) -> (ObjectKey, [u8; 32]) {
        let key = self.key(vault);
        let name = object_name(&key);
        (key, name)
    }
}

/// All ways to take `count` of these numbers.
fn choices(numbers: &[usize], count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let from = |at: usize| {
        let (taken, rest) = (numbers[at], &numbers[at + 1..]);
        choices(rest, count - 1).into_iter().map(move |choice| [vec![taken], choice].concat())
    };
    (0..numbers.len()).flat_map(from).collect()
}

/// Seals the root seed of an identity for a vault.
pub fn seal_recovery(identity: &Identity, secret: &RecoverySecret, vault: &VaultId) -> Vec<u8> {
    let root = ObjectKey::new(*identity.root().expose());
    let content = Zeroizing::new(encode(&Recovery { root, owner: identity.card().hash() }));
    seal_object(&secret.key(vault), ObjectType::Recovery, &content)
}

/// Reads the content of an opened recovery.
pub fn open_recovery(content: &[u8]) -> Result<Identity, Malformed> {
    let recovery = decode::<Recovery>(content)?;
    let identity = Identity::from_root(Secret::copy_of(recovery.root.expose()));
    match identity.card().hash() == recovery.owner {
        true => Ok(identity),
        false => Err(Malformed::Field("owner")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when one wrong share spoils all, or a right one is called wrong (seen with the shares left out kept in).
    #[test]
    fn wrong_shares_are_named_as_soon_as_enough_right_ones_are_there() {
        let (one, two) = (RecoverySecret::generate(), RecoverySecret::generate());
        let (right, other) = (one.split(3, 6).unwrap(), two.split(3, 6).unwrap());
        let with = |right_ones: &[usize], wrong_ones: &[usize]| {
            let wrong = wrong_ones.iter().map(|at| other[*at].disguised_as(&right[0]));
            wrong.chain(right_ones.iter().map(|at| right[*at].copy())).collect::<Vec<_>>()
        };
        assert_eq!(RecoverySecret::find_wrong(&with(&[0, 1], &[3])), None, "nothing tells which");
        assert_eq!(RecoverySecret::find_wrong(&with(&[0, 1, 2], &[3])), Some(vec![0]));
        assert_eq!(RecoverySecret::find_wrong(&with(&[0, 1, 2], &[3, 4])), Some(vec![0, 1]));
        assert!(RecoverySecret::combine(&with(&[0, 1, 2], &[3])).is_err());
        assert!(*RecoverySecret::combine(&with(&[5, 1, 2], &[])).unwrap().0.expose() == *one.0.expose());
    }

    #[test]
    fn shares_of_something_else_are_refused() {
        let scheme = |exponent, groups| Scheme { group_threshold: 1, groups, exponent };
        for (bytes, scheme) in [
            (32, scheme(1, [(2, 2)].as_slice())),
            (16, scheme(0, [(2, 2)].as_slice())),
            (32, scheme(0, [(2, 2), (2, 2)].as_slice())),
        ] {
            let share = split(&vec![1; bytes], b"", &scheme).unwrap().remove(0).remove(0);
            assert_eq!(RecoverySecret::read_share(&share.words()).err(), Some(ShareError::Foreign));
        }
    }
}
