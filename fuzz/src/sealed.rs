//! Sealed objects and their sizes.

use sanduq::crypto::padme::{plaintext_capacity, sealed_size};
use sanduq::crypto::{OBJECT_HEADER_BYTES, ObjectOpener, ObjectType, open_object, seal_object};
use sanduq::format::{ObjectKey, decode_value, encode_value};

/// Sealed as a revision under [`key`].
const KNOWN: &[u8] = include_bytes!("../known/object");

/// The key of everything sealed here.
pub fn key() -> ObjectKey {
    decode_value(&encode_value(serde_bytes::Bytes::new(&[7; 32])), "key").expect("32 bytes are a key")
}

/// Only what was sealed opens, whole or chunk by chunk; sizes have one meaning; what is sealed opens, and not after
/// one bit was flipped.
pub fn object(bytes: &[u8]) {
    let opened = open_object(&key(), ObjectType::Revision, bytes);
    assert_eq!(opened.is_ok(), bytes == KNOWN);
    size(bytes);
    chunks(bytes);
    sealed_anew(bytes);
}

/// Any size that is permitted is the one that its capacity is sealed in.
fn size(bytes: &[u8]) {
    let Some(total) = bytes.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)) else { return };
    for total in [total, total % (1 << 40), total % (1 << 20)] {
        let Some(capacity) = plaintext_capacity(total) else { continue };
        assert!(capacity < total);
        assert_eq!(sealed_size(capacity - 8), total);
    }
}

/// A foreign header and size, or those of the known object before foreign chunks.
fn chunks(bytes: &[u8]) {
    let total = bytes.len() as u64;
    let header = bytes.get(..OBJECT_HEADER_BYTES).unwrap_or_default();
    let foreign = ObjectOpener::new(&key(), ObjectType::Revision, header, total);
    assert!(foreign.is_err() || KNOWN.starts_with(header));
    let known = &KNOWN[..OBJECT_HEADER_BYTES];
    let Ok(opener) = ObjectOpener::new(&key(), ObjectType::Revision, known, KNOWN.len() as u64) else {
        panic!("the known header opens");
    };
    let (start, length) = opener.range(0);
    let sealed = &KNOWN[usize::try_from(start).expect("56")..][..length];
    let mut chunk = bytes.to_vec();
    assert_eq!(opener.open_in_place(0, &mut chunk).is_ok(), bytes == sealed);
    let content = bytes.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let mut stretch = bytes.to_vec();
    let opened = opener.open_stretch(content % 3, content, &mut stretch);
    assert!(opened.is_err() || bytes.is_empty() || bytes == sealed);
}

fn sealed_anew(bytes: &[u8]) {
    let mut object = seal_object(&key(), ObjectType::Entry, bytes);
    assert_eq!(object.len() as u64, sealed_size(bytes.len() as u64));
    let opened = open_object(&key(), ObjectType::Entry, &object);
    assert!(opened.is_ok_and(|content| *content == bytes));
    let at = bytes.iter().fold(0usize, |sum, byte| sum * 31 % 65_521 + usize::from(*byte));
    let at = at % object.len();
    object[at] ^= 1 << (bytes.len() % 8);
    assert!(open_object(&key(), ObjectType::Entry, &object).is_err());
}
