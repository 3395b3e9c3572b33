//! Sections 6 to 8: case codes, revisions and which of them stand, operations, facts.

use sanduq::crypto::{KnownCard, ObjectType, case_code, case_digest, open_object, sha256};
use sanduq::format::{
    BundleFact, CardFact, CodeFact, Contact, EndedFact, Fact, GivenFact, Malformed, MessageFact, OpenedFact,
    Operation, ReceivedFact, Revision, RevisionFact, TitleFact, decode, decode_value, encode_value,
    render_part,
};
use sanduq::record::{
    Branch, CardHash, CaseCode, CaseId, FactId, Position, RevisionId, Standing, Vector as Versions, heads,
};
use sanduq::vault::{Damage, OpenRevision, VaultError, check_revision, content_of};
use serde_json::{Value, json};

use super::vectors::{Vector, check};
use super::{malformed, object_key};

/// Fails when a code is shown or read otherwise (seen with 52 characters taken).
#[test]
fn case_codes() {
    check(include_str!("../vectors/sanduq/case-code.json"), |vector| {
        if vector.has("typed") {
            let code: CaseCode = vector.text("typed").parse().map_err(|_| "code")?;
            assert!(code.names(&case_digest(&CaseId::new(vector.array("case")))));
            return Ok(());
        }
        let case = CaseId::new(vector.array("case"));
        assert_eq!(case_code(&case).to_string(), vector.text("code"));
        for (member, more) in [("longer", 1), ("longest", 10)] {
            assert_eq!(CaseCode::long(&case_digest(&case), more).to_string(), vector.text(member));
        }
        Ok(())
    });
}

fn damage(damage: &Damage) -> &'static str {
    match damage {
        Damage::BadSignature(_) => "signature",
        Damage::Malformed(error) => malformed(*error),
        Damage::UnknownAuthor => "author",
        _ => "refused",
    }
}

fn open_revision(vector: &Vector) -> Result<OpenRevision, &'static str> {
    let key = object_key(&vector.bytes("key"));
    let content = open_object(&key, ObjectType::Revision, &vector.bytes("object")).map_err(|_| "sealed")?;
    let revision: Revision = decode(&content).map_err(malformed)?;
    let (core, id) = check_revision(&revision).map_err(|error| damage(&error))?;
    if id != RevisionId::new(vector.array("id")) {
        return Err("digest");
    }
    let cards = vector.list("cards").into_iter().map(|card| KnownCard::decode(&card).unwrap());
    let author = cards.into_iter().find(|card| card.hash() == core.author).ok_or("author")?;
    let opened = OpenRevision { revision, core, id };
    match opened.check_author(&author) {
        Ok(()) => Ok(opened),
        Err(VaultError::Damaged(_, error)) => Err(damage(&error)),
        Err(_) => Err("refused"),
    }
}

/// Fails when a revision is laid out, digested or bounded otherwise (seen with the content's digest
/// unchecked).
#[test]
fn revisions() {
    check(include_str!("../vectors/sanduq/revision.json"), |vector| {
        let opened = open_revision(vector)?;
        let files = render_part(&content_of(&opened.revision, &opened.core));
        assert_eq!(String::from_utf8_lossy(&files[0].bytes), vector.text("part.json"));
        Ok(())
    });
}

struct Place(Position, Versions);

impl Standing for Place {
    fn position(&self) -> Position {
        self.0
    }

    fn vector(&self) -> &Versions {
        &self.1
    }
}

fn author(number: u64) -> CardHash {
    CardHash::new([u8::try_from(number).unwrap(); 32])
}

fn position(place: &Value) -> Position {
    let number = |member: &str| place[member].as_u64().unwrap();
    let branch = Branch::new([u8::try_from(number("branch")).unwrap(); 16]);
    Position { author: author(number("author")), branch, index: number("index") }
}

/// Fails when what a stranger's revision covers counts otherwise (seen with their whole vector counting).
#[test]
fn which_revisions_stand() {
    check(include_str!("../vectors/sanduq/standing.json"), |vector| {
        let place = |one: &Value| {
            let covered: Vec<Position> = one["vector"].as_array().unwrap().iter().map(position).collect();
            let covered: Versions = decode_value(&encode_value(&covered), "vector").unwrap();
            assert!(covered.is_proper(position(&one["own"])));
            Place(position(&one["own"]), covered)
        };
        let places: Vec<Place> = vector.value("revisions").as_array().unwrap().iter().map(place).collect();
        let found: Vec<usize> = heads(&places, author(vector.number("owner")))
            .into_iter()
            .map(|head| places.iter().position(|place| place.0 == head.0).unwrap())
            .collect();
        assert_eq!(json!(found), *vector.value("heads"), "{}", vector.text("name"));
        Ok(())
    });
}

/// Fails when a body is read otherwise (seen with `from` misspelt).
#[test]
fn operations() {
    check(include_str!("../vectors/sanduq/operation.json"), |vector| {
        let operation: Operation =
            decode_value(&vector.bytes("operation"), "operation").map_err(malformed)?;
        operation.body().map(drop).map_err(malformed)
    });
}

fn fact_id<F: Fact>(value: &[u8]) -> Result<FactId, Malformed> {
    F::from_value(value).map(|fact| fact.id(&sha256(value)))
}

fn card_id(value: &[u8]) -> Result<FactId, Malformed> {
    let fact = CardFact::from_value(value)?;
    Ok(CardFact::id_of(&KnownCard::decode(&fact.card).unwrap().hash()))
}

/// Fails when a fact is read or found otherwise (seen with the id of a code taken from the value).
#[test]
fn facts() {
    check(include_str!("../vectors/sanduq/fact.json"), |vector| {
        let (key, value) = (vector.bytes("key"), vector.bytes("value"));
        let id = match key[16] {
            1 => fact_id::<Contact>(&value),
            2 => fact_id::<MessageFact>(&value),
            3 => card_id(&value),
            4 => fact_id::<BundleFact>(&value),
            5 => fact_id::<CodeFact>(&value),
            16 => fact_id::<OpenedFact>(&value),
            17 => fact_id::<TitleFact>(&value),
            18 => fact_id::<RevisionFact>(&value),
            19 => fact_id::<GivenFact>(&value),
            20 => fact_id::<EndedFact>(&value),
            _ => fact_id::<ReceivedFact>(&value),
        };
        let id = id.map_err(malformed)?;
        (id.as_bytes()[..] == key[17..]).then_some(()).ok_or("place")
    });
}
