//! Attacks on what is shared: by other contacts, by who takes messages away, by hostile numbers and cards.

use ed25519_dalek::{Signer, SigningKey};
use serde_bytes::{ByteArray, ByteBuf};

use super::*;
use crate::format::{Card, GrantContent, GrantedCase, GrantedRevision, ObjectKey, encode};
use crate::vault::mailbox::{Message, Remembered, read_mailbox, seal_message};

/// A message from `from` to `to` in a vault that is not from's.
fn foreign_message(from: &Person, to: &Person, into: &Vault, cases: Vec<GrantedCase>) {
    let vault = into.id();
    let mailbox = from.desktop.identity.mailbox(&vault, from.card(), to.card()).unwrap();
    let writer = Writer::new(random());
    let content = GrantContent { cases, cards: vec![] };
    let message = Message { to: to.card().clone(), writer, n: 0, time: at(50), content };
    let sealed = seal_message(&from.desktop.identity, vault, &mailbox, &message).unwrap();
    into.store().put_new(ObjectName::new(mailbox.name(&writer, 0)), &sealed).unwrap();
}

/// Puts a message of `from` with this number into a vault, as someone who numbers as they like.
fn numbered_message(from: &Person, to: &Person, into: &Vault, (writer, n): (Writer, u64)) {
    let mailbox = from.desktop.identity.mailbox(&into.id(), from.card(), to.card()).unwrap();
    let content = GrantContent { cases: vec![], cards: vec![] };
    let message = Message { to: to.card().clone(), writer, n, time: at(50), content };
    let sealed = seal_message(&from.desktop.identity, into.id(), &mailbox, &message).unwrap();
    into.store().put_new(ObjectName::new(mailbox.name(&writer, n)), &sealed).unwrap();
}

#[test]
fn another_contact_cannot_replace_what_the_vaults_owner_gave() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    let mut vault = a.create();
    let case = new_case(&mut vault, "the truth");
    a.know("reader", &reader);
    reader.know("b, added first", &b);
    reader.know("a", &a);
    let mut vault = a.open();
    share(&mut vault, case, "reader", &["testimony"], 10);
    // b can write into a's folder (or passes a copy of it on), and was given the testimony too.
    let fact = vault.case(case).unwrap().revisions(&part("testimony"))[0].clone();
    let draft = PartDraft { text: Some("a lie".into()), ..PartDraft::default() };
    let lie = forged(&b, case, "testimony", Some(fact.vector), draft);
    let key = put_revision(vault.store(), &lie.revision).unwrap();
    let given = GrantedRevision { part: part("testimony"), key, revision: lie.id };
    foreign_message(&b, &reader, &vault, vec![GrantedCase { case, revisions: vec![given] }]);
    let shared = reader.visit(&a).unwrap();
    let views = shared.views(case).unwrap();
    let authors = |by: &Person| {
        let view = views.iter().find(|view| view.owner == by.card().hash()).unwrap();
        view.heads(&part("testimony")).iter().map(|fact| fact.author).collect::<Vec<_>>()
    };
    assert_eq!(authors(&a), [a.card().hash()], "what a gave is untouched");
    assert_eq!(authors(&b), [b.card().hash()], "what b gave is b's word");
    // Taken in, each came by the one who gave it.
    let mut own = reader.create();
    own.accept(&shared, None, &mut go, at(60)).unwrap();
    let taken = own.case(case).unwrap();
    let via = |fact: &crate::format::RevisionFact| (fact.author, fact.via);
    let all: Vec<_> = taken.revisions(&part("testimony")).iter().map(via).collect();
    for person in [&a, &b] {
        assert!(all.contains(&(person.card().hash(), Some(person.card().hash()))), "{all:?}");
    }
}

