//! Recipients with write access: they delete, replace, replay, re-seal under keys they hold, and squat on names.

use super::*;
use crate::crypto::{ObjectType, SignatureLabel, object_name, seal_object};
use crate::format::{Grant, GrantedRevision, encode};
use crate::vault::error::Item;
use crate::vault::{CheckOptions, read_exhibit};

/// An owner who shared one case with a hostile recipient and with another one.
struct Scene {
    owner: Person,
    hostile: Person,
    honest: Person,
    case: CaseId,
}

fn scene() -> Scene {
    let (owner, hostile, honest) = (Person::new(), Person::new(), Person::new());
    owner.know("hostile", &hostile);
    owner.know("honest", &honest);
    hostile.know("owner", &owner);
    honest.know("owner", &owner);
    let mut vault = owner.create();
    let case = new_case(&mut vault, "Ержан көрді");
    let stored = store_exhibit(vault.store(), &mut &[7u8; 70_000][..], 70_000, &mut go).unwrap();
    vault.attach(case, &part("testimony"), &[NewExhibit { name: "фото.jpg".into(), stored }], at(5)).unwrap();
    // The hostile one was given the earlier revision too.
    let plan = unasked(vault.plan_share(&[case], "hostile", &[part("testimony")], true).unwrap());
    vault.share(&plan, at(10)).unwrap();
    share(&mut vault, case, "honest", &["testimony"], 11);
    Scene { owner, hostile, honest, case }
}

impl Scene {
    /// What the hostile recipient holds: keys and references of what they were given.
    fn held(&self) -> (GrantedRevision, OpenRevision) {
        let shared = self.hostile.visit(&self.owner).unwrap();
        let view = shared.views(self.case).unwrap().remove(0);
        let fact = view.heads(&part("testimony"))[0].clone();
        let opened = view.open(shared.store(), &fact).unwrap();
        (GrantedRevision { part: fact.part, key: fact.key, revision: fact.revision }, opened)
    }

    fn replace(&self, name: ObjectName, bytes: &[u8]) {
        self.owner.store.delete(name).unwrap();
        self.owner.store.put_new(name, bytes).unwrap();
    }

    fn damage(&self) -> Vec<Item> {
        let vault = self.owner.open();
        let options = CheckOptions { read_data: true };
        let report = vault.check(options, &|_, _, _| ControlFlow::Continue(())).unwrap();
        let item = |error: VaultError| match error {
            VaultError::Damaged(item, _) => item,
            other => panic!("{other}"),
        };
        report.damaged.into_iter().map(item).collect()
    }

    /// The messages of the owner to the hostile recipient, who can name and seal all of them, also those to come.
    fn message(&self, n: u64) -> (Writer, ObjectName, crate::format::ObjectKey) {
        let vault = self.owner.open();
        let sent = vault.state.of_vault::<crate::format::MessageFact>().unwrap();
        let to = self.hostile.card().hash();
        let writer = sent.iter().find(|known| known.fact.to == to).unwrap().fact.writer;
        let hostile = &self.hostile.desktop.identity;
        let mailbox = hostile.mailbox(&vault.id(), self.owner.card(), self.hostile.card()).unwrap();
        (writer, ObjectName::new(mailbox.name(&writer, n)), mailbox.key(&writer, n))
    }

    fn share_more(&self) -> CaseId {
        let mut vault = self.owner.open();
        let case = new_case(&mut vault, "жаңа");
        share(&mut vault, case, "hostile", &["testimony"], 20);
        share(&mut vault, case, "honest", &["testimony"], 21);
        case
    }
}

