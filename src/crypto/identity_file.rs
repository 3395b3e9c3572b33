//! The passphrase-protected identity file. docs/format.md section 5, "Identity file".

use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::aead::{Aead, NONCE_BYTES, TAG_BYTES};
use super::kdf::Deriver;
use super::random::random;
use super::{Identity, Passphrase, Secret};
use crate::format::{
    IdentityContent, IdentityHeader, KdfCost, Malformed, ObjectKey, SEALED_IDENTITY_BYTES, decode, encode,
};

/// The key is fresh for every file, so that one nonce serves.
const NONCE: [u8; NONCE_BYTES] = [0; NONCE_BYTES];

/// An identity file could not be opened or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityFileError {
    /// The bytes are no identity file.
    #[error("this is not an identity file")]
    Malformed(#[source] Malformed),
    /// It was made by a later version.
    #[error("written by a newer sanduq")]
    Newer,
    /// The memory that the passphrase's cost asks for is not there.
    #[error("{0} KiB of memory are needed to check the passphrase and are not there")]
    OutOfMemory(u32),
    /// The passphrase is wrong, or the file was changed.
    #[error("the passphrase is wrong, or the identity file is damaged")]
    WrongPassphrase,
}

/// Seals an identity under a passphrase.
pub fn seal_identity(
    identity: &Identity,
    passphrase: &Passphrase,
    cost: KdfCost,
) -> Result<Vec<u8>, IdentityFileError> {
    let header = IdentityHeader { cost, salt: random() };
    let (cipher, commitment) = stretch(&header, passphrase)?;
    let mut content =
        encode(&IdentityContent { root: ObjectKey::new(*identity.root().expose()), predecessor: None });
    let mut sealed = Zeroizing::new(Vec::with_capacity(SEALED_IDENTITY_BYTES));
    sealed.extend(u16::try_from(content.len()).expect("the content is short").to_be_bytes());
    sealed.extend_from_slice(&content);
    content.zeroize();
    sealed.resize(SEALED_IDENTITY_BYTES - TAG_BYTES, 0);
    let header = header.encode();
    let tag = cipher.seal(NONCE, &header, &mut sealed);
    Ok([&header[..], &commitment, &sealed, &tag].concat())
}

/// Opens an identity file.
pub fn open_identity(file: &[u8], passphrase: &Passphrase) -> Result<Identity, IdentityFileError> {
    let (header, commitment, sealed) = IdentityHeader::split(file).map_err(|error| match error {
        Malformed::Newer => IdentityFileError::Newer,
        error => IdentityFileError::Malformed(error),
    })?;
    let (cipher, expected) = stretch(&header, passphrase)?;
    if !bool::from(expected.ct_eq(commitment)) {
        return Err(IdentityFileError::WrongPassphrase);
    }
    let (sealed, tag) = sealed.split_at(SEALED_IDENTITY_BYTES - TAG_BYTES);
    let mut content = Zeroizing::new(sealed.to_vec());
    cipher
        .open(NONCE, &header.encode(), &mut content, tag)
        .map_err(|_| IdentityFileError::WrongPassphrase)?;
    let not_a = Malformed::NotA("identity");
    let read = || {
        let (length, rest) = content.split_first_chunk().ok_or(not_a)?;
        let (content, zeros) =
            rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(not_a)?;
        if zeros.iter().any(|byte| *byte != 0) {
            return Err(not_a);
        }
        decode::<IdentityContent>(content)
    };
    match read() {
        Ok(content) => Ok(Identity::from_root(Secret::copy_of(content.root.expose()))),
        Err(Malformed::Newer) => Err(IdentityFileError::Newer),
        Err(error) => Err(IdentityFileError::Malformed(error)),
    }
}

/// The cost with which an identity file was made.
pub fn identity_cost(file: &[u8]) -> Result<KdfCost, IdentityFileError> {
    IdentityHeader::split(file).map(|(header, ..)| header.cost).map_err(|error| match error {
        Malformed::Newer => IdentityFileError::Newer,
        error => IdentityFileError::Malformed(error),
    })
}

/// `key ‖ commitment = K(Argon2id(passphrase); "identity file"; header; 64)`.
fn stretch(header: &IdentityHeader, passphrase: &Passphrase) -> Result<(Aead, [u8; 32]), IdentityFileError> {
    let KdfCost { memory_kib, passes, lanes } = header.cost;
    let params = Params::new(memory_kib, passes, lanes, Some(32))
        .map_err(|_| IdentityFileError::Malformed(Malformed::Field("cost")))?;
    let mut memory = Memory::take(params.block_count()).ok_or(IdentityFileError::OutOfMemory(memory_kib))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hashed = Ok(());
    let raw = Secret::fill(|out| {
        hashed = argon2.hash_password_into_with_memory(passphrase.expose(), &header.salt, out, &mut memory.0);
    });
    hashed.map_err(|_| IdentityFileError::Malformed(Malformed::Field("cost")))?;
    let mut both = Zeroizing::new([0; 64]);
    Deriver::new(raw.expose()).fill("identity file", &[&header.encode()], &mut both[..]);
    let (key, commitment) = both.split_first_chunk().expect("64 bytes");
    Ok((Aead::new(key), commitment.try_into().expect("32 bytes")))
}

/// Argon2's memory: ours, so that it is wiped.
struct Memory(Vec<Block>);

impl Memory {
    fn take(blocks: usize) -> Option<Self> {
        let mut memory = Vec::new();
        memory.try_reserve_exact(blocks).ok()?;
        memory.resize(blocks, Block::default());
        Some(Self(memory))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: KdfCost = KdfCost { memory_kib: 64, passes: 1, lanes: 2 };

    fn words(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned())
    }

    #[test]
    fn opens_with_its_passphrase_only() {
        let identity = Identity::generate();
        let file = seal_identity(&identity, &words("бір екі үш төрт"), CHEAP).unwrap();
        let opened = open_identity(&file, &words(" бір  екі үш төрт ")).unwrap();
        assert_eq!(opened.card().hash(), identity.card().hash());
        assert_eq!(
            open_identity(&file, &words("бір екі үш")).err(),
            Some(IdentityFileError::WrongPassphrase)
        );
    }

    #[test]
    fn no_flipped_bit_and_no_cut_opens() {
        let file = seal_identity(&Identity::generate(), &words("x"), CHEAP).unwrap();
        for bit in (0..file.len() * 8).filter(|bit| !(18..30).contains(&(bit / 8))) {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open_identity(&flipped, &words("x")).is_err(), "bit {bit}");
        }
        for cut in 0..file.len() {
            assert!(open_identity(&file[..cut], &words("x")).is_err(), "cut {cut}");
        }
    }

    /// RFC 9106 section 5.3 needs secret and associated data, which we do not use; this one is of the reference
    /// implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32`.
    #[test]
    fn argon2id_gives_the_reference_result() {
        let params = Params::new(65_536, 2, 1, Some(32)).unwrap();
        let mut memory = Memory::take(params.block_count()).unwrap();
        let mut out = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(b"password", b"somesalt", &mut out, &mut memory.0)
            .unwrap();
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }
}
