//! Shares back into the secret, or the reason why not. SLIP-0039, "Combining the shares".

use std::collections::BTreeMap;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::field::{Point, interpolate};
use super::{DIGEST_AT, DIGEST_BYTES, Direction, SECRET_AT, Share, digest_of, feistel};

/// Shares do not give a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CombineError {
    /// No share was given.
    #[error("no share was given")]
    None,
    /// The share with this number, from 0 in the order given, is of another splitting than the first.
    #[error("share {} is of another splitting than the first", .0 + 1)]
    Other(usize),
    /// This share was given before.
    #[error("share {} stands at the place of one that was given before", .0 + 1)]
    Twice(usize),
    /// Groups are missing.
    #[error("shares of {need} groups are needed, here are shares of {have}")]
    TooFewGroups {
        /// Groups needed.
        need: u8,
        /// Groups here.
        have: u8,
    },
    /// Shares of a group are missing.
    #[error("{need} shares are needed, here are {have}")]
    TooFew {
        /// The group.
        group: u8,
        /// Shares needed.
        need: u8,
        /// Shares here.
        have: u8,
    },
    /// One of the shares is not of the splitting it says it is of, or was changed with its checksum.
    #[error("these shares do not belong together: one of them is of another splitting, or was changed")]
    Digest,
}

/// Combines shares, of which there may be more than are needed: then all must agree.
///
/// The time it takes is set by the shares: PBKDF2 with 10,000 · 2^exponent iterations.
pub fn combine(shares: &[Share], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, CombineError> {
    let first = shares.first().ok_or(CombineError::None)?;
    let mut groups: BTreeMap<u8, Vec<&Share>> = BTreeMap::new();
    for (number, share) in shares.iter().enumerate() {
        if share.splitting() != first.splitting() || share.value.len() != first.value.len() {
            return Err(CombineError::Other(number));
        }
        let group = groups.entry(share.group).or_default();
        if group.iter().any(|other| other.member == share.member) {
            return Err(CombineError::Twice(number));
        }
        if group.first().is_some_and(|other| other.threshold != share.threshold) {
            return Err(CombineError::Other(number));
        }
        group.push(share);
    }
    let (need, have) = (first.group_threshold, groups.len() as u8);
    if have < need {
        return Err(CombineError::TooFewGroups { need, have });
    }
    let values = groups.iter().map(|(group, shares)| Ok((*group, of_group(*group, shares)?)));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let points: Vec<Point<'_>> = values.iter().map(|(group, value)| (*group, value.as_slice())).collect();
    let encrypted = join(&points, need)?;
    let id = first.id.to_be_bytes();
    let salt = if first.extendable { Vec::new() } else { [b"shamir".as_slice(), &id].concat() };
    Ok(feistel(&encrypted, passphrase, first.exponent, &salt, Direction::Decrypt))
}

fn of_group(group: u8, shares: &[&Share]) -> Result<Zeroizing<Vec<u8>>, CombineError> {
    let (need, have) = (shares.first().map_or(1, |share| share.threshold), shares.len() as u8);
    if have < need {
        return Err(CombineError::TooFew { group, need, have });
    }
    let points: Vec<Point<'_>> = shares.iter().map(|share| (share.member, share.value.as_slice())).collect();
    join(&points, need)
}

/// The secret on the polynomial through the first `need` points, if its digest fits and the other points agree.
fn join(points: &[Point<'_>], need: u8) -> Result<Zeroizing<Vec<u8>>, CombineError> {
    let (taken, others) = points.split_at(usize::from(need));
    let agree = |x: u8, value: &[u8]| bool::from(interpolate(taken, x).ct_eq(value));
    if !others.iter().all(|(x, value)| agree(*x, value)) {
        return Err(CombineError::Digest);
    }
    if need == 1 {
        // The value is the secret; there is no digest.
        return taken.first().map(|(_, value)| Zeroizing::new(value.to_vec())).ok_or(CombineError::None);
    }
    let secret = interpolate(taken, SECRET_AT);
    let digest = interpolate(taken, DIGEST_AT);
    let (tag, random) = digest.split_at(DIGEST_BYTES);
    match bool::from(digest_of(random, &secret).ct_eq(tag)) {
        true => Ok(secret),
        false => Err(CombineError::Digest),
    }
}
