//! The operating system's randomness; never injectable.

use rand_core::{OsRng, RngCore};

use super::Secret;
use crate::format::ObjectKey;

/// Random bytes that need not stay secret: salts, ids.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// A fresh random object key.
pub fn random_key() -> ObjectKey {
    let secret = random_secret();
    ObjectKey::new(*secret.expose())
}

/// A fresh random secret.
pub(crate) fn random_secret() -> Secret {
    Secret::fill(|bytes| OsRng.fill_bytes(bytes))
}
