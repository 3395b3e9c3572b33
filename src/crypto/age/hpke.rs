//! HPKE `SealBase` and `OpenBase` for one message, on MLKEM768-X25519, HKDF-SHA256 and ChaCha20Poly1305.
//!
//! Source: RFC 9180, sections 5.1 and 6.1; KEM number from draft-ietf-hpke-pq.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::super::aead::{Aead, NONCE_BYTES, TAG_BYTES};
use super::xwing::{self, ENCAPSULATED_BYTES, PUBLIC_BYTES, SecretKey, SharedKey};

/// `"HPKE" ‖ KEM 0x647a ‖ KDF 0x0001 ‖ AEAD 0x0003`.
const SUITE: &[u8; 10] = b"HPKE\x64\x7a\x00\x01\x00\x03";
const VERSION: &[u8] = b"HPKE-v1";
const MODE_BASE: u8 = 0;

/// Why a message was not opened.
pub(super) enum OpenFailure {
    /// The encapsulated key is one that is never accepted.
    Invalid,
    /// Sealed for another key, or changed.
    Mismatch,
}

/// Seals one message: the encapsulated key and the ciphertext. `None` if the recipient's key is unusable.
pub(super) fn seal(
    recipient: &[u8; PUBLIC_BYTES],
    info: &[u8],
    plaintext: &[u8],
) -> Option<(Box<[u8; ENCAPSULATED_BYTES]>, Vec<u8>)> {
    let (encapsulated, shared) = xwing::encapsulate(recipient)?;
    let (cipher, nonce) = schedule(&shared, info);
    let mut sealed = Vec::with_capacity(plaintext.len() + TAG_BYTES);
    sealed.extend_from_slice(plaintext);
    let tag = cipher.seal(nonce, b"", &mut sealed);
    sealed.extend(tag);
    Some((encapsulated, sealed))
}

/// Opens one message.
pub(super) fn open(
    secret: &SecretKey,
    encapsulated: &[u8; ENCAPSULATED_BYTES],
    info: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenFailure> {
    let shared = secret.decapsulate(encapsulated).ok_or(OpenFailure::Invalid)?;
    let (cipher, nonce) = schedule(&shared, info);
    let (sealed, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(OpenFailure::Mismatch)?;
    let mut opened = Zeroizing::new(sealed.to_vec());
    cipher.open(nonce, b"", &mut opened, tag).map_err(|_| OpenFailure::Mismatch)?;
    Ok(opened)
}

/// `KeySchedule(mode_base, shared, info, "", "")` and the nonce of message 0.
fn schedule(shared: &SharedKey, info: &[u8]) -> (Aead, [u8; NONCE_BYTES]) {
    let (psk_id_hash, _) = extract(b"", b"psk_id_hash", b"");
    let (info_hash, _) = extract(b"", b"info_hash", info);
    let context = [&[MODE_BASE][..], &psk_id_hash, &info_hash].concat();
    let (_, secret) = extract(&**shared, b"secret", b"");

    let mut key = Zeroizing::new([0; 32]);
    expand(&secret, b"key", &context, &mut *key);
    let mut nonce = [0; NONCE_BYTES];
    expand(&secret, b"base_nonce", &context, &mut nonce);
    (Aead::new(&key), nonce)
}

/// `LabeledExtract(salt, label, ikm)`, as bytes and ready to expand.
fn extract(salt: &[u8], label: &[u8], ikm: &[u8]) -> ([u8; 32], Hkdf<Sha256>) {
    let labeled = Zeroizing::new([VERSION, SUITE, label, ikm].concat());
    let (bytes, hkdf) = Hkdf::<Sha256>::extract(Some(salt), &labeled);
    (bytes.into(), hkdf)
}

/// `LabeledExpand(prk, label, info, out.len())`.
fn expand(prk: &Hkdf<Sha256>, label: &[u8], info: &[u8], out: &mut [u8]) {
    let length = u16::try_from(out.len()).expect("keys and nonces are short").to_be_bytes();
    prk.expand_multi_info(&[&length, VERSION, SUITE, label, info], out).expect("keys and nonces are short");
}
