//! The names of objects: 32 bytes each, and the place such a name has in a folder.
//!
//! Knows nothing of what a name is derived from.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The number of hex characters of a file name inside an object folder.
const FILE_HEX: usize = 62;

/// The name of an object: 32 bytes, shown as 64 lower-case hex characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName([u8; 32]);

impl ObjectName {
    /// The name made of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the name.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The folder the object lies in: the first byte of its name.
    #[must_use]
    pub const fn folder(&self) -> u8 {
        self.0[0]
    }

    /// The path below the vault folder: `objects/ab/cdef…`, docs/format.md.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        let hex = self.to_string();
        let (folder, file) = hex.split_at(2);
        PathBuf::from(format!("objects/{folder}/{file}"))
    }

    /// The name of the object in `folder` whose file name is `file`; none unless `file` is 62
    /// lower-case hex characters.
    #[must_use]
    pub fn from_place(folder: u8, file: &str) -> Option<Self> {
        if file.len() != FILE_HEX {
            return None;
        }
        format!("{folder:02x}{file}").parse().ok()
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no object name: it is not exactly 64 lower-case hex characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object name is 64 lower-case hex characters")]
pub struct NotAName;

impl FromStr for ObjectName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(NotAName);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

fn nibble(character: u8) -> Result<u8, NotAName> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(NotAName),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_prints_and_nothing_else() {
        let name = ObjectName::new(std::array::from_fn(|i| (i * 37) as u8));
        let hex = name.to_string();
        assert_eq!(hex.len(), 64);
        assert_eq!(hex.parse(), Ok(name));
        assert_eq!(format!("{name:?}"), hex);
        for bad in ["", &hex[1..], &hex[2..], &hex.to_uppercase(), &hex.replace('a', "g"), &format!("{hex}0")]
        {
            assert_eq!(bad.parse::<ObjectName>(), Err(NotAName), "{bad}");
        }
        assert_eq!("٣".repeat(32).parse::<ObjectName>(), Err(NotAName));
    }

    #[test]
    fn lies_in_the_folder_of_its_first_byte() {
        let mut bytes = [0xcd; 32];
        bytes[0] = 0xab;
        let name = ObjectName::new(bytes);
        assert_eq!(name.folder(), 0xab);
        assert_eq!(name.path(), PathBuf::from(format!("objects/ab/{}", "cd".repeat(31))));
        assert_eq!(ObjectName::from_place(0xab, &"cd".repeat(31)), Some(name));
        assert_eq!(ObjectName::from_place(0xab, &"cd".repeat(32)), None);
        assert_eq!(ObjectName::from_place(0xab, &"é".repeat(31)), None);
    }
}
