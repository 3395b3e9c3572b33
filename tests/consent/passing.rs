//! Passing on and withdrawing: what binds a recipient, and what reaches whom.

use sanduq::record::leave::Lack;
use sanduq::vault::{Missing, Vault, VaultError};

use super::{LIMITED, SAID, Scene, put, word};
use crate::support::people::{Person, at, new_case, part, unasked};

/// What the lawyer has after taking the activist's case in: a vault of her own, from which she shares with an agency.
struct Passing {
    scene: Scene,
    own: Vault,
}

impl Passing {
    fn with(consent: &str) -> Self {
        let scene = Scene::with(consent);
        let plan = unasked(scene.plan(&["testimony"], word("asylum_procedure")));
        scene.activist.open().share(&plan, at(10)).unwrap();
        let agency = Person::new();
        scene.lawyer.know("агентство", &agency);
        scene.lawyer.create();
        let mut passing = Self { own: scene.lawyer.open(), scene };
        passing.accept();
        passing
    }

    fn accept(&mut self) -> sanduq::vault::TakenIn {
        let shared = self.scene.lawyer.visit(&self.scene.activist).unwrap();
        self.own.accept(&shared, None, &mut |_| std::ops::ControlFlow::Continue(()), at(20)).unwrap()
    }

    fn lacks(&self) -> Vec<Missing> {
        let plan = self.own.plan_share(&[self.scene.case], "агентство", &[part("testimony")], false).unwrap();
        let plan = self.own.judge(plan, word("asylum_procedure"), at(30)).unwrap();
        plan.judgement.unwrap().lacking.into_iter().map(|lacking| lacking.what).collect()
    }
}

#[test]
fn a_recipient_neither_widens_the_terms_nor_lifts_a_withdrawal_nor_launders_by_an_edit() {
    let mut passing = Passing::with(LIMITED);
    let case = passing.scene.case;
    let onward = |lacks: &[Missing]| matches!(lacks, [Missing::Consent(_, Lack::Onward(..))]);
    assert!(onward(&passing.lacks()));
    put(&mut passing.own, case, "consent", &LIMITED.replace("\"none\"", "\"any\""));
    assert!(onward(&passing.lacks()), "the activist's record stands beside hers");
    let more = sanduq::vault::NewText { text: "Ескерту.".into(), lang: None, add: true };
    passing.own.put_text(case, &part("testimony"), &more, at(25)).unwrap();
    assert!(onward(&passing.lacks()), "{:?}", passing.lacks());

    let mut passing = Passing::with(&LIMITED.replace("\"none\"", "\"any\""));
    assert_eq!(passing.lacks(), []);
    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    passing.scene.activist.open().withdraw(passing.scene.case, &person, &date, at(21)).unwrap();
    passing.accept();
    let again = LIMITED.replace("\"none\"", "\"any\"");
    put(&mut passing.own, passing.scene.case, "consent/withdrawn-p1", &again);
    let lacks = passing.lacks();
    assert!(matches!(lacks.as_slice(), [Missing::Consent(_, Lack::Status(_))]), "{lacks:?}");
}

