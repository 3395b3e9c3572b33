//! Who can be read of after something got into other hands, and who can read what, and why.

use super::circle::{Circle, path};
use super::json::{documented, keys};
use crate::support::program::{Home, OVERRIDE};

const PERSON: &str = r#"
[[person]]
id = "P1"
name = [{ text = "Әсел Үлгіқызы", lang = "kk-Cyrl", kind = "birth" }]

[[person]]
id = "P2"
name = [{ text = "阿依", lang = "zh-Hans", kind = "nickname" }]
minor = true

[[link]]
person = "P2"
role = "relative_at_risk"
to = "P1"
"#;
const SAID: &str = "[[claim]]\nid = \"C1\"\nsaid_by = \"P1\"\nknowledge = \"witnessed\"\ntext = \"Түнде келді.\"\n\
                    [[link]]\nperson = \"SRC-7\"\nrole = \"interpreter\"\nevent = \"V1\"\n";
const STAYS: &str =
    "[[whereabouts]]\nperson = \"P3\"\nplace = { said = \"山谷旅馆后面\", level = \"exact\" }\n";

fn put(home: &Home, code: &str, part: &str, form: &str) {
    home.write("form", form);
    home.run(&["put", code, part, "--form", "form"]).succeeds();
}

/// A case of which the lawyer was given all but where somebody stays.
fn case(circle: &Circle) -> String {
    let home = &circle.activist;
    let code = home.new_case();
    put(home, &code, "person", PERSON);
    put(home, &code, "testimony", SAID);
    put(home, &code, "whereabouts", STAYS);
    home.run_with(&["put", &code, "notes"], "тағы біреу").succeeds();
    circle.share(&code, "person,testimony,notes");
    code
}

fn at(page: &str, words: &str) -> usize {
    page.find(words).unwrap_or_else(|| panic!("{words:?} is not in\n{page}"))
}

/// Fails when somebody exposed is not listed, or those to warn first do not come first.
#[test]
fn an_incident_lists_whom_to_warn_first_and_nobody_who_is_not_exposed() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle));
    let page = home.run(&["incident", "contact", "lawyer"]).succeeds().out;
    let order = [
        "WARN NEXT: minors and relatives at risk",
        "P2, a minor  阿依\n      relative at risk\n      by person revision 1",
        "WARN: who they are can be read",
        "P1  Әсел Үлгіқызы\n      by person revision 1, testimony revision 1",
        "known by a pseudonym",
        "SRC-7  name not recorded\n      interpreter",
        "READ THESE YOURSELF",
        "notes revision 1",
        "3 revisions can be read:",
        "NOW\n  1. Warn the people above",
    ];
    let found: Vec<usize> = order.iter().map(|words| at(&page, words)).collect();
    assert!(found.is_sorted(), "{page}");
    assert!(
        !page.contains("P3") && !page.contains("whereabouts revision"),
        "not given to the lawyer: {page}"
    );
    // A bundle with the whereabouts: its readers find P3.
    let give =
        ["--to", "lawyer", "--parts", "whereabouts", "--override", OVERRIDE, "--yes", "--out", "b.age"];
    let bundle = home.json(&[&["export", code.as_str()], &give[..]].concat(), "");
    let id = bundle["bundle"].as_str().unwrap();
    let page = home.run(&["incident", "bundle", id]).succeeds().out;
    at(&page, "WARN FIRST: where they are can be read\n");
    assert!(page.contains("P3") && !page.contains("P1"), "{page}");
    home.run(&["incident", "bundle", &"0".repeat(32)]).fails(14, "no bundle");
    home.run(&["incident", "contact", "nobody"]).fails(14, "nobody");
}

