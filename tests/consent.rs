//! Consent: nothing leaves without everybody's yes, and a withdrawal reaches whoever has the case.
#![cfg(test)]

use sanduq::format::read_form;
use sanduq::record::CaseId;
use sanduq::record::form::Purpose;
use sanduq::record::leave::Lack;
use sanduq::vault::{Lacking, Missing, SharePlan, Vault, VaultError};

use crate::support::people::{Person, at, attach, new_case, part, text, unasked};

/// What P1 agrees to: two purposes, by a pseudonym, not to be handed on.
const LIMITED: &str = r#"[[consent]]
person = "P1"
status = "limited"
given_by = "self"
mode = "oral"
purpose = ["legal_representation", "asylum_procedure"]
identity_level = "pseudonym"
onward = "none"
date = "2026-11-01"
"#;
/// A statement of P1's that names nobody else.
const SAID: &str = "[[statement]]\nby = \"P1\"\nlang = \"ug-Arab\"\ntext = \"مېنى ئەتىگەندە ئېلىپ كەتتى.\"\n";

fn put(vault: &mut Vault, case: CaseId, name: &str, toml: &str) {
    let part = part(name);
    let form = read_form(toml, part.kind()).unwrap_or_else(|error| panic!("{error} in {toml}"));
    vault.put_form(case, &part, &form, at(5)).unwrap();
}

fn word(word: &str) -> Option<Purpose> {
    Some(word.parse().unwrap())
}

/// An activist with a case of P1's, and a lawyer they know.
struct Scene {
    activist: Person,
    lawyer: Person,
    case: CaseId,
}

impl Scene {
    fn with(consent: &str) -> Self {
        let (activist, lawyer) = (Person::new(), Person::new());
        let mut vault = activist.create();
        let (case, _) = new_case(&mut vault, &[]);
        put(&mut vault, case, "testimony", SAID);
        if !consent.is_empty() {
            put(&mut vault, case, "consent", consent);
        }
        activist.know("адвокат", &lawyer);
        lawyer.know("field", &activist);
        Self { activist, lawyer, case }
    }

    fn plan(&self, parts: &[&str], purpose: Option<Purpose>) -> SharePlan {
        let vault = self.activist.open();
        let parts: Vec<_> = parts.iter().map(|name| part(name)).collect();
        let plan = vault.plan_share(&[self.case], "адвокат", &parts, false).unwrap();
        vault.judge(plan, purpose, at(10)).unwrap()
    }

    /// What is missing to share these parts for a purpose.
    fn lacks(&self, parts: &[&str], purpose: &str) -> Vec<Missing> {
        let plan = self.plan(parts, word(purpose));
        let lacking = plan.judgement.clone().unwrap().lacking;
        if !lacking.is_empty() {
            let refused = self.activist.open().share(&plan, at(10));
            assert!(matches!(refused, Err(VaultError::NoConsent)), "{refused:?}");
        }
        lacking.into_iter().map(|Lacking { what, .. }| what).collect()
    }

