//! Sharing, from the owner to those who receive and hand on.
#![cfg(test)]

use sanduq::vault::VaultError;

use crate::support::people::{Person, at, new_case, part, read_text, text, unasked};

const TESTIMONY: &str = "Мені таңертең алып кетті.\nمېنى ئەتىگەندە ئېلىپ كەتتى\n他们早上带走了我。";
const WHO: &str = "Айгерім Сапарова, дәрігер";

#[test]
fn a_lawyer_reads_what_was_shared_and_nothing_else() {
    let (activist, lawyer) = (Person::new(), Person::new());
    let mut vault = activist.create();
    let (case, code) = new_case(&mut vault, &[("testimony", TESTIMONY), ("person/doctor", WHO)]);
    let (other, other_code) = new_case(&mut vault, &[("testimony", "another")]);
    activist.know("адвокат", &lawyer);
    lawyer.know("field", &activist);
    assert!(matches!(lawyer.visit(&activist), Err(VaultError::NothingShared)));

    let mut vault = activist.open();
    let plan =
        unasked(vault.plan_share(&[case], "адвокат", &[part("testimony"), part("person")], false).unwrap());
    assert_eq!(plan.cases[0].absent, [part("person")], "nothing labelled goes unless named");
    vault.share(&plan, at(10)).unwrap();

    let shared = lawyer.visit(&activist).unwrap();
    let view = shared.views(shared.find(&code).unwrap()).unwrap().remove(0);
    assert_eq!(view.part_names(), [&part("testimony")]);
    assert_eq!(read_text(&view, shared.store(), "testimony"), TESTIMONY);
    assert!(matches!(shared.find(&other_code), Err(VaultError::NotShared(_))));
    assert!(matches!(shared.views(other), Err(VaultError::NotShared(_))));
    let known: Vec<_> = vault.case(case).unwrap().revisions(&part("person/doctor")).to_vec();
    assert_eq!(known.len(), 1, "the doctor's identity exists and only its owner sees it");
}

#[test]
fn a_name_corrected_away_is_in_no_later_share() {
    let (activist, lawyer) = (Person::new(), Person::new());
    let mut vault = activist.create();
    let (case, code) = new_case(&mut vault, &[("testimony", "Seen with Gülnar.")]);
    vault.put_text(case, &part("testimony"), &text("Seen with a neighbour."), at(5)).unwrap();
    activist.know("lawyer", &lawyer);
    lawyer.know("field", &activist);
    let mut vault = activist.open();
    let plan = unasked(vault.plan_share(&[case], "lawyer", &[part("testimony")], false).unwrap());
    assert_eq!(plan.cases[0].parts[0].staying, 1);
    vault.share(&plan, at(10)).unwrap();
    let shared = lawyer.visit(&activist).unwrap();
    let view = shared.views(shared.find(&code).unwrap()).unwrap().remove(0);
    assert_eq!(view.revisions(&part("testimony")).len(), 1);
    assert_eq!(read_text(&view, shared.store(), "testimony"), "Seen with a neighbour.");
}

#[test]
fn later_revisions_go_only_by_an_update_and_not_after_unshare() {
    let (activist, lawyer) = (Person::new(), Person::new());
    let mut vault = activist.create();
    let (case, code) = new_case(&mut vault, &[("notes", "one")]);
    activist.know("lawyer", &lawyer);
    lawyer.know("field", &activist);
    let mut vault = activist.open();
    let plan = unasked(vault.plan_share(&[case], "lawyer", &[part("notes")], false).unwrap());
    vault.share(&plan, at(10)).unwrap();
    assert!(matches!(vault.plan_update(None), Err(VaultError::Nothing(_))));
    vault.put_text(case, &part("notes"), &text("two"), at(11)).unwrap();
    let read = |expected: &str| {
        let shared = lawyer.visit(&activist).unwrap();
        let view = shared.views(shared.find(&code).unwrap()).unwrap().remove(0);
        assert_eq!(read_text(&view, shared.store(), "notes"), expected);
    };
    read("one");
    assert!(vault.shares(None).unwrap()[0].newer);
    let plan = unasked(vault.plan_update(Some("lawyer")).unwrap().remove(0));
    vault.share(&plan, at(12)).unwrap();
    read("two");
    let plan = vault.plan_unshare(&[case], "lawyer").unwrap();
    assert_eq!(plan.cases[0].2.len(), 2, "what the lawyer keeps");
    vault.unshare(&plan, at(13)).unwrap();
    vault.put_text(case, &part("notes"), &text("three"), at(14)).unwrap();
    assert!(matches!(vault.plan_update(None), Err(VaultError::Nothing(_))));
    read("two");
    assert!(vault.shares(Some(case)).unwrap().iter().all(|line| line.ended));
}

