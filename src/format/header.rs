//! The plain file `vault`. docs/format.md section 2.

use super::Malformed;
use crate::record::VaultId;

const FIRST_WORDS: &str = "sanduq vault ";

/// What the plain file says: the vault's id. Its version is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultHeader {
    /// The vault.
    pub vault: VaultId,
}

impl VaultHeader {
    /// The file's text.
    pub fn encode(&self) -> Vec<u8> {
        format!("{FIRST_WORDS}1\n{}\n", self.vault).into_bytes()
    }

    /// Reads the file's text.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let not_a = Malformed::NotA("vault header");
        let text = std::str::from_utf8(bytes).map_err(|_| not_a)?;
        let (version, rest) = text.strip_prefix(FIRST_WORDS).and_then(|t| t.split_once('\n')).ok_or(not_a)?;
        match version.parse::<u64>().map_err(|_| not_a)? {
            1 => {}
            0 => return Err(not_a),
            _ => return Err(Malformed::Newer),
        }
        let header = Self { vault: rest.strip_suffix('\n').and_then(VaultId::from_hex).ok_or(not_a)? };
        if header.encode() == bytes { Ok(header) } else { Err(Malformed::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_knows_a_newer_version() {
        let header = VaultHeader { vault: VaultId::new([7; 32]) };
        assert_eq!(VaultHeader::decode(&header.encode()), Ok(header));
        assert_eq!(VaultHeader::decode(b"sanduq vault 2\nanything"), Err(Malformed::Newer));
        for bad in ["", "sanduq vault 1\n", "sanduq vault 01\n", "vault 1\n00\n", "sanduq vault 0\n00\n"] {
            assert!(VaultHeader::decode(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