#[test]
fn a_forged_revision_under_a_key_they_hold_is_refused_by_all() {
    // Fails when a reference's id is not compared: the earlier one has the owner's signature, case and part.
    let scene = scene();
    let (given, opened) = scene.held();
    let mut draft =
        PartDraft { text: Some("Ержан ештеңе көрмеді".into()), ..PartDraft::default() };
    draft.exhibits = opened.revision.exhibits.clone();
    let lie = forged(&scene.hostile, scene.case, "testimony", Some(opened.core.vector.clone()), draft);
    let mut stolen = opened.revision;
    stolen.text = Some("Ержан ештеңе көрмеді".into());
    let shared = scene.hostile.visit(&scene.owner).unwrap();
    let view = shared.views(scene.case).unwrap().remove(0);
    let earlier = view.open(shared.store(), &view.revisions(&part("testimony"))[0]).unwrap().revision;
    assert!(earlier.exhibits.is_empty());
    for revision in [lie.revision, stolen, earlier] {
        let sealed = seal_object(&given.key, ObjectType::Revision, &encode(&revision));
        scene.replace(ObjectName::new(object_name(&given.key)), &sealed);
        assert_eq!(scene.damage(), [Item::Revision(scene.case, part("testimony"))]);
        let view = scene.honest.visit(&scene.owner).unwrap().views(scene.case).unwrap().remove(0);
        assert_eq!((view.damaged.len(), view.revisions(&part("testimony")).len()), (1, 0));
        let mut own = scene.honest.try_open().unwrap_or_else(|_| scene.honest.create());
        let taken = own.accept(&scene.honest.visit(&scene.owner).unwrap(), None, &mut go, at(30)).unwrap();
        assert_eq!((taken.cases.len(), taken.left.len()), (0, 1));
    }
}

#[test]
fn a_forged_exhibit_under_a_key_they_hold_is_never_given_out_as_the_true_one() {
    // Fails when the SHA-256 of an exhibit is not compared: only that tells, every seal is right.
    let scene = scene();
    let (_, opened) = scene.held();
    let exhibit = opened.revision.exhibits[0].clone();
    let sealed = seal_object(&exhibit.segments[0], ObjectType::Segment, &[8u8; 70_000]);
    scene.replace(ObjectName::new(object_name(&exhibit.segments[0])), &sealed);
    assert_eq!(scene.damage(), [Item::Exhibit(scene.case, part("testimony"), 1)]);
    let shared = scene.honest.visit(&scene.owner).unwrap();
    let place = (scene.case, &part("testimony"));
    let read = read_exhibit(shared.store(), place, &exhibit, &mut |_| Ok(()));
    assert!(matches!(read, Err(VaultError::Damaged(Item::Exhibit(..), _))));
    // And of another length.
    let sealed = seal_object(&exhibit.segments[0], ObjectType::Segment, &[7u8; 60_000]);
    scene.replace(ObjectName::new(object_name(&exhibit.segments[0])), &sealed);
    assert!(read_exhibit(shared.store(), place, &exhibit, &mut |_| Ok(())).is_err());
    assert_eq!(scene.damage(), [Item::Exhibit(scene.case, part("testimony"), 1)]);
}

#[test]
fn what_they_delete_is_missed_by_the_owner_and_by_other_recipients() {
    let scene = scene();
    let (given, opened) = scene.held();
    scene.owner.store.delete(ObjectName::new(object_name(&given.key))).unwrap();
    assert_eq!(scene.damage(), [Item::Revision(scene.case, part("testimony"))]);
    let view = scene.honest.visit(&scene.owner).unwrap().views(scene.case).unwrap().remove(0);
    assert_eq!(view.damaged.len(), 1);
    let sealed = seal_object(&given.key, ObjectType::Revision, &encode(&opened.revision));
    scene.owner.store.put_new(ObjectName::new(object_name(&given.key)), &sealed).unwrap();
    assert_eq!(scene.damage(), [], "whoever has what the reference says can put it back");
    // Their own message they can take away from themselves; the owner misses it, and sends it again.
    let (_, name, _) = scene.message(0);
    scene.owner.store.delete(name).unwrap();
    assert_eq!(scene.damage(), [Item::Message(0)]);
    assert_eq!(scene.owner.open().send_missing().unwrap(), 1);
    assert_eq!(scene.damage(), []);
}

