//! Grants that their sender did not sign for this reader, this vault and this place: worst of all, by somebody who
//! knows the mailbox.

use serde_bytes::{ByteArray, ByteBuf};

use super::*;
use crate::crypto::age::file::AgeWriter;
use crate::crypto::{Mailbox, ObjectType, SignatureLabel, open_object, seal_object};
use crate::format::{Grant, GrantContent, GrantCore, encode};
use crate::record::VaultId;
use crate::vault::mailbox::{Message, Remembered, read_mailbox, seal_message};

/// Two who share, one who reads, and the vault of the first.
struct Scene {
    a: Person,
    b: Person,
    reader: Person,
    vault: Vault,
    writer: Writer,
}

impl Scene {
    fn new() -> Self {
        let (a, b, reader) = (Person::new(), Person::new(), Person::new());
        let vault = a.create();
        Self { a, b, reader, vault, writer: Writer::new(random()) }
    }

    /// The mailbox from a to the reader, which only those two know.
    fn mailbox(&self) -> Mailbox {
        self.a.desktop.identity.mailbox(&self.vault.id(), self.a.card(), self.reader.card()).unwrap()
    }

    fn core(&self) -> GrantCore {
        GrantCore {
            vault: self.vault.id(),
            sender: self.a.card().hash(),
            recipient: self.reader.card().hash(),
            writer: self.writer,
            n: 0,
            time: at(50),
            content: sha256(&content()),
        }
    }

    /// Seals a grant to the reader and puts it in the place of message 0; what the reader then has of a.
    fn read(&self, mailbox: &Mailbox, grant: &Grant) -> (usize, Vec<Finding>) {
        let mut age = AgeWriter::seal(Vec::new(), &self.reader.card().hybrid()).unwrap();
        std::io::Write::write_all(&mut age, &encode(grant)).unwrap();
        let sealed = seal_object(&mailbox.key(&self.writer, 0), ObjectType::Message, &age.finish().unwrap());
        let name = ObjectName::new(mailbox.name(&self.writer, 0));
        self.a.store.put_new(name, &sealed).unwrap();
        let from = |sender: &KnownCard| {
            let reader = &self.reader.desktop.identity;
            read_mailbox(self.vault.store(), self.vault.id(), reader, (sender, Remembered::default()))
                .unwrap()
        };
        let (of_a, of_b) = (from(self.a.card()), from(self.b.card()));
        let found = [of_a.findings, of_b.findings].concat();
        self.a.store.delete(name).unwrap();
        (of_a.grants.len() + of_b.grants.len(), found)
    }
}

fn content() -> Vec<u8> {
    encode(&GrantContent { cases: vec![], cards: vec![] })
}

fn signed(by: &Person, core: &GrantCore) -> Grant {
    let core = encode(core);
    let sig = by.desktop.identity.sign(SignatureLabel::Grant, &core);
    Grant { core: ByteBuf::from(core), sig, content: ByteBuf::from(content()) }
}

/// Fails when one field of the signed core is not compared with where the message was found.
#[test]
fn a_grant_signed_for_another_reader_vault_or_place_is_refused() {
    let scene = Scene::new();
    let (mailbox, right) = (scene.mailbox(), scene.core());
    assert_eq!(scene.read(&mailbox, &signed(&scene.a, &right)), (1, vec![]));
    let wrong = [
        GrantCore { recipient: scene.b.card().hash(), ..right.clone() },
        GrantCore { sender: scene.b.card().hash(), ..right.clone() },
        GrantCore { vault: VaultId::new([9; 32]), ..right.clone() },
        GrantCore { writer: Writer::new([9; 16]), ..right.clone() },
        GrantCore { n: 1, ..right.clone() },
        GrantCore { content: sha256(b"another"), ..right },
    ];
    for core in &wrong {
        assert_eq!(
            scene.read(&mailbox, &signed(&scene.a, core)),
            (0, vec![Finding::Occupied(0)]),
            "{core:?}"
        );
    }
}

