//! A form that a later version wrote, beside one of this version: named, left out, and no damage.

use sanduq::crypto::{
    ObjectType, SignatureLabel, case_code, object_name, random, random_key, seal_object, sha256,
};
use sanduq::format::{EntryPlace, Revision, RevisionCore, RevisionFact, Row, encode, read_form, write_form};
use sanduq::record::{Branch, CaseId, Position, RevisionId, Time, Vector, Writer};
use sanduq::store::{LocalStore, ObjectName, Store as _};
use sanduq::vault::{content_digest, content_of};
use serde_bytes::{ByteArray, ByteBuf};

use super::alike::{commit_elsewhere, opened, row};
use crate::support::program::Home;

/// Signs and puts a revision that holds this form, whatever it is, and gives the fact that tells of it.
fn put_form(home: &Home, case: CaseId, part: &str, form: String) -> Row {
    let identity = home.identity();
    let (author, branch, time) =
        (identity.card().hash(), Branch::new(random()), Time::from_seconds(1_795_356_000));
    let alone: [&RevisionFact; 0] = [];
    let vector = Vector::joining(alone, author, Position { author, branch, index: 0 });
    let part: sanduq::record::PartName = part.parse().unwrap();
    let mut core = RevisionCore {
        case,
        part: part.clone(),
        branch,
        index: 0,
        vector: vector.clone(),
        content: sha256(b""),
        exhibits: vec![],
        author,
        time,
    };
    let mut revision = Revision {
        core: ByteBuf::new(),
        sig: ByteArray::new([0; 64]),
        random: ByteArray::new(random()),
        lang: None,
        text: None,
        exhibits: vec![],
        removed: vec![],
        form: Some(form),
    };
    core.content = content_digest(&content_of(&revision, &core));
    let signed = encode(&core);
    revision.sig = identity.sign(SignatureLabel::Revision, &signed);
    let (id, key) = (RevisionId::new(*sha256(&signed).as_bytes()), random_key());
    revision.core = ByteBuf::from(signed);
    let store = LocalStore::open(&home.path("vault")).unwrap();
    let object = seal_object(&key, ObjectType::Revision, &encode(&revision));
    store.put_new(ObjectName::new(object_name(&key)), &object).unwrap();
    let entry = EntryPlace { writer: Writer::new(random()), n: 0, operation: 0 };
    row(
        case,
        &RevisionFact {
            part,
            revision: id,
            key,
            author,
            branch,
            index: 0,
            vector,
            time,
            entry,
            via: None,
            people: None,
        },
    )
}

/// Fails when it counts as damage, hides what this version can read, or is passed over without a word.
#[test]
fn a_form_of_a_later_version_is_named_and_left_out() {
    let home = Home::with_cheap_vault();
    let case = CaseId::new(random());
    let text = r#"{"event": {"id": "V1", "type_of_act": ["x-hearing"], "date": {"edtf": "2900"}}}"#;
    let form = write_form(&read_form(text, "notes").unwrap());
    let later = form.replace("form 1", "form 2").replace("x-hearing", "y-later");
    let mut rows = vec![put_form(&home, case, "testimony", later), put_form(&home, case, "notes", form)];
    rows.extend(opened(case));
    commit_elsewhere(&home, rows);
    let code = case_code(&case).to_string();
    let said = "a form written by a newer sanduq: use that one to read it\n";
    assert!(home.run(&["show", &code]).succeeds().out.contains(said));
    for (command, shown) in [
        (
            &["timeline", &code][..],
            "|   2900; between 2900-01-01 and 2900-12-31\n|       event V1: hearing\n",
        ),
        (&["timeline", &code, "--conflicts"], "no accounts differ"),
        (&["due", "--within", "1000y"], "|       event V1 is a hearing\n"),
    ] {
        let page = home.run(command).succeeds().out;
        assert!(page.contains(&format!("\nSKIPPED: {code} testimony: {said}")), "{page}");
        assert!(page.contains(shown) && !page.contains("y-later"), "{page}");
    }
    let json = home.json(&["due"], "");
    assert_eq!(
        (json["newer"][0].as_str(), json["damaged"].as_array().unwrap().len()),
        (Some(&*format!("{code} testimony")), 0)
    );
}
