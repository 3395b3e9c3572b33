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
        // Of a later version only the first line is known.
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = std::str::from_utf8(line).map_err(|_| not_a)?;
        match line.strip_prefix(FIRST_WORDS).and_then(|version| version.parse::<u64>().ok()) {
            Some(1) => {}
            Some(2..) => return Err(Malformed::Newer),
            _ => return Err(not_a),
        }
        let rest = bytes.strip_prefix(line.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n"));
        let id = rest.and_then(|rest| std::str::from_utf8(rest).ok()?.strip_suffix('\n'));
        let header = Self { vault: id.and_then(VaultId::from_hex).ok_or(not_a)? };
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
        assert_eq!(VaultHeader::decode(b"sanduq vault 3\n\xff\x00"), Err(Malformed::Newer));
        assert_eq!(VaultHeader::decode(b"sanduq vault 0\n00\n"), Err(Malformed::NotA("vault header")));
        for bad in ["", "sanduq vault 1\n", "sanduq vault 01\n", "vault 1\n00\n", "sanduq vault 0\n00\n"] {
            assert!(VaultHeader::decode(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