#[test]
fn a_yes_or_a_role_that_a_stranger_gives_counts_for_nothing_and_their_no_counts() {
    let passing = Passing::with("");
    let (scene, mut own) = (passing.scene, passing.own);
    assert_eq!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Record);
    // The lawyer, who knows the case, gives the activist a consent of P1's, and says that P1 is a perpetrator.
    put(&mut own, scene.case, "consent/x", &LIMITED.replace("\"none\"", "\"any\""));
    let official = "[[link]]\nperson = \"P1\"\nrole = \"perpetrator\"\nevent = \"V1\"\n";
    put(&mut own, scene.case, "person/x", official);
    let mut own = scene.lawyer.open();
    let give = |own: &mut Vault, names: &[&str], time| {
        let parts: Vec<_> = names.iter().map(|name| part(name)).collect();
        let plan = own.plan_share(&[scene.case], "field", &parts, false).unwrap();
        own.share(&unasked(plan), at(time)).unwrap();
        let shared = scene.activist.visit(&scene.lawyer).unwrap();
        let go = &mut |_| std::ops::ControlFlow::Continue(());
        scene.activist.open().accept(&shared, None, go, at(time)).unwrap()
    };
    assert_eq!(give(&mut own, &["consent/x", "person/x"], 26).cases, [(scene.case, 2)]);
    assert_eq!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Record);
    // With a consent of the activist's own, the lawyer's no still counts.
    put(&mut scene.activist.open(), scene.case, "consent", LIMITED);
    assert!(scene.lacks(&["testimony"], "asylum_procedure").is_empty());
    put(&mut own, scene.case, "consent/x", "[[consent]]\nperson = \"P1\"\nstatus = \"refused\"\n");
    give(&mut own, &["consent/x"], 28);
    assert!(matches!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Status(_)));
}

