//! Structures in canonical CBOR, and part.json.

use sanduq::format::{
    AddressBook, BundleFact, Card, CardCore, CardFact, CodeFact, Contact, ContactCore, EndedFact, Entry,
    EntryCore, EntryPrivate, Fact, Genesis, GivenFact, Grant, GrantContent, GrantCore, IdentityContent,
    Memory, MessageFact, OpenedFact, Operation, OperationBody, Operations, Places, ReceivedFact, Revision,
    RevisionCore, RevisionFact, RunIndex, Structure, TitleFact, VaultHeader, decode, decode_value, encode,
    encode_value, exhibit_files, parse_part, render_part,
};
use sanduq::record::Vector;

/// What is accepted has this one encoding.
fn one_encoding<T: Structure>(bytes: &[u8]) -> Option<T> {
    let value = decode::<T>(bytes).ok()?;
    assert_eq!(encode(&value), bytes, "{}", T::TYPE);
    assert!(bytes.len() <= T::LIMIT);
    Some(value)
}

fn one_value<T: Fact>(bytes: &[u8]) {
    if let Ok(fact) = T::from_value(bytes) {
        assert_eq!(fact.to_value(), bytes);
    }
}

/// Every structure and every fact: what is accepted has one encoding, and is of one type only.
pub fn cbor(bytes: &[u8]) {
    let accepted = [
        one_encoding::<AddressBook>(bytes).is_some(),
        one_encoding::<Card>(bytes).is_some(),
        one_encoding::<CardCore>(bytes).is_some(),
        one_encoding::<ContactCore>(bytes).is_some(),
        one_encoding::<Entry>(bytes).is_some(),
        one_encoding::<EntryCore>(bytes).is_some(),
        one_encoding::<EntryPrivate>(bytes).is_some(),
        one_encoding::<Genesis>(bytes).is_some(),
        one_encoding::<Grant>(bytes).is_some(),
        one_encoding::<GrantContent>(bytes).is_some(),
        one_encoding::<GrantCore>(bytes).is_some(),
        one_encoding::<IdentityContent>(bytes).is_some(),
        one_encoding::<Memory>(bytes).is_some(),
        one_encoding::<Operations>(bytes).is_some(),
        one_encoding::<Places>(bytes).is_some(),
        one_encoding::<Revision>(bytes).is_some(),
        one_encoding::<RevisionCore>(bytes).is_some(),
        one_encoding::<RunIndex>(bytes).is_some(),
    ];
    assert!(accepted.iter().filter(|accepted| **accepted).count() <= 1);
    one_value::<Contact>(bytes);
    one_value::<MessageFact>(bytes);
    one_value::<CardFact>(bytes);
    one_value::<BundleFact>(bytes);
    one_value::<CodeFact>(bytes);
    one_value::<OpenedFact>(bytes);
    one_value::<TitleFact>(bytes);
    one_value::<RevisionFact>(bytes);
    one_value::<GivenFact>(bytes);
    one_value::<EndedFact>(bytes);
    one_value::<ReceivedFact>(bytes);
    if let Ok(header) = VaultHeader::decode(bytes) {
        assert_eq!(header.encode(), bytes);
    }
}

/// An entry, its halves and its operations: each has one encoding, all the way in.
pub fn entry(bytes: &[u8]) {
    if let Some(entry) = one_encoding::<Entry>(bytes) {
        one_encoding::<EntryCore>(&entry.core);
        private(&entry.private);
    }
    one_encoding::<EntryCore>(bytes);
    private(bytes);
    if let Some(operations) = one_encoding::<Operations>(bytes) {
        operations.operations.iter().for_each(|bytes| operation(bytes));
    }
    operation(bytes);
    one_encoding::<Genesis>(bytes);
}

fn private(bytes: &[u8]) {
    if let Some(private) = one_encoding::<EntryPrivate>(bytes) {
        private.inline.iter().for_each(|bytes| operation(bytes));
    }
}

fn operation(bytes: &[u8]) {
    let Ok(operation) = decode_value::<Operation>(bytes, "operation") else { return };
    assert_eq!(encode_value(&operation), bytes);
    match operation.body() {
        // A body that is not known is kept as it stands in the operation.
        Ok(OperationBody::Unknown(op)) => assert_eq!(op, operation.op),
        Ok(body) => assert_eq!(Operation::new(operation.case, &body), operation),
        Err(_) => {}
    }
}

/// A revision and its core have one encoding; a vector that is proper is the one its joining gives.
pub fn revision(bytes: &[u8]) {
    let whole = one_encoding::<Revision>(bytes);
    let core = whole.as_ref().map_or(bytes, |revision| &revision.core);
    if let Some(core) = one_encoding::<RevisionCore>(core)
        && core.check().is_ok()
    {
        use sanduq::record::Standing as _;
        assert!(core.vector.positions().len() <= Vector::MAX_POSITIONS);
        let joined = Vector::joining([&core], core.author, core.position());
        assert!(joined.is_proper(core.position()));
        assert_eq!(joined, core.vector);
    }
}

/// A grant, its core and its content have one encoding.
pub fn grant(bytes: &[u8]) {
    if let Some(grant) = one_encoding::<Grant>(bytes) {
        one_encoding::<GrantCore>(&grant.core);
        if let Some(content) = one_encoding::<GrantContent>(&grant.content) {
            content.cards.iter().for_each(|card| drop(one_encoding::<Card>(card)));
        }
    }
    one_encoding::<GrantCore>(bytes);
    one_encoding::<GrantContent>(bytes);
}

/// What is accepted renders to the same bytes; names of files are safe.
pub fn part_json(bytes: &[u8]) {
    for statement in [None, Some(&b"\xd1\x81\xd3\xa9\xd0\xb7\n"[..])] {
        let Ok(content) = parse_part(bytes, statement, None) else { continue };
        let rendered = render_part(&content);
        assert_eq!(rendered[0].bytes, bytes);
        assert_eq!(rendered.get(1).map(|file| &file.bytes[..]), statement);
        for file in exhibit_files(&content.exhibits) {
            let name = file.strip_prefix("exhibits/E").expect("a file of an exhibit");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')));
            assert!(name.starts_with(|first: char| first.is_ascii_digit()));
        }
    }
}
