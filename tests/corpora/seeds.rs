//! Writes what the fuzzer starts from: real objects, and the age test kit.

#![allow(clippy::disallowed_methods, reason = "a generator writes files")]

use std::fs;
use std::io::{Read as _, Write as _};

use sanduq::crypto::age::file::AgeWriter;
use sanduq::crypto::age::recipient::AgeRecipient;
use sanduq::crypto::minisign::{MinisignHasher, MinisignKey};
use sanduq::crypto::{
    Identity, ObjectType, Passphrase, SignatureLabel, random_key, seal_identity, seal_object, sha256,
};
use sanduq::format::{
    AddressBook, Contact, ContactCore, Entry, EntryPrivate, Fact, FactKey, Genesis, GivenFact, Grant,
    GrantContent, GrantCore, GrantedCase, GrantedRevision, Head, KdfCost, Mark, Memory, MessageFact,
    ObjectRef, OpenedFact, Operations, PlaceOfVault, Places, Row, RowValue, RunRef, SeenMessage, TitleFact,
    VaultHeader, build_run, encode, encode_value,
};
use sanduq::record::{CaseId, Digest, FactId, VaultId, Writer};
use serde_bytes::{ByteArray, ByteBuf};

use super::checks::age_files::KEYS;
use super::checks::sealed::key;
use super::fuzz;
use crate::age_vectors::vectors;
use crate::support::bundles::{Story, story};
use crate::support::people::at;

/// Largest seed: the fuzzer learns little from more.
const MAX_SEED_BYTES: usize = 20 << 10;

fn seed(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    let folder = fuzz().join("corpus").join(target);
    fs::create_dir_all(&folder).unwrap();
    if bytes.as_ref().len() <= MAX_SEED_BYTES {
        fs::write(folder.join(format!("seed-{name}")), bytes).unwrap();
    }
}

fn known(name: &str, bytes: &[u8]) {
    fs::write(fuzz().join("known").join(name), bytes).unwrap();
}

/// Files of `known/` stay as they are, for kept inputs know their keys; an empty one is made anew.
#[test]
#[ignore = "generator: writes the seeds in fuzz/corpus, and what is empty in fuzz/known"]
fn seeds() {
    if fs::read(fuzz().join("known/object")).unwrap().is_empty() {
        sealed();
        age_files();
    }
    let story = story();
    bundles(&story);
    structures(&story);
    state();
    texts();
}

fn sealed() {
    let cost = KdfCost { memory_kib: 64, passes: 1, lanes: 1 };
    let passphrase = Passphrase::new(String::from("жеті жұлдыз"));
    let file = seal_identity(&Identity::generate(), &passphrase, cost).unwrap();
    known("identity_file", &file);
    seed("identity_file", "known", file);
    for (name, cost) in [("high", KdfCost::HIGH), ("standard", KdfCost::STANDARD), ("low", KdfCost::LOW)] {
        let header = sanduq::format::IdentityHeader { cost, salt: [1; 32] };
        seed("identity_file", name, [&header.encode()[..], &[2; 32], &[3; 528]].concat());
    }
    let object = seal_object(&key(), ObjectType::Revision, "күндіз көрдім".as_bytes());
    known("object", &object);
    seed("object", "chunk", &object[56..]);
    seed("object", "known", object);
    seed("object", "entry", seal_object(&key(), ObjectType::Entry, &[5; 1000]));
}