#[test]
fn a_lawyer_takes_a_case_in_and_hands_it_to_an_agency() {
    let (activist, lawyer, agency) = (Person::new(), Person::new(), Person::new());
    let mut vault = activist.create();
    let (case, code) = new_case(&mut vault, &[("testimony", TESTIMONY), ("person", WHO)]);
    crate::support::people::attach(&mut vault, case, "фото.jpg", &vec![7; 200_000]);
    activist.know("lawyer", &lawyer);
    lawyer.know("activist", &activist);
    lawyer.know("agency", &agency);
    agency.know("lawyer", &lawyer);
    let mut vault = activist.open();
    let parts = [part("testimony"), part("person"), part("exhibits")];
    let plan = unasked(vault.plan_share(&[case], "lawyer", &parts, false).unwrap());
    vault.share(&plan, at(10)).unwrap();

    let mut own = lawyer.create();
    let shared = lawyer.visit(&activist).unwrap();
    let taken = own.accept(&shared, None, &mut |_| std::ops::ControlFlow::Continue(()), at(20)).unwrap();
    assert_eq!(taken.cases, [(case, 3)]);
    let again = own.accept(&shared, None, &mut |_| std::ops::ControlFlow::Continue(()), at(21)).unwrap();
    assert_eq!((again.cases.len(), again.known), (0, 3), "the same again is recognised");

    let plan =
        unasked(own.plan_share(&[case], "agency", &[part("testimony"), part("exhibits")], false).unwrap());
    own.share(&plan, at(30)).unwrap();
    let passed = agency.visit(&lawyer).unwrap();
    let view = passed.views(passed.find(&code).unwrap()).unwrap().remove(0);
    assert_eq!(read_text(&view, passed.store(), "testimony"), TESTIMONY);
    let author = view.revisions(&part("testimony"))[0].author;
    assert_eq!(author, activist.desktop.identity.card().hash(), "recorded by the activist");
    assert_eq!(view.owner, lawyer.desktop.identity.card().hash(), "passed on by the lawyer");
    assert!(passed.card(&author).unwrap().is_some(), "the author's card came along");

    let names = |person: &Person| -> std::collections::BTreeSet<_> {
        (0..=255u8).flat_map(|folder| person.store.list(folder).unwrap()).collect()
    };
    assert!(names(&activist).is_disjoint(&names(&lawyer)), "no two vaults share an object's name");
}

#[test]
fn a_message_that_was_not_sent_is_sent_later() {
    let (activist, lawyer) = (Person::new(), Person::new());
    let mut vault = activist.create();
    let (case, _) = new_case(&mut vault, &[("notes", "one")]);
    activist.know("lawyer", &lawyer);
    lawyer.know("field", &activist);
    let before: std::collections::BTreeSet<_> =
        (0..=255).flat_map(|f| activist.store.list(f).unwrap()).collect();
    let mut vault = activist.open();
    let plan = unasked(vault.plan_share(&[case], "lawyer", &[part("notes")], false).unwrap());
    vault.share(&plan, at(10)).unwrap();
    // What the crash left out: of the new objects, the one without which the lawyer sees nothing.
    let new: Vec<_> =
        (0..=255).flat_map(|f| activist.store.list(f).unwrap()).filter(|n| !before.contains(n)).collect();
    let message = new.into_iter().find(|name| {
        let bytes = activist.store.get(*name, 1 << 20).unwrap();
        activist.store.delete(*name).unwrap();
        let nothing = |shared: sanduq::vault::SharedVault| shared.cases().unwrap().is_empty();
        let seen = lawyer.visit(&activist).map_or(true, nothing);
        if !seen {
            activist.store.put_new(*name, &bytes).unwrap();
        }
        seen && {
            let owner = sanduq::vault::Vault::open(activist.store.clone(), activist.desktop.clone()).is_ok();
            if !owner {
                activist.store.put_new(*name, &bytes).unwrap();
            }
            owner
        }
    });
    assert!(message.is_some());
    assert_eq!(activist.open().send_missing().unwrap(), 1);
    assert!(lawyer.visit(&activist).is_ok());
    assert_eq!(activist.open().send_missing().unwrap(), 0);
}

#[test]
fn many_cases_are_found_by_their_codes_as_one_is() {
    let activist = Person::new();
    let mut vault = activist.create();
    let cases = (0..250).map(|i| {
        let text = Some(format!("Мен көрдім {i}"));
        let part = sanduq::vault::IngestPart { part: part("testimony"), text, lang: None, form: None };
        Ok(sanduq::vault::IngestCase { title: None, parts: vec![part], exhibits: vec![] })
    });
    let go = &mut |_| std::ops::ControlFlow::Continue(());
    let mut codes = vault.ingest(cases, at(1), go).unwrap();
    let found = vault.find_all(&codes).unwrap();
    assert_eq!(found, codes.iter().map(|code| vault.find(code).unwrap()).collect::<Vec<_>>());
    let stranger = Person::new().create().open_case(None, at(2)).unwrap();
    codes.push(stranger);
    assert!(matches!(vault.find_all(&codes), Err(VaultError::NotShared(_))));
}
