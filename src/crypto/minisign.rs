//! Signatures that the stock `minisign` verifies, and a strict reader of them. `docs/format.md`, bundles.
//!
//! Only the prehashed form (`ED`, Ed25519 over BLAKE2b-512) is written and read. Knows nothing of what the
//! trusted comment means, only that it is one line of printable ASCII. Every byte of a signature file is fixed
//! or signed: the untrusted comment, which no signature covers, must be the one stock `minisign` writes.

use std::fmt;
use std::io;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use blake2::{Blake2b512, Digest as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::sign::is_canonical;

/// Largest signature file read, in bytes; ours are about 400.
pub const MAX_SIGNATURE_BYTES: usize = 2048;
/// Largest trusted comment, in bytes.
pub const MAX_TRUSTED_COMMENT_BYTES: usize = 1024;

/// First line of every signature: what stock `minisign` writes by itself.
const UNTRUSTED_LINE: &str = "untrusted comment: signature from minisign secret key";
const TRUSTED_PREFIX: &str = "trusted comment: ";
const KEY_ID_LABEL: &[u8] = b"sanduq/1 minisign key id\0";
/// Marks a public key, and a signature over the content itself (which is not accepted).
const ALGORITHM_PLAIN: [u8; 2] = *b"Ed";
/// Marks a signature over the BLAKE2b-512 of the content.
const ALGORITHM_PREHASHED: [u8; 2] = *b"ED";

/// A minisign key or signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MinisignError {
    /// The trusted comment is empty, too long, or holds anything but printable ASCII on one line.
    #[error("the trusted comment is not one line of printable text")]
    BadComment,
    /// The text is not a minisign public key, or its key is one no honest signer has.
    #[error("not a minisign public key")]
    BadPublicKey,
    /// The content or the trusted comment is not what was signed.
    #[error("the minisign signature does not match")]
    BadSignature,
    /// The text is not laid out exactly as a minisign signature.
    #[error("not a minisign signature")]
    Malformed,
    /// The signature is over the content itself, not over its BLAKE2b-512.
    #[error("the minisign signature is of the old kind, without a prehash")]
    NotPrehashed,
    /// The signature names another key than the one it is checked against.
    #[error("the minisign signature was made with another key")]
    OtherKey,
}

/// The running BLAKE2b-512 of a content that is streamed through [`io::Write`].
#[derive(Default)]
pub struct MinisignHasher(Blake2b512);

/// The finished hash of a content, ready to be signed or checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MinisignPrehash([u8; 64]);

impl MinisignHasher {
    /// Starts hashing a content.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the content.
    pub fn finish(self) -> MinisignPrehash {
        MinisignPrehash(self.0.finalize().into())
    }
}

impl io::Write for MinisignHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A key that signs for stock `minisign`; wiped when dropped.
pub struct MinisignKey(SigningKey);

impl MinisignKey {
    /// Takes the 32-byte Ed25519 seed, which **MUST** sign nothing else: minisign separates no domains.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Returns the public half; its key id is the first 8 bytes of
    /// `SHA-256("sanduq/1 minisign key id\0" ‖ public key)`.
    pub fn public(&self) -> MinisignPublicKey {
        MinisignPublicKey::of(self.0.verifying_key())
    }

    /// Signs a hashed content, and after it the trusted comment; returns the text of the `.minisig` file.
    ///
    /// `s = Ed25519(BLAKE2b-512(content)), g = Ed25519(s ‖ trusted comment)`.
    pub fn sign(&self, content: &MinisignPrehash, trusted_comment: &str) -> Result<String, MinisignError> {
        check_comment(trusted_comment)?;
        let signature = self.0.sign(&content.0).to_bytes();
        let global = self.0.sign(&global_message(&signature, trusted_comment)).to_bytes();
        let mut line = Vec::with_capacity(74);
        line.extend_from_slice(&ALGORITHM_PREHASHED);
        line.extend_from_slice(&self.public().id);
        line.extend_from_slice(&signature);
        let (line, global) = (BASE64.encode(line), BASE64.encode(global));
        Ok(format!("{UNTRUSTED_LINE}\n{line}\n{TRUSTED_PREFIX}{trusted_comment}\n{global}\n"))
    }
}

/// The public half of a minisign key; its text form is the `RW…` that `minisign -P` takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MinisignPublicKey {
    id: [u8; 8],
    key: VerifyingKey,
}

impl MinisignPublicKey {
    /// Takes the 32-byte Ed25519 public key of a card.
    pub fn from_bytes(key: &[u8; 32]) -> Result<Self, MinisignError> {
        let parsed = VerifyingKey::from_bytes(key).map_err(|_| MinisignError::BadPublicKey)?;
        let usable = is_canonical(key) && !parsed.is_weak();
        if usable { Ok(Self::of(parsed)) } else { Err(MinisignError::BadPublicKey) }
    }