#[test]
fn a_withdrawal_shows_nobody_whom_else_the_case_has_and_reopens_nothing() {
    let scene = Scene::with(LIMITED);
    let (other, third) = (Person::new(), Person::new());
    scene.activist.know("other", &other);
    scene.activist.know("third", &third);
    other.know("field", &scene.activist);
    third.know("field", &scene.activist);
    let mut vault = scene.activist.open();
    put(&mut vault, scene.case, "testimony/second", &SAID.replace("P1", "SRC-7"));
    put(&mut vault, scene.case, "consent/helpers", &LIMITED.replace("P1", "SRC-7"));
    for (to, name, time) in
        [("адвокат", "testimony", 10), ("other", "testimony/second", 11), ("third", "testimony", 12)]
    {
        let plan = vault.plan_share(&[scene.case], to, &[part(name)], false).unwrap();
        vault.share(&vault.judge(plan, word("asylum_procedure"), at(time)).unwrap(), at(time)).unwrap();
    }
    let ended = vault.plan_unshare(&[scene.case], "third").unwrap();
    vault.unshare(&ended, at(13)).unwrap();
    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    let withdrawn = vault.withdraw(scene.case, &person, &date, at(40)).unwrap();
    let mut sent: Vec<String> = withdrawn.sent.iter().map(ToString::to_string).collect();
    sent.sort();
    assert_eq!(sent, ["third", "адвокат"], "whose sharing ended is told too, who has nothing of P1 is not");
    let parts = |reader: &Person| {
        let shared = reader.visit(&scene.activist).unwrap();
        let view = shared.views(scene.case).unwrap().remove(0);
        view.part_names().into_iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(parts(&scene.lawyer), ["testimony", "consent", "consent/withdrawn-p1"]);
    assert_eq!(parts(&other), ["testimony/second", "consent/helpers"]);
    // Nothing of consents goes by a later update to whom sharing ended with.
    put(&mut vault, scene.case, "consent/withdrawn-p1", &LIMITED.replace("2026-11-01", "2026-11-22"));
    assert!(matches!(vault.plan_update(Some("third")), Err(VaultError::Nothing(_))));
    assert!(
        vault.shares(None).unwrap().iter().any(|line| !line.ended && line.part == part("testimony/second"))
    );
}

#[test]
fn a_withdrawal_that_was_only_written_down_before_still_ends_sharing_and_tells() {
    let scene = Scene::with(LIMITED);
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    let mut vault = scene.activist.open();
    vault.share(&plan, at(10)).unwrap();
    let written =
        LIMITED.replace("status = \"limited\"", "status = \"withdrawn\"\nwithdrawn = \"2026-11-20\"");
    put(&mut vault, scene.case, "consent", &written);
    let (person, date) = ("P1".parse().unwrap(), "2026-11-20".parse().unwrap());
    assert_eq!(vault.withdraw(scene.case, &person, &date, at(20)).unwrap().sent.len(), 1);
    // Who got something since, by an override, is told when it is done again.
    let late = Person::new();
    scene.activist.know("кейін", &late);
    let mut vault = scene.activist.open();
    let plan = unasked(vault.plan_share(&[scene.case], "кейін", &[part("testimony")], false).unwrap());
    assert_eq!(plan.cases[0].parts.len(), 3, "the withdrawal goes along already");
    vault.share(&plan, at(21)).unwrap();
    let again = vault.withdraw(scene.case, &person, &date, at(22)).unwrap();
    assert_eq!((again.sent.len(), again.unsent.len()), (0, 0), "they have it; the sharing ended");
    assert_eq!(vault.case(scene.case).unwrap().revisions(&part("consent/withdrawn-p1")).len(), 1);
    let more = vault.withdraw(scene.case, &person, &date, at(23));
    assert!(matches!(more, Err(VaultError::Nothing(_))), "{more:?}");
}

#[test]
fn a_withdrawal_arrives_though_the_rest_of_the_case_is_damaged() {
    let mut passing = Passing::with(&LIMITED.replace("\"none\"", "\"any\""));
    let case = passing.scene.case;
    let mut vault = passing.scene.activist.open();
    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    vault.withdraw(case, &person, &date, at(21)).unwrap();
    let key = vault.case(case).unwrap().revisions(&part("testimony"))[0].key.clone();
    let name = sanduq::store::ObjectName::new(sanduq::crypto::object_name(&key));
    passing.scene.activist.store.delete(name).unwrap();
    let taken = passing.accept();
    assert_eq!((taken.left.len(), taken.withdrawn.len()), (1, 1), "{taken:?}");
    assert!(matches!(passing.lacks().as_slice(), [Missing::Consent(_, Lack::Status(_))]));
}

#[test]
fn only_what_lacks_a_consent_is_said_to_be_overridden() {
    let scene = Scene::with(LIMITED);
    let mut vault = scene.activist.open();
    let (other, _) = new_case(&mut vault, &[("testimony", "a text")]);
    let plan = vault.plan_share(&[scene.case, other], "адвокат", &[part("testimony")], false).unwrap();
    let plan = unasked(vault.judge(plan, word("asylum_procedure"), at(10)).unwrap());
    vault.share(&plan, at(10)).unwrap();
    let overridden = |case| vault.history(Some(case)).unwrap().iter().any(|line| line.operation.op == 11);
    assert_eq!((overridden(scene.case), overridden(other)), (false, true));
}

#[test]
fn what_came_from_others_goes_on_only_as_the_consent_says() {
    let onward = |terms: &str| {
        let scene = Scene::with(&LIMITED.replace("onward = \"none\"", terms));
        let plan = scene.plan(&["testimony"], word("asylum_procedure"));
        scene.activist.open().share(&plan, at(10)).unwrap();
        let agency = Person::new();
        scene.lawyer.know("агентство", &agency);
        let mut own = scene.lawyer.create();
        let shared = scene.lawyer.visit(&scene.activist).unwrap();
        own.accept(&shared, None, &mut |_| std::ops::ControlFlow::Continue(()), at(20)).unwrap();
        let plan = own.plan_share(&[scene.case], "агентство", &[part("testimony")], false).unwrap();
        let plan = own.judge(plan, word("asylum_procedure"), at(30)).unwrap();
        plan.judgement.unwrap().lacking.into_iter().map(|lacking| lacking.what).collect::<Vec<_>>()
    };
    for no in
        ["onward = \"none\"", "onward = \"same_org\"", "onward = \"named_list\"\nonward_to = [\"адвокат\"]"]
    {
        let lacks = onward(no);
        assert!(matches!(lacks.as_slice(), [Missing::Consent(_, Lack::Onward(..))]), "{no}: {lacks:?}");
    }
    for yes in ["onward = \"any\"", "onward = \"named_list\"\nonward_to = [\"Агентство\"]"] {
        assert_eq!(onward(yes), [], "{yes}");
    }
}

#[test]
fn a_withdrawal_ends_the_sharing_and_binds_who_has_the_case() {
    let scene = Scene::with(&LIMITED.replace("onward = \"none\"", "onward = \"any\""));
    let agency = Person::new();
    scene.lawyer.know("agency", &agency);
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    scene.activist.open().share(&plan, at(10)).unwrap();
    let mut own = scene.lawyer.create();
    let go = &mut |_| std::ops::ControlFlow::Continue(());
    own.accept(&scene.lawyer.visit(&scene.activist).unwrap(), None, go, at(20)).unwrap();
    let judged = |own: &Vault| {
        let plan = own.plan_share(&[scene.case], "agency", &[part("testimony")], false).unwrap();
        own.judge(plan, word("asylum_procedure"), at(30)).unwrap().may_go()
    };
    assert!(judged(&own));

    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    let mut vault = scene.activist.open();
    let withdrawn = vault.withdraw(scene.case, &person, &date, at(40)).unwrap();
    assert_eq!(withdrawn.sent, ["адвокат".parse().unwrap()]);
    let again = vault.withdraw(scene.case, &person, &date, at(41));
    assert!(matches!(again, Err(VaultError::Nothing(_))), "{again:?}");
    assert!(vault.shares(None).unwrap().iter().any(|line| line.ended), "the record of what was given stays");
    // Nothing more goes by updates, though a new revision stands.
    put(&mut vault, scene.case, "testimony", &SAID.replace("ug-Arab", "ug-Latn"));
    assert!(matches!(vault.plan_update(None), Err(VaultError::Nothing(_))));

    let shared = scene.lawyer.visit(&scene.activist).unwrap();
    let view = shared.views(scene.case).unwrap().remove(0);
    assert_eq!(view.revisions(&part("testimony")).len(), 1, "the withdrawal came alone");
    assert_eq!(view.revisions(&part("consent/withdrawn-p1")).len(), 1);
    let taken = own.accept(&shared, None, go, at(50)).unwrap();
    assert_eq!(taken.withdrawn, [(scene.case, person, scene.activist.desktop.identity.card().hash())]);
    assert!(!judged(&own), "the lawyer's program obeys");
}

#[test]
fn a_consent_withdrawn_on_another_device_meanwhile_stops_a_plan() {
    let scene = Scene::with(LIMITED);
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    scene.activist.open().withdraw(scene.case, &person, &date, at(11)).unwrap();
    assert!(matches!(scene.activist.open().share(&plan, at(12)), Err(VaultError::Changed)));
}

#[test]
fn a_withdrawal_is_recorded_though_two_versions_of_the_record_stand() {
    use crate::support::vaults::{self, Place};
    let place = Place::new();
    let mut vault = place.create("base", "laptop");
    let code = vaults::new_case(&mut vault, None);
    let case = vault.find(&code).unwrap();
    put(&mut vault, case, "testimony", SAID);
    drop(vault);
    // Two devices wrote the record apart: only a new form could join them.
    for (device, mode) in [("laptop", "audio"), ("phone", "written")] {
        place.copy("base", &format!("at-{device}"));
        let mut vault = place.open(&format!("at-{device}"), device);
        put(&mut vault, case, "consent", &LIMITED.replace("oral", mode));
    }
    place.join("at-phone", "at-laptop");
    let mut vault = place.open("at-laptop", "laptop");
    assert_eq!(vault.case(case).unwrap().heads(&part("consent")).len(), 2);
    let (person, date) = ("P1".parse().unwrap(), "2026-09".parse().unwrap());
    let withdrawn = vault.withdraw(case, &person, &date, vaults::at(40)).unwrap();
    assert_eq!(withdrawn.part, part("consent/withdrawn-p1"));
    let consents = vault.case(case).unwrap().consents(vault.store()).unwrap().records;
    assert_eq!(consents.iter().filter(|one| one.terms.status.as_str() == "withdrawn").count(), 1);
    assert_eq!(consents.len(), 3, "the two that differ stand as they were");
    vaults::check_sound(&vault);
}
