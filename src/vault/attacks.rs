//! Attacks on a vault, each a test of what must hold.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod between;
mod grants;
mod loss;
mod readers;
mod sharing;
mod store;

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::contacts::ContactKey;
use super::contacts::Contacts;
use super::desk::{Desk, Recall};
use super::error::VaultError;
use super::exhibits::store_exhibit;
use super::parts::{NewExhibit, NewText};
use super::revision::{OpenRevision, PartDraft, RevisionPlace, put_revision, sign_revision};
use super::session::{Desktop, Finding, Vault};
use super::shared::SharedVault;
use super::take_in::{ExhibitFeed, Incoming};
use crate::crypto::{Identity, KnownCard, random, sha256};
use crate::format::Exhibit;
use crate::record::*;
use crate::store::{MemoryStore, ObjectName, Store};

struct Person {
    _folder: tempfile::TempDir,
    desktop: Desktop,
    store: Arc<MemoryStore>,
}

fn at(s: u64) -> Time {
    Time::from_seconds(1_795_356_000 + s)
}
fn part(name: &str) -> PartName {
    name.parse().unwrap()
}
fn text(text: &str) -> NewText {
    NewText { text: text.into(), lang: None, add: false }
}

impl Person {
    fn new() -> Self {
        Self::with(Arc::new(Identity::generate()), Arc::new(MemoryStore::new()))
    }
    fn with(identity: Arc<Identity>, store: Arc<MemoryStore>) -> Self {
        // In memory where there is such a place: what a desk makes durable is another test's.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = folder.path().join("identity");
        let desk = Desk::beside(&path, b"machine");
        Self { desktop: Desktop { identity, desk }, _folder: folder, store }
    }
    fn device(&self) -> Self {
        Self::with(self.desktop.identity.clone(), self.store.clone())
    }
    fn card(&self) -> &KnownCard {
        self.desktop.identity.card()
    }
    fn create(&self) -> Vault {
        Vault::create(self.store.clone(), self.desktop.clone(), at(0)).unwrap()
    }
    fn open(&self) -> Vault {
        self.try_open().unwrap()
    }
    fn try_open(&self) -> Result<Vault, VaultError> {
        Vault::open(self.store.clone(), self.desktop.clone())
    }
    fn know_card(&self, label: &str, card: &KnownCard) {
        let Desktop { identity, desk } = &self.desktop;
        let mut contacts = Contacts::load(desk, identity).unwrap();
        let key = ContactKey::Card(Box::new(card.clone()));
        contacts.add(desk, identity, (label.parse().unwrap(), key), at(0)).unwrap();
    }
    fn know(&self, label: &str, other: &Self) {
        self.know_card(label, other.card());
    }
    fn visit(&self, other: &Self) -> Result<SharedVault, VaultError> {
        SharedVault::open(other.store.clone(), self.desktop.clone())
    }
}

fn new_case(vault: &mut Vault, words: &str) -> CaseId {
    let code = vault.open_case(None, at(1)).unwrap();
    let case = vault.find(&code).unwrap();
    vault.put_text(case, &part("testimony"), &text(words), at(2)).unwrap();
    case
}

/// Lets a plan go without consent: these tests are not about consent.
fn unasked(plan: crate::vault::SharePlan) -> crate::vault::SharePlan {
    plan.overruled("invented people, of whom nobody was asked".parse().unwrap())
}

fn share(vault: &mut Vault, case: CaseId, to: &str, parts: &[&str], time: u64) {
    let parts: Vec<_> = parts.iter().map(|name| part(name)).collect();
    let plan = unasked(vault.plan_share(&[case], to, &parts, false).unwrap());
    vault.share(&plan, at(time)).unwrap();
}

