//! A later vault, and later objects in one of this version.

use std::path::Path;
use std::sync::Arc;

use sanduq::crypto::{ObjectType, SignatureLabel, object_name, open_object, seal_object, sha256};
use sanduq::format::{
    Entry, Grant, GrantContent, GrantCore, KdfCost, ObjectKey, Revision, RevisionCore, decode, encode,
};
use sanduq::store::{ObjectName, Store};
use sanduq::vault::{Finding, SharedVault, Vault, VaultError};
use serde_bytes::ByteBuf;

use super::{answered, newer};
use crate::every_bit::scene::Scene;
use crate::support::altered::Altered;
use crate::support::pair::Pair;

/// Every command that looks into the vault of whoever runs it.
fn entrances<'a>(code: &'a str, theirs: &'a str) -> Vec<Vec<&'a str>> {
    let give = ["--to", "lawyer", "--parts", "testimony", "--override", "unasked", "--yes", "--unverified"];
    let lines = [
        "init",
        "new",
        "title CODE",
        "put CODE notes",
        "put CODE testimony --add",
        "attach CODE видео.mp4",
        "detach CODE E1",
        "list",
        "list --new",
        "list --from lawyer",
        "show CODE",
        "show CODE --part testimony --revision 1",
        "extract CODE E1 --out out.mp4",
        "extract CODE E1 --out -",
        "log",
        "log CODE",
        "share --update --override unasked --yes",
        "unshare CODE --from lawyer --yes",
        "shares",
        "shares CODE --contact lawyer",
        "inbox",
        "accept --from THEIRS",
        "ingest cases.jsonl",
        "check",
        "check --read-data",
        "check --accept-rollback",
        "contact list",
        "contact verify lawyer",
        "contact remove lawyer",
        "contact add other --card card",
        "open case.age",
        "open case.age --out out",
        "verify case.age",
        "import case.age",
    ];
    let word = |word: &'a str| match word {
        "CODE" => code,
        "THEIRS" => theirs,
        other => other,
    };
    let mut all: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').map(word).collect()).collect();
    all.push([&["share", code][..], &give].concat());
    all.push([&["export", code, "--out", "x.age"][..], &give].concat());
    all
}

/// Files that the entrances name, in the activist's home, and a vault in which something was shared with them.
fn prepare(pair: &Pair) -> String {
    let code = pair.lawyer.new_case();
    pair.lawyer.run_with(&["put", &code, "notes"], "заңгердің жазбасы").succeeds();
    let give = ["--to", "activist", "--parts", "notes", "--override", "unasked", "--unverified", "--yes"];
    pair.lawyer.run(&[&["share", code.as_str()][..], &give].concat()).succeeds();
    pair.activist.write("cases.jsonl", "{\"parts\":{\"notes\":{\"text\":\"куә\"}}}\n");
    std::fs::copy(pair.lawyer.path("case.age"), pair.activist.path("case.age")).unwrap();
    pair.lawyer.path("vault").to_str().unwrap().to_owned()
}

fn set_version(header: &Path, first_line: &str) {
    let text = std::fs::read_to_string(header).unwrap();
    std::fs::write(header, text.replacen("sanduq vault 1\n", first_line, 1)).unwrap();
}

/// Fails when `init` does not look at the header.
#[test]
fn a_later_vault_is_answered_at_every_entrance_and_left_untouched() {
    let pair = Pair::new();
    let theirs = prepare(&pair);
    let header = pair.activist.path("vault/vault");
    set_version(&header, "sanduq vault 2\n");
    let all = entrances(&pair.code, &theirs);
    assert!(all.len() >= 36);
    all.iter().for_each(|args| answered(&pair.activist, args));
    // Its recipients, and whoever names it as the other's folder.
    let vault = pair.activist.path("vault").to_str().unwrap().to_owned();
    let code = pair.code.as_str();
    for args in [
        &["list"][..],
        &["show", code],
        &["extract", code, "E1", "--out", "-"],
        &["check"],
        &["inbox"],
        &["put", code, "notes"],
    ] {
        answered(&pair.lawyer, &[args, &["--vault", &vault]].concat());
    }
    answered(&pair.lawyer, &["inbox", "--from", &vault]);
    answered(&pair.lawyer, &["accept", "--from", &vault]);
    // Nothing but the first line counts.
    std::fs::write(&header, b"sanduq vault 17\n\xff\x00 and more").unwrap();
    answered(&pair.activist, &["list"]);
}

/// Writes a later version of an object in the place of this version's.
fn replace(
    pair: &Pair,
    (name, kind, key): (ObjectName, ObjectType, &ObjectKey),
    change: impl Fn(&[u8]) -> Vec<u8>,
) {
    let path = pair.activist.path("vault").join(name.path());
    let content = open_object(key, kind, &std::fs::read(&path).unwrap()).unwrap();
    std::fs::write(path, seal_object(key, kind, &change(&content))).unwrap();
}

