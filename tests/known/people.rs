//! Section 5, what lies beside the identity file, names of entries and messages, minisign.

use std::io::Write as _;

use sanduq::crypto::minisign::{MinisignError, MinisignHasher, MinisignPublicKey, MinisignSignature};
use sanduq::crypto::{
    CardError, Chain, Identity, IdentityFileError, KnownCard, ObjectType, Passphrase, open_identity,
    open_object,
};
use sanduq::format::{Memory, Places, decode, encode};
use sanduq::record::{CardHash, Digest, VaultId, Writer};
use sanduq::vault::{Contacts, Desk};
use serde_json::{Value, json};

use super::vectors::{Vector, check};
use super::{malformed, object_key};

fn passphrase(vector: &Vector) -> Passphrase {
    Passphrase::new(vector.text("passphrase").to_owned())
}

/// The identity that a vector names beside other things.
pub(super) fn identity(vector: &Vector, member: &str) -> Identity {
    open_identity(&vector.bytes(member), &passphrase(vector)).unwrap()
}

fn open(vector: &Vector) -> Result<Identity, &'static str> {
    open_identity(&vector.bytes("file"), &passphrase(vector)).map_err(|error| match error {
        IdentityFileError::Malformed(error) => malformed(error),
        IdentityFileError::Newer => "newer",
        IdentityFileError::WrongPassphrase => "passphrase",
        _ => "refused",
    })
}

/// Fails when a passphrase is stretched, or anything derived from the root seed, otherwise (seen with NFC in place of
/// NFKC).
#[test]
fn identity_files() {
    check(include_str!("../vectors/sanduq/identity-file.json"), |vector| {
        let identity = open(vector)?;
        assert_eq!(identity.card().encode(), vector.bytes("card"));
        if vector.has("vault") {
            let vault = VaultId::new(vector.array("vault"));
            let (memory_key, memory_name) = identity.memory_key(&vault);
            assert!(identity.genesis_key(&vault) == object_key(&vector.bytes("genesis key")));
            assert!(identity.address_book_key() == object_key(&vector.bytes("address book key")));
            assert!(identity.places_key() == object_key(&vector.bytes("places key")));
            assert!(memory_key == object_key(&vector.bytes("memory key")));
            assert_eq!(memory_name, vector.array("memory name"));
            let inode = [&9u64.to_be_bytes()[..], &(-5i128).to_be_bytes()].concat();
            let place = identity.place(b"machine\n", &7u64.to_be_bytes(), &inode);
            assert_eq!(place, Digest::new(vector.array("place")));
            assert_eq!(identity.path_digest(b"/media/usb/vault"), Digest::new(vector.array("path")));
        }
        Ok(())
    });
}

fn card_error(error: CardError) -> &'static str {
    match error {
        CardError::Malformed(error) => malformed(error),
        CardError::Newer => "newer",
        CardError::Signature(_) => "signature",
        CardError::Unusable => "key",
        _ => "malformed",
    }
}

/// Fails when an unusable or foreign card is taken (seen with points of small order taken).
#[test]
fn cards() {
    check(include_str!("../vectors/sanduq/card.json"), |vector| {
        let card = KnownCard::decode(&vector.bytes("card")).map_err(card_error)?;
        assert_eq!(card.hash(), CardHash::new(vector.array("hash")));
        if vector.has("words") {
            assert_eq!(json!(card.fingerprint().words()), *vector.value("words"));
            assert_eq!(json!(card.fingerprint().digits()), *vector.value("digits"));
            let minisign = MinisignPublicKey::from_bytes(&card.core().minisign).unwrap();
            assert_eq!(minisign.id(), vector.array("minisign id"));
            assert_eq!(*minisign.as_bytes(), vector.array("minisign key"));
        }
        Ok(())
    });
}

/// Fails when a card is not found in what mail made of it (seen with LF alone as the end of a line).
#[test]
fn card_files() {
    check(include_str!("../vectors/sanduq/card-file.json"), |vector| {
        let card = KnownCard::from_text(vector.text("text").as_bytes()).map_err(card_error)?;
        assert_eq!(card.hash(), CardHash::new(vector.array("hash")));
        Ok(())
    });
}

/// Fails when entries or messages are looked for elsewhere (seen with numbers cut to 32 bits).
#[test]
fn names() {
    check(include_str!("../vectors/sanduq/name.json"), |vector| {
        let chain = if vector.text("of") == "log" {
            Chain::log(&object_key(&vector.bytes("secret")))
        } else {
            let own = identity(vector, "identity");
            let other = KnownCard::decode(&vector.bytes("other")).unwrap();
            let (from, to) =
                if vector.text("of") == "to" { (own.card(), &other) } else { (&other, own.card()) };
            own.mailbox(&VaultId::new(vector.array("vault")), from, to).unwrap()
        };
        let (writer, n) = (Writer::new(vector.array("writer")), vector.number("n"));
        assert_eq!(chain.name(&writer, n), vector.array("object name"));
        assert!(chain.key(&writer, n) == object_key(&vector.bytes("key")));
        assert_eq!([chain.folder()], vector.array("folder"));
        if n == 0 {
            assert!(chain.recognise(&vector.array("object name")) == Some(chain.key(&writer, 0)));
        }
        Ok(())
    });
}

/// The contacts in an address book: label, whether verified, card hash.
fn contacts(vector: &Vector) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("identity.contacts"), vector.bytes("file")).unwrap();
    let desk = Desk::beside(&folder.path().join("identity"), b"machine");
    let contacts = Contacts::load(&desk, &identity(vector, "identity")).unwrap();
    let shown = contacts.all().iter().map(|contact| {
        json!([contact.label.as_str(), contact.verified, contact.card().unwrap().hash().to_string()])
    });
    shown.collect()
}

/// Fails when a signature of a contact counts for another label or owner (seen with any signature counting).
#[test]
fn files_beside_the_identity_file() {
    check(include_str!("../vectors/sanduq/beside.json"), |vector| {
        let own = identity(vector, "identity");
        let content = match vector.number("type") {
            16 => {
                assert_eq!(contacts(vector), *vector.value("contacts"));
                return Ok(());
            }
            17 => {
                let (key, _) = own.memory_key(&VaultId::new(vector.array("vault")));
                let content =
                    open_object(&key, ObjectType::Memory, &vector.bytes("file")).map_err(|_| "sealed")?;
                encode(&decode::<Memory>(&content).map_err(malformed)?)
            }
            _ => {
                let content = open_object(&own.places_key(), ObjectType::Places, &vector.bytes("file"));
                encode(&decode::<Places>(&content.map_err(|_| "sealed")?).map_err(malformed)?)
            }
        };
        assert_eq!(content, vector.bytes("content"));
        Ok(())
    });
}

/// Fails when another signature or layout is taken (seen with the signature over the comment unchecked).
#[test]
fn minisign() {
    let class = |error| match error {
        MinisignError::OtherKey | MinisignError::BadSignature => "signature",
        _ => "malformed",
    };
    check(include_str!("../vectors/sanduq/minisign.json"), |vector| {
        let key = MinisignPublicKey::from_bytes(&vector.array("key")).unwrap();
        let mut hasher = MinisignHasher::new();
        hasher.write_all(&vector.bytes("content")).unwrap();
        let signature = MinisignSignature::parse(vector.text("file").as_bytes()).map_err(class)?;
        let comment = signature.verify(&key, &hasher.finish()).map_err(class)?;
        assert_eq!(comment, vector.text("comment"));
        Ok(())
    });
}