#[test]
fn another_contact_cannot_make_what_was_given_unreadable() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    let mut vault = a.create();
    let case = new_case(&mut vault, "the truth");
    a.know("reader", &reader);
    reader.know("b", &b);
    reader.know("a", &a);
    let mut vault = a.open();
    share(&mut vault, case, "reader", &["testimony"], 10);
    let revision = vault.case(case).unwrap().revisions(&part("testimony"))[0].revision;
    let given = GrantedRevision { part: part("testimony"), key: ObjectKey::new([7; 32]), revision };
    foreign_message(&b, &reader, &vault, vec![GrantedCase { case, revisions: vec![given] }]);
    let shared = reader.visit(&a).unwrap();
    let views = shared.views(case).unwrap();
    let view = views.iter().find(|view| view.owner == a.card().hash()).unwrap();
    assert_eq!(view.revisions(&part("testimony")).len(), 1, "{:?}", view.damaged);
    // The case of b is damaged, and taken by nobody; that of a is whole.
    let mut own = reader.create();
    let taken = own.accept(&shared, None, &mut go, at(60)).unwrap();
    assert_eq!((taken.cases, taken.left.len()), (vec![(case, 1)], 1));
}

#[test]
fn a_reference_that_opens_counts_beside_one_of_the_same_sender_that_does_not() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    reader.know("b", &b);
    let vault = a.create();
    let (case, draft) = (CaseId::new([3; 16]), PartDraft { text: Some("x".into()), ..PartDraft::default() });
    let written = forged(&b, case, "testimony", None, draft);
    let key = put_revision(vault.store(), &written.revision).unwrap();
    let given = |key| GrantedRevision { part: part("testimony"), key, revision: written.id };
    let both = vec![given(ObjectKey::new([7; 32])), given(key)];
    foreign_message(&b, &reader, &vault, vec![GrantedCase { case, revisions: both }]);
    let views = reader.visit(&a).unwrap().views(case).unwrap();
    assert_eq!((views[0].revisions(&part("testimony")).len(), views[0].damaged.len()), (1, 0));
}

#[test]
fn a_message_seen_before_and_gone_is_reported() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    for i in 0..4 {
        let case = new_case(&mut vault, "x");
        share(&mut vault, case, "reader", &["testimony"], 10 + i);
    }
    assert_eq!(reader.visit(&a).unwrap().cases().unwrap().len(), 4);
    let sent = vault.state.of_vault::<crate::format::MessageFact>().unwrap();
    let fact = &sent.iter().find(|known| known.fact.n == 2).unwrap().fact;
    let name = vault.mailbox_to(reader.card()).unwrap().name(&fact.writer, 2);
    a.store.delete(ObjectName::new(name)).unwrap();
    let shared = reader.visit(&a).unwrap();
    assert_eq!(shared.cases().unwrap().len(), 3);
    assert!(shared.findings().contains(&Finding::MessageMissing));
}

#[test]
fn numbers_at_which_a_jump_would_land_keep_nobody_waiting() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    reader.know("b", &b);
    let vault = a.create();
    let writer = Writer::new(random());
    for k in 0..64 {
        numbered_message(&b, &reader, &vault, (writer, (1u64 << k) - 1));
    }
    let from = (b.card(), Remembered { seen: &[], accepted: &[] });
    let mailed = read_mailbox(vault.store(), vault.id(), &reader.desktop.identity, from).unwrap();
    let last = mailed.grants.iter().map(|grant| grant.core.n).max();
    assert_eq!(
        (last, mailed.findings),
        (Some(127), vec![Finding::MessageMissing]),
        "127 lies within 64 of 63"
    );
}

#[test]
fn messages_beyond_a_long_gap_are_read_by_who_saw_them_before() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    reader.know("b", &b);
    let vault = a.create();
    let writer = Writer::new(random());
    numbered_message(&b, &reader, &vault, (writer, 300));
    let seen = [crate::format::SeenMessage { sender: b.card().hash(), writer, n: 300 }];
    let read = |seen: &[crate::format::SeenMessage]| {
        let from = (b.card(), Remembered { seen, accepted: &[] });
        read_mailbox(vault.store(), vault.id(), &reader.desktop.identity, from).unwrap()
    };
    assert_eq!(read(&seen).grants.len(), 1, "and without its announcement");
    assert_eq!(read(&seen).findings, [Finding::MessageMissing]);
    assert_eq!(read(&[]).grants.len(), 0);
}

