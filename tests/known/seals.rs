//! Sections 1, 3, 4 and 6: signatures, structures, sealed objects, sizes, trees.

use sanduq::crypto::padme::{plaintext_capacity, sealed_size};
use sanduq::crypto::{
    LeafKind, LeafSalts, ObjectType, SignatureLabel, leaf, merkle_root_from_path, object_name, open_object,
    verify,
};
use sanduq::format::{Card, ContactCore, Malformed, Places, Structure, decode, encode};
use sanduq::record::Digest;

use super::vectors::check;
use super::{malformed, object_key};

/// Fails when a label, what is signed or the strictness changes (seen with `verify` in place of `verify_strict`).
#[test]
fn signatures() {
    check(include_str!("../vectors/sanduq/signature.json"), |vector| {
        let label = match vector.text("label") {
            "card" => SignatureLabel::Card,
            "succession" => SignatureLabel::Succession,
            "contact" => SignatureLabel::Contact,
            "revision" => SignatureLabel::Revision,
            "entry" => SignatureLabel::Entry,
            _ => SignatureLabel::Grant,
        };
        let sig = serde_bytes::ByteArray::new(vector.array("sig"));
        verify(&vector.array("key"), label, &vector.bytes("core"), &sig).map_err(|_| "signature")
    });
}

fn again<T: Structure>(bytes: &[u8]) -> Result<(), Malformed> {
    decode::<T>(bytes).map(|value| assert_eq!(encode(&value), bytes))
}

/// Fails when another encoding than the one is taken (seen with the encoding again left out).
#[test]
fn structures() {
    check(include_str!("../vectors/sanduq/structure.json"), |vector| {
        let bytes = vector.bytes("bytes");
        let taken = match vector.text("type") {
            "places" => again::<Places>(&bytes),
            "card" => again::<Card>(&bytes),
            _ => again::<ContactCore>(&bytes),
        };
        taken.map_err(malformed)
    });
}

pub(super) fn object_type(number: u64) -> ObjectType {
    match number {
        1 => ObjectType::Genesis,
        2 => ObjectType::Entry,
        3 => ObjectType::Operations,
        4 => ObjectType::Run,
        5 => ObjectType::Revision,
        6 => ObjectType::Segment,
        7 => ObjectType::Message,
        16 => ObjectType::AddressBook,
        17 => ObjectType::Memory,
        _ => ObjectType::Places,
    }
}

/// Fails when a key, a type, a commitment or the end of the plaintext counts otherwise (seen with the zeros unchecked).
#[test]
fn objects() {
    check(include_str!("../vectors/sanduq/object.json"), |vector| {
        let key = object_key(&vector.bytes("key"));
        let kind = object_type(vector.number("type"));
        let content = open_object(&key, kind, &vector.bytes("object")).map_err(|_| "sealed")?;
        assert_eq!(*content, vector.bytes("content"));
        if vector.has("object name") {
            assert_eq!(object_name(&key), vector.array("object name"));
        }
        Ok(())
    });
}

/// Fails when an object is made larger or smaller (seen with 512 bytes as the smallest size).
#[test]
fn sizes() {
    check(include_str!("../vectors/sanduq/size.json"), |vector| {
        let size = vector.number("size");
        if vector.succeeds() {
            assert_eq!(sealed_size(vector.number("content")), size);
        }
        plaintext_capacity(size).map(drop).ok_or("sealed")
    });
}

/// Fails when leaves are salted or trees divided otherwise (seen with the halves on a path exchanged).
#[test]
fn trees() {
    check(include_str!("../vectors/sanduq/tree.json"), |vector| {
        let root = Digest::new(vector.array("root"));
        if vector.has("items") {
            let items = vector.list("items");
            let salts = LeafSalts::new(&object_key(&vector.bytes("salt")));
            assert_eq!(salts.root(LeafKind::Operation, items.iter().map(Vec::as_slice)), root);
            return Ok(());
        }
        let bytes = vector.bytes("leaf");
        let (salt, item) = bytes.split_first_chunk::<16>().unwrap();
        let [index, count] = ["index", "count"].map(|member| usize::try_from(vector.number(member)).unwrap());
        let path: Vec<Digest> =
            vector.list("path").into_iter().map(|hash| Digest::new(hash.try_into().unwrap())).collect();
        let found = merkle_root_from_path(leaf(salt, item), index, count, &path);
        (found == Some(root)).then_some(()).ok_or("digest")
    });
}