/// Fails when `Log::heads` leaves out what a later version announced.
#[test]
fn later_entries_and_genesis_are_answered_at_every_entrance_and_left_untouched() {
    for kind in [ObjectType::Genesis, ObjectType::Entry] {
        let pair = Pair::new();
        let theirs = prepare(&pair);
        for (name, (found, key)) in pair.keys() {
            if found == kind {
                replace(&pair, (name, kind, &key), newer);
            }
        }
        for args in entrances(&pair.code, &theirs) {
            // `init` asks only whether a vault is there, and `inbox` only what others shared here.
            if !["init", "inbox"].contains(&args[0]) {
                answered(&pair.activist, &args);
            }
        }
    }
}

/// A later version of what is signed, signed anew by who may.
fn newer_core(scene: &Scene, kind: ObjectType, content: &[u8]) -> Vec<u8> {
    let owner = &scene.owner.desktop.identity;
    match kind {
        ObjectType::Entry => {
            let mut entry: Entry = decode(content).unwrap();
            entry.core = ByteBuf::from(newer(&entry.core));
            entry.sig = owner.sign(SignatureLabel::Entry, &entry.core);
            encode(&entry)
        }
        _ => {
            let mut revision: Revision = decode(content).unwrap();
            revision.core = ByteBuf::from(newer(&revision.core));
            revision.sig = owner.sign(SignatureLabel::Revision, &revision.core);
            encode(&revision)
        }
    }
}

/// Whether everything that an owner can read leads to the answer.
fn is_answered(scene: &Scene, name: ObjectName, content: &[u8]) -> bool {
    let (kind, key) = &scene.keys[&name];
    let object = seal_object(key, *kind, content);
    let store: Arc<dyn Store> = Altered::new(&scene.store, &[(name, &object)]);
    scene.owner_reads(&store) == Err("Newer".into())
}

/// Read by every way an owner has, `check` last.
#[test]
fn a_later_version_of_any_object_is_no_damage() {
    let (small, large) = (Scene::small(), Scene::large());
    for (scene, kind) in [
        (&small, ObjectType::Genesis),
        (&small, ObjectType::Entry),
        (&small, ObjectType::Revision),
        (&large, ObjectType::Operations),
    ] {
        let name = *scene.of_kind(kind).last().unwrap();
        let (kind, key) = &scene.keys[&name];
        let content = open_object(key, *kind, &scene.bytes(name)).unwrap();
        assert!(is_answered(scene, name, &newer(&content)), "{kind:?}");
        if matches!(kind, ObjectType::Entry | ObjectType::Revision) {
            assert!(is_answered(scene, name, &newer_core(scene, *kind, &content)), "core of {kind:?}");
        }
    }
}

/// A later index of a run: read before its digest is compared.
#[test]
fn a_later_run_is_no_damage() {
    let scene = Scene::small();
    let (_, name) = *scene.required().iter().find(|(kind, _)| *kind == ObjectType::Run).unwrap();
    let (kind, key) = &scene.keys[&name];
    let mut content = open_object(key, *kind, &scene.bytes(name)).unwrap().to_vec();
    let end = content.len() - 4;
    let length = u32::from_be_bytes(content[end..].try_into().unwrap()) as usize;
    let index = newer(&content[end - length..end]);
    content[end - length..end].copy_from_slice(&index);
    assert!(is_answered(&scene, name, &content));
}

fn reader_of(scene: &Scene, changes: &[(ObjectName, &[u8])]) -> Result<Vec<Finding>, VaultError> {
    scene.reader.forget();
    let store: Arc<dyn Store> = Altered::new(&scene.store, changes);
    let shared = SharedVault::open(store, scene.reader.desktop.clone())?;
    shared.cases()?;
    Ok(shared.findings().to_vec())
}

/// Fails when a later card in it counts as a malformed one.
#[test]
fn a_later_grant_is_skipped_by_name_and_alone_it_is_the_answer() {
    use sanduq::crypto::age::file::{AgeReader, AgeWriter};
    use std::io::{Read as _, Write as _};
    let scene = Scene::small();
    let (owner, reader) = (&scene.owner.desktop.identity, &scene.reader.desktop.identity);
    let messages = scene.of_kind(ObjectType::Message);
    let (kind, key) = &scene.keys[&messages[0]];
    let age = open_object(key, *kind, &scene.bytes(messages[0])).unwrap();
    let mut bytes = Vec::new();
    AgeReader::open(age.as_slice(), &reader.age_keys()).unwrap().read_to_end(&mut bytes).unwrap();
    let grant: Grant = decode(&bytes).unwrap();
    let (core, content): (GrantCore, GrantContent) =
        (decode(&grant.core).unwrap(), decode(&grant.content).unwrap());
    let sign = |core: Vec<u8>, content: &[u8]| Grant {
        sig: owner.sign(SignatureLabel::Grant, &core),
        core: ByteBuf::from(core),
        content: ByteBuf::from(content),
    };
    let with = |content: Vec<u8>| {
        let core = GrantCore { content: sha256(&content), ..core.clone() };
        encode(&sign(encode(&core), &content))
    };
    let card = ByteBuf::from(newer(&owner.card().encode()));
    let later = [
        newer(&bytes),
        encode(&sign(newer(&grant.core), &grant.content)),
        with(newer(&grant.content)),
        with(encode(&GrantContent { cards: vec![card], ..content })),
    ];
    for (i, grant) in later.iter().enumerate() {
        let mut sealer = AgeWriter::seal(Vec::new(), &reader.card().hybrid()).unwrap();
        sealer.write_all(grant).unwrap();
        let object = seal_object(key, *kind, &sealer.finish().unwrap());
        let (first, second) = ((messages[0], &object[..]), (messages[1], &b""[..]));
        assert_eq!(reader_of(&scene, &[first]).unwrap(), [Finding::NewerGrant], "{i}");
        assert!(matches!(reader_of(&scene, &[first, second]), Err(VaultError::Newer)), "alone, {i}");
    }
}

