//! STREAM as age lays it out: 64 KiB chunks of ChaCha20-Poly1305, each nonce a counter and a last-chunk flag.
//!
//! Knows one chunk at a time; who reads, writes, or keeps the order is the caller's business.
//! Source: <https://c2sp.org/age>, section "Payload".

use super::aead::{Aead, NONCE_BYTES};
use super::error::OpenError;

/// Plaintext of a full chunk, in bytes. <https://c2sp.org/age>, "Payload".
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Poly1305 tag after each chunk, in bytes. RFC 8439, section 2.5.
pub const TAG_BYTES: usize = super::aead::TAG_BYTES;

/// Seals and opens the chunks of one stream under one key.
///
/// A key **MUST** serve one stream only, and each index **MUST** be sealed at most once under it: the nonce is
/// the index, so sealing two different chunks at one index reveals both.
pub struct StreamCipher(Aead);

impl StreamCipher {
    /// Prepares the cipher of one stream.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aead::new(key))
    }

    /// `ChaCha20-Poly1305[key, index ‖ last](buffer)`: seals `buffer` in place and appends the tag.
    ///
    /// # Panics
    /// If `buffer` is no lawful chunk: every chunk but the last is full, only a sole chunk may be empty.
    pub fn seal_chunk(&self, index: u64, last: bool, buffer: &mut Vec<u8>) {
        let plain_len = buffer.len();
        buffer.resize(plain_len + TAG_BYTES, 0);
        self.seal_chunk_in_place(index, last, buffer, plain_len);
    }

    /// Seals the first `plain_len` bytes of `chunk_and_room` where they are, puts the tag behind them, and returns
    /// the length of both.
    ///
    /// # Panics
    /// As [`Self::seal_chunk`], and if there is no room for the tag.
    pub fn seal_chunk_in_place(
        &self,
        index: u64,
        last: bool,
        chunk_and_room: &mut [u8],
        plain_len: usize,
    ) -> usize {
        assert!(is_lawful(index, last, plain_len), "a chunk is full, or the last one");
        let sealed_len = plain_len + TAG_BYTES;
        let (chunk, room) = chunk_and_room[..sealed_len].split_at_mut(plain_len);
        room.copy_from_slice(&self.0.seal(nonce(index, last), b"", chunk));
        sealed_len
    }

    /// Opens a sealed chunk in place and cuts off its tag; on failure no plaintext is in `buffer`.
    pub fn open_chunk(&self, index: u64, last: bool, buffer: &mut Vec<u8>) -> Result<(), OpenError> {
        let plain_len = self.open_chunk_in_place(index, last, buffer)?;
        buffer.truncate(plain_len);
        Ok(())
    }

    /// Opens a sealed chunk where it is and returns the length of its plaintext; on failure no plaintext is in
    /// `sealed`.
    pub fn open_chunk_in_place(&self, index: u64, last: bool, sealed: &mut [u8]) -> Result<usize, OpenError> {
        let plain_len = sealed.len().checked_sub(TAG_BYTES).ok_or(OpenError::Corrupt)?;
        if !is_lawful(index, last, plain_len) {
            return Err(OpenError::Corrupt);
        }
        let (chunk, tag) = sealed.split_at_mut(plain_len);
        self.0.open(nonce(index, last), b"", chunk, tag).map_err(|_| OpenError::Corrupt)?;
        Ok(plain_len)
    }
}

/// Every chunk but the last is full; the last is not empty unless it is the only one.
fn is_lawful(index: u64, last: bool, plain_len: usize) -> bool {
    match last {
        false => plain_len == CHUNK_BYTES,
        true => plain_len <= CHUNK_BYTES && (plain_len > 0 || index == 0),
    }
}

/// `index` as 11 bytes big-endian, then `0x01` for the last chunk and `0x00` for any other.
fn nonce(index: u64, last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn sealed(index: u64, last: bool, plain: &[u8]) -> Vec<u8> {
        let mut buffer = plain.to_vec();
        StreamCipher::new(&KEY).seal_chunk(index, last, &mut buffer);
        buffer
    }

    /// Fails when any length is lawful.
    #[test]
    fn only_the_last_chunk_is_shorter_and_only_an_only_one_is_empty() {
        for (index, last, length, lawful) in [
            (0, false, CHUNK_BYTES, true),
            (0, false, CHUNK_BYTES - 1, false),
            (3, true, 1, true),
            (3, true, CHUNK_BYTES, true),
            (3, true, CHUNK_BYTES + 1, false),
            (0, true, 0, true),
            (1, true, 0, false),
        ] {
            assert_eq!(is_lawful(index, last, length), lawful, "chunk {index}, {length} bytes");
        }
    }

    #[test]
    fn opens_what_it_sealed_at_every_lawful_length() {
        for (index, last, len) in
            [(0, true, 0), (0, true, 1), (5, true, 1), (0, false, CHUNK_BYTES), (u64::MAX, true, CHUNK_BYTES)]
        {
            let plain = vec![0x5a; len];
            let mut buffer = sealed(index, last, &plain);
            assert_eq!(buffer.len(), len + TAG_BYTES);
            StreamCipher::new(&KEY).open_chunk(index, last, &mut buffer).unwrap();
            assert_eq!(buffer, plain);
        }
    }

    #[test]
    fn refuses_another_index_flag_or_key_and_every_flipped_bit() {
        let whole = sealed(3, true, b"shahid");
        let cipher = StreamCipher::new(&KEY);
        assert!(cipher.open_chunk(2, true, &mut whole.clone()).is_err());
        assert!(cipher.open_chunk(3, false, &mut whole.clone()).is_err());
        assert!(StreamCipher::new(&[8; 32]).open_chunk(3, true, &mut whole.clone()).is_err());
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(cipher.open_chunk(3, true, &mut flipped).is_err());
            assert!(!flipped.windows(6).any(|bytes| bytes == b"shahid"));
        }
    }

    #[test]
    fn refuses_chunks_of_unlawful_length() {
        let cipher = StreamCipher::new(&KEY);
        for (index, last, len) in
            [(1, true, TAG_BYTES), (0, false, 20), (0, true, 15), (0, true, 0), (0, true, CHUNK_BYTES + 17)]
        {
            assert!(matches!(cipher.open_chunk(index, last, &mut vec![0; len]), Err(OpenError::Corrupt)));
        }
    }

    #[test]
    fn lays_out_the_nonce_as_age_does() {
        assert_eq!(nonce(0x0102, true), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1]);
        assert_eq!(nonce(0, false), [0; 12]);
    }
}