/// Fails when what a device had seen is not told from what came later elsewhere.
#[test]
fn a_lost_device_had_what_its_last_entry_had_seen() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle));
    let device = home.json(&["log"], "")[0]["device"].as_str().unwrap().to_owned();
    // Another device of the owner's goes on, and the lost one sees nothing of it.
    let other = Home::device_like(home);
    let vault = path(home, "vault");
    other.write("form", STAYS.replace("P3", "P4"));
    other.run(&["--vault", &vault, "put", &code, "whereabouts/new", "--form", "form"]).succeeds();
    let page = home.run(&["incident", "device", &device]).succeeds().out;
    assert!(page.contains("it last recorded something"), "{page}");
    let sure = &page[at(&page, "P3")..at(&page, "P4")];
    let unsure = &page[at(&page, "P4")..at(&page, "WARN NEXT")];
    assert!(
        !sure.contains("if the folder was copied") && unsure.contains("if the folder was copied there since"),
        "{page}"
    );
    assert!(page.contains("5 revisions can be read, 4 of them certainly"), "{page}");
    home.run(&["incident", "device", "ffffffff"]).fails(14, "no device here");
    home.run(&["incident", "device", ""]).fails(14, "does not name one device");
}

/// Fails when a report cannot be kept sealed and handed on like any part, or is written over a file.
#[test]
fn a_report_is_kept_sealed_or_written_to_a_new_file() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle));
    home.run(&["incident", "contact", "lawyer", "--into", &code, "--out", "report.txt"]).succeeds();
    let report = std::fs::read_to_string(home.path("report.txt")).unwrap();
    let shown = home.run(&["show", &code]).succeeds().out;
    assert!(report.contains("Әсел Үлгіқызы") && shown.contains("| WARN NEXT"), "{shown}");
    let shown = home.json(&["show", &code], "");
    let parts = shown["parts"].as_array().unwrap();
    let kept =
        parts.iter().find(|part| part["part"].as_str().unwrap().starts_with("notes/incident-2")).unwrap();
    assert_eq!(kept["shown"][0]["exhibits"][0]["name"], "incident.json");
    home.run(&["incident", "contact", "lawyer", "--out", "report.txt"]).fails(14, "report.txt");
    let part = kept["part"].as_str().unwrap();
    circle.share(&code, part);
    let theirs = path(home, "vault");
    assert!(circle.lawyer.run(&["--vault", &theirs, "show", &code]).succeeds().out.contains("| WARN NEXT"));
}

/// Fails when somebody who can read a part is left out, or why is not said.
#[test]
fn explain_says_who_can_read_each_part_and_why() {
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle));
    home.run(&["unshare", &code, "--from", "lawyer", "--yes"]).succeeds();
    let page = home.run(&["explain", &code]).succeeds().out;
    let testimony = &page[at(&page, "testimony\n")..at(&page, "whereabouts\n")];
    for words in [
        "    you: it is in your vault",
        "    lawyer: it was shared, revision 1, the current one, since ",
        &format!("without the consent it needs: {OVERRIDE}"),
        "sharing ended: they keep this",
    ] {
        assert!(testimony.contains(words), "{words:?} is not in {testimony}");
    }
    assert!(!page[at(&page, "whereabouts\n")..at(&page, "notes\n")].contains("lawyer"), "{page}");
    // In the vault of who took it in, the author and the giver have it too.
    circle.lawyer.run(&["accept", "--from", &path(home, "vault")]).succeeds();
    let page = circle.lawyer.run(&["explain", &code]).succeeds().out;
    assert!(
        page.contains("activist, verified: recorded it")
            && page.contains("activist, verified: gave it to you"),
        "{page}"
    );
}

#[test]
fn every_document_of_exposure_has_exactly_the_documented_fields() {
    let table = documented();
    let check = |name: &str, value: &serde_json::Value| {
        let (mut wanted, mut found) =
            (table.get(name).unwrap_or_else(|| panic!("{name}")).clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    let circle = Circle::new();
    let (home, code) = (&circle.activist, case(&circle));
    let explained = home.json(&["explain", &code], "");
    check("explain", &explained);
    check("explain: readers", &explained[0]["readers"]);
    let incident = home.json(&["incident", "contact", "lawyer"], "");
    check("incident", &incident);
    check("incident: people", &incident["people"]);
    check("incident: revisions", &incident["revisions"]);
}