#[test]
fn a_reader_accepts_that_messages_are_gone() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    drop(reader.visit(&a).unwrap());
    let fact = vault.state.of_vault::<crate::format::MessageFact>().unwrap()[0].fact.clone();
    let name = vault.mailbox_to(reader.card()).unwrap().name(&fact.writer, fact.n);
    let name = ObjectName::new(name);
    let message = a.store.get(name, 1 << 20).unwrap();
    a.store.delete(name).unwrap();
    let mut shared = reader.visit(&a).unwrap();
    assert!(shared.is_missing_messages() && shared.cases().unwrap().is_empty());
    shared.accept_missing().unwrap();
    assert!(!shared.is_missing_messages());
    assert!(matches!(reader.visit(&a), Err(VaultError::NothingShared)));
    a.store.put_new(name, &message).unwrap();
    assert!(!reader.visit(&a).unwrap().is_missing_messages(), "it came back");
}

#[test]
fn what_ended_is_left_out_and_what_was_given_later_still_arrives() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let (ended, kept) = (new_case(&mut vault, "ended"), new_case(&mut vault, "kept"));
    share(&mut vault, ended, "reader", &["testimony"], 10);
    let fact = vault.state.of_vault::<crate::format::MessageFact>().unwrap()[0].fact.clone();
    let name = vault.mailbox_to(reader.card()).unwrap().name(&fact.writer, fact.n);
    a.store.delete(ObjectName::new(name)).unwrap();
    let plan = vault.plan_unshare(&[ended], "reader").unwrap();
    vault.unshare(&plan, at(11)).unwrap();
    share(&mut vault, kept, "reader", &["testimony"], 12);
    assert_eq!(a.open().send_missing().unwrap(), 1, "a message that gives nothing announces the writer");
    let shared = reader.visit(&a).unwrap();
    assert_eq!(shared.findings(), []);
    assert!(shared.views(ended).is_err());
    assert!(shared.views(kept).is_ok());
}

#[test]
fn a_vault_known_to_be_ours_without_its_genesis_is_damaged_and_not_anothers() {
    let a = Person::new();
    let vault = a.create();
    a.store.delete(crate::vault::objects::name_of(&a.desktop.identity.genesis_key(&vault.id()))).unwrap();
    assert!(matches!(a.try_open(), Err(VaultError::Damaged(crate::vault::error::Item::Genesis, _))));
    assert!(matches!(a.device().try_open(), Err(VaultError::NotOwner)), "where nothing is remembered");
}

#[test]
fn what_a_reader_remembers_in_a_copied_memory_continues_no_writer() {
    let (a, b) = (Person::new(), Person::new());
    a.know("b", &b);
    b.know("a", &a);
    // b shares in a vault where a is a reader; a's memory of it is made to name a writer, and is copied.
    let mut vault = b.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "a", &["testimony"], 10);
    let Desktop { identity, desk } = &a.desktop;
    let mut memory = crate::format::Memory::blank(vault.id());
    memory.writer = Some(Writer::new(random()));
    desk.remember(identity, &mut memory).unwrap();
    let elsewhere = Desktop {
        identity: identity.clone(),
        desk: Desk::beside(&a._folder.path().join("identity"), b"another"),
    };
    let desk = elsewhere.desk.clone();
    let mut shared = SharedVault::open(b.store, elsewhere).unwrap();
    shared.mark_arrivals().unwrap();
    let Recall::Own(now) = desk.recall(identity, &vault.id()).unwrap() else { panic!("own") };
    assert_eq!(now.writer, None);
}

#[test]
fn a_revision_whose_authors_card_is_gone_is_not_given() {
    let (a, b) = (Person::new(), Person::new());
    let vault = a.create();
    let missing = vault.cards_of([b.card().hash()]);
    assert!(matches!(missing, Err(VaultError::Damaged(crate::vault::error::Item::Card(_), _))));
}

