//! Two cases with one code, as a merge of two devices may bring them: told apart everywhere, guessed at nowhere.

use std::collections::HashMap;
use std::sync::Arc;

use sanduq::crypto::{
    Chain, Identity, LeafKind, LeafSalts, ObjectType, Passphrase, SignatureLabel, case_code, case_digest,
    object_name, open_identity, open_object, random, random_key, seal_object, sha256,
};
use sanduq::format::{
    CodeFact, Entry, EntryCore, EntryPrivate, Fact, FactKey, Genesis, OpenedFact, Row, RowValue, RunRef,
    build_run, decode, encode,
};
use sanduq::record::{CaseId, Time, Writer};
use sanduq::store::{LocalStore, ObjectName, Store};
use sanduq::vault::read_header;
use serde_bytes::ByteBuf;

use crate::support::program::{Home, OVERRIDE, PASSPHRASE};

/// Case ids that differ and have one code: among a few hundred thousand, codes of 35 bits meet.
fn two_alike() -> [CaseId; 2] {
    let mut seen = HashMap::new();
    let ids = (0_u128..).map(|n| CaseId::new((u128::from_be_bytes(random()) ^ n).to_be_bytes()));
    for case in ids {
        let [a, b, c, d, e, ..] = *case_digest(&case).as_bytes();
        if let Some(other) = seen.insert([a, b, c, d, e & 0xe0], case) {
            return [other, case];
        }
    }
    unreachable!("ids do not end")
}

pub(super) fn row<F: Fact>(case: CaseId, fact: &F) -> Row {
    let value = fact.to_value();
    let id = fact.id(&sha256(&value));
    Row { key: FactKey { case, kind: F::KIND as u8, id }, value: RowValue::new(value) }
}

/// That a case was opened.
pub(super) fn opened(case: CaseId) -> [Row; 2] {
    let time = Time::from_seconds(1_795_356_000);
    let code = CodeFact { case, digest: case_digest(&case) };
    [row(case, &OpenedFact { time, via: None }), row(CaseId::VAULT, &code)]
}

/// What another device of the same owner committed: these facts. docs/format.md, sections 6 to 8.
pub(super) fn commit_elsewhere(home: &Home, mut rows: Vec<Row>) {
    let file = std::fs::read(home.path(".config/sanduq/identity")).unwrap();
    let identity: Arc<Identity> =
        Arc::new(open_identity(&file, &Passphrase::new(PASSPHRASE.to_owned())).unwrap());
    let store = LocalStore::open(&home.path("vault")).unwrap();
    let (vault, owner) = (read_header(&store).unwrap(), identity.card().hash());
    let genesis_key = identity.genesis_key(&vault);
    let sealed = store.get(ObjectName::new(object_name(&genesis_key)), 1 << 20).unwrap();
    let genesis = open_object(&genesis_key, ObjectType::Genesis, &sealed).unwrap();
    let chain = Chain::log(&decode::<Genesis>(&genesis).unwrap().secret);
    let time = Time::from_seconds(1_795_356_000);
    rows.sort_by_key(|row| row.key);
    let (content, index) = build_run(&rows, sha256).unwrap();
    let run = RunRef { key: random_key(), digest: sha256(&index), rows: rows.len() as u64 };
    let name = ObjectName::new(object_name(&run.key));
    store.put_new(name, &seal_object(&run.key, ObjectType::Run, &content)).unwrap();
    let (writer, salt) = (Writer::new(random()), random_key());
    let salts = LeafSalts::new(&salt);
    let (heads, operations) = (salts.root(LeafKind::Head, []), salts.root(LeafKind::Operation, []));
    let private = EntryPrivate { salt, heads: vec![], inline: vec![], object: None, runs: vec![run] };
    let private = encode(&private);
    let digest = sha256(&private);
    let core =
        EntryCore { vault, owner, writer, n: 0, previous: None, heads, time, operations, private: digest };
    let core = encode(&core);
    let sig = identity.sign(SignatureLabel::Entry, &core);
    let entry = encode(&Entry { core: ByteBuf::from(core), sig, private: ByteBuf::from(private) });
    let (name, key) = chain.announcement(&writer);
    store.put_new(ObjectName::new(name), &seal_object(&key, ObjectType::Entry, &entry)).unwrap();
}

/// Fails when the first case found is taken for the one meant, and when a list shows both under one code.
#[test]
fn a_code_that_two_cases_have_is_refused_and_both_show_more_of_theirs() {
    let home = Home::with_vault();
    let cases = two_alike();
    commit_elsewhere(&home, cases.iter().flat_map(|case| opened(*case)).collect());
    let bare = case_code(&cases[0]).to_string();
    assert_eq!(bare, case_code(&cases[1]).to_string());
    let listed = home.json(&["list"], "");
    let longer: Vec<&str> =
        listed.as_array().unwrap().iter().map(|case| case["code"].as_str().unwrap()).collect();
    assert_eq!(longer.len(), 2);
    assert_ne!(longer[0], longer[1]);
    assert!(longer.iter().all(|code| code.starts_with(&bare) && code.len() > bare.len()), "{longer:?}");
    for (args, input) in [
        (vec!["show", &bare], ""),
        (vec!["put", &bare, "notes"], "мәтін"),
        (vec!["title", &bare], "атау"),
        (vec!["share", &bare, "--to", "lawyer", "--parts", "notes", "--override", OVERRIDE], ""),
        (
            vec![
                "export",
                &bare,
                "--to",
                "lawyer",
                "--parts",
                "notes",
                "--override",
                OVERRIDE,
                "--out",
                "b.age",
            ],
            "",
        ),
    ] {
        let refused = home.run_with(&args, input).fails(14, &bare);
        assert!(longer.iter().all(|code| refused.err.contains(code)), "both are named: {}", refused.err);
    }
    home.run_with(&["put", longer[1], "notes"], "екінші іс").succeeds();
    assert!(home.run(&["show", longer[1]]).succeeds().out.contains("екінші іс"));
    assert!(!home.run(&["show", longer[0]]).succeeds().out.contains("екінші іс"));
    home.run(&["check", "--read-data"]).succeeds();
}
