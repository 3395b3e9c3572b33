//! A secret cut into shares of which a number that was chosen gives it back, as words. SLIP-0039, version of 2023 (with
//! extendable backups).
//!
//! Own code, because no crate of it is both kept and in constant time: field arithmetic, the list of words and the
//! combination touch the same memory whatever the secret is. Which share it is, and of how many, is no secret.

mod combine;
mod field;
mod mnemonic;

use std::num::NonZeroU32;

use aws_lc_rs::{hmac, pbkdf2};
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

pub use combine::{CombineError, combine};
use field::{Point, interpolate};

/// Shares of a group, and groups, there are at most.
const MAX_SHARES: u8 = 16;
/// Secrets have at least 128 bits, and an even number of bytes.
const MIN_BYTES: usize = 16;
/// Where the shared secret stands on the polynomial.
const SECRET_AT: u8 = 255;
/// Where a digest of it stands.
const DIGEST_AT: u8 = 254;
const DIGEST_BYTES: usize = 4;
const ROUNDS: u8 = 4;
/// PBKDF2 iterations in one round at exponent 0; together 10,000.
const ROUND_ITERATIONS: u32 = 2500;

/// One share. Its words, and nothing else of it, are for people.
pub struct Share {
    id: u16,
    extendable: bool,
    exponent: u8,
    group: u8,
    group_threshold: u8,
    groups: u8,
    member: u8,
    threshold: u8,
    value: Zeroizing<Vec<u8>>,
}

/// A text is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The word with this number, from 1, is none of the list.
    #[error("word {0} is none of the 1,024 words that shares are made of")]
    UnknownWord(usize),
    /// Too few or too many words.
    #[error("words are missing, or there are too many: a share of a vault has 33")]
    Length,
    /// A word was mistaken for another, or two changed places.
    #[error("the words do not fit together: one of them is another, or two changed places")]
    Checksum,
    /// The value is not written as it must be.
    #[error("these words are made wrongly: their filling is not zero")]
    Padding,
    /// A share, and none of a vault's recovery.
    #[error("these words are a share of something else, such as a wallet")]
    Foreign,
    /// More groups are asked for than there are.
    #[error("these words are made wrongly: more groups are asked for than there are")]
    Groups,
}

/// A secret cannot be cut that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// No share, more than sixteen, or more asked for than there are.
    #[error("of 1 to 16 shares at least 1 and at most all are asked for")]
    Count,
    /// Several shares of which each alone suffices.
    #[error("where one share is enough there can be only one: the others would be copies of it")]
    Copies,
    /// A secret of fewer than 16 bytes, or of an odd number.
    #[error("a secret to be shared has at least 16 bytes and an even number of them")]
    Secret,
}

/// How a secret is cut: `group_threshold` of the groups are needed, of each group `(needed, all)` shares.
#[derive(Clone, Copy, Debug)]
pub struct Scheme<'a> {
    /// Groups needed.
    pub group_threshold: u8,
    /// Shares needed and shares made, group by group.
    pub groups: &'a [(u8, u8)],
    /// PBKDF2 runs 10,000 · 2^exponent times; 0 to 15.
    pub exponent: u8,
}

impl Share {
    /// Reads a share as a person typed it.
    pub fn from_words(text: &str) -> Result<Self, ShareError> {
        mnemonic::read(text)
    }

    /// The share's words.
    pub fn words(&self) -> Zeroizing<String> {
        mnemonic::write(self)
    }

    /// The number of its group, and its number in it, from 0.
    pub fn place(&self) -> (u8, u8) {
        (self.group, self.member)
    }

    /// Whether both say that they are of one splitting, and of one group.
    pub fn is_of_the_splitting_of(&self, other: &Self) -> bool {
        let same_group = self.group != other.group || self.threshold == other.threshold;
        self.splitting() == other.splitting() && self.value.len() == other.value.len() && same_group
    }

    /// How many shares of its group are needed.
    pub fn needed(&self) -> u8 {
        self.threshold
    }

    /// Whether it is of one group, extendable, and as cheap to combine as can be.
    pub(super) fn is_flat(&self) -> bool {
        self.splitting() == (self.id, true, 0, 1, 1)
    }

    pub(super) fn copy(&self) -> Self {
        Self { value: self.value.clone(), ..*self }
    }

    /// This share as if it were of the other's splitting.
    #[cfg(test)]
    pub(super) fn disguised_as(&self, other: &Self) -> Self {
        Self { id: other.id, ..self.copy() }
    }

