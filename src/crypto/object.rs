//! Sealed objects: one codec for everything in the store. docs/format.md sections 3 and 4.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::OpenError;
use super::kdf::Deriver;
use super::padme::{plaintext_capacity, sealed_size};
use super::random::random;
use super::stream::{CHUNK_BYTES, StreamCipher, TAG_BYTES};
use crate::format::ObjectKey;

const SALT_BYTES: usize = 24;
const COMMITMENT_BYTES: usize = 32;
const LENGTH_BYTES: u64 = 8;
/// Salt and commitment before the first chunk.
pub const OBJECT_HEADER_BYTES: usize = SALT_BYTES + COMMITMENT_BYTES;
/// Largest content of an exhibit segment: the object is exactly 512 MiB.
pub const SEGMENT_BYTES: u64 = 536_739_808;

/// The type number under an object's seal. docs/format.md section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ObjectType {
    /// Holds the vault secret.
    Genesis = 1,
    /// One commit.
    Entry = 2,
    /// The operations of a large commit.
    Operations = 3,
    /// Rows of the state.
    Run = 4,
    /// A state of a part.
    Revision = 5,
    /// A piece of an attached file.
    Segment = 6,
    /// A grant on its way.
    Message = 7,
    /// The contacts, beside the identity file.
    AddressBook = 16,
    /// What was seen of a vault, beside the identity file.
    Memory = 17,
    /// Which vault stood where, beside the identity file.
    Places = 18,
}

/// `N(k) = K(k; "object name")`: the 32 bytes under which an object is stored.
pub fn object_name(key: &ObjectKey) -> [u8; 32] {
    Deriver::new(key.expose()).bytes("object name", &[])
}

fn stream(key: &ObjectKey, kind: ObjectType, salt: &[u8]) -> (StreamCipher, [u8; COMMITMENT_BYTES]) {
    let mut both = Zeroizing::new([0; 64]);
    Deriver::new(key.expose()).fill("object seal", &[&[kind as u8], salt], &mut both[..]);
    let (stream_key, commitment) = both.split_first_chunk::<32>().expect("64 bytes");
    (StreamCipher::new(stream_key), commitment.try_into().expect("the other 32 bytes"))
}

/// Seals an object piece by piece, in order, in bounded memory.
pub struct ObjectSealer {
    cipher: StreamCipher,
    header: [u8; OBJECT_HEADER_BYTES],
    total: u64,
    plaintext: u64,
    content: u64,
    taken: u64,
    index: u64,
    chunk: Zeroizing<Vec<u8>>,
}

