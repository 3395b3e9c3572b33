//! Parts of the index that are damaged, or lost for good.

use super::*;
use crate::format::RunRef;
use crate::vault::CheckOptions;
use crate::vault::error::Item;
use crate::vault::objects::name_of;

const CASES: usize = 25;

/// A vault with many commits, and with a case shared at the end.
fn large() -> (Person, Person, Vec<CaseId>) {
    let (a, reader) = (Person::new(), Person::new());
    a.know("reader", &reader);
    reader.know("a", &a);
    let mut vault = a.create();
    let mut cases: Vec<CaseId> = (0..CASES).map(|_| new_case(&mut vault, "жол")).collect();
    cases.sort();
    share(&mut vault, cases[0], "reader", &["testimony"], 10);
    (a, reader, cases)
}

fn live(vault: &Vault) -> Vec<RunRef> {
    let mut runs = vault.runs.clone();
    runs.sort_by_key(|run| std::cmp::Reverse(run.rows));
    runs
}

fn sound(vault: &Vault) -> bool {
    checked(vault).is_sound()
}

#[test]
fn a_damaged_block_leaves_the_rest_to_be_read_and_is_named() {
    // Fails when one block that does not open fails the whole reading.
    let a = Person::new();
    let mut vault = a.create();
    let record = || crate::vault::IngestCase {
        title: None,
        parts: vec![crate::vault::IngestPart {
            part: part("notes"),
            text: Some("жол".into()),
            lang: None,
            form: None,
        }],
        exhibits: vec![],
    };
    let many: Vec<_> = (0..400).map(|_| Ok(record())).collect();
    vault.ingest(many, at(3), &mut go).unwrap();
    let run = live(&vault).remove(0);
    let name = name_of(&run.key);
    let whole = a.store.get(name, 1 << 24).unwrap();
    assert!(whole.len() > 3 << 16, "several blocks: {}", whole.len());
    let (mut fewest, mut named) = (usize::MAX, 0);
    for block in 0..whole.len() >> 16 {
        let mut hurt = whole.clone();
        hurt[100 + (block << 16)] ^= 1;
        a.store.delete(name).unwrap();
        a.store.put_new(name, &hurt).unwrap();
        let vault = a.open();
        if vault.is_read_only() {
            // The index of the run: then it is read no more than one that is missing.
            assert_eq!(vault.findings(), [Finding::Missing(Item::Run)]);
            continue;
        }
        let (cases, holes) = vault.each_readable_case(|view| view.case).unwrap();
        assert!(holes <= 1 && (holes == 1 || cases.len() == 400), "block {block}: {holes} holes");
        named += holes;
        fewest = fewest.min(cases.len());
        for case in cases.into_iter().step_by(90) {
            let code = crate::crypto::case_code(&case);
            assert_eq!(vault.find_readable(&code).unwrap(), case);
            assert!(vault.readable_case(case).unwrap().holes <= 1);
        }
        if holes == 1 {
            assert!(
                matches!(vault.cases(), Err(VaultError::Damaged(Item::Run, _))),
                "who decides by it hears"
            );
            assert!(!sound(&vault));
        }
    }
    assert!(named >= 3 && (100..400).contains(&fewest), "{named} named, {fewest} cases at least");
}

fn checked(vault: &Vault) -> crate::vault::CheckReport {
    vault.check(CheckOptions::default(), &|_, _, _| ControlFlow::Continue(())).unwrap()
}

/// How many revisions of all cases are known.
fn revisions(vault: &Vault) -> usize {
    vault.cases().unwrap().iter().map(|view| view.parts.values().flatten().count()).sum()
}

#[test]
fn a_lost_part_of_the_index_is_found_again_in_older_ones_but_for_what_it_alone_held() {
    // Fails when older runs are not read, or the log is not asked what else was recorded.
    let (a, reader, cases) = large();
    for run in live(&a.open()) {
        let kept = copy(&a.store);
        a.store.delete(name_of(&run.key)).unwrap();
        gives_up(&a, &cases);
        assert!(reader.visit(&a).unwrap().views(cases[0]).is_ok());
        // It comes back: said, and joined without any loss.
        a.store.put_new(name_of(&run.key), &kept.get(name_of(&run.key), 1 << 24).unwrap()).unwrap();
        joins_again(&a);
        return_to(&a, &kept);
    }
}

