//! Case codes: short hashes of a case that are safe to say aloud. docs/format.md section 7.

use std::fmt;
use std::str::FromStr;

use super::{CaseId, Digest};

/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters that carry the hash, before the check character.
const DATA_CHARS: usize = 7;
/// Characters of the longest code: the bare code and ten groups of four.
const MAX_CHARS: usize = 48;

/// What a person types or says to name a case, such as `K7Q2-9F4M`, or longer where two cases share that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseCode(String);

/// A case code could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaseCodeError {
    /// The check character does not fit the others: mistyped or misheard.
    #[error("the case code is mistyped: its last character does not fit the others")]
    Check,
    /// It is not two groups of four letters and digits.
    #[error("a case code is two groups of four letters or digits, such as K7Q2-9F4M")]
    Shape,
}

impl CaseCode {
    /// The bare code of a case, given `digest = SHA-256("sanduq/1 case code" ‖ 00 ‖ case)`.
    pub fn of(digest: &Digest) -> Self {
        Self::long(digest, 0)
    }

    /// The code with `more` further groups of four characters.
    pub fn long(digest: &Digest, more: usize) -> Self {
        let values: Vec<u8> = base32(digest.as_bytes()).take(DATA_CHARS + 4 * more.min(10)).collect();
        let (data, rest) = values.split_at(DATA_CHARS);
        let symbols = data.iter().copied().chain([check(data)]).chain(rest.iter().copied());
        Self(symbols.map(|value| char::from(ALPHABET[usize::from(value & 31)])).collect())
    }

    /// The bare code that this one begins with.
    pub fn bare(&self) -> Self {
        Self(self.0.chars().take(DATA_CHARS + 1).collect())
    }

    /// The digest's first 35 bits, as far as they fill bytes.
    pub fn leading_bytes(&self) -> [u8; 4] {
        let digits = self.0.bytes().take(DATA_CHARS).filter_map(|c| value_of(char::from(c)));
        let bits = digits.fold(0u64, |bits, digit| bits << 5 | u64::from(digit));
        let [.., a, b, c, d, _] = (bits << 5).to_be_bytes();
        [a, b, c, d]
    }

    /// Whether this code, bare or longer, names the case with this digest.
    pub fn names(&self, digest: &Digest) -> bool {
        Self::long(digest, self.0.len().saturating_sub(8) / 4) == *self
    }
}

/// The input to hash for a case's code.
impl CaseId {
    /// `"sanduq/1 case code" ‖ 00 ‖ case`.
    pub fn code_input(&self) -> [u8; 35] {
        let mut input = [0; 35];
        input[..18].copy_from_slice(b"sanduq/1 case code");
        input[19..].copy_from_slice(self.as_bytes());
        input
    }
}

impl fmt::Display for CaseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, c) in self.0.chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CaseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaseCode({self})")
    }
}

impl FromStr for CaseCode {
    type Err = CaseCodeError;

    fn from_str(text: &str) -> Result<Self, CaseCodeError> {
        let values = text
            .chars()
            .filter(|c| !matches!(c, '-' | ' ' | '\u{2010}'..='\u{2015}'))
            .map(|c| value_of(c).ok_or(CaseCodeError::Shape))
            .collect::<Result<Vec<u8>, _>>()?;
        if values.len() < DATA_CHARS + 1 || values.len() % 4 != 0 || values.len() > MAX_CHARS {
            return Err(CaseCodeError::Shape);
        }
        if check(&values[..DATA_CHARS]) != values[DATA_CHARS] {
            return Err(CaseCodeError::Check);
        }
        Ok(Self(values.iter().map(|value| char::from(ALPHABET[usize::from(*value)])).collect()))
    }
}

fn value_of(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == c).and_then(|i| u8::try_from(i).ok())
}

/// Five bits at a time, most significant first.
fn base32(bytes: &[u8; 32]) -> impl Iterator<Item = u8> + '_ {
    (0..51).map(|i| {
        (0..5).fold(0, |value, bit| {
            let at = i * 5 + bit;
            value << 1 | (bytes[at / 8] >> (7 - at % 8) & 1)
        })
    })
}

/// `Σ dᵢ·αⁱ` in GF(32), x⁵ + x² + 1: every single slip and every swap of two characters shows.
fn check(data: &[u8]) -> u8 {
    data.iter().rev().fold(0, |sum, digit| times_alpha(sum ^ digit))
}

fn times_alpha(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(seed: u8) -> Digest {
        Digest::new(std::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add(i as u8 * 7)))
    }

    #[test]
    fn reads_what_it_shows_however_it_is_typed() {
        let code = CaseCode::of(&digest(3));
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        assert_eq!(shown.parse(), Ok(code.clone()));
        assert_eq!(shown.to_lowercase().replace('-', " ").parse(), Ok(code.clone()));
        assert_eq!(shown.replace('0', "o").replace('1', "L").parse(), Ok(code));
    }

    #[test]
    fn finds_every_single_slip_and_every_neighbour_swap() {
        for seed in 0..40 {
            let shown = CaseCode::of(&digest(seed)).to_string().replace('-', "");
            let chars: Vec<char> = shown.chars().collect();
            for at in 0..8 {
                for other in ALPHABET {
                    let mut typed = chars.clone();
                    typed[at] = char::from(*other);
                    let text: String = typed.iter().collect();
                    assert_eq!(text.parse::<CaseCode>().is_ok(), typed == chars, "{text} for {shown}");
                }
                if at < 7 {
                    let mut typed = chars.clone();
                    typed.swap(at, at + 1);
                    let text: String = typed.iter().collect();
                    assert_eq!(text.parse::<CaseCode>().is_ok(), typed == chars, "{text} for {shown}");
                }
            }
        }
    }

    #[test]
    fn longer_codes_begin_with_the_bare_one() {
        let digest = digest(9);
        let (bare, long) = (CaseCode::of(&digest), CaseCode::long(&digest, 1));
        assert!(long.to_string().starts_with(&bare.to_string()));
        assert!(bare.names(&digest) && long.names(&digest));
        assert_eq!(bare.leading_bytes(), digest.as_bytes()[..4]);
        assert_eq!(long.to_string().parse(), Ok(long));
    }
}