#[test]
fn a_replayed_or_foreign_message_under_the_next_names_is_skipped_and_nothing_is_lost() {
    // Fails when the number a grant was signed for is not compared with its place, or an occupied name ends a walk.
    let scene = scene();
    let (writer, first, key) = scene.message(0);
    let sealed = scene.owner.store.get(first, 1 << 20).unwrap();
    let age = crate::crypto::open_object(&key, ObjectType::Message, &sealed).unwrap();
    // The same grant sealed for number 1, one they signed themselves for 2, noise for 3 to 100.
    let (_, name, key) = scene.message(1);
    scene.owner.store.put_new(name, &seal_object(&key, ObjectType::Message, &age)).unwrap();
    let content = crate::format::GrantContent { cases: vec![], cards: vec![] };
    let (_, name, key) = scene.message(2);
    let core = crate::format::GrantCore {
        vault: scene.owner.open().id(),
        sender: scene.owner.card().hash(),
        recipient: scene.hostile.card().hash(),
        writer,
        n: 2,
        time: at(15),
        content: sha256(&encode(&content)),
    };
    let core = serde_bytes::ByteBuf::from(encode(&core));
    let sig = scene.hostile.desktop.identity.sign(SignatureLabel::Grant, &core);
    let grant = encode(&Grant { core, sig, content: encode(&content).into() });
    let mut age =
        crate::crypto::age::file::AgeWriter::seal(Vec::new(), &scene.hostile.card().hybrid()).unwrap();
    std::io::Write::write_all(&mut age, &grant).unwrap();
    let sealed = seal_object(&key, ObjectType::Message, &age.finish().unwrap());
    scene.owner.store.put_new(name, &sealed).unwrap();
    for n in 3..=100 {
        scene.owner.store.put_new(scene.message(n).1, &[n as u8; 1024]).unwrap();
    }
    let more = scene.share_more();
    let shared = scene.hostile.visit(&scene.owner).unwrap();
    assert!(shared.views(more).is_ok() && shared.views(scene.case).is_ok());
    let occupied = shared.findings().iter().filter(|found| matches!(found, Finding::Occupied(_))).count();
    assert_eq!((occupied, shared.findings().len()), (100, 100));
    // Nobody else hears anything of it.
    let shared = scene.honest.visit(&scene.owner).unwrap();
    assert_eq!(shared.findings(), []);
    assert!(shared.views(more).is_ok());
    assert_eq!(scene.damage(), []);
}

#[test]
fn other_peoples_messages_and_the_log_are_beyond_their_keys() {
    // They know the vault id and every object's name, not whose it is: announcements of others are not theirs to seal.
    let scene = scene();
    let vault = scene.owner.open();
    let hostile = &scene.hostile.desktop.identity;
    let theirs = hostile.mailbox(&vault.id(), scene.owner.card(), scene.hostile.card()).unwrap();
    let others = hostile.mailbox(&vault.id(), scene.owner.card(), scene.honest.card()).unwrap();
    let honest = &scene.honest.desktop.identity;
    let real = honest.mailbox(&vault.id(), scene.owner.card(), scene.honest.card()).unwrap();
    let writer = Writer::new(random());
    assert_ne!(others.name(&writer, 0), real.name(&writer, 0), "what they derive names no place of others");
    for name in (0..=255).flat_map(|folder| vault.store().list(folder).unwrap()) {
        assert!(others.recognise(name.as_bytes()).is_none());
        if theirs.recognise(name.as_bytes()).is_some() {
            assert!(
                vault.chain.recognise(name.as_bytes()).is_none() && real.recognise(name.as_bytes()).is_none()
            );
        }
    }
}

#[test]
fn a_header_that_names_another_vault_or_version_opens_nothing() {
    let scene = scene();
    let lying = |header: &[u8]| {
        let store = MemoryStore::new();
        merge(&scene.owner.store, &store);
        store.write_header_new(header).unwrap();
        let store = Arc::new(store);
        let owner = Vault::open(store.clone(), scene.owner.desktop.clone()).err();
        (owner, SharedVault::open(store, scene.honest.desktop.clone()).err())
    };
    let other = crate::format::VaultHeader { vault: VaultId::new([9; 32]) }.encode();
    let (owner, reader) = lying(&other);
    assert!(matches!(owner, Some(VaultError::NotOwner)) && matches!(reader, Some(VaultError::NothingShared)));
    let newer = String::from_utf8(other).unwrap().replace("vault 1", "vault 2");
    assert!(matches!(lying(newer.as_bytes()), (Some(VaultError::Newer), Some(VaultError::Newer))));
    assert!(matches!(
        lying(b"sanduq"),
        (Some(VaultError::Damaged(Item::Header, _)), Some(VaultError::Damaged(..)))
    ));
}