    /// What is the same in all shares of one splitting.
    fn splitting(&self) -> (u16, bool, u8, u8, u8) {
        (self.id, self.extendable, self.exponent, self.group_threshold, self.groups)
    }
}

/// Cuts a secret into groups of shares. The passphrase, printable ASCII, may be empty.
pub fn split(secret: &[u8], passphrase: &[u8], scheme: &Scheme<'_>) -> Result<Vec<Vec<Share>>, SplitError> {
    if secret.len() < MIN_BYTES || !secret.len().is_multiple_of(2) {
        return Err(SplitError::Secret);
    }
    let groups = u8::try_from(scheme.groups.len()).map_err(|_| SplitError::Count)?;
    if scheme.groups.iter().any(|(needed, all)| *needed == 1 && *all > 1) {
        return Err(SplitError::Copies);
    }
    let id = (OsRng.next_u32() & 0x7fff) as u16;
    let exponent = scheme.exponent & 15;
    let encrypted = feistel(secret, passphrase, exponent, &[], Direction::Encrypt);
    let group_values = cut(&encrypted, scheme.group_threshold, groups)?;
    let mut made = Vec::new();
    for (group, (value, (threshold, all))) in (0..).zip(group_values.iter().zip(scheme.groups)) {
        let share = |(member, value)| Share {
            id,
            extendable: true,
            exponent,
            group,
            group_threshold: scheme.group_threshold,
            groups,
            member,
            threshold: *threshold,
            value,
        };
        made.push((0..).zip(cut(value, *threshold, *all)?).map(share).collect());
    }
    Ok(made)
}

/// Values at 0, 1, … of a polynomial on which the secret and its digest stand.
fn cut(secret: &[u8], threshold: u8, all: u8) -> Result<Vec<Zeroizing<Vec<u8>>>, SplitError> {
    if threshold == 0 || threshold > all || all > MAX_SHARES {
        return Err(SplitError::Count);
    }
    if threshold == 1 {
        return Ok((0..all).map(|_| Zeroizing::new(secret.to_vec())).collect());
    }
    let drawn = |bytes: usize| {
        let mut value = Zeroizing::new(vec![0; bytes]);
        OsRng.fill_bytes(&mut value);
        value
    };
    let mut values: Vec<_> = (0..threshold - 2).map(|_| drawn(secret.len())).collect();
    let mut digest = drawn(secret.len());
    let tag = digest_of(&digest[DIGEST_BYTES..], secret);
    digest[..DIGEST_BYTES].copy_from_slice(&tag);
    let made: Vec<_> = (threshold - 2..all)
        .map(|at| {
            let free = (0..).zip(&values).map(|(at, value)| (at, value.as_slice()));
            let points: Vec<Point<'_>> =
                free.chain([(DIGEST_AT, digest.as_slice()), (SECRET_AT, secret)]).collect();
            interpolate(&points, at)
        })
        .collect();
    values.extend(made);
    Ok(values)
}

/// The first bytes of `HMAC-SHA-256(random, secret)`.
fn digest_of(random: &[u8], secret: &[u8]) -> [u8; DIGEST_BYTES] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, random), secret);
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&tag.as_ref()[..DIGEST_BYTES]);
    digest
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Encrypt,
    Decrypt,
}

/// The four-round Feistel cipher under the passphrase; `salt` binds the identifier of splittings that are not
/// extendable.
fn feistel(
    text: &[u8],
    passphrase: &[u8],
    exponent: u8,
    salt: &[u8],
    direction: Direction,
) -> Zeroizing<Vec<u8>> {
    let (left, right) = text.split_at(text.len() / 2);
    let (mut left, mut right) = (Zeroizing::new(left.to_vec()), Zeroizing::new(right.to_vec()));
    let iterations = NonZeroU32::new(ROUND_ITERATIONS << exponent).expect("exponents are below 16");
    for round in 0..ROUNDS {
        let number = if direction == Direction::Encrypt { round } else { ROUNDS - 1 - round };
        let key = Zeroizing::new([&[number], passphrase].concat());
        let salted = Zeroizing::new([salt, &right].concat());
        let mut stream = Zeroizing::new(vec![0; right.len()]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salted, &key, &mut stream);
        left.iter_mut().zip(stream.iter()).for_each(|(byte, key)| *byte ^= key);
        std::mem::swap(&mut left, &mut right);
    }
    let mut joined = Zeroizing::new(Vec::with_capacity(text.len()));
    joined.extend_from_slice(&right);
    joined.extend_from_slice(&left);
    joined
}

#[cfg(test)]
mod tests;