    fn of(key: VerifyingKey) -> Self {
        let digest: [u8; 32] =
            Sha256::new().chain_update(KEY_ID_LABEL).chain_update(key.as_bytes()).finalize().into();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        Self { id, key }
    }

    /// Returns the 8 bytes by which signatures name the key.
    pub fn id(&self) -> [u8; 8] {
        self.id
    }

    /// Returns the 32-byte Ed25519 public key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }
}

impl fmt::Display for MinisignPublicKey {
    /// Writes `base64("Ed" ‖ key id ‖ public key)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 42];
        bytes[..2].copy_from_slice(&ALGORITHM_PLAIN);
        bytes[2..10].copy_from_slice(&self.id);
        bytes[10..].copy_from_slice(self.as_bytes());
        f.write_str(&BASE64.encode(bytes))
    }
}

impl FromStr for MinisignPublicKey {
    type Err = MinisignError;

    fn from_str(text: &str) -> Result<Self, MinisignError> {
        let bytes: [u8; 42] = decode(text).ok_or(MinisignError::BadPublicKey)?;
        let (algorithm, id, key) = split::<32, 42>(&bytes);
        if algorithm != ALGORITHM_PLAIN {
            return Err(MinisignError::BadPublicKey);
        }
        Ok(Self { id, ..Self::from_bytes(&key)? })
    }
}

/// A signature as read from a file, **not yet verified**: only the key it names can be asked for.
#[derive(Debug)]
pub struct MinisignSignature {
    key_id: [u8; 8],
    signature: [u8; 64],
    trusted_comment: String,
    global: [u8; 64],
}

impl MinisignSignature {
    /// Reads the text of a `.minisig` file: four lines, each ended by a line feed, base64 in its one canonical form.
    pub fn parse(text: &[u8]) -> Result<Self, MinisignError> {
        if text.len() > MAX_SIGNATURE_BYTES {
            return Err(MinisignError::Malformed);
        }
        let text = std::str::from_utf8(text).map_err(|_| MinisignError::Malformed)?;
        let lines: Vec<&str> = text.split('\n').collect();
        let &[UNTRUSTED_LINE, signature, comment, global, ""] = lines.as_slice() else {
            return Err(MinisignError::Malformed);
        };
        let signature: [u8; 74] = decode(signature).ok_or(MinisignError::Malformed)?;
        let (algorithm, key_id, signature) = split::<64, 74>(&signature);
        match algorithm {
            ALGORITHM_PREHASHED => {}
            ALGORITHM_PLAIN => return Err(MinisignError::NotPrehashed),
            _ => return Err(MinisignError::Malformed),
        }
        let comment = comment.strip_prefix(TRUSTED_PREFIX).ok_or(MinisignError::Malformed)?;
        check_comment(comment)?;
        let global = decode(global).ok_or(MinisignError::Malformed)?;
        Ok(Self { key_id, signature, trusted_comment: comment.to_owned(), global })
    }

    /// Returns the id of the key the signature says it was made with.
    pub fn key_id(&self) -> [u8; 8] {
        self.key_id
    }

    /// Checks both signatures and returns the trusted comment, which has no other way out.
    pub fn verify(&self, key: &MinisignPublicKey, content: &MinisignPrehash) -> Result<&str, MinisignError> {
        if self.key_id != key.id {
            return Err(MinisignError::OtherKey);
        }
        let global = global_message(&self.signature, &self.trusted_comment);
        key.key
            .verify_strict(&content.0, &Signature::from_bytes(&self.signature))
            .and_then(|()| key.key.verify_strict(&global, &Signature::from_bytes(&self.global)))
            .map_err(|_| MinisignError::BadSignature)?;
        Ok(&self.trusted_comment)
    }
}

fn check_comment(comment: &str) -> Result<(), MinisignError> {
    let printable = comment.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let fits = (1..=MAX_TRUSTED_COMMENT_BYTES).contains(&comment.len());
    if printable && fits { Ok(()) } else { Err(MinisignError::BadComment) }
}

/// `signature ‖ trusted comment`, what the global signature covers.
fn global_message(signature: &[u8; 64], comment: &str) -> Vec<u8> {
    [signature.as_slice(), comment.as_bytes()].concat()
}

/// Decodes base64 in its canonical form: padded, no unused bits set, exactly `N` bytes.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

/// Splits `algorithm[2] ‖ key id[8] ‖ rest[R]`.
fn split<const R: usize, const N: usize>(bytes: &[u8; N]) -> ([u8; 2], [u8; 8], [u8; R]) {
    let (mut algorithm, mut id, mut rest) = ([0; 2], [0; 8], [0; R]);
    algorithm.copy_from_slice(&bytes[..2]);
    id.copy_from_slice(&bytes[2..10]);
    rest.copy_from_slice(&bytes[10..]);
    (algorithm, id, rest)
}

#[cfg(test)]
mod tests {
    use super::{
        BASE64, MinisignError, MinisignHasher, MinisignKey, MinisignPrehash, MinisignPublicKey,
        MinisignSignature,
    };
    use base64::Engine as _;
    use std::io::Write as _;