impl ObjectSealer {
    /// Begins an object of `content` bytes under a fresh salt.
    pub fn new(key: &ObjectKey, kind: ObjectType, content: u64) -> Self {
        let salt: [u8; SALT_BYTES] = random();
        let (cipher, commitment) = stream(key, kind, &salt);
        let mut header = [0; OBJECT_HEADER_BYTES];
        header[..SALT_BYTES].copy_from_slice(&salt);
        header[SALT_BYTES..].copy_from_slice(&commitment);
        let total = sealed_size(content);
        let plaintext = plaintext_capacity(total).expect("sealed_size gives a permitted size");
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + TAG_BYTES));
        Self { cipher, header, total, plaintext, content, taken: 0, index: 0, chunk }
    }

    /// Size of the whole sealed object.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bytes before the first chunk.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Takes the next bytes of content and hands every sealed chunk to `sink`.
    pub fn write<E>(
        &mut self,
        content: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.taken += content.len() as u64;
        debug_assert!(self.taken <= self.content, "no more content than announced");
        self.push(content, sink)
    }

    /// Whether exactly the announced content was taken.
    pub fn is_complete(&self) -> bool {
        self.taken == self.content
    }

    /// Seals padding and length. **MUST** be called, and only when [`Self::is_complete`].
    pub fn finish<E>(mut self, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        debug_assert!(self.is_complete(), "all announced content was taken");
        const ZEROS: [u8; 4096] = [0; 4096];
        let mut padding = self.plaintext - LENGTH_BYTES - self.content;
        while padding > 0 {
            let step = padding.min(ZEROS.len() as u64);
            self.push(&ZEROS[..usize::try_from(step).expect("at most 4096")], sink)?;
            padding -= step;
        }
        self.push(&self.content.to_be_bytes(), sink)?;
        self.seal(true, sink)
    }

    /// Fills the chunk; seals it only when a byte beyond it shows that it is not the last.
    fn push<E>(&mut self, mut bytes: &[u8], sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        while !bytes.is_empty() {
            if self.chunk.len() == CHUNK_BYTES {
                self.seal(false, sink)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn seal<E>(&mut self, last: bool, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        self.cipher.seal_chunk(self.index, last, &mut self.chunk);
        self.index += 1;
        let done = sink(&self.chunk);
        self.chunk.clear();
        done
    }
}

/// Seals a whole object in memory.
pub fn seal_object(key: &ObjectKey, kind: ObjectType, content: &[u8]) -> Vec<u8> {
    let mut sealer = ObjectSealer::new(key, kind, content.len() as u64);
    let mut object = Vec::with_capacity(usize::try_from(sealer.total()).unwrap_or(0));
    object.extend_from_slice(sealer.header());
    let mut sink = |chunk: &[u8]| {
        object.extend_from_slice(chunk);
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = sealer.write(content, &mut sink);
    let Ok(()) = sealer.finish(&mut sink);
    object
}

/// Opens a whole object in memory and checks its padding.
pub fn open_object(
    key: &ObjectKey,
    kind: ObjectType,
    object: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (header, payload) = object.split_at_checked(OBJECT_HEADER_BYTES).ok_or(OpenError::Corrupt)?;
    let opener = ObjectOpener::new(key, kind, header, object.len() as u64)?;
    let mut content = Zeroizing::new(payload.to_vec());
    let mut end = 0;
    for index in 0..opener.chunks() {
        let start = usize::try_from(index).map_err(|_| OpenError::Corrupt)? * (CHUNK_BYTES + TAG_BYTES);
        let stop = content.len().min(start + CHUNK_BYTES + TAG_BYTES);
        let opened = opener.open_in_place(index, &mut content[start..stop])?;
        content.copy_within(start..start + opened, end);
        end += opened;
    }
    content.truncate(end);
    let length = usize::try_from(opener.content_length(&content)?).map_err(|_| OpenError::Corrupt)?;
    if content[length..end - 8].iter().any(|byte| *byte != 0) {
        return Err(OpenError::Corrupt);
    }
    content[end - 8..].zeroize();
    content.truncate(length);
    Ok(content)
}

/// Opens an object chunk by chunk, in any order.
pub struct ObjectOpener {
    cipher: StreamCipher,
    total: u64,
    plaintext: u64,
}

impl ObjectOpener {
    /// Checks size and commitment; `header` is the first [`OBJECT_HEADER_BYTES`] of an object of `total` bytes.
    pub fn new(key: &ObjectKey, kind: ObjectType, header: &[u8], total: u64) -> Result<Self, OpenError> {
        let plaintext = plaintext_capacity(total).ok_or(OpenError::Corrupt)?;
        let (salt, commitment) = header.split_at_checked(SALT_BYTES).ok_or(OpenError::Corrupt)?;
        let (cipher, expected) = stream(key, kind, salt);
        if !bool::from(expected.ct_eq(commitment)) {
            return Err(OpenError::Corrupt);
        }
        Ok(Self { cipher, total, plaintext })
    }

    /// How many chunks there are, at least one.
    pub fn chunks(&self) -> u64 {
        self.plaintext.div_ceil(CHUNK_BYTES as u64)
    }

    /// Offset and length of a sealed chunk in the object.
    pub fn range(&self, index: u64) -> (u64, usize) {
        let full = (CHUNK_BYTES + TAG_BYTES) as u64;
        let start = OBJECT_HEADER_BYTES as u64 + index * full;
        (start, usize::try_from(full.min(self.total.saturating_sub(start))).expect("at most one chunk"))
    }

    /// Opens a sealed chunk where it is and returns the length of its plaintext.
    pub fn open_in_place(&self, index: u64, sealed: &mut [u8]) -> Result<usize, OpenError> {
        self.cipher.open_chunk_in_place(index, index + 1 == self.chunks(), sealed)
    }

    /// The content's length, from plaintext that ends with the object's last byte.
    pub fn content_length(&self, tail: &[u8]) -> Result<u64, OpenError> {
        let length =
            tail.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)).ok_or(OpenError::Corrupt)?;
        if length <= self.plaintext - LENGTH_BYTES { Ok(length) } else { Err(OpenError::Corrupt) }
    }

    /// All plaintext there is: content, zeros and length.
    pub fn plaintext(&self) -> u64 {
        self.plaintext
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::random_key;
    use super::*;

    #[test]
    fn opens_what_it_sealed_at_every_edge_of_its_sizes() {
        let key = random_key();
        for length in [0, 1, 943, 944, 945, 1_000, 65_392, 65_393, 65_528, 65_529, 131_000, 200_000, 1 << 20]
        {
            let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let object = seal_object(&key, ObjectType::Revision, &content);
            assert_eq!(object.len() as u64, sealed_size(length as u64));
            assert_eq!(*open_object(&key, ObjectType::Revision, &object).unwrap(), content, "{length}");
        }
    }

    #[test]
    fn a_small_object_with_any_bit_flipped_does_not_open() {
        let key = random_key();
        let object = seal_object(&key, ObjectType::Entry, "куәлік".as_bytes());
        for bit in 0..object.len() * 8 {
            let mut flipped = object.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open_object(&key, ObjectType::Entry, &flipped).is_err(), "bit {bit}");
        }
        for cut in 0..object.len() {
            assert!(open_object(&key, ObjectType::Entry, &object[..cut]).is_err(), "cut {cut}");
        }
    }

    #[test]
    fn does_not_open_as_another_type_or_with_another_key() {
        let key = random_key();
        let object = seal_object(&key, ObjectType::Entry, b"x");
        assert!(open_object(&key, ObjectType::Run, &object).is_err());
        assert!(open_object(&random_key(), ObjectType::Entry, &object).is_err());
    }

    #[test]
    fn padding_that_is_not_zero_is_refused() {
        let key = random_key();
        let mut sealer = ObjectSealer::new(&key, ObjectType::Entry, 1);
        let mut object = sealer.header().to_vec();
        sealer.chunk.push(b'x');
        sealer.chunk.resize(usize::try_from(sealer.plaintext).unwrap() - 8, 1);
        sealer.chunk.extend(1u64.to_be_bytes());
        let sealed: Result<(), std::convert::Infallible> = sealer.seal(true, &mut |chunk| {
            object.extend_from_slice(chunk);
            Ok(())
        });
        assert!(sealed.is_ok());
        assert!(open_object(&key, ObjectType::Entry, &object).is_err());
    }

    #[test]
    fn a_full_segment_is_exactly_512_mib() {
        assert_eq!(sealed_size(SEGMENT_BYTES), 512 << 20);
        assert!(sealed_size(SEGMENT_BYTES + 1) > 512 << 20);
    }
}
