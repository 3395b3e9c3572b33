//! Sealed objects: one codec for everything in the store. docs/format.md sections 3 and 4.

use std::sync::Arc;

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
/// A full chunk and its tag.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
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
    /// The root seed, for whoever combines the shares.
    Recovery = 8,
    /// The contacts, beside the identity file.
    AddressBook = 16,
    /// What was seen of a vault, beside the identity file.
    Memory = 17,
    /// Which vault stood where, beside the identity file.
    Places = 18,
    /// A form that is being filled in, beside the identity file.
    Draft = 19,
    /// A search index, beside the identity file.
    Search = 20,
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

/// Where content, padding and length stand in the plaintext of an object.
#[derive(Clone, Copy)]
struct Layout {
    plaintext: u64,
    content: u64,
}

impl Layout {
    fn chunks(self) -> u64 {
        self.plaintext.div_ceil(CHUNK_BYTES as u64)
    }

    /// Plaintext bytes of a chunk, and how many of them are content.
    fn chunk(self, index: u64) -> (usize, usize) {
        let start = index.saturating_mul(CHUNK_BYTES as u64);
        let within = |end: u64| {
            usize::try_from(end.saturating_sub(start).min(CHUNK_BYTES as u64)).expect("at most one chunk")
        };
        (within(self.plaintext), within(self.content))
    }

    /// Cuts what follows the content into zeros and the piece of the length that is due; `rest` begins at `start`.
    fn split_end<T: AsRef<[u8]>>(self, start: u64, rest: &T) -> (usize, [u8; 8], usize) {
        let length_at = self.plaintext - LENGTH_BYTES;
        let zeros = length_at.saturating_sub(start).min(rest.as_ref().len() as u64);
        let skipped = start.saturating_sub(length_at).min(LENGTH_BYTES);
        let small = |n: u64| usize::try_from(n).expect("no longer than a buffer");
        (small(zeros), self.content.to_be_bytes(), small(skipped))
    }

    /// Writes what follows the content, from offset `start` of the plaintext on.
    fn write_end(self, start: u64, rest: &mut [u8]) {
        let (zeros, length, skipped) = self.split_end(start, &rest);
        let (zeros, tail) = rest.split_at_mut(zeros);
        zeros.fill(0);
        tail.copy_from_slice(&length[skipped..skipped + tail.len()]);
    }

    /// Whether `rest`, from offset `start` of the plaintext on, is what must follow the content.
    fn is_end(self, start: u64, rest: &[u8]) -> bool {
        let (zeros, length, skipped) = self.split_end(start, &rest);
        let (zeros, tail) = rest.split_at(zeros);
        zeros.iter().all(|byte| *byte == 0) && length.get(skipped..skipped + tail.len()) == Some(tail)
    }
}

/// Seals an object stretch by stretch, in bounded memory; several threads may seal different stretches at once.
pub struct ObjectSealer {
    cipher: Arc<StreamCipher>,
    header: [u8; OBJECT_HEADER_BYTES],
    total: u64,
    layout: Layout,
    next: u64,
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
        Self { cipher: Arc::new(cipher), header, total, layout: Layout { plaintext, content }, next: 0 }
    }

    /// Size of the whole sealed object.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bytes before the first chunk.
    pub fn header(&self) -> &[u8; OBJECT_HEADER_BYTES] {
        &self.header
    }

    /// The next `chunks` chunks, or as many as are left; none after the last.
    ///
    /// Each chunk is handed out once, and sealing takes the stretch: no chunk is sealed twice.
    pub fn next_stretch(&mut self, chunks: u64) -> Option<Stretch> {
        let first = self.next;
        let end = first.saturating_add(chunks).min(self.layout.chunks());
        self.next = end;
        let cipher = Arc::clone(&self.cipher);
        (first < end).then_some(Stretch { cipher, layout: self.layout, first, end })
    }
}

/// Consecutive chunks of one object that are still to be sealed.
pub struct Stretch {
    cipher: Arc<StreamCipher>,
    layout: Layout,
    first: u64,
    end: u64,
}

impl Stretch {
    /// Length of the stretch when it is sealed.
    pub fn sealed_bytes(&self) -> usize {
        (self.first..self.end).map(|index| self.layout.chunk(index).0 + TAG_BYTES).sum()
    }

    /// Whether the object ends with it.
    pub fn is_last(&self) -> bool {
        self.end == self.layout.chunks()
    }

    /// Where in `buffer` the content of this stretch goes, in order, with room for tags between.
    pub fn slots<'b>(&self, buffer: &'b mut [u8]) -> impl Iterator<Item = &'b mut [u8]> {
        let layout = self.layout;
        let chunks = (self.first..self.end).zip(buffer.chunks_mut(SEALED_CHUNK_BYTES));
        chunks.map(move |(index, chunk)| &mut chunk[..layout.chunk(index).1]).filter(|slot| !slot.is_empty())
    }

    /// Adds padding and length and seals every chunk where it is.
    ///
    /// # Panics
    /// If `buffer` is shorter than [`Self::sealed_bytes`].
    pub fn seal(self, buffer: &mut [u8]) {
        let buffer = &mut buffer[..self.sealed_bytes()];
        for (index, chunk) in (self.first..self.end).zip(buffer.chunks_mut(SEALED_CHUNK_BYTES)) {
            let (plain, content) = self.layout.chunk(index);
            let start = index * CHUNK_BYTES as u64 + content as u64;
            self.layout.write_end(start, &mut chunk[content..plain]);
            let last = index + 1 == self.layout.chunks();
            self.cipher.seal_chunk_in_place(index, last, chunk, plain);
        }
    }
}

