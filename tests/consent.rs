//! Consent: nothing leaves without everybody's yes, and a withdrawal reaches whoever has the case.
#![cfg(test)]

#[path = "consent/passing.rs"]
mod passing;

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
        // Of an export, for it takes also what the lawyer has already.
        let plan = vault.plan_export(&[self.case], "адвокат", &parts).unwrap();
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
    let consents = view.consents(shared.store()).unwrap().records;
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
    for over in [
        "2026-11-21",
        "2026-10",
        "2026-11~",
        "2026?",
        "202X",
        "2020/",
        "[2026-01,2027-12]",
        "2026-11-01/2099",
    ] {
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
    // What names nobody else is about somebody it does not name.
    let alone = "[[link]]\nperson = \"OFF-1\"\nrole = \"perpetrator\"\nevent = \"V1\"\n";
    put(&mut scene.activist.open(), scene.case, "notes", alone);
    assert_eq!(scene.lacks(&["notes"], "asylum_procedure"), [Missing::Persons]);
    // A refusal of theirs that is recorded is obeyed.
    let refusal = "[[consent]]\nperson = \"OFF-1\"\nstatus = \"refused\"\n";
    put(&mut scene.activist.open(), scene.case, "consent/official", refusal);
    assert_eq!(scene.lacks(&["testimony"], "asylum_procedure").len(), 1);
    put(&mut scene.activist.open(), scene.case, "consent/official", &LIMITED.replace("P1", "P7"));
    assert_eq!(scene.lacks(&["testimony"], "asylum_procedure").len(), 0);
    // One who is said to be a victim too, anywhere in the case, is asked.
    let victim = "[[link]]\nperson = \"OFF-1\"\nrole = \"victim\"\nevent = \"V9\"\n";
    put(&mut scene.activist.open(), scene.case, "person", victim);
    assert_eq!(scene.lacks(&["testimony"], "asylum_procedure").len(), 1);
}

#[test]
fn a_consent_counts_from_a_day_that_has_come_and_after_a_withdrawal_only_when_given_again() {
    let lack = |date: &str| {
        Scene::with(&LIMITED.replace("\"2026-11-01\"", date)).lack(&["testimony"], "asylum_procedure")
    };
    for later in ["\"202X\"", "\"../2030\"", "\"[2026,2099]\"", "\"2026-11-23\"", "\"2026-11?\""] {
        assert!(matches!(lack(later), Lack::NotYet(_)), "{later}");
    }
    let old = "\"2026-11-01\"\nwithdrawn = \"2026-11-05\"";
    assert!(matches!(lack(old), Lack::Withdrawn(_)), "an old record put again");
    assert!(matches!(lack("\"2026-11\"\nwithdrawn = \"2026-11-05\""), Lack::Withdrawn(_)), "perhaps before");
    let again = LIMITED.replace("\"2026-11-01\"", "\"2026-11-10\"\nwithdrawn = \"2026-11-05\"");
    assert!(Scene::with(&again).lacks(&["testimony"], "asylum_procedure").is_empty());
}

#[test]
fn what_is_no_consent_neither_stands_in_its_part_nor_goes_along() {
    let scene = Scene::with(LIMITED);
    let mut vault = scene.activist.open();
    let refused = vault.put_text(scene.case, &part("consent"), &text("her name is …"), at(6));
    assert!(matches!(refused, Err(VaultError::FormsOnly(_))), "{refused:?}");
    // One that came in otherwise, here with many cases at once, is neither trusted nor given along.
    let form = read_form(LIMITED, "consent").unwrap();
    let said = read_form(SAID, "testimony").unwrap();
    let parts = [("consent", Some("a text"), form), ("testimony", None, said)].map(|(name, words, form)| {
        sanduq::vault::IngestPart {
            part: part(name),
            text: words.map(str::to_owned),
            lang: None,
            form: Some(form),
        }
    });
    let case = sanduq::vault::IngestCase { title: None, parts: parts.to_vec(), exhibits: vec![] };
    let code =
        vault.ingest([Ok(case)], at(7), &mut |_| std::ops::ControlFlow::Continue(())).unwrap().remove(0);
    let case = vault.find(&code).unwrap();
    let plan = vault.plan_share(&[case], "адвокат", &[part("testimony")], false).unwrap();
    assert_eq!(plan.cases[0].parts.len(), 1, "the text does not go along");
    let plan = vault.judge(plan, word("asylum_procedure"), at(10)).unwrap();
    let lacking = plan.judgement.unwrap().lacking;
    assert!(matches!(lacking[0].what, Missing::Consent(_, Lack::Unread)), "{lacking:?}");
}

#[test]
fn whoever_speaks_unnamed_is_one_more_person_of_unknown_consent() {
    let scene = Scene::with(LIMITED);
    let unnamed = "[[statement]]\nlang = \"en\"\ntext = \"x\"\ninterviewer = \"P1\"\n";
    put(&mut scene.activist.open(), scene.case, "testimony", unnamed);
    assert_eq!(scene.lacks(&["testimony"], "asylum_procedure"), [Missing::Persons]);
}

#[test]
fn the_most_careful_of_several_versions_counts() {
    let scene = Scene::with(LIMITED);
    let second = LIMITED.replace("limited", "refused");
    put(&mut scene.activist.open(), scene.case, "consent/second", &second);
    assert!(matches!(scene.lack(&["testimony"], "asylum_procedure"), Lack::Status(_)));
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
