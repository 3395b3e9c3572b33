//! How people name an exhibit: `E3`. docs/format.md section 7.

use std::fmt;
use std::str::FromStr;

use super::Digest;

/// An exhibit's number in its case and, where two share it, the first digits of its SHA-256: `E3`, `E3-1a2b3c4d`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExhibitName {
    number: u64,
    digits: Option<String>,
}

impl ExhibitName {
    /// The name of an exhibit; `alone` when no other one has its number.
    pub fn new(number: u64, sha256: &Digest, alone: bool) -> Self {
        Self { number, digits: (!alone).then(|| sha256.to_string()[..8].to_owned()) }
    }

    /// Whether it names this exhibit.
    pub fn names(&self, number: u64, sha256: &Digest) -> bool {
        self.number == number
            && self.digits.as_ref().is_none_or(|digits| sha256.to_string().starts_with(digits))
    }
}

impl fmt::Display for ExhibitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{}", self.number)?;
        self.digits.as_ref().map_or(Ok(()), |digits| write!(f, "-{digits}"))
    }
}

impl FromStr for ExhibitName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape = "an exhibit is named E and its number, such as E3";
        let rest = text.strip_prefix(['E', 'e']).ok_or(shape)?;
        let (number, digits) =
            rest.split_once('-').map_or((rest, None), |(n, d)| (n, Some(d.to_ascii_lowercase())));
        if digits.as_ref().is_some_and(|d| d.is_empty() || !d.bytes().all(|b| b.is_ascii_hexdigit())) {
            return Err(shape);
        }
        Ok(Self { number: number.parse().map_err(|_| shape)?, digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_one_of_two_that_share_a_number() {
        let (a, b) = (Digest::new([0x1a; 32]), Digest::new([0x2b; 32]));
        let name: ExhibitName = "e3-1a1a".parse().unwrap();
        assert!(name.names(3, &a) && !name.names(3, &b) && !name.names(4, &a));
        assert_eq!(ExhibitName::new(3, &a, true).to_string(), "E3");
        assert_eq!(ExhibitName::new(3, &a, false).to_string(), "E3-1a1a1a1a");
        assert!("3".parse::<ExhibitName>().is_err() && "E3-".parse::<ExhibitName>().is_err());
    }
}
