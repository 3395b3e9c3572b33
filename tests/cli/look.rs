//! `lint`: what is warned of before it leaves, what is not, and that nothing is written.

use serde_json::Value;

use super::circle::path;
use super::json::{documented, keys};
use crate::support::program::{Home, OVERRIDE};

const PERSONS: &str = r#"
[[person]]
id = "P1"
name = [{ text = "Айдос Серікұлы", lang = "kk-Cyrl", kind = "birth" }]

[[person]]
id = "P2"
name = [{ text = "Айгүл Серікқызы", lang = "kk-Cyrl", kind = "birth" }]
minor = true
"#;

const DOCTOR: &str = r#"
[[person]]
id = "SRC-7"
name = [{ text = "Гүлнар Бекова", lang = "kk-Cyrl", kind = "birth" }]
birth = { edtf = "1984-03-12" }
contact = "+7 701 555 01 42"
"#;

const CLAIMS: &str = r#"
[[claim]]
id = "C1"
text = "Dr Gulnar Bekova treated him."
said_by = "P1"
knowledge = "publicly_known"
public_at = "https://example.org/1, seen 2021-02-03"

[[event]]
id = "V1"
description = "He was first taken to a small hospital where the Kazakh doctor works."
"#;

/// A home with a case and a contact, and the code of the case.
fn case() -> (Home, String) {
    let (home, lawyer) = (Home::with_cheap_vault(), Home::with_cheap_vault());
    lawyer.run(&["card", "--out", &path(&home, "her.card")]).succeeds();
    home.run(&["contact", "add", "lawyer", "--card", "her.card"]).succeeds();
    let code = home.new_case();
    for (part, form) in [("person", PERSONS), ("person/doctor", DOCTOR), ("testimony/claims", CLAIMS)] {
        home.write("form", form);
        home.run(&["put", &code, part, "--form", "form"]).succeeds();
    }
    let text = "Сначала было тихо.\nПотом Гульнар Бекова пришла к Айдосу.\n12 марта 1984 года.";
    home.run_with(&["put", &code, "testimony"], text).succeeds();
    (home, code)
}

fn rules(document: &Value) -> Vec<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["rule"]).unwrap(), text(&finding["who"]))).collect()
}

/// Fails when the doctor's other part is not read for what is known, or her name in another spelling is not known.
#[test]
fn the_doctor_who_stays_behind_is_warned_of_in_any_spelling() {
    let (home, code) = case();
    let run = home.run(&["lint", &code, "--to", "lawyer", "--parts", "testimony"]);
    let run = run.fails(16, "3 passages to think about before this goes to lawyer");
    for line in [
        "testimony, line 2: name of a person not meant to go along (SRC-7): “Гульнар Бекова”\n| Потом Гульнар Бекова пришла к Айдосу.\n",
        "testimony, line 3: a date of birth (SRC-7): “12 марта 1984”\n| 12 марта 1984 года.\n",
        "3 warnings; read: 1 text, 0 forms of 1 case, for 3 known names",
    ] {
        assert!(run.out.contains(line), "{line:?} is not in\n{}", run.out);
    }
    assert!(run.out.contains("(P1): “Айдосу”"), "{}", run.out);
    let along = home.run(&["lint", &code, "--to", "lawyer", "--parts", "testimony,person/doctor"]);
    let along = along.fails(16, "1 passage to think about");
    assert!(along.out.contains("(P1): “Айдосу”") && !along.out.contains("SRC-7"), "{}", along.out);
}