/// Fails when the sender's signature is not checked, or checked under another label.
#[test]
fn a_grant_that_its_sender_did_not_sign_is_refused() {
    let scene = Scene::new();
    let (mailbox, right) = (scene.mailbox(), scene.core());
    let bytes = encode(&right);
    let as_revision = scene.a.desktop.identity.sign(SignatureLabel::Revision, &bytes);
    let forged = [
        signed(&scene.b, &right),
        Grant { sig: ByteArray::new([0; 64]), ..signed(&scene.a, &right) },
        Grant { sig: as_revision, ..signed(&scene.a, &right) },
        Grant { content: ByteBuf::from(b"another".to_vec()), ..signed(&scene.a, &right) },
    ];
    for grant in &forged {
        assert_eq!(scene.read(&mailbox, grant), (0, vec![Finding::Occupied(0)]));
    }
}

/// What a gave to b, b gives to the reader as if a had: in b's own mailbox, the only one b can write into.
/// Held twice, by the signature and by the sender it names: fails when neither is that of the mailbox.
#[test]
fn a_grant_handed_on_by_its_recipient_is_refused() {
    let scene = Scene::new();
    let vault = scene.vault.id();
    let for_b = GrantCore { recipient: scene.b.card().hash(), ..scene.core() };
    let (b, reader) = (&scene.b, &scene.reader);
    let of_b = b.desktop.identity.mailbox(&vault, b.card(), reader.card()).unwrap();
    assert_eq!(scene.read(&of_b, &signed(&scene.a, &for_b)), (0, vec![Finding::Occupied(0)]));
    // The mailbox from a to the reader is nowhere b can find it.
    let guessed = b.desktop.identity.mailbox(&vault, scene.a.card(), reader.card()).unwrap();
    let grant = signed(&scene.a, &for_b);
    assert_eq!(scene.read(&guessed, &grant), (0, vec![]), "nobody looks there");
}

/// Fails when a message is sealed to a key that a quantum computer opens, or to more than one.
#[test]
fn messages_are_sealed_to_one_hybrid_key() {
    let scene = Scene::new();
    let (mailbox, writer) = (scene.mailbox(), scene.writer);
    let content = GrantContent { cases: vec![], cards: vec![] };
    let message = Message { to: scene.reader.card().clone(), writer, n: 0, time: at(50), content };
    let sealed = seal_message(&scene.a.desktop.identity, scene.vault.id(), &mailbox, &message).unwrap();
    let opened = open_object(&mailbox.key(&writer, 0), ObjectType::Message, &sealed).unwrap();
    let header = String::from_utf8_lossy(&opened).into_owned();
    let header = header.split("\n---").next().unwrap();
    assert_eq!(header.matches("\n-> mlkem768x25519 ").count(), 1, "{header}");
    assert_eq!(header.matches("\n-> ").count() - header.matches("-grease").count(), 1, "{header}");
}

/// Two readers put together what each was given: nothing of a third part, a third reader or another case follows.
/// Fails when a message names more than was chosen for its reader.
#[test]
fn two_recipients_together_read_the_union_and_no_more() {
    let (a, b, c) = (Person::new(), Person::new(), Person::new());
    a.know("b", &b);
    a.know("c", &c);
    b.know("a", &a);
    c.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "what was seen");
    for name in ["notes", "person", "medical"] {
        vault.put_text(case, &part(name), &text(name), at(3)).unwrap();
    }
    let other = new_case(&mut vault, "another case");
    share(&mut vault, case, "b", &["testimony"], 10);
    share(&mut vault, case, "c", &["notes"], 11);
    let parts = |reader: &Person| {
        let shared = reader.visit(&a).unwrap();
        assert!(shared.views(other).is_err());
        shared.views(case).unwrap()[0].part_names().into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!([parts(&b), parts(&c)], [vec![part("testimony")], vec![part("notes")]]);
    // All names that the two can derive together: their messages and revisions, four objects of many.
    let known = |reader: &Person| {
        let reader = &reader.desktop.identity;
        let from = (a.card(), Remembered::default());
        let grants = read_mailbox(vault.store(), vault.id(), reader, from).unwrap().grants;
        let given: Vec<_> = grants.iter().flat_map(|grant| &grant.content.cases).collect();
        given.iter().flat_map(|case| &case.revisions).count() + grants.len()
    };
    assert_eq!(known(&b) + known(&c), 4);
    assert!((0..=255).map(|folder| a.store.list(folder).unwrap().len()).sum::<usize>() > 12);
}
