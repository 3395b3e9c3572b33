//! Consent at the program's edge: refusals that say what is missing, overriding, withdrawing, and who is at risk.

use super::circle::{Circle, path};
use super::json::{documented, keys};
use crate::support::program::{Home, OVERRIDE};

const PERSON: &str = r#"
[[person]]
id = "P1"
name = [{ text = "Әсел Үлгіқызы", lang = "kk-Cyrl", kind = "birth" }]

[[person]]
id = "P2"
minor = true

[[link]]
person = "P2"
role = "relative_at_risk"
to = "P1"
relation = "daughter"
"#;
const SAID: &str =
    "[[claim]]\nid = \"C1\"\nsaid_by = \"P1\"\nknowledge = \"witnessed\"\ntext = \"Түнде келді.\"\n";

/// What P1 agrees to.
fn consent(purpose: &str, until: &str) -> String {
    format!(
        "[[consent]]\nperson = \"P1\"\nstatus = \"given\"\ngiven_by = \"self\"\nmode = \"oral\"\npurpose = \
         [{purpose:?}]\nidentity_level = \"pseudonym\"\nonward = \"any\"\ndate = \"2021-01-15\"\n\
         valid_until = {until:?}\n"
    )
}

fn put(home: &Home, code: &str, part: &str, form: &str) {
    home.write("form", form);
    home.run(&["put", code, part, "--form", "form"]).succeeds();
}

/// A case of which P1's testimony may go to asylum procedures.
fn case(home: &Home) -> String {
    let code = home.new_case();
    put(home, &code, "person", PERSON);
    put(home, &code, "testimony", SAID);
    put(home, &code, "consent", &consent("asylum_procedure", "2099"));
    code
}

/// Fails when something goes without consent, or the refusal does not say who, why, and what would be needed.
#[test]
fn a_refusal_says_whose_consent_is_missing_and_what_would_be_needed() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle.activist));
    let share = |parts: &str, rest: &[&str]| {
        home.run(&[&["share", &code, "--to", "lawyer", "--parts", parts, "--yes"], rest].concat())
    };
    let refused = |parts: &str, rest: &[&str], words: &[&str]| {
        let run = share(parts, rest).fails(14, "nothing was given");
        for words in words {
            assert!(run.err.contains(words), "{words:?} is not in {}", run.err);
        }
    };
    refused("testimony", &[], &["it is not said what for", "--purpose WORD", "--override REASON"]);
    let media =
        ["testimony: P1: consent is for asylum_procedure, not for media", "ask them for this purpose too"];
    refused("testimony", &["--purpose", "media"], &media);
    let named = [
        "person: P1: consent is to be known as pseudonym, and what goes out tells who they are",
        "person: P2: no consent is recorded, and unknown is no",
    ];
    refused("person", &["--purpose", "asylum_procedure"], &named);
    share("testimony", &["--purpose", "asylum"]).fails(2, "`asylum` is no purpose");
    assert!(home.run(&["shares"]).succeeds().out.contains("nothing was given"));

    let run = share("testimony", &["--purpose", "asylum_procedure"]).succeeds();
    assert!(run.err.contains("consent: the current revision"), "it goes along: {}", run.err);
    let theirs = path(home, "vault");
    let reads = circle.lawyer.run(&["--vault", &theirs, "consent", &code]).succeeds().out;
    assert!(reads.contains("P1  says yes") && reads.contains("purposes: asylum_procedure"), "{reads}");
    let out = ["export", &code, "--to", "lawyer", "--parts", "testimony", "--out", "x.age", "--yes"];
    home.run(&out).fails(14, "nothing was given");
    assert!(!home.path("x.age").exists());
    home.run(&[&out[..], &["--purpose", "asylum_procedure"]].concat()).succeeds();
}

/// Fails when a text that names nobody goes, or a consent that ran out, by an update.
#[test]
fn texts_and_consents_that_ran_out_do_not_go_by_updates_either() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle.activist));
    let give =
        ["share", &code, "--to", "lawyer", "--parts", "testimony", "--purpose", "asylum_procedure", "--yes"];
    home.run(&give).succeeds();
    home.run_with(&["put", &code, "testimony"], "Ол да болды.").succeeds();
    put(home, &code, "consent", &consent("asylum_procedure", "2022-01"));
    let update = ["share", "--update", "--purpose", "asylum_procedure", "--yes"];
    let run = home.run(&update).fails(14, "nothing was given");
    assert!(run.err.contains("P1: consent was valid until 2022-01"), "{}", run.err);
    put(home, &code, "consent", &consent("asylum_procedure", "2098"));
    home.run(&update).succeeds();
    home.run_with(&["put", &code, "notes"], "келген").succeeds();
    let notes =
        ["share", &code, "--to", "lawyer", "--parts", "notes", "--purpose", "asylum_procedure", "--yes"];
    let run = home.run(&notes).fails(14, "nothing was given");
    assert!(
        run.err.contains("notes: it names no person, and counts as one of unknown consent"),
        "{}",
        run.err
    );
}