    fn prehash(content: &str) -> MinisignPrehash {
        let mut hasher = MinisignHasher::new();
        hasher.write_all(content.as_bytes()).unwrap();
        hasher.finish()
    }

    fn verify(text: &str, key: &MinisignPublicKey, content: &str) -> Result<String, MinisignError> {
        MinisignSignature::parse(text.as_bytes())?.verify(key, &prehash(content)).map(str::to_owned)
    }

    #[test]
    fn a_cards_key_is_the_public_half_and_a_weak_one_is_refused() {
        let key = MinisignKey::from_seed(&[5; 32]).public();
        assert_eq!(MinisignPublicKey::from_bytes(key.as_bytes()), Ok(key));
        let mut identity_point = [0; 32];
        identity_point[0] = 1;
        assert_eq!(MinisignPublicKey::from_bytes(&identity_point), Err(MinisignError::BadPublicKey));
    }

    #[test]
    fn verifies_its_own_signature_and_returns_the_trusted_comment() {
        let key = MinisignKey::from_seed(&[7; 32]);
        let text = key.sign(&prehash("Показания Айгүл"), "bundle 01").unwrap();
        assert_eq!(verify(&text, &key.public(), "Показания Айгүл").unwrap(), "bundle 01");
        assert_eq!(verify(&text, &key.public(), "Показания Айгул"), Err(MinisignError::BadSignature));
        let other = MinisignKey::from_seed(&[8; 32]).public();
        assert_eq!(verify(&text, &other, "Показания Айгүл"), Err(MinisignError::OtherKey));
    }

    #[test]
    fn public_key_text_round_trips_and_has_one_form() {
        let key = MinisignKey::from_seed(&[7; 32]).public();
        let text = key.to_string();
        assert!(text.starts_with("RW") && text.len() == 56);
        assert_eq!(text.parse::<MinisignPublicKey>().unwrap(), key);
        for bad in [
            format!("{text}\n"),
            format!("{text}="),
            text[..55].to_owned(),
            text.replacen("RW", "RU", 1),
            String::new(),
        ] {
            assert_eq!(bad.parse::<MinisignPublicKey>(), Err(MinisignError::BadPublicKey), "{bad:?}");
        }
        let with_key = |key: [u8; 32]| {
            BASE64.encode([b"Ed12345678".as_slice(), &key].concat()).parse::<MinisignPublicKey>()
        };
        assert!(with_key(*key.as_bytes()).is_ok());
        let mut small_order = [0; 32];
        assert_eq!(with_key(small_order), Err(MinisignError::BadPublicKey));
        small_order[0] = 1;
        assert_eq!(with_key(small_order), Err(MinisignError::BadPublicKey));
    }

    #[test]
    fn refuses_comments_that_are_not_one_printable_ascii_line() {
        let key = MinisignKey::from_seed(&[7; 32]);
        for bad in ["", "a\nb", "a\rb", "tab\there", "证词", "\x1b[2J", "\x7f", &"x".repeat(1025)] {
            assert_eq!(key.sign(&prehash("x"), bad), Err(MinisignError::BadComment), "{bad:?}");
            let text = key.sign(&prehash("x"), "COMMENT").unwrap().replace("COMMENT", bad);
            assert!(verify(&text, &key.public(), "x").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn refuses_every_layout_but_the_one() {
        let key = MinisignKey::from_seed(&[7; 32]);
        let text = key.sign(&prehash("x"), "c").unwrap();
        let unpadded = text.replacen("=\n", "\n", 1);
        let bad = [
            format!("{text}\n"),
            format!("{text}x"),
            text.trim_end().to_owned(),
            text.replace('\n', "\r\n"),
            text.replacen("secret key", "another key", 1),
            text.replacen("trusted comment: c", "Trusted comment: c", 1),
            unpadded,
            String::new(),
            "\n\n\n\n".to_owned(),
            "x".repeat(3000),
        ];
        for text in bad {
            assert_eq!(verify(&text, &key.public(), "x"), Err(MinisignError::Malformed), "{text:?}");
        }
    }

    #[test]
    fn refuses_base64_with_unused_bits_set() {
        let key = MinisignKey::from_seed(&[7; 32]);
        let text = key.sign(&prehash("x"), "c").unwrap();
        let last = text.find("=\n").unwrap() - 1;
        let mut loose = text.into_bytes();
        loose[last] += 1;
        assert_eq!(MinisignSignature::parse(&loose).unwrap_err(), MinisignError::Malformed);
    }

    #[test]
    fn refuses_the_signature_without_prehash() {
        let key = MinisignKey::from_seed(&[7; 32]);
        let text = key.sign(&prehash("x"), "c").unwrap().replacen("\nRU", "\nRW", 1);
        assert_eq!(verify(&text, &key.public(), "x"), Err(MinisignError::NotPrehashed));
    }
}