#[test]
fn all_messages_gone_is_reported() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    drop(reader.visit(&a).unwrap());
    let sent = vault.state.of_vault::<crate::format::MessageFact>().unwrap();
    let fact = &sent[0].fact;
    let name = vault.mailbox_to(reader.card()).unwrap().name(&fact.writer, fact.n);
    a.store.delete(ObjectName::new(name)).unwrap();
    assert!(!matches!(reader.visit(&a), Err(VaultError::NothingShared)), "it says nobody ever shared");
}

#[test]
fn nothing_is_sent_after_unshare() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let sent = vault.state.of_vault::<crate::format::MessageFact>().unwrap();
    let name = vault.mailbox_to(reader.card()).unwrap().name(&sent[0].fact.writer, sent[0].fact.n);
    a.store.delete(ObjectName::new(name)).unwrap(); // or: the sending device died before it was put
    let plan = vault.plan_unshare(&[case], "reader").unwrap();
    vault.unshare(&plan, at(11)).unwrap();
    a.open().send_missing().unwrap();
    let readable = reader.visit(&a).is_ok_and(|shared| shared.views(case).is_ok());
    assert!(!readable, "disclosed after unshare");
}

#[test]
fn a_card_with_an_unusable_key_is_refused_or_at_least_bricks_nothing() {
    let (a, good) = (Person::new(), Person::new());
    let mut core = good.card().core().clone();
    let key = SigningKey::from_bytes(&[9; 32]);
    core.hybrid = ByteArray::new([0xff; 1216]);
    core.signing = ByteArray::new(key.verifying_key().to_bytes());
    let core = encode(&core);
    let sig = key.sign(&[b"sanduq/1 card\0", &core[..]].concat()).to_bytes();
    let card = Card { core: ByteBuf::from(core), sig: ByteArray::new(sig), succession: None };
    let Ok(card) = KnownCard::verify(card) else { return };
    a.know_card("hostile", &card);
    a.know("good", &good);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    let plan = unasked(vault.plan_share(&[case], "hostile", &[part("testimony")], false).unwrap());
    let shared = vault.share(&plan, at(10));
    let mut again = a.open();
    let missing = again.send_missing();
    assert!(missing.is_ok(), "every later command of the program fails: {shared:?} then {missing:?}");
}

#[test]
fn one_bad_grant_of_one_contact_hides_nothing_of_others() {
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    reader.know("b", &b);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let id = vault.id();
    let mailbox = b.desktop.identity.mailbox(&id, b.card(), reader.card()).unwrap();
    let writer = Writer::new(random());
    let content = GrantContent { cases: vec![], cards: vec![ByteBuf::from(vec![0])] };
    let message = Message { to: reader.card().clone(), writer, n: 0, time: at(50), content };
    let sealed = seal_message(&b.desktop.identity, id, &mailbox, &message).unwrap();
    a.store.put_new(ObjectName::new(mailbox.name(&writer, 0)), &sealed).unwrap();
    let seen = reader.visit(&a);
    assert!(seen.is_ok(), "{:?}", seen.err());
}