/// Fails when an override goes without its reason in the log, or without a terminal and --yes.
#[test]
fn an_override_is_asked_for_and_stands_in_the_log() {
    let circle = Circle::new();
    let code = circle.case();
    let home = &circle.activist;
    let give = ["share", &code, "--to", "lawyer", "--parts", "testimony", "--override"];
    let run = home.run(&[&give[..], &[OVERRIDE]].concat()).fails(14, "there is no terminal to ask at");
    assert!(run.err.contains("consent is missing, as listed"), "{}", run.err);
    home.run(&[&give[..], &[" ", "--yes"]].concat()).fails(2, "the reason cannot be taken");
    let asked = home.run_with(&[&give[..], &["-", "--yes"]].concat(), "соттың қаулысы\n").succeeds();
    assert!(asked.out.contains("shared with lawyer"), "{}", asked.out);
    let log = home.run(&["log", &code]).succeeds().out;
    assert!(log.contains("without the consent it needs: соттың қаулысы"), "{log}");
    // Where everybody agrees, nothing is overridden.
    let code = case(home);
    let agreed = ["share", &code, "--to", "lawyer", "--parts", "testimony", "--purpose", "asylum_procedure"];
    let run = home.json(&[&agreed[..], &["--override", OVERRIDE, "--yes"]].concat(), "");
    assert_eq!(
        (&run[0]["purpose"], &run[0]["override"]),
        (&"asylum_procedure".into(), &serde_json::Value::Null)
    );
    assert!(!home.run(&["log", &code]).succeeds().out.contains("without the consent"));
}

/// Fails when a withdrawal does not reach the lawyer, does not bind her, or what was given is not listed.
#[test]
fn a_withdrawal_reaches_the_lawyer_and_the_notice_names_the_bundles() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle.activist));
    let with = ["--to", "lawyer", "--parts", "testimony", "--purpose", "asylum_procedure", "--yes"];
    home.run(&[&["share", code.as_str()], &with[..]].concat()).succeeds();
    let bundle = home.json(&[&["export", code.as_str(), "--out", "b.age"], &with[..]].concat(), "");
    let theirs = path(home, "vault");
    circle.lawyer.run(&["accept", "--from", &theirs]).succeeds();
    home.run(&["withdraw", &code, "P9", "--yes"]).fails(14, "names P9");
    home.run(&["withdraw", &code, "P1", "--yes", "--date", "2099"]).fails(2, "in the future");
    home.run(&["withdraw", &code, "P1"]).fails(14, "there is no terminal to ask at");
    let run = home.run(&["withdraw", &code, "P1", "--yes", "--notice", "notice.txt"]).succeeds();
    for words in
        ["the signed withdrawal went to: lawyer", "RECALL NOTICE", bundle["bundle"].as_str().unwrap()]
    {
        assert!(run.out.contains(words), "{words:?} is not in {}", run.out);
    }
    for words in ["lawyer  testimony revision 1, shared", "lawyer  testimony revision 1, in a bundle"] {
        assert!(run.err.contains(words), "{words:?} is not in {}", run.err);
    }
    let notice = std::fs::read_to_string(home.path("notice.txt")).unwrap();
    assert!(notice.contains(&code) && !notice.contains("Әсел") && !notice.contains("lawyer"), "{notice}");
    home.run(&["withdraw", &code, "P1", "--yes", "--notice", "notice.txt"]).fails(14, "notice.txt");
    home.run(&["withdraw", &code, "P1", "--yes"]).fails(14, "already");

    let taken = circle.lawyer.run(&["accept", "--from", &theirs]).succeeds().out;
    assert!(taken.contains(&format!("WITHDRAWN, as activist, verified records: P1 of {code}")), "{taken}");
    let onward =
        ["share", &code, "--to", "agency", "--parts", "testimony", "--purpose", "asylum_procedure", "--yes"];
    let run = circle.lawyer.run(&onward).fails(14, "nothing was given");
    assert!(run.err.contains("P1: consent is withdrawn"), "{}", run.err);
    let said = circle.lawyer.run(&["consent", &code]).succeeds().out;
    assert!(said.contains("P1  NO: consent is withdrawn") && said.contains("P1  says yes"), "{said}");
    assert!(home.run(&["shares", &code]).succeeds().out.contains("ended: they keep this"));
    assert!(home.run(&["check"]).succeeds().out.contains("sound"));
}

/// Fails when somebody the case could harm is not listed, or what protects them is not said.
#[test]
fn people_lists_role_place_protection_and_readers() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle.activist));
    let give =
        ["share", &code, "--to", "lawyer", "--parts", "testimony", "--purpose", "asylum_procedure", "--yes"];
    home.run(&give).succeeds();
    home.run_with(&["put", &code, "notes"], "тағы біреу болған").succeeds();
    let page = home.run(&["people", &code]).succeeds().out;
    for words in [
        "P1  Әсел Үлгіқызы\n",
        "    appears in: person, testimony, consent\n",
        "    consent: as pseudonym for asylum_procedure\n    given to: lawyer\n",
        "P2, a minor  name not known here\n    role: relative_at_risk to P1, daughter\n",
        "    consent: no consent is recorded: goes to nobody\n    given to: nobody\n",
        "anyone may be in what names nobody, or not everybody: notes\n",
    ] {
        assert!(page.contains(words), "{words:?} is not in\n{page}");
    }
    // A reader sees those in what was shared, without the names that were not.
    let theirs = path(home, "vault");
    let page = circle.lawyer.run(&["--vault", &theirs, "people", &code]).succeeds().out;
    assert!(page.contains("P1  name not known here\n") && !page.contains("P2"), "{page}");
}

#[test]
fn every_document_of_consent_has_exactly_the_documented_fields() {
    let table = documented();
    let check = |name: &str, value: &serde_json::Value| {
        let (mut wanted, mut found) =
            (table.get(name).unwrap_or_else(|| panic!("{name}")).clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle.activist));
    circle.share(&code, "testimony");
    check("consent", &home.json(&["consent", &code], ""));
    let people = home.json(&["people", &code], "");
    check("people", &people);
    check("people: people", &people["people"]);
    let withdrawn = home.json(&["withdraw", &code, "P1", "--yes"], "");
    check("withdraw", &withdrawn);
    check("withdraw: has", &withdrawn["has"]);
}