/// Not even a command that would write them anew does so.
#[test]
fn later_files_beside_the_identity_are_answered_and_left_untouched() {
    let pair = Pair::new();
    let identity = pair.activist.identity();
    let config = pair.activist.path(".config/sanduq");
    let store = sanduq::store::LocalStore::open(&pair.activist.path("vault")).unwrap();
    let vault = sanduq::vault::read_header(&store).unwrap();
    let (memory_key, memory_name) = identity.memory_key(&vault);
    let memory: String = memory_name.iter().map(|byte| format!("{byte:02x}")).collect();
    let files = [
        ("identity.contacts".to_owned(), ObjectType::AddressBook, identity.address_book_key()),
        (format!("identity.memory/{memory}"), ObjectType::Memory, memory_key),
        ("identity.memory/places".to_owned(), ObjectType::Places, identity.places_key()),
    ];
    for (name, kind, key) in files {
        let path = config.join(&name);
        let whole = std::fs::read(&path).unwrap();
        let later = seal_object(&key, kind, &newer(&open_object(&key, kind, &whole).unwrap()));
        std::fs::write(&path, later).unwrap();
        for args in [&["list"][..], &["put", &pair.code, "notes"], &["new"], &["check"], &["contact", "list"]]
        {
            answered(&pair.activist, args);
        }
        std::fs::write(&path, whole).unwrap();
    }
    pair.activist.run(&["list"]).succeeds();
}

/// A revision of a later version beside others: what holds it is answered, the rest is read.
#[test]
fn a_later_revision_is_answered_where_it_is_read() {
    let pair = Pair::new();
    let code = pair.code.as_str();
    pair.activist.run_with(&["put", code, "notes"], "бүтін").succeeds();
    let before = pair.keys();
    pair.activist.run_with(&["put", code, "medical"], "кейін").succeeds();
    let after = pair.keys();
    let (name, (kind, key)) = after
        .iter()
        .find(|(name, (kind, _))| *kind == ObjectType::Revision && !before.contains_key(name))
        .unwrap();
    replace(&pair, (*name, *kind, key), newer);
    let give = ["--to", "lawyer", "--parts", "medical", "--override", "unasked", "--yes", "--unverified"];
    for args in [
        &["show", code][..],
        &["show", code, "--part", "medical"],
        &["put", code, "medical", "--add"],
        &["check"],
        &[&["export", code, "--out", "x.age"][..], &give].concat(),
    ] {
        answered(&pair.activist, args);
    }
    assert!(pair.activist.run(&["show", code, "--part", "notes"]).succeeds().out.contains("бүтін"));
}

/// Versions below 1 are no versions, and a cost is not one either: none of them is called newer.
#[test]
fn what_is_no_version_is_damage() {
    let pair = Pair::new();
    for line in ["sanduq vault 0\n", "sanduq vault x\n", "sanduq vault -2\n", "sanduq wallet 2\n"] {
        let header = pair.activist.path("vault/vault");
        let whole = std::fs::read(&header).unwrap();
        set_version(&header, line);
        pair.activist.run(&["list"]).fails(12, "is damaged or missing");
        std::fs::write(&header, whole).unwrap();
    }
    assert!(!KdfCost { memory_kib: u32::MAX, passes: 1, lanes: 1 }.is_permitted());
    let scene = Scene::small();
    let name = scene.of_kind(ObjectType::Genesis)[0];
    let (kind, key) = &scene.keys[&name];
    let mut content = open_object(key, *kind, &scene.bytes(name)).unwrap().to_vec();
    content[3] = 0;
    let object = seal_object(key, *kind, &content);
    let store: Arc<dyn Store> = Altered::new(&scene.store, &[(name, &object)]);
    let opened = Vault::open(store, scene.owner.desktop.clone());
    assert!(matches!(opened, Err(VaultError::Damaged(..))));
    assert_eq!(ObjectName::new(object_name(key)), name);
    assert!(decode::<RevisionCore>(&content).is_err());
}