#[test]
fn a_later_versions_grant_is_named_and_hides_nothing_of_others() {
    use crate::crypto::age::file::AgeWriter;
    let (a, b, reader) = (Person::new(), Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("b", &b);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let mailbox = b.desktop.identity.mailbox(&vault.id(), b.card(), reader.card()).unwrap();
    let writer = Writer::new(random());
    let (core, content) = (ByteBuf::from(vec![1]), ByteBuf::from(vec![2]));
    let mut grant = encode(&crate::format::Grant { core, sig: ByteArray::new([0; 64]), content });
    assert_eq!(grant[1..4], [0x61, b'v', 1]);
    grant[3] = 2;
    let mut age = AgeWriter::seal(Vec::new(), &reader.card().hybrid()).unwrap();
    std::io::Write::write_all(&mut age, &grant).unwrap();
    let key = mailbox.key(&writer, 0);
    let kind = crate::crypto::ObjectType::Message;
    let sealed = crate::crypto::seal_object(&key, kind, &age.finish().unwrap());
    vault.store().put_new(ObjectName::new(mailbox.name(&writer, 0)), &sealed).unwrap();
    let shared = reader.visit(&a).unwrap();
    assert_eq!(shared.findings(), [Finding::NewerGrant]);
    assert!(shared.views(case).is_ok());
}

/// The name of message `n` of the only writer that sent something to `to`.
fn message_name(vault: &Vault, to: &Person, n: u64) -> ObjectName {
    let sent = vault.state.of_vault::<crate::format::MessageFact>().unwrap();
    let writer = sent.iter().find(|known| known.fact.n == n).unwrap().fact.writer;
    ObjectName::new(vault.mailbox_to(to.card()).unwrap().name(&writer, n))
}

#[test]
fn a_message_cut_short_before_it_was_whole_is_sent_again() {
    // Fails when only the name is looked at: a crash or a copy may leave it with fewer bytes.
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    let name = message_name(&vault, &reader, 0);
    let whole = a.store.get(name, 1 << 20).unwrap();
    for cut in [0, 1, 100, whole.len() - 1] {
        a.store.delete(name).unwrap();
        a.store.put_new(name, &whole[..cut]).unwrap();
        let mut vault = a.open();
        assert_eq!(vault.send_missing().unwrap(), 1, "cut to {cut} bytes");
        assert_eq!(vault.findings(), []);
        assert!(reader.visit(&a).unwrap().views(case).is_ok(), "cut to {cut} bytes");
        assert_eq!(a.open().send_missing().unwrap(), 0);
    }
}

#[test]
fn a_reader_accepts_a_gap_and_hears_of_the_next_one() {
    // Fails when an accepted gap is forgotten, or when accepting one silences others.
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    for i in 0..6 {
        let case = new_case(&mut vault, "x");
        share(&mut vault, case, "reader", &["testimony"], 10 + i);
    }
    let take = |n| {
        let name = message_name(&a.open(), &reader, n);
        let bytes = a.store.get(name, 1 << 20).unwrap();
        a.store.delete(name).unwrap();
        (name, bytes)
    };
    let (name, bytes) = take(2);
    let mut shared = reader.visit(&a).unwrap();
    assert!(shared.is_missing_messages());
    shared.accept_missing().unwrap();
    for _ in 0..2 {
        let shared = reader.visit(&a).unwrap();
        assert_eq!((shared.findings(), shared.cases().unwrap().len()), (&[][..], 5));
    }
    // Another one gone is another gap, and accepting it keeps the first one accepted.
    take(3);
    let mut shared = reader.visit(&a).unwrap();
    assert!(shared.is_missing_messages());
    shared.accept_missing().unwrap();
    assert_eq!(reader.visit(&a).unwrap().findings(), []);
    // The last one gone: what follows it later is read, and no alarm.
    take(5);
    let mut shared = reader.visit(&a).unwrap();
    assert!(shared.is_missing_messages());
    shared.accept_missing().unwrap();
    let case = new_case(&mut vault, "y");
    share(&mut vault, case, "reader", &["testimony"], 20);
    let shared = reader.visit(&a).unwrap();
    assert_eq!(shared.findings(), []);
    assert!(shared.views(case).is_ok());
    // What comes back is read.
    a.store.put_new(name, &bytes).unwrap();
    assert_eq!(reader.visit(&a).unwrap().cases().unwrap().len(), 5);
}

#[test]
fn a_writer_whose_announcement_was_accepted_as_gone_is_still_heard() {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    share(&mut vault, case, "reader", &["testimony"], 10);
    drop(reader.visit(&a).unwrap());
    a.store.delete(message_name(&vault, &reader, 0)).unwrap();
    reader.visit(&a).unwrap().accept_missing().unwrap();
    let case = new_case(&mut vault, "y");
    share(&mut vault, case, "reader", &["testimony"], 11);
    let shared = reader.visit(&a).unwrap();
    assert!(shared.views(case).is_ok());
    assert_eq!(shared.findings(), []);
}