/// Fails when a minor goes along without a word, or what is public is counted or left out.
#[test]
fn minors_the_small_hospital_and_what_is_public_already() {
    let (home, code) = case();
    let run = home.run(&["lint", &code, "--to", "lawyer", "--parts", "testimony/claims,person", "--json"]);
    assert_eq!(run.code, 16, "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let who = |who: &str| Some(who.to_owned());
    let all = rules(&document);
    assert!(
        all.contains(&("minor".into(), who("P2"))) && all.contains(&("workplace".into(), None)),
        "{all:?}"
    );
    assert!(all.contains(&("name".into(), who("SRC-7"))) && all.len() == 3, "{all:?}");
    assert!(run.err.contains("2 passages to think about"), "{}", run.err);
    let table = documented();
    for (name, value) in
        [("lint", &document), ("lint: findings", &document["findings"]), ("lint: read", &document["read"])]
    {
        let (mut wanted, mut found) = (table[name].clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    }
    let page = home.run(&["lint", &code, "--to", "lawyer", "--parts", "testimony/claims"]).out;
    assert!(page.contains("claim C1: text, line 1: name of a person not meant to go along (SRC-7): “Gulnar Bekova”, public already at https://example.org/1"), "{page}");
    assert!(page.contains("1 warning, and 1 that is public already"), "{page}");
}

/// Fails when a look writes, or a name of a file or a hostile passage goes to the terminal as it is.
#[test]
fn a_look_writes_nothing_and_cleans_what_it_shows() {
    let (home, code) = case();
    home.write("Гулнар_Бекова.jpg", "x");
    home.run(&["attach", &code, "Гулнар_Бекова.jpg"]).succeeds();
    home.run_with(&["put", &code, "notes"], "Ерте\u{1b}[2J Гүлнар Бекова\u{202e} келді").succeeds();
    let files = || {
        let listing = std::process::Command::new("find").arg(home.path("vault")).output().unwrap();
        let mut names: Vec<String> =
            String::from_utf8(listing.stdout).unwrap().lines().map(str::to_owned).collect();
        names.sort();
        names
    };
    let before = files();
    let run =
        home.run(&["lint", &code, "--to", "lawyer", "--parts", "exhibits,notes"]).fails(16, "2 passages");
    assert_eq!(files(), before);
    assert!(run.out.contains("exhibits, name of E1, line 1: name of a person"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'), "{}", run.out);
    assert!(run.out.contains("of 1 exhibit the name alone"), "{}", run.out);
    home.run(&["lint", &code, "--to", "nobody"]).fails(14, "nobody");
}

/// Fails when the parts that are named beside a case without them stop the look, or all of them are not taken.
#[test]
fn without_parts_every_part_is_looked_at() {
    let (home, code) = case();
    let run = home.run(&["lint", &code, "--to", "lawyer"]).fails(16, "passages");
    assert!(run.out.contains("for 3 known names") && run.out.contains("3 forms of 1 case"), "{}", run.out);
    assert!(!run.out.contains("name of a person"), "all go along: {}", run.out);
}

/// A text of about 4 KB of these words, which now and then holds a name of the case or a telephone number.
fn long_text(words: &[&str], seed: usize) -> String {
    let (mut text, mut n) = (String::new(), seed);
    while text.len() < 4000 {
        // A plain generator of numbers: the texts differ, and are the same in every run.
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = words[(n >> 33) % words.len()];
        match (n >> 40) % 200 {
            0 => text.push_str("Гүлнар Бекова. "),
            1 => text.push_str("+7 701 555 01 42, "),
            2..=20 => text.push_str(&format!("{word}. ")),
            other => text.push_str(&format!("{word}{} ", ["", "", "а", "ы", "s"][other % 5])),
        }
    }
    text
}

#[test]
#[ignore = "campaign: some minutes, 10,000 cases of two texts of 4 KB each"]
fn campaign_ten_thousand_cases_are_looked_at() {
    const CASES: usize = 10_000;
    let (home, _) = case();
    let russian = [
        "однажды",
        "утром",
        "они",
        "пришли",
        "дорога",
        "была",
        "пустой",
        "люди",
        "стояли",
        "машина",
        "уехала",
    ];
    let english =
        ["then", "they", "came", "house", "nobody", "said", "anything", "people", "waited", "evening", "our"];
    let person = |id: &str, name: &str| serde_json::json!({"id": id, "name": [{"text": name, "lang": "kk-Cyrl", "kind": "birth"}]});
    let persons = serde_json::json!({"person": [person("P1", "Айдос Серікұлы"), person("P2", "Айгүл Серікқызы"), person("P3", "Гүлнар Бекова"), person("P4", "Ерлан Қасымов")]});
    let line = |n: usize| {
        let part = |words: &[&str], lang: &str, seed| serde_json::json!({"text": long_text(words, seed), "lang": lang});
        let parts = serde_json::json!({"testimony": part(&russian, "ru", n), "notes": part(&english, "en", n + CASES), "person": {"form": persons}});
        serde_json::json!({ "parts": parts }).to_string() + "\n"
    };
    home.write("cases.jsonl", (0..CASES).map(line).collect::<String>());
    let codes = home.json(&["ingest", "cases.jsonl"], "")["codes"].clone();
    let codes: Vec<&str> = codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    let started = std::time::Instant::now();
    let args: Vec<&str> =
        ["lint", "--to", "lawyer", "--parts", "testimony,notes"].iter().chain(&codes).copied().collect();
    let run = home.run(&args).fails(16, "passages to think about");
    println!(
        "{CASES} cases in {:.1} s; {}",
        started.elapsed().as_secs_f64(),
        run.out.lines().last().unwrap_or_default()
    );
    assert!(
        run.out.lines().count() < 200 && run.out.contains("more warnings: --json has all"),
        "{}",
        run.out
    );
}

/// Fails when `share` or `export` go without showing what the last look found, or are stopped by it.
#[test]
fn share_and_export_show_the_warnings_before_they_go_on() {
    let (home, code) = case();
    let give = ["--to", "lawyer", "--parts", "testimony", "--override", OVERRIDE, "--unverified"];
    let asked = home.run(&[&["share", code.as_str()][..], &give].concat()).fails(14, "no terminal to ask at");
    let found = asked.err.find("Гульнар Бекова").unwrap_or_else(|| panic!("{}", asked.err));
    assert!(found < asked.err.find("sanduq: error").unwrap(), "before the question: {}", asked.err);
    let shared = home.json(&[&["share", code.as_str()][..], &give, &["--yes"]].concat(), "");
    assert!(shared[0]["warnings"].as_u64().unwrap() > 0, "{shared}");
    let run =
        home.run(&[&["export", code.as_str(), "--out", "b.age", "--yes"][..], &give].concat()).succeeds();
    assert!(
        run.err.contains("before this goes to lawyer, look at:") && run.err.contains("| "),
        "{}",
        run.err
    );
}
