//! Canonical CBOR: structures with version and type first. docs/format.md section 1.

use std::fmt;

use minicbor::encode::Write;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::Malformed;

/// A structure that starts with `v` and `type`.
pub trait Structure: Serialize + DeserializeOwned {
    /// The value of `type`.
    const TYPE: &'static str;
    /// Largest encoded length accepted, in bytes.
    const LIMIT: usize;
}

/// A map of up to 23 entries has its count in the low bits of its first byte.
const MAP: u8 = 0xa0;
const VERSION_KEY: [u8; 2] = [0x61, b'v'];
const VERSION: u8 = 1;

/// Encodes a structure: `{v: 1, type: …, fields…}`.
pub fn encode<T: Structure>(value: &T) -> Vec<u8> {
    let body = Zeroizing::new(encode_value(value));
    let (count, fields) = body.split_first().expect("a structure encodes to a map");
    let mut bytes = vec![count.saturating_add(2)];
    bytes.extend(VERSION_KEY);
    bytes.push(VERSION);
    bytes.extend(encode_value(&"type"));
    bytes.extend(encode_value(&T::TYPE));
    bytes.extend(fields);
    bytes
}

/// Decodes a structure and refuses every other encoding of it, other versions and other types.
pub fn decode<T: Structure>(bytes: &[u8]) -> Result<T, Malformed> {
    let not_a = Malformed::NotA(T::TYPE);
    let (&count, rest) = bytes.split_first().ok_or(not_a)?;
    let rest = rest.strip_prefix(&VERSION_KEY).ok_or(not_a)?;
    let (&version, rest) = rest.split_first().ok_or(not_a)?;
    match version {
        VERSION => {}
        2..=0x1b => return Err(Malformed::Newer),
        _ => return Err(not_a),
    }
    // A later version may be longer.
    if bytes.len() > T::LIMIT {
        return Err(Malformed::TooLong(T::TYPE));
    }
    let mut label = encode_value(&"type");
    label.extend(encode_value(&T::TYPE));
    let fields = rest.strip_prefix(label.as_slice()).ok_or(not_a)?;
    if !(MAP.saturating_add(2)..=MAP.saturating_add(23)).contains(&count) {
        return Err(not_a);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(bytes.len()));
    body.push(count.saturating_sub(2));
    body.extend(fields);
    decode_value(&body, T::TYPE)
}

/// Encodes a value that stands inside a structure.
pub fn encode_value<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    minicbor_serde::to_vec(value).expect("our types encode into memory")
}

/// Decodes a value that stands inside a structure and refuses every other encoding of it; `what` is named in the error.
pub fn decode_value<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, Malformed> {
    let value: T = minicbor_serde::from_slice(bytes).map_err(|_| Malformed::NotA(what))?;
    let mut rest = Rest(bytes);
    match value.serialize(&mut minicbor_serde::Serializer::new(&mut rest)) {
        Ok(()) if rest.0.is_empty() => Ok(value),
        _ => Err(Malformed::NotCanonical),
    }
}

/// What an encoding has still to agree with; it is compared where it stands and kept nowhere.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    type Error = fmt::Error;

    fn write_all(&mut self, bytes: &[u8]) -> fmt::Result {
        self.0 = self.0.strip_prefix(bytes).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        n: u64,
        text: Option<String>,
    }

    impl Structure for Sample {
        const TYPE: &'static str = "sample";
        const LIMIT: usize = 100;
    }

    fn sample() -> Vec<u8> {
        encode(&Sample { n: 300, text: None })
    }

    #[test]
    fn writes_version_and_type_first() {
        assert_eq!(sample(), b"\xa4\x61v\x01\x64type\x66sample\x61n\x19\x01\x2c\x64text\xf6");
        assert_eq!(decode::<Sample>(&sample()), Ok(Sample { n: 300, text: None }));
    }

    #[test]
    fn a_later_version_is_called_newer() {
        let mut bytes = sample();
        bytes[3] = 2;
        assert_eq!(decode::<Sample>(&bytes), Err(Malformed::Newer));
        bytes.resize(Sample::LIMIT + 1, 0);
        assert_eq!(decode::<Sample>(&bytes), Err(Malformed::Newer), "longer than this version's may be");
        bytes[3] = 1;
        assert_eq!(decode::<Sample>(&bytes), Err(Malformed::TooLong("sample")));
    }

    #[test]
    fn refuses_every_other_encoding_of_the_same() {
        let longer_number = b"\xa4\x61v\x01\x64type\x66sample\x61n\x1a\x00\x00\x01\x2c\x64text\xf6";
        let other_order = b"\xa4\x61v\x01\x64type\x66sample\x64text\xf6\x61n\x19\x01\x2c";
        let absent = b"\xa3\x61v\x01\x64type\x66sample\x61n\x19\x01\x2c";
        let unknown = b"\xa5\x61v\x01\x64type\x66sample\x61n\x19\x01\x2c\x64text\xf6\x61x\x01";
        let indefinite = b"\xbf\x61v\x01\x64type\x66sample\x61n\x19\x01\x2c\x64text\xf6\xff";
        for bytes in [&longer_number[..], other_order, absent, unknown, indefinite] {
            assert!(decode::<Sample>(bytes).is_err(), "{bytes:02x?}");
        }
        let long = |length| encode(&Sample { n: 300, text: Some("x".repeat(length)) });
        let room = Sample::LIMIT - long(30).len() + 30;
        assert_eq!(long(room).len(), Sample::LIMIT);
        assert!(decode::<Sample>(&long(room)).is_ok());
        assert_eq!(decode::<Sample>(&long(room + 1)), Err(Malformed::TooLong("sample")));
        let mut trailing = sample();
        trailing.push(0);
        assert_eq!(decode::<Sample>(&trailing), Err(Malformed::NotCanonical));
    }

    #[test]
    fn survives_every_flip_and_every_cut() {
        let bytes = sample();
        for cut in 0..bytes.len() {
            assert!(decode::<Sample>(&bytes[..cut]).is_err());
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(value) = decode::<Sample>(&flipped) {
                assert_eq!(encode(&value), flipped);
            }
        }
    }
}
