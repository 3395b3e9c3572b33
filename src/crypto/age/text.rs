//! Bech32 without a length limit, as age writes its keys (<https://c2sp.org/age>, "Conventions").

use std::fmt;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Checksum, Hrp};
use zeroize::Zeroizing;

/// Longest text looked at, in characters; a hybrid recipient has 1,959.
const MAX_TEXT_CHARS: usize = 4096;

/// The checksum of BIP 173, for any length.
enum LongBech32 {}

impl Checksum for LongBech32 {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = usize::MAX;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

/// Writes `data` in lower case under a prefix.
pub(super) fn encode_lower(out: &mut impl fmt::Write, prefix: &str, data: &[u8]) -> fmt::Result {
    bech32::encode_lower_to_fmt::<LongBech32, _>(out, hrp(prefix), data).map_err(|_| fmt::Error)
}

/// Writes `data` in upper case under a prefix.
pub(super) fn encode_upper(out: &mut impl fmt::Write, prefix: &str, data: &[u8]) -> fmt::Result {
    bech32::encode_upper_to_fmt::<LongBech32, _>(out, hrp(prefix), data).map_err(|_| fmt::Error)
}

/// Reads a text whose checksum fits: its prefix in lower case, and its data.
pub(super) fn decode(text: &str) -> Option<(String, Zeroizing<Vec<u8>>)> {
    if text.len() > MAX_TEXT_CHARS {
        return None;
    }
    let parsed = CheckedHrpstring::new::<LongBech32>(text).ok()?;
    let mut data = Zeroizing::new(Vec::with_capacity(text.len()));
    data.extend(parsed.byte_iter());
    Some((parsed.hrp().to_lowercase(), data))
}

fn hrp(prefix: &str) -> Hrp {
    Hrp::parse(prefix).expect("prefixes are constants of one case")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when only the first length above the limit is refused.
    #[test]
    fn reads_no_text_above_its_limit() {
        for (bytes, read) in [(2500, true), (2600, false)] {
            let mut text = String::new();
            encode_lower(&mut text, "age", &vec![1; bytes]).unwrap();
            assert_eq!(decode(&text).is_some(), read, "{} characters", text.len());
        }
    }
}