/// Gives up a part of the index that is missing: every case is there, and every text or its loss.
fn gives_up(a: &Person, cases: &[CaseId]) {
    let mut vault = a.open();
    assert!(vault.is_read_only() && vault.open_case(None, at(20)).is_err());
    let plan = vault.plan_loss().unwrap();
    assert_eq!((plan.parts(), plan.unread_entries), (1, 0));
    // A run was written by one commit, and only what that commit recorded stands nowhere else.
    assert!(plan.lost.len() <= 1, "{:?}", plan.lost);
    vault.accept_loss(&plan, at(21)).unwrap();
    assert!(!vault.is_read_only() && vault.findings().is_empty(), "{:?}", vault.findings());
    let told = vault.history(None).unwrap().remove(0).operation;
    let runs = match told.body() {
        Ok(crate::format::OperationBody::IndexMended { runs }) => runs.len(),
        other => panic!("{other:?}"),
    };
    let lost = plan.lost.iter().filter(|line| line.operation.op == 2).count();
    assert_eq!((runs, vault.cases().unwrap().len(), revisions(&vault) + lost), (1, CASES, CASES));
    for case in cases {
        assert_eq!(vault.find(&crate::crypto::case_code(case)).unwrap(), *case);
    }
    assert!(sound(&vault));
    assert!(matches!(vault.plan_loss(), Err(VaultError::Nothing(_))));
    vault.open_case(None, at(22)).unwrap();
    let fresh = a.device().open();
    assert_eq!((fresh.findings(), fresh.cases().unwrap().len()), (&[][..], CASES + 1));
}

/// Joins a part that was given up and is here again, if it says anything that is not known.
fn joins_again(a: &Person) {
    let mut vault = a.open();
    if let Ok(again) = vault.plan_loss() {
        assert_eq!((checked(&vault).returned, again.parts(), again.lost.len()), (1, 0, 0));
        vault.accept_loss(&again, at(23)).unwrap();
    }
    assert_eq!(revisions(&vault), CASES, "nothing is lost any more");
    assert_eq!((sound(&vault), checked(&vault).returned), (true, 0));
}

/// Puts a store back as it was, and forgets what was seen since.
fn return_to(person: &Person, kept: &MemoryStore) {
    for name in (0..=255).flat_map(|folder| person.store.list(folder).unwrap()) {
        person.store.delete(name).unwrap();
    }
    merge(kept, &person.store);
    let Desktop { identity, desk } = &person.desktop;
    let vault = crate::vault::read_header(person.store.as_ref()).unwrap();
    desk.remember(identity, &mut crate::format::Memory::blank(vault)).unwrap();
}

#[test]
fn with_every_run_lost_sharing_that_ended_stays_ended() {
    // Fails when the end of a sharing is not told again: the contact would get what was written since.
    let (a, reader, cases) = large();
    let mut vault = a.open();
    let plan = vault.plan_unshare(&cases[..1], "reader").unwrap();
    vault.unshare(&plan, at(11)).unwrap();
    vault.put_text(cases[0], &part("testimony"), &text("кейін"), at(12)).unwrap();
    let sharing = |vault: &Vault| {
        let view = vault.case(cases[0]).unwrap();
        (view.given.len(), view.giving().count())
    };
    assert_eq!(sharing(&vault), (1, 0));
    let all: Vec<RunRef> = vault
        .each_entry(|entry| Ok(entry.private.runs.clone()))
        .unwrap()
        .0
        .into_iter()
        .flat_map(|(_, runs)| runs)
        .collect();
    for run in &all {
        a.store.delete(name_of(&run.key)).unwrap_or(());
    }
    let mut vault = a.open();
    let plan = vault.plan_loss().unwrap();
    // Texts and the message's fact; that cases were opened, shared and unshared is told again.
    assert_eq!(
        plan.lost.len(),
        CASES + 2,
        "{:?}",
        plan.lost.iter().map(|line| line.operation.op).collect::<Vec<_>>()
    );
    vault.accept_loss(&plan, at(13)).unwrap();
    assert_eq!(sharing(&vault), (1, 0));
    assert!(matches!(vault.plan_update(None), Err(VaultError::Nothing(_))));
    assert_eq!(vault.cases().unwrap().len(), CASES);
    assert!(reader.visit(&a).unwrap().views(cases[0]).is_ok(), "what they fetched stays readable");
}

#[test]
fn a_plan_is_not_applied_to_another_state_and_not_before_a_rollback_is_accepted() {
    let (a, _, _) = large();
    let run = live(&a.open()).remove(0);
    let bytes = a.store.get(name_of(&run.key), 1 << 24).unwrap();
    a.store.delete(name_of(&run.key)).unwrap();
    let mut vault = a.open();
    let plan = vault.plan_loss().unwrap();
    a.store.put_new(name_of(&run.key), &bytes).unwrap();
    assert!(vault.accept_loss(&plan, at(20)).is_err(), "it is there again");
    a.store.delete(name_of(&run.key)).unwrap();
    // An entry is gone too: first that is accepted, then the other.
    let head = vault.heads.iter().max_by_key(|entry| entry.core.n).unwrap().head();
    a.store.delete(ObjectName::new(vault.chain.name(&head.writer, head.n))).unwrap();
    let mut vault = a.open();
    assert!(vault.is_rolled_back());
    if let Ok(plan) = vault.plan_loss() {
        assert!(matches!(vault.accept_loss(&plan, at(21)), Err(VaultError::RolledBack)));
    }
    vault.accept_rollback(at(22)).unwrap();
    if let Ok(plan) = vault.plan_loss() {
        vault.accept_loss(&plan, at(23)).unwrap();
    }
    vault.open_case(None, at(24)).unwrap();
    assert!(sound(&a.open()));
}