    /// The only thing missing.
    #[track_caller]
    fn lack(&self, parts: &[&str], purpose: &str) -> Lack {
        match self.lacks(parts, purpose).as_slice() {
            [Missing::Consent(person, lack)] if person.as_str() == "P1" => lack.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_everybody_agreed_to_goes_and_the_consent_goes_along() {
    let scene = Scene::with(LIMITED);
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    assert!(plan.judgement.as_ref().unwrap().lacking.is_empty());
    scene.activist.open().share(&plan, at(10)).unwrap();
    let shared = scene.lawyer.visit(&scene.activist).unwrap();
    let view = shared.views(scene.case).unwrap().remove(0);
    assert_eq!(view.part_names(), [&part("testimony"), &part("consent")], "nobody had to name it");
    let consents = view.consents(shared.store()).unwrap();
    assert_eq!(consents[0].terms.person.as_str(), "P1");
    let given = scene.activist.open().case(scene.case).unwrap().given.remove(0).fact;
    assert_eq!(given.purpose, word("asylum_procedure"), "what it was given for is kept");
}

#[test]
fn unknown_is_no() {
    let scene = Scene::with("");
    assert_eq!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Record);
    // Without a purpose nothing goes, whatever was agreed to.
    let plan = Scene::with(LIMITED).plan(&["testimony"], None);
    let lacking = plan.judgement.unwrap().lacking;
    assert!(
        matches!(lacking.as_slice(), [Lacking { what: Missing::Purpose, case: None, .. }]),
        "{lacking:?}"
    );
    // A plan that nobody judged does not go either.
    let vault = scene.activist.open();
    let plan = vault.plan_share(&[scene.case], "адвокат", &[part("testimony")], false).unwrap();
    assert!(matches!(scene.activist.open().share(&plan, at(10)), Err(VaultError::NoConsent)));
}

#[test]
fn a_revision_that_names_nobody_is_one_person_of_unknown_consent() {
    let scene = Scene::with(LIMITED);
    scene.activist.open().put_text(scene.case, &part("notes"), &text("她来过。"), at(6)).unwrap();
    assert_eq!(scene.lacks(&["testimony", "notes"], "asylum_procedure"), [Missing::Persons]);
    // Nor does an earlier revision that named nobody go along with one that names somebody.
    let mut vault = scene.activist.open();
    vault.put_text(scene.case, &part("testimony/first"), &text("a first account"), at(6)).unwrap();
    put(&mut vault, scene.case, "testimony/first", SAID);
    let plan = |history| {
        let plan = vault.plan_share(&[scene.case], "адвокат", &[part("testimony/first")], history).unwrap();
        vault.judge(plan, word("asylum_procedure"), at(10)).unwrap().judgement.unwrap().lacking.len()
    };
    assert_eq!((plan(false), plan(true)), (0, 1));
}

#[test]
fn each_term_of_a_consent_is_kept() {
    let lack = |from: &str, to: &str| {
        Scene::with(&LIMITED.replace(from, to)).lack(&["testimony"], "asylum_procedure")
    };
    let scene = Scene::with(LIMITED);
    assert!(matches!(scene.lack(&["testimony"], "media"), Lack::Purpose { agreed, .. } if agreed.len() == 2));
    for status in ["refused", "expired", "not_asked", "unclear"] {
        assert!(matches!(lack("limited", status), Lack::Status(_)), "{status}");
    }
    let withdrawn = "status = \"withdrawn\"\nwithdrawn = \"2026-11-02\"";
    assert!(matches!(lack("status = \"limited\"", withdrawn), Lack::Status(_)));
    assert!(matches!(lack("\"pseudonym\"", "\"aggregate_only\""), Lack::Identity { named: false, .. }));
    assert!(matches!(lack("2026-11-01", "2026-12-01"), Lack::NotYet(_)));
}

#[test]
fn a_consent_holds_to_the_last_day_it_names_and_where_that_is_unsure_to_the_first() {
    let with = |date: &str| {
        let until = format!("date = \"2026-11-01\"\nvalid_until = \"{date}\"");
        Scene::with(&LIMITED.replace("date = \"2026-11-01\"", &until))
    };
    for over in ["2026-11-21", "2026-10", "2026-11~", "2026?", "202X", "2020/"] {
        assert!(matches!(with(over).lack(&["testimony"], "asylum_procedure"), Lack::Over(_)), "{over}");
    }
    for good in ["2026-11-22", "2026-11", "2026", "2027", "2026-11-01/.."] {
        assert!(with(good).lacks(&["testimony"], "asylum_procedure").is_empty(), "{good}");
    }
}

#[test]
fn whose_name_or_exhibit_goes_must_agree_to_be_named() {
    let scene = Scene::with(LIMITED);
    let mut vault = scene.activist.open();
    let name = "[[person]]\nid = \"P1\"\nname = [{ text = \"گۈلزار ئۈلگە\", lang = \"ug-Arab\", kind = \"birth\" }]\n";
    put(&mut vault, scene.case, "person", name);
    let named = Lack::Identity { agreed: Some("pseudonym".parse().unwrap()), named: true };
    assert_eq!(scene.lack(&["testimony", "person"], "asylum_procedure"), named);
    put(
        &mut vault,
        scene.case,
        "exhibits",
        "[[document]]\nid = \"D1\"\nkind = \"letter\"\nissuer = \"unknown\"\nholder = \"P1\"",
    );
    assert!(scene.lacks(&["exhibits"], "asylum_procedure").is_empty());
    attach(&mut scene.activist.open(), scene.case, "хат.jpg", &[7; 100]);
    assert_eq!(scene.lack(&["exhibits"], "asylum_procedure"), named, "what a file shows is not known");
    put(&mut scene.activist.open(), scene.case, "consent", &LIMITED.replace("\"pseudonym\"", "\"named\""));
    assert!(scene.lacks(&["testimony", "person", "exhibits"], "asylum_procedure").is_empty());
}

#[test]
fn minors_and_relatives_are_no_by_default_and_nobody_agrees_for_another() {
    let with = |link: &str, from: &str, to: &str| {
        let scene = Scene::with(&LIMITED.replace(from, to));
        put(&mut scene.activist.open(), scene.case, "person/about", link);
        scene.lacks(&["testimony"], "asylum_procedure")
    };
    let minor = "[[person]]\nid = \"P1\"\nminor = true";
    let relative = "[[link]]\nperson = \"P1\"\nrole = \"relative_at_risk\"\nto = \"P2\"";
    let guardian = "given_by = \"guardian\"\nrepresentative = \"P2\"";
    let own = "given_by = \"self\"";
    let lack = |lacks: Vec<Missing>| match lacks.as_slice() {
        [] => None,
        [Missing::Consent(_, lack)] => Some(lack.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(lack(with(minor, own, own)), Some(Lack::Minor));
    assert_eq!(lack(with(minor, own, guardian)), None);
    assert_eq!(lack(with(minor, own, &guardian.replace("P2", "P1"))), Some(Lack::Representative));
    assert_eq!(lack(with(relative, own, own)), None, "their own consent counts");
    assert_eq!(lack(with(relative, own, guardian)), Some(Lack::Relative));
    // The consent of one does not cover another whom the same part names.
    let scene = Scene::with(LIMITED);
    let two = SAID.replace("by = \"P1\"", "by = \"P1\"\ninterviewer = \"SRC-7\"");
    put(&mut scene.activist.open(), scene.case, "testimony", &two);
    let lacks = scene.lacks(&["testimony"], "asylum_procedure");
    assert!(
        matches!(lacks.as_slice(), [Missing::Consent(person, Lack::Record)] if person.as_str() == "SRC-7")
    );
}

#[test]
fn who_is_nothing_but_a_perpetrator_is_not_asked() {
    let scene = Scene::with(LIMITED);
    let official = "[[link]]\nperson = \"OFF-1\"\nrole = \"perpetrator\"\nto = \"P1\"\n";
    put(&mut scene.activist.open(), scene.case, "testimony", &format!("{official}{SAID}"));
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    let judged = plan.judgement.unwrap();
    assert!(judged.lacking.is_empty(), "{judged:?}");
    assert_eq!(judged.not_asked.len(), 1);
    // One who is said to be a victim too, anywhere in the case, is asked.
    let victim = "[[link]]\nperson = \"OFF-1\"\nrole = \"victim\"\nevent = \"V9\"\n";
    put(&mut scene.activist.open(), scene.case, "person", victim);
    assert_eq!(scene.lacks(&["testimony"], "asylum_procedure").len(), 1);
}

#[test]
fn the_most_careful_of_several_versions_counts() {
    let scene = Scene::with(LIMITED);
    let second = LIMITED.replace("limited", "refused");
    put(&mut scene.activist.open(), scene.case, "consent/second", &second);
    assert!(matches!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Status(_)));
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
fn a_consent_withdrawn_on_another_device_meanwhile_stops_a_plan() {
    let scene = Scene::with(LIMITED);
    let plan = scene.plan(&["testimony"], word("asylum_procedure"));
    let (person, date) = ("P1".parse().unwrap(), "2026-11-22".parse().unwrap());
    scene.activist.open().withdraw(scene.case, &person, &date, at(11)).unwrap();
    assert!(matches!(scene.activist.open().share(&plan, at(12)), Err(VaultError::Changed)));
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
    assert_eq!(view.revisions(&part("consent")).len(), 2);
    let taken = own.accept(&shared, None, go, at(50)).unwrap();
    assert_eq!(taken.withdrawn, [(scene.case, person)]);
    assert!(!judged(&own), "the lawyer's program obeys");
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
    assert_eq!(withdrawn.part, part("consent/withdrawn"));
    let consents = vault.case(case).unwrap().consents(vault.store()).unwrap();
    assert_eq!(consents.iter().filter(|one| one.terms.status.as_str() == "withdrawn").count(), 1);
    assert_eq!(consents.len(), 3, "the two that differ stand as they were");
    vaults::check_sound(&vault);
}

#[test]
fn an_override_goes_ahead_and_stands_in_the_log_with_its_reason() {
    let scene = Scene::with("");
    let plan = unasked(scene.plan(&["testimony"], word("media")));
    let mut vault = scene.activist.open();
    vault.share(&plan, at(10)).unwrap();
    let log = vault.history(Some(scene.case)).unwrap();
    let reasons = log.iter().filter_map(|line| match line.operation.body() {
        Ok(sanduq::format::OperationBody::ConsentOverridden { reason, purpose, .. }) => {
            Some((reason, purpose))
        }
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), [(plan.overruled.clone().unwrap(), word("media"))]);
    // Where everybody agrees nothing is overridden, and the log says nothing of the kind.
    let agreed = Scene::with(LIMITED);
    let plan = unasked(agreed.plan(&["testimony"], word("asylum_procedure")));
    let mut vault = agreed.activist.open();
    vault.share(&plan, at(10)).unwrap();
    let log = vault.history(Some(agreed.case)).unwrap();
    assert!(log.iter().all(|line| line.operation.op != 11));
}
