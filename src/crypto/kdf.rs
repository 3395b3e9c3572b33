//! Every derivation: HKDF-SHA-512 with injective labels. docs/format.md section 1, "Derivation".

use hkdf::Hkdf;
use sha2::Sha512;

use super::Secret;
use crate::format::ObjectKey;

/// A secret from which others are derived: `K(secret; label; fields…)`.
pub(crate) struct Deriver(Hkdf<Sha512>);

impl Deriver {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        Self(Hkdf::new(None, secret))
    }

    /// `HKDF-Expand-SHA-512(HKDF-Extract("", secret), info, |out|)`, RFC 5869.
    pub(crate) fn fill(&self, label: &str, fields: &[&[u8]], out: &mut [u8]) {
        let mut info = Vec::with_capacity(128);
        info.extend(b"sanduq/1\0");
        info.extend(label.as_bytes());
        info.push(0);
        for field in fields {
            info.extend(u32::try_from(field.len()).expect("fields are short").to_be_bytes());
            info.extend(*field);
        }
        self.0.expand(&info, out).expect("all outputs are shorter than 255 blocks");
    }

    pub(crate) fn bytes<const N: usize>(&self, label: &str, fields: &[&[u8]]) -> [u8; N] {
        let mut out = [0; N];
        self.fill(label, fields, &mut out);
        out
    }

    pub(crate) fn secret(&self, label: &str, fields: &[&[u8]]) -> Secret {
        Secret::fill(|out| self.fill(label, fields, out))
    }

    pub(crate) fn key(&self, label: &str, fields: &[&[u8]]) -> ObjectKey {
        let secret = self.secret(label, fields);
        ObjectKey::new(*secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when the extraction, the version, or how fields are told apart changes (seen with empty
    /// fields left out).
    #[test]
    fn known_answers() {
        crate::vectors::check(include_str!("../../tests/vectors/sanduq/derivation.json"), |vector| {
            let (fields, expected) = (vector.list("fields"), vector.bytes("output"));
            let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
            let mut output = vec![0; expected.len()];
            Deriver::new(&vector.array("secret")).fill(vector.text("label"), &fields, &mut output);
            assert_eq!(output, expected);
            Ok(())
        });
    }

    #[test]
    fn fields_cannot_be_moved_into_one_another() {
        let deriver = Deriver::new(&[1; 32]);
        let one: [u8; 32] = deriver.bytes("x", &[b"ab", b"c"]);
        let other: [u8; 32] = deriver.bytes("x", &[b"a", b"bc"]);
        let joined: [u8; 32] = deriver.bytes("x", &[b"abc"]);
        assert!(one != other && one != joined && other != joined);
    }
}
