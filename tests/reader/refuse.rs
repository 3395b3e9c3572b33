//! The reader refuses what was changed by somebody who holds every key, and says in which way it is wrong.

use std::io::{Read as _, Write as _};
use std::path::Path;

use sanduq::crypto::age::file::{AgeReader, AgeWriter};
use sanduq::crypto::{ObjectType, object_name, open_object, seal_object};
use sanduq::format::{Genesis, Grant, Revision, decode, encode};
use sanduq::record::{CardHash, Digest, Time};
use sanduq::store::ObjectName;

use super::scene::{identity, reader};
use super::tamper::{Keys, reseal};

/// Spoils a copy, and finds the reader complaining with this word.
fn refuses(keys: &Keys, word: &str, spoil: impl FnOnce(&Path)) {
    let (_folder, vault) = keys.copy();
    spoil(&vault);
    let read = reader(&keys.owner, &vault, &["check"]);
    assert_ne!(read.code, 0, "{word}");
    assert!(read.complaints.contains(word), "{word} is not in {}", read.complaints);
}

fn change_file(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(file).unwrap();
    change(&mut bytes);
    std::fs::write(file, bytes).unwrap();
}

/// Fails when the reader leaves out a check (seen with the link between entries unchecked in `log.py`).
#[test]
fn a_log_that_was_changed() {
    let keys = Keys::new();
    let (name, key) = (keys.chain.name(&keys.writer, 1), keys.chain.key(&keys.writer, 1));
    refuses(&keys, "entry 1: signature", |vault| {
        reseal(vault, name, &key, ObjectType::Entry, |entry: &mut sanduq::format::Entry| entry.sig[0] ^= 1);
    });
    refuses(&keys, "entry 1: link", |vault| {
        keys.change_entry(vault, 1, |core, _| core.previous = Some(Digest::new([7; 32])));
    });
    refuses(&keys, "entry 2: link", |vault| {
        keys.change_entry(vault, 1, |core, _| core.time = Time::from_seconds(7));
    });
    refuses(&keys, "entry 1: digest", |vault| {
        keys.change_entry(vault, 1, |_, private| private.inline.clear());
    });
    refuses(&keys, "entry 1: digest", |vault| {
        keys.change_entry(vault, 1, |_, private| private.heads.clear());
    });
    refuses(&keys, "entry 1: place", |vault| keys.change_entry(vault, 1, |core, _| core.n = 2));
    refuses(&keys, "entry 1: place", |vault| {
        keys.change_entry(vault, 1, |core, _| core.owner = CardHash::new([7; 32]));
    });
    refuses(&keys, "entry 1: missing", |vault| std::fs::remove_file(keys.entry_file(vault, 1)).unwrap());
    refuses(&keys, "entry 1: sealed", |vault| {
        change_file(&keys.entry_file(vault, 1), |bytes| bytes[100] ^= 1);
    });
    refuses(&keys, "run: digest", |vault| {
        let last = (0..).take_while(|n| keys.entry_file(vault, *n).exists()).last().unwrap();
        keys.change_entry(vault, last, |_, private| private.runs[0].digest = Digest::new([7; 32]));
    });
    let key = keys.identity.genesis_key(&keys.vault);
    refuses(&keys, "place", |vault| {
        reseal(vault, object_name(&key), &key, ObjectType::Genesis, |genesis: &mut Genesis| {
            genesis.owner = CardHash::new([7; 32]);
        });
    });
}

/// Fails when the reader leaves out a check (seen with the exhibit's digest unchecked in `objects.py`).
#[test]
fn a_revision_an_exhibit_or_a_message_that_was_changed() {
    let keys = Keys::new();
    let vault = keys.owner.path("vault");
    let text = keys.fact(&vault, "testimony").key;
    let change = |vault: &Path, change: fn(&mut Revision)| {
        reseal(vault, object_name(&text), &text, ObjectType::Revision, change);
    };
    refuses(&keys, "revision: digest", |vault| change(vault, |r| r.text = Some("Мен көрмедім.".into())));
    refuses(&keys, "revision: signature", |vault| change(vault, |r| r.sig[0] ^= 1));
    refuses(&keys, "revision: malformed", |vault| change(vault, |r| r.text = Some("a\r\n".into())));
    let photo = keys.fact(&vault, "exhibits").key;
    let sealed = std::fs::read(vault.join(ObjectName::new(object_name(&photo)).path())).unwrap();
    let held: Revision = decode(&open_object(&photo, ObjectType::Revision, &sealed).unwrap()).unwrap();
    let segment = &held.exhibits[0].segments[0];
    let file = ObjectName::new(object_name(segment)).path();
    refuses(&keys, "digest: exhibit 1", |vault| {
        std::fs::write(vault.join(&file), seal_object(segment, ObjectType::Segment, &[8; 70_000])).unwrap();
    });
    refuses(&keys, "missing: segment 1 of exhibit 1", |vault| {
        std::fs::remove_file(vault.join(&file)).unwrap();
    });
    messages(&keys);
}

/// As the guest: a grant whose signature is wrong, and none at all.
fn messages(keys: &Keys) {
    let guest = identity(&keys.guest);
    let mailbox = keys.identity.mailbox(&keys.vault, keys.identity.card(), guest.card()).unwrap();
    let (name, key) = (ObjectName::new(mailbox.name(&keys.writer, 0)), mailbox.key(&keys.writer, 0));
    refuses(keys, "message: missing", |vault| std::fs::remove_file(vault.join(name.path())).unwrap());

    let (_folder, vault) = keys.copy();
    let whole = reader(&keys.guest, &vault, &["check"]);
    assert_eq!((whole.code, &whole.result["revisions"]), (0, &serde_json::json!(2)), "{}", whole.complaints);
    change_file(&vault.join(name.path()), |bytes| {
        let aged = open_object(&key, ObjectType::Message, bytes).unwrap();
        let mut grant = Vec::new();
        AgeReader::open(aged.as_slice(), &guest.age_keys()).unwrap().read_to_end(&mut grant).unwrap();
        let mut grant: Grant = decode(&grant).unwrap();
        grant.sig[0] ^= 1;
        let mut age = AgeWriter::seal(Vec::new(), &guest.card().hybrid()).unwrap();
        age.write_all(&encode(&grant)).unwrap();
        *bytes = seal_object(&key, ObjectType::Message, &age.finish().unwrap());
    });
    let read = reader(&keys.guest, &vault, &["check"]);
    assert_eq!((read.code, &read.result["revisions"]), (12, &serde_json::json!(0)));
    assert!(read.complaints.contains("message: signature"), "{}", read.complaints);
}