fn go(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn forged(by: &Person, case: CaseId, name: &str, vector: Option<Vector>, draft: PartDraft) -> OpenRevision {
    let position = Position { author: by.card().hash(), branch: Branch::new(random()), index: 0 };
    let mut positions: Vec<Position> = vector.map(|v| v.positions().to_vec()).unwrap_or_default();
    positions.push(position);
    positions.sort();
    let vector: Vector = crate::format::decode_value(&crate::format::encode_value(&positions), "v").unwrap();
    let place = RevisionPlace { case, part: part(name), position, vector, time: at(40) };
    sign_revision(&by.desktop.identity.signer(), place, draft)
}

#[test]
fn r03_a_colleagues_detach_does_not_remove_the_owners_exhibit() {
    let (a, b) = (Person::new(), Person::new());
    a.know("b", &b);
    b.know("a", &a);
    let mut vault = a.create();
    let case = new_case(&mut vault, "the truth");
    let stored = store_exhibit(vault.store(), &mut &b"photo"[..], 5, &mut go).unwrap();
    vault.attach(case, &part("testimony"), &[NewExhibit { name: "x.jpg".into(), stored }], at(3)).unwrap();
    share(&mut vault, case, "b", &["testimony"], 10);
    let mut theirs = b.create();
    theirs.accept(&b.visit(&a).unwrap(), None, &mut go, at(11)).unwrap();
    theirs.detach(case, &part("testimony"), &"E1".parse().unwrap(), at(12)).unwrap();
    share(&mut theirs, case, "a", &["testimony"], 13);
    let mut vault = a.open();
    vault.accept(&a.visit(&b).unwrap(), None, &mut go, at(14)).unwrap();
    vault.put_text(case, &part("testimony"), &text("the whole truth"), at(15)).unwrap();
    let view = vault.case(case).unwrap();
    let head = view.heads(&part("testimony"))[0].clone();
    let now = view.open(vault.store(), &head).unwrap();
    assert_eq!(now.revision.exhibits.len(), 1, "the owner never detached it");
}

#[test]
fn r08_what_is_added_can_be_read_again() {
    let a = Person::new();
    let mut vault = a.create();
    let long = "x".repeat(MAX_TEXT_BYTES);
    let case = new_case(&mut vault, &long);
    let add = NewText { text: long, lang: None, add: true };
    let added = vault.put_text(case, &part("testimony"), &add, at(5)).is_ok();
    let view = vault.case(case).unwrap();
    let head = view.heads(&part("testimony"))[0].clone();
    let read = view.open(vault.store(), &head);
    assert!(read.is_ok(), "added: {added}; now {:?}", read.err());
}

struct NoFeed;
impl ExhibitFeed for NoFeed {
    fn feed(
        &mut self,
        _: (CaseId, &PartName, RevisionId),
        _: &Exhibit,
        _: &mut (dyn FnMut(&[u8]) -> io::Result<()> + Send),
    ) -> Result<(), VaultError> {
        Ok(())
    }
}

fn take_in(vault: &mut Vault, from: &Person, revisions: Vec<OpenRevision>) -> Result<(), VaultError> {
    let incoming = Incoming {
        from: from.card().clone(),
        vault: Some(VaultId::new([1; 32])),
        bundle: None,
        revisions,
        cards: vec![from.card().clone()],
    };
    vault.take_in(&incoming, &mut NoFeed, &mut go, at(20)).map(drop)
}

#[test]
fn r09_a_foreign_exhibit_number_panics_nothing() {
    let (a, b) = (Person::new(), Person::new());
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    let exhibit =
        Exhibit { number: u64::MAX, name: "a".into(), bytes: 0, sha256: sha256(b""), segments: vec![] };
    let draft = PartDraft { exhibits: vec![exhibit], ..PartDraft::default() };
    if take_in(&mut vault, &b, vec![forged(&b, case, "notes", None, draft)]).is_ok() {
        vault.put_text(case, &part("testimony"), &text("y"), at(21)).unwrap();
    }
}

#[test]
fn r10_a_foreign_vector_does_not_make_a_part_unwritable() {
    let (a, b) = (Person::new(), Person::new());
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    for _ in 0..6 {
        let own =
            (0..300).map(|_| Position { author: b.card().hash(), branch: Branch::new(random()), index: 0 });
        let mut own: Vec<Position> = own.collect();
        own.sort();
        let vector = crate::format::decode_value(&crate::format::encode_value(&own), "v").unwrap();
        let draft = PartDraft { text: Some("z".into()), ..PartDraft::default() };
        if take_in(&mut vault, &b, vec![forged(&b, case, "testimony", Some(vector), draft)]).is_err() {
            return;
        }
    }
    let wrote = vault.put_text(case, &part("testimony"), &text("y"), at(21));
    assert!(wrote.is_ok(), "{:?}", wrote.err());
}

fn copy(store: &MemoryStore) -> Arc<MemoryStore> {
    let copy = MemoryStore::new();
    copy.write_header_new(&store.read_header().unwrap().unwrap()).unwrap();
    merge(store, &copy);
    Arc::new(copy)
}

fn merge(from: &MemoryStore, into: &MemoryStore) {
    for name in (0..=255).flat_map(|folder| from.list(folder).unwrap()) {
        // What is there stays, as with `cp -n`.
        into.put_new(name, &from.get(name, 1 << 24).unwrap()).unwrap_or(());
    }
}

#[test]
fn a_clones_entry_that_another_device_saw_otherwise_loses_nothing() {
    let x = Person::new();
    let mut d2 = x.create();
    new_case(&mut d2, "base");
    // The memory is cloned where places prove nothing (FAT, exFAT, FUSE, overlayfs: no stable inodes).
    let clone = Person::with(x.desktop.identity.clone(), copy(&x.store));
    let Recall::Own(mut memory) = x.desktop.desk.recall(&x.desktop.identity, &d2.id()).unwrap() else {
        panic!("own memory")
    };
    clone.desktop.desk.remember(&clone.desktop.identity, &mut memory).unwrap();
    d2.open_case(None, at(5)).unwrap();
    let d1 = x.device();
    d1.open().open_case(None, at(6)).unwrap();
    let mut cloned = clone.open();
    let mine = cloned.open_case(None, at(7)).unwrap();
    // Somebody joins the copies: the clone's folder stays, the rest comes in beside.
    merge(&x.store, &clone.store);
    let joined = clone.open();
    assert!(joined.find(&mine).is_ok(), "the clone's case is gone; findings: {:?}", joined.findings());
}

#[test]
fn what_a_lost_entry_recorded_can_be_exported() {
    let a = Person::new();
    let mut vault = a.create();
    let case = new_case(&mut vault, "x");
    vault.put_text(case, &part("testimony"), &text("y"), at(5)).unwrap();
    let head = vault.heads.iter().max_by_key(|entry| entry.core.n).unwrap().head();
    a.store.delete(ObjectName::new(vault.chain.name(&head.writer, head.n))).unwrap();
    let mut vault = a.open();
    assert!(vault.is_rolled_back());
    vault.accept_rollback(at(6)).unwrap();
    let view = vault.case(case).unwrap();
    assert_eq!(view.revisions(&part("testimony")).len(), 2, "its runs were joined from memory");
    let extracts = vault.extracts(view.revisions(&part("testimony")));
    assert!(extracts.is_ok(), "{:?}", extracts.err());
}

#[test]
fn r13_contacts_added_side_by_side_both_stand() {
    let a = Person::new();
    let Desktop { identity, desk } = &a.desktop;
    let mut one = Contacts::load(desk, identity).unwrap();
    let mut other = Contacts::load(desk, identity).unwrap();
    let key = |person: &Person| ContactKey::Card(Box::new(person.card().clone()));
    one.add(desk, identity, ("one".parse().unwrap(), key(&Person::new())), at(0)).unwrap();
    other.add(desk, identity, ("other".parse().unwrap(), key(&Person::new())), at(0)).unwrap();
    assert_eq!(Contacts::load(desk, identity).unwrap().all().len(), 2);
}

#[test]
fn a_remembered_entry_gone_from_the_middle_is_a_rollback_and_no_wall() {
    let x = Person::new();
    let mut vault = x.create();
    new_case(&mut vault, "a");
    vault.open_case(None, at(3)).unwrap();
    let seen = vault.heads.iter().max_by_key(|entry| entry.core.n).unwrap().core.clone();
    let d1 = x.device();
    drop(d1.open()); // remembers it
    for i in 0..3 {
        vault.open_case(None, at(4 + i)).unwrap();
    }
    x.store.delete(ObjectName::new(vault.chain.name(&seen.writer, seen.n))).unwrap();
    let opened = d1.try_open();
    assert!(opened.as_ref().is_ok_and(Vault::is_rolled_back), "{:?}", opened.err());
}

#[test]
fn an_entry_cut_short_by_a_power_failure_leaves_the_old_state_readable() {
    let a = Person::new();
    let mut vault = a.create();
    new_case(&mut vault, "x");
    let head = vault.heads.iter().max_by_key(|entry| entry.core.n).unwrap().head();
    // ext4 and FAT may leave the new name with an empty file: nothing is synced between its link and the barrier.
    let name = ObjectName::new(vault.chain.name(&head.writer, head.n + 1));
    a.store.put_new(name, b"").unwrap();
    let opened = a.try_open();
    assert!(opened.is_ok(), "not even `check` can run: {:?}", opened.err());
}

#[test]
fn r16_the_case_of_zeros_is_refused() {
    let (a, b) = (Person::new(), Person::new());
    let mut vault = a.create();
    let draft = PartDraft { text: Some("z".into()), ..PartDraft::default() };
    let taken = take_in(&mut vault, &b, vec![forged(&b, CaseId::VAULT, "notes", None, draft)]);
    assert!(taken.is_err() || vault.cases().unwrap().len() == 1, "taken in and in no list");
}
