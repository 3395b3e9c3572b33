//! The `mlkem768x25519` recipient type of age, which the `age` crate lacks.
//!
//! Source: <https://c2sp.org/age>, "The MLKEM768-X25519 hybrid post-quantum recipient type".

use std::collections::HashSet;
use std::io;

use age::secrecy::ExposeSecret;
use age::{DecryptError, EncryptError};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::hpke::{self, OpenFailure};
use super::xwing::{ENCAPSULATED_BYTES, PUBLIC_BYTES, SEED_BYTES, SecretKey};
use crate::crypto::stream::TAG_BYTES;

const STANZA_TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// Keeps recipients that are not quantum-resistant out of the same file.
const LABEL: &str = "postquantum";

/// Wraps file keys for one hybrid recipient.
pub(super) struct HybridRecipient<'a>(pub(super) &'a [u8; PUBLIC_BYTES]);

impl age::Recipient for HybridRecipient<'_> {
    fn wrap_file_key(&self, file_key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (encapsulated, body) = hpke::seal(self.0, INFO, file_key.expose_secret())
            .ok_or_else(|| EncryptError::Io(io::ErrorKind::InvalidInput.into()))?;
        let args = vec![BASE64_STANDARD_NO_PAD.encode(*encapsulated)];
        let stanza = Stanza { tag: STANZA_TAG.to_owned(), args, body };
        Ok((vec![stanza], HashSet::from([LABEL.to_owned()])))
    }
}

/// Unwraps file keys with one hybrid secret key.
pub(super) struct HybridIdentity {
    seed: Zeroizing<[u8; SEED_BYTES]>,
    secret: SecretKey,
}

impl HybridIdentity {
    /// Expands a seed.
    pub(super) fn from_seed(seed: &[u8; SEED_BYTES]) -> Self {
        Self { seed: Zeroizing::new(*seed), secret: SecretKey::from_seed(seed) }
    }

    /// The seed, which is what the text form holds.
    pub(super) fn seed(&self) -> &[u8; SEED_BYTES] {
        &self.seed
    }

    /// The public key.
    pub(super) fn public(&self) -> &[u8; PUBLIC_BYTES] {
        self.secret.public()
    }

    /// `Ok(None)` if the stanza is for another key.
    fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, DecryptError> {
        let [encapsulated] = &stanza.args[..] else { return Err(DecryptError::InvalidHeader) };
        let encapsulated: Box<[u8; ENCAPSULATED_BYTES]> = BASE64_STANDARD_NO_PAD
            .decode(encapsulated)
            .ok()
            .and_then(|bytes| bytes.into_boxed_slice().try_into().ok())
            .ok_or(DecryptError::InvalidHeader)?;
        // Checked before opening: a longer body could be made to open under several keys.
        if stanza.body.len() != FILE_KEY_BYTES + TAG_BYTES {
            return Err(DecryptError::InvalidHeader);
        }
        match hpke::open(&self.secret, &encapsulated, INFO, &stanza.body) {
            Ok(opened) => Ok(Some(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&opened)))),
            Err(OpenFailure::Invalid) => Err(DecryptError::InvalidHeader),
            Err(OpenFailure::Mismatch) => Ok(None),
        }
    }
}

impl age::Identity for HybridIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        (stanza.tag == STANZA_TAG).then(|| self.unwrap(stanza).transpose()).flatten()
    }
}
