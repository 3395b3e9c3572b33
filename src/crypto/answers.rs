//! Known answers of the derivations, computed from docs/format.md with Python's `hmac`. They fail when a label, the
//! order of fields or a length changes, which round trips do not notice.

use super::kdf::Deriver;
use super::{Identity, LeafKind, LeafSalts, Mailbox, Secret, SignatureLabel, case_digest, object_name};
use crate::crypto::Chain;
use crate::format::ObjectKey;
use crate::record::{CaseId, VaultId, Writer};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key(byte: u8) -> ObjectKey {
    ObjectKey::new([byte; 32])
}

/// Section 1, "Derivation", and the name of an object.
#[test]
fn derivations_are_those_of_the_format() {
    let bytes: [u8; 32] = Deriver::new(&[1; 32]).bytes("x", &[b"ab", b"c"]);
    assert_eq!(hex(&bytes), "7a8c0c1f53006039d48d9df7dd656af00f5b2564f917f5f3387aaffc6eedfb55");
    let name = object_name(&key(7));
    assert_eq!(hex(&name), "0766becc1fb130aa211bd37ff1c9cc6a3d8a82f9697fd2131ccc5b7247232a7a");
    let digest = case_digest(&CaseId::new([5; 16]));
    assert_eq!(digest.to_string(), "7e0180212aad24adf498a5ce535f1814786f1a203b26d8613af405ea1d92f44e");
}

/// Section 3.
#[test]
fn chains_are_those_of_the_format() {
    let (log, writer) = (Chain::log(&key(1)), Writer::new([7; 16]));
    let mailbox = Mailbox::new(&Secret::copy_of(&[1; 32]));
    let announced = "21879de1a07b6b93c0d637b37c1ce4cab7e9641a447ec65221137fd83997b0ea";
    let announcement_key = "a07cc0a9c4ee99cd72b2dce7fa174930169b61c58cab93fc853489e98801e0d3";
    for chain in [&log, &mailbox] {
        assert_eq!(hex(&chain.name(&writer, 0)), announced);
        assert_eq!(hex(chain.key(&writer, 0).expose()), announcement_key);
        assert_eq!(chain.folder(), 0x21);
    }
    let entry = "1c62403ac6075d90ab5b13de24b155f7d5a5af7f8c7ced6984a44fe077418c00";
    assert_eq!(hex(log.key(&writer, 3).expose()), entry);
    let entry = "1f19c921f734751e0b93785f862ac53faccb1e4eca2fcf74efca45db506d7614";
    assert_eq!(hex(&log.name(&writer, 3)), entry);
    let message = "1cff281c21c79df6c5d7e21a8f908f027dcdb004887b44f7ac4fc35789326f09";
    assert_eq!(hex(mailbox.key(&writer, 3).expose()), message);
    let message = "985905f9567bc1943e50ddf814e3d03d5800ea2d99f99ab87a010bea24103ca1";
    assert_eq!(hex(&mailbox.name(&writer, 3)), message);
}

/// Sections 3, 6 and 9.
#[test]
fn keys_of_an_identity_are_those_of_the_format() {
    let identity = Identity::from_root(Secret::copy_of(&[1; 32]));
    let vault = VaultId::new([9; 32]);
    let (memory, name) = identity.memory_key(&vault);
    assert_eq!(hex(&name), "90626d2ab40198948cff699cee81741f");
    let place = identity.place(b"machine", b"fs", b"inode");
    for (found, expected) in [
        (
            identity.genesis_key(&vault).expose(),
            "431c889a10b1336a80738cef2ea0ff970759b0942694481de647d657d089bcbd",
        ),
        (
            identity.address_book_key().expose(),
            "c5968d58cf4b98df20d60299dc830a49dc0c2ad9cbe87f0a9168e25ae03f9724",
        ),
        (memory.expose(), "2422c73c4196d2bce8405394c6941a4118f1eaafd181c9dc2bcfcbf17820bddf"),
        (identity.places_key().expose(), "ae394bf5320fb14e6ae3db4c9130cac711391fc11017716d7165264dd149702f"),
        (place.as_bytes(), "7af9a1affa1b78b2a486a2206d154dd9352929b789ce48e19403add80e2b6fa9"),
        (
            identity.path_digest(b"/v").as_bytes(),
            "3924dd2608be6014246ef8c7b144e1d81623a0624a5efbbfebe2daf2b91304f9",
        ),
    ] {
        assert_eq!(hex(found), expected);
    }
    let salts = LeafSalts::new(&key(1));
    assert_eq!(hex(&salts.salt(LeafKind::Head, 2)), "5e5963ce6c4b74bce81787d281f84301");
    assert_eq!(hex(&salts.salt(LeafKind::Operation, 2)), "4ecd05361a6c0717a5de773a550b9091");
}

/// Section 1, "Signature".
#[test]
fn signed_bytes_are_those_of_the_format() {
    for (label, message) in [
        (SignatureLabel::Card, b"sanduq/1 card\0core".as_slice()),
        (SignatureLabel::Contact, b"sanduq/1 contact\0core"),
        (SignatureLabel::Entry, b"sanduq/1 entry\0core"),
        (SignatureLabel::Grant, b"sanduq/1 grant\0core"),
        (SignatureLabel::Revision, b"sanduq/1 revision\0core"),
        (SignatureLabel::Succession, b"sanduq/1 succession\0core"),
    ] {
        assert_eq!(label.message(b"core"), message);
    }
}
