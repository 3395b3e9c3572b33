//! Byte strings that name things. docs/format.md sections 1 and 7.

use std::fmt;

/// Declares a public identifier of `$n` bytes, written as a CBOR byte string.
macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $n:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $n]);

        impl $name {
            /// Length in bytes.
            pub const BYTES: usize = $n;

            /// Takes bytes as they are.
            pub const fn new(bytes: [u8; $n]) -> Self {
                Self(bytes)
            }

            /// Takes exactly as many bytes as an identifier has.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Reads lower- or upper-case hexadecimal digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                unhex(text)?.try_into().ok().map(Self)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $n] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_bytes::ByteArray::<$n>::deserialize(deserializer).map(|bytes| Self(bytes.into_array()))
            }
        }
    };
}

identifier!(
    /// One writer's line of revisions of one part, minted at its first revision of the part.
    Branch, 16);
identifier!(
    /// A bundle, random.
    BundleId, 16);
identifier!(
    /// SHA-256 of a card's core: who a person is.
    CardHash, 32);
identifier!(
    /// A case, random; said aloud as its [`super::CaseCode`].
    CaseId, 16);
identifier!(
    /// SHA-256 of given bytes.
    Digest, 32);
identifier!(
    /// What tells facts of one kind about one case apart.
    FactId, 16);
identifier!(
    /// Who received something: a card hash, or the SHA-256 of a bare age recipient's text.
    Recipient, 32);
identifier!(
    /// SHA-256 of a revision's signed core.
    RevisionId, 32);
identifier!(
    /// A vault, random.
    VaultId, 32);
identifier!(
    /// One device at work in a vault, random.
    Writer, 16);

impl From<CardHash> for Recipient {
    fn from(card: CardHash) -> Self {
        Self(card.0)
    }
}

impl CaseId {
    /// The case of facts about the whole vault.
    pub const VAULT: Self = Self([0; 16]);
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let digit = |c: u8| char::from(c).to_digit(16);
            let (high, low) = (digit(*pair.first()?)?, digit(*pair.get(1)?)?);
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_its_hexadecimal_form_and_nothing_else() {
        let id = CaseId::new([0xab; 16]);
        assert_eq!(CaseId::from_hex(&id.to_string()), Some(id));
        assert_eq!(CaseId::from_hex("ab"), None);
        assert_eq!(CaseId::from_hex(&"zz".repeat(16)), None);
        assert_eq!(CaseId::from_hex(&"é".repeat(16)), None);
    }
}