/// Seals a whole object in memory.
pub fn seal_object(key: &ObjectKey, kind: ObjectType, content: &[u8]) -> Vec<u8> {
    let mut sealer = ObjectSealer::new(key, kind, content.len() as u64);
    let total =
        usize::try_from(sealer.total()).expect("at most an eighth more than content that is in memory");
    let mut object = vec![0; total.max(OBJECT_HEADER_BYTES)];
    let (header, payload) = object.split_at_mut(OBJECT_HEADER_BYTES);
    header.copy_from_slice(sealer.header());
    if let Some(stretch) = sealer.next_stretch(u64::MAX) {
        let mut rest = content;
        for slot in stretch.slots(payload) {
            let (now, later) = rest.split_at(slot.len());
            slot.copy_from_slice(now);
            rest = later;
        }
        stretch.seal(payload);
    }
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
        let start = usize::try_from(index).map_err(|_| OpenError::Corrupt)? * SEALED_CHUNK_BYTES;
        let stop = content.len().min(start + SEALED_CHUNK_BYTES);
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
        let full = SEALED_CHUNK_BYTES as u64;
        let start = OBJECT_HEADER_BYTES as u64 + index * full;
        (start, usize::try_from(full.min(self.total.saturating_sub(start))).expect("at most one chunk"))
    }

    /// Opens a sealed chunk where it is and returns the length of its plaintext.
    pub fn open_in_place(&self, index: u64, sealed: &mut [u8]) -> Result<usize, OpenError> {
        self.cipher.open_chunk_in_place(index, index + 1 == self.chunks(), sealed)
    }

    /// Opens consecutive sealed chunks where they are, the first of them number `first`, and checks what must
    /// follow `content` bytes of content.
    pub fn open_stretch(&self, first: u64, content: u64, sealed: &mut [u8]) -> Result<(), OpenError> {
        let layout = Layout { plaintext: self.plaintext, content };
        if content > self.plaintext - LENGTH_BYTES {
            return Err(OpenError::Corrupt);
        }
        for (index, chunk) in (first..).zip(sealed.chunks_mut(SEALED_CHUNK_BYTES)) {
            let opened = self.open_in_place(index, chunk)?;
            let (plain, content) = layout.chunk(index);
            let start = index * CHUNK_BYTES as u64 + content as u64;
            if opened != plain || !layout.is_end(start, &chunk[content..plain]) {
                return Err(OpenError::Corrupt);
            }
        }
        Ok(())
    }

    /// The content in a stretch that [`Self::open_stretch`] opened, in order.
    pub fn content_in<'b>(
        &self,
        first: u64,
        content: u64,
        opened: &'b [u8],
    ) -> impl Iterator<Item = &'b [u8]> {
        let layout = Layout { plaintext: self.plaintext, content };
        let chunks = (first..).zip(opened.chunks(SEALED_CHUNK_BYTES));
        chunks.map(move |(index, chunk)| &chunk[..layout.chunk(index).1]).filter(|piece| !piece.is_empty())
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
        let stretch = sealer.next_stretch(1).unwrap();
        let mut chunk = vec![1; stretch.sealed_bytes()];
        let plain = chunk.len() - TAG_BYTES;
        chunk[plain - 8..plain].copy_from_slice(&1u64.to_be_bytes());
        stretch.cipher.seal_chunk_in_place(0, true, &mut chunk, plain);
        let object = [&sealer.header()[..], &chunk].concat();
        assert!(open_object(&key, ObjectType::Entry, &object).is_err());
    }

    /// Fails when only the first length above what an object can hold is refused.
    #[test]
    fn a_stretch_is_opened_for_no_more_content_than_the_object_can_hold() {
        let key = random_key();
        let object = seal_object(&key, ObjectType::Segment, &[7; 100]);
        let (header, sealed) = object.split_at(OBJECT_HEADER_BYTES);
        let opener = ObjectOpener::new(&key, ObjectType::Segment, header, object.len() as u64).unwrap();
        let open = |content| opener.open_stretch(0, content, &mut sealed.to_vec()).is_ok();
        assert!(open(100));
        let most = opener.plaintext() - LENGTH_BYTES;
        for content in [99, 101, most, most + 1, most + 2, u64::MAX] {
            assert!(!open(content), "{content}");
        }
    }

    #[test]
    fn a_full_segment_is_exactly_512_mib() {
        assert_eq!(sealed_size(SEGMENT_BYTES), 512 << 20);
        assert!(sealed_size(SEGMENT_BYTES + 1) > 512 << 20);
    }
}