/// A file to one of the keys of all corpora.
fn age_file(recipient: &AgeRecipient) -> Vec<u8> {
    let mut writer = AgeWriter::seal(Vec::new(), recipient).unwrap();
    writer.write_all("мен көрдім".as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn age_files() {
    let hybrid = age_file(&KEYS.hybrid_recipient());
    let stanza = stanzas(&hybrid).into_iter().find(|stanza| stanza.starts_with(b"-> mlkem768x25519 "));
    known("hybrid_stanza", stanza.as_ref().unwrap());
    seed("hybrid_stanza", "known", stanza.unwrap());
    seed("age_prescan", "hybrid", hybrid);
    seed("age_prescan", "classic", age_file(&KEYS.classic_recipient()));
    for vector in vectors() {
        seed("age_prescan", &vector.name, &vector.file);
        if vector.name.starts_with("hybrid") {
            seed("hybrid_stanza", &vector.name, stanzas(&vector.file).concat());
        }
    }
}

/// The stanzas of a binary age file.
fn stanzas(file: &[u8]) -> Vec<Vec<u8>> {
    let mut stanzas: Vec<Vec<u8>> = Vec::new();
    for line in file.split_inclusive(|byte| *byte == b'\n').skip(1) {
        match (line.starts_with(b"-> "), line.starts_with(b"--- "), stanzas.last_mut()) {
            (true, ..) => stanzas.push(line.to_vec()),
            (_, false, Some(stanza)) => stanza.extend(line),
            _ => break,
        }
    }
    stanzas
}

fn bundles(story: &Story) {
    let (file, _) = story.write_to(&KEYS.hybrid_recipient()).unwrap();
    let mut archive = Vec::new();
    sanduq::crypto::age::file::AgeReader::open(&file[..], &KEYS).unwrap().read_to_end(&mut archive).unwrap();
    let mut walker = sanduq::bundle::tar::TarWalker::new(&archive[..], Default::default());
    let mut short = sanduq::bundle::tar::TarWriter::new(Vec::new());
    let (mut texts, mut short_files) = (0, 0);
    while let Some(mut entry) = walker.next_entry().unwrap() {
        let path = entry.path().as_str().to_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let name = path.rsplit('/').next().unwrap();
        match name {
            "manifest-sha256.txt" | "tagmanifest-sha256.txt" => seed("bag", name, &content),
            "bag-info.txt" => seed("bag", name, &content),
            "tagmanifest-sha256.txt.minisig" => seed("minisign", name, &content),
            "signer.card" => seed("card", name, &content),
            "part.json" => {
                texts += 1;
                seed("part_json", &texts.to_string(), &content);
            }
            _ => {}
        }
        if content.len() < 700 && short_files < 4 {
            short_files += 1;
            short.begin(&path, content.len() as u64).unwrap();
            short.write_all(&content).unwrap();
        }
    }
    seed("tar", "short", short.finish().unwrap());
    seed("tar", "empty", [0; 1024]);
    let key = MinisignKey::from_seed(&[5; 32]);
    seed("minisign", "known", key.sign(&MinisignHasher::new().finish(), "sanduq bundle 1 id=00").unwrap());
    seed("minisign", "key", key.public().to_string());
    seed("card", "classic", KEYS.classic_recipient().to_string());
    seed("card", "hybrid", KEYS.hybrid_recipient().to_string());
    seed("card", "encoded", story.lawyer.card().encode());
}

fn structures(story: &Story) {
    let revisions = story.parcel.cases.iter().flat_map(|case| &case.revisions);
    for (number, revision) in revisions.enumerate() {
        let mut revision = revision.clone();
        revision.exhibits.iter_mut().for_each(|exhibit| exhibit.segments = vec![random_key()]);
        seed("revision", &number.to_string(), encode(&revision));
        seed("revision", &format!("{number}-core"), &revision.core);
        seed("cbor", &format!("revision-{number}"), encode(&revision));
    }
    let extract = &story.parcel.log[0];
    let operations: Vec<ByteBuf> =
        extract.openings.iter().map(|opening| ByteBuf::from(opening.operation.clone())).collect();
    let head = Head { writer: Writer::new([6; 16]), n: 3, hash: Digest::new([9; 32]) };
    let object = ObjectRef { key: random_key(), digest: Digest::new([1; 32]), count: 700 };
    for (name, object) in [("inline", None), ("object", Some(object))] {
        let inline = if object.is_some() { vec![] } else { operations.clone() };
        let private =
            EntryPrivate { salt: random_key(), heads: vec![head], inline, object, runs: vec![run_ref()] };
        let private = ByteBuf::from(encode(&private));
        let entry = Entry { core: ByteBuf::from(extract.core.clone()), sig: extract.sig, private };
        seed("entry", name, encode(&entry));
        seed("cbor", &format!("entry-{name}"), encode(&entry));
    }
    seed("entry", "operation", &operations[0]);
    seed("entry", "operations", encode(&Operations { operations }));
    let (vault, owner) = (VaultId::new([5; 32]), story.lawyer.card().hash());
    seed("entry", "genesis", encode(&Genesis { vault, owner, secret: random_key(), former: vec![] }));
    grants(story);
    seed("cbor", "header", VaultHeader { vault }.encode());
    let contact_core = ContactCore { owner, card: owner, label: "адвокат".parse().unwrap() };
    seed("cbor", "contact-core", encode(&contact_core));
    memories(story, head);
}

fn run_ref() -> RunRef {
    RunRef { key: random_key(), digest: Digest::new([2; 32]), rows: 12 }
}

fn grants(story: &Story) {
    let case = &story.parcel.cases[0];
    let revision = sanduq::record::RevisionId::new([4; 32]);
    let part = "person/doctor".parse().unwrap();
    let revisions = vec![GrantedRevision { part, key: random_key(), revision }];
    let cards = vec![ByteBuf::from(story.activist.card().encode())];
    for (name, cards) in [("with-card", cards), ("without", vec![])] {
        let cases = vec![GrantedCase { case: case.case, revisions: revisions.clone() }];
        let content = encode(&GrantContent { cases, cards });
        let core = encode(&GrantCore {
            vault: VaultId::new([5; 32]),
            sender: story.lawyer.card().hash(),
            recipient: story.agency.card().hash(),
            writer: Writer::new([6; 16]),
            n: 1,
            time: at(0),
            content: sha256(&content),
        });
        let sig = story.lawyer.sign(SignatureLabel::Grant, &core);
        seed("grant", &format!("{name}-core"), &core);
        let grant = Grant { core: core.into(), sig, content: content.into() };
        seed("grant", name, encode(&grant));
    }
}

fn memories(story: &Story, head: Head) {
    let contact = Contact {
        id: FactId::new([1; 16]),
        label: "адвокат".parse().unwrap(),
        card: None,
        age: Some(KEYS.classic_recipient().to_string()),
        verified: Some(ByteArray::new([3; 64])),
        added: at(0),
        replaces: vec![FactId::new([2; 16])],
    };
    seed("cbor", "contact", contact.to_value());
    seed("cbor", "address-book", encode(&AddressBook { contacts: vec![contact] }));
    let message = SeenMessage { sender: story.lawyer.card().hash(), writer: Writer::new([6; 16]), n: 1 };
    let mark = Some(Mark { n: 1, hash: Digest::new([7; 32]) });
    let memory = Memory {
        vault: VaultId::new([5; 32]),
        place: Digest::new([8; 32]),
        writer: Some(Writer::new([6; 16])),
        marked: mark,
        pending: None,
        runs: vec![run_ref()],
        heads: vec![head],
        messages: vec![message],
        accepted: vec![],
        listed: vec![],
    };
    seed("cbor", "memory", encode(&memory));
    let place = PlaceOfVault { path: Digest::new([1; 32]), vault: VaultId::new([5; 32]) };
    seed("cbor", "places", encode(&Places { places: vec![place] }));
}

fn row<F: Fact>(case: u8, fact: &F) -> Row {
    let value = fact.to_value();
    let key = FactKey { case: CaseId::new([case; 16]), kind: F::KIND as u8, id: fact.id(&sha256(&value)) };
    Row { key, value: RowValue::new(value) }
}

fn state() {
    let to = Identity::generate().card().hash();
    let title = TitleFact { title: "Көрші үй".parse().unwrap(), time: at(1), replaces: vec![] };
    let message = MessageFact { to, writer: Writer::new([6; 16]), n: 0, time: at(2), cases: 1 };
    let given = GivenFact {
        to: to.into(),
        time: at(3),
        writer: Writer::new([6; 16]),
        n: 0,
        bundle: None,
        revisions: vec![],
        purpose: None,
    };
    let rows =
        [row(0, &message), row(1, &OpenedFact { time: at(1), via: None }), row(1, &title), row(1, &given)];
    rows.iter().enumerate().for_each(|(n, row)| seed("cbor", &format!("fact-{n}"), &*row.value));
    let (content, index) = build_run(&rows, sha256).unwrap();
    let tail = index.len() + 4;
    seed("run", "block", &content[..content.len() - tail]);
    seed("run", "index", &content[content.len() - tail..]);
    seed("run", "whole", content);
    seed("run", "empty", build_run(&[], sha256).unwrap().0);
    seed("cbor", "text", encode_value("мәтін"));
}

fn texts() {
    let attacks = [
        "Айгүл: «әкемді түнде алып кетті»\r\nشهد أحمدُ\n张伟说\t.",
        "a\u{1b}[38;2;1;2;3mred\u{1b}[0m\u{9b}31m",
        "\u{1b}]8;;https://x.example\u{1b}\\text\u{1b}]52;c;cm0=\u{7}\u{9d}0;x\u{9c}",
        "a\u{202e}txt.exe\u{202c}\u{2067}b\u{2069}\u{2028}c\u{e0001}\u{e0041}\u{e007f}\u{fff9}d\u{fffb}",
        "\u{1b}Pq#0\u{1b}\\\u{1b}(0\u{1b}c\u{1b}",
    ];
    attacks.iter().enumerate().for_each(|(n, text)| seed("sanitizer", &n.to_string(), text));
    let lines = [
        r#"{"title":"Көрші үй","parts":{"testimony":{"text":"көрдім\n","lang":"kk"}},"exhibits":["a/b.jpg"]}"#,
        r#"{"title":null,"parts":{"person/doctor":{"text":"e\u0301\r\n"}}}"#,
        "",
        r#"{"parts":{"notes":{"text":"x","lang":"u"}}}"#,
        r#"{"title":"a","title":"b"}"#,
    ];
    lines.iter().enumerate().for_each(|(n, line)| seed("ingest", &format!("jsonl-{n}"), line));
    seed("ingest", "jsonl-all", lines.join("\n"));
    let tables = [
        "title,testimony,testimony.lang,person/doctor\nҮй,\"көрдім, \"\"иә\"\"\n\",kk,Гүлнар\n",
        "\u{feff}testimony\r\nbir\r\n\r\n\"eki\r\nüç\"\r\n",
        "title;testimony\na;b\n",
        "notes,notes.lang\n\"open,kk\n",
    ];
    tables.iter().enumerate().for_each(|(n, table)| seed("ingest", &format!("csv-{n}"), table));
    forms();
}

/// Forms: as people write them, as revisions hold them, and a slip.
fn forms() {
    let toml = "[[statement]]\nid = \"S1\"\nlang = \"kk-Cyrl\"\ntext = \"\"\"\nМен көрдім.\n\"\"\"\n\n[[statement]]\nlang = \"ug-Arab\"\n\
                text = \"مەن كۆردۈم\"\ntranslation_of = \"S1\"\n\n[[event]]\nid = \"V1\"\ndate = { said = \"in November 201\", edtf = \"201X-11\" }\n\
                place = { said = \"塔城\", level = \"district\" }\ntype_of_act = [\"arrest\", \"030102\"]\n";
    let person = "[[person]]\nid = \"P1\"\nname = [{ text = \"Айдос\", lang = \"kk-Cyrl\", kind = \"birth\" }]\nminor = false\n\
                  age = { years = 34, as_of = \"2021-01\" }\n[[consent]]\nperson = \"P1\"\nstatus = \"refused\"\n";
    let medical = r#"{"finding":{"id":"F1","patient":"P1","kind":"physical","degree":"typical_of","description":"x"},
        "document":[{"id":"D1","kind":"x-letter","issuer":"y","expires":"2021-10-16"}]}"#;
    let amount =
        r#"{"amount":[{"id":"A1","what":"fine","amount":300000,"currency":"CNY"}],"whereabouts":[]}"#;
    for (name, kind, text) in
        [("toml", "testimony", toml), ("person", "person", person), ("json", "medical", medical)]
    {
        seed("form", name, text);
        let form = sanduq::format::read_form(text, kind).unwrap();
        seed("form", &format!("{name}-written"), sanduq::format::write_form(&form));
    }
    seed("form", "amount", amount);
    seed("form", "slip", toml.replace("lang", "lagn"));
    seed("form", "template", sanduq::format::template("whereabouts"));
    seed("form", "newer", "{\n  \"sanduq\": \"form 2\"\n}\n");
}
