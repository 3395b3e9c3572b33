//! `redact`: copies in which passages are hidden, and what proves that they are copies.

use serde_json::Value;

use super::circle::path;
use super::json::{documented, keys};
use crate::support::program::Home;

const PERSONS: &str = r#"
[[person]]
id = "SRC-7"
name = [{ text = "Гүлнар Бекова", lang = "kk-Cyrl", kind = "birth" }]
"#;
const TEXT: &str = "Мен Гүлнар Бекованы көрдім.\nئۇ Шелек көшесінде тұрды.\n";

fn case() -> (Home, String) {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    home.write("person", PERSONS);
    home.run(&["put", &code, "person/doctor", "--form", "person"]).succeeds();
    home.run_with(&["put", &code, "testimony", "--lang", "kk-Cyrl"], TEXT).succeeds();
    (home, code)
}

fn check(home: &Home, code: &str) -> (i32, Value) {
    let run = home.run(&["redact", code, "testimony/redacted", "--check", "--json"]);
    (run.code, serde_json::from_str(&run.out).unwrap_or_default())
}

/// Fails when a name stays, a passage keeps its length, or the original is touched.
#[test]
fn a_copy_hides_names_and_passages_and_the_original_stays() {
    let (home, code) = case();
    let before = home.json(&["show", &code, "--part", "testimony"], "");
    home.write("marked", TEXT.replace("Шелек көшесінде", "⟦Шелек көшесінде⟧"));
    let args = ["redact", &code, "testimony", "--persons", "--marked", "marked", "--yes"];
    let run = home.run(&args).succeeds();
    assert!(
        run.err.contains("SRC-7 for “Гүлнар Бекованы”") && run.err.contains("still readable"),
        "{}",
        run.err
    );
    let page = home.json(&["show", &code, "--part", "testimony/redacted"], "");
    let copy = &page["parts"][0]["shown"][0]["form"]["statement"][0];
    assert_eq!(copy["text"], "Мен ⟦SRC-7⟧ көрдім.\nئۇ ⟦█████⟧ тұрды.\n");
    assert_eq!(copy["redaction_of"].as_str().unwrap().len(), 64);
    assert_eq!(home.json(&["show", &code, "--part", "testimony"], "")["parts"], before["parts"]);
    let (exit, report) = check(&home, &code);
    assert_eq!((exit, &report["copies"][0]["faithful"]), (0, &true.into()));
    assert_eq!(report["copies"][0]["original"]["part"], "testimony");
    let table = documented();
    for (name, value) in [("redact --check", &report), ("redact --check: copies", &report["copies"])] {
        let mut found = keys(value);
        found
            .extend(["part", "revision"].map(str::to_owned).into_iter().filter(|_| name.ends_with("copies")));
        let mut wanted = table[name].clone();
        wanted.sort();
        wanted.dedup();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    }
    home.run_with(&["redact", &code, "testimony", "--marked", "-", "--yes"], TEXT.replace("Мен", "⟦Мен⟧"))
        .succeeds();
    let page = home.json(&["show", &code, "--part", "testimony/redacted"], "");
    let statements = page["parts"][0]["shown"][0]["form"]["statement"].as_array().unwrap().clone();
    assert!(statements.len() == 1 && statements[0]["text"].as_str().unwrap().starts_with("⟦█████⟧ Гүлнар"));
}

/// Fails when a changed text is taken as marked, or a copy is written where the original stands.
#[test]
fn what_is_not_the_original_with_marks_is_refused_and_nothing_is_written() {
    let (home, code) = case();
    let redact = |text: &str, more: &[&str]| {
        home.run_with(&[&["redact", &code, "testimony", "--marked", "-", "--yes"], more].concat(), text)
    };
    redact(&TEXT.replace("Мен Гүлнар", "Ол ⟦Гүлнар⟧"), &[]).fails(2, "differs from the original in line 1");
    redact(&TEXT.replace("Гүлнар", "⟦Гүлнар"), &[]).fails(2, "do not come in pairs");
    redact(TEXT, &[]).fails(2, "nothing is marked");
    redact(&TEXT.replace("Мен", "⟦Мен⟧"), &["--into", "testimony"]).fails(2, "another part");
    redact(&TEXT.replace("Мен", "⟦Мен⟧"), &["--into", "medical"]).fails(2, "cannot be written");
    home.run(&["redact", &code, "testimony", "--statement", "S9", "--persons", "--yes"]).fails(14, "S9");
    home.run(&["redact", &code, "testimony", "--persons"]).fails(14, "no terminal");
    home.run(&["show", &code, "--part", "testimony/redacted"]).fails(14, "testimony/redacted");
}

/// Fails when the digest has no salt, when another text passes for the original, or a forged copy for a copy.
#[test]
fn only_the_original_proves_a_copy() {
    let (home, code) = case();
    let args = ["redact", &code, "testimony", "--persons", "--yes"];
    home.run(&args).succeeds();
    let page = home.json(&["show", &code, "--part", "testimony/redacted"], "");
    let form = page["parts"][0]["shown"][0]["form"].clone();
    let digest = form["statement"][0]["redaction_of"].as_str().unwrap().to_owned();
    // Who has the copy knows everything but the salt, and guesses the very text.
    let guesses = [vec![0; 32], vec![], TEXT.as_bytes()[..32].to_vec()];
    for salt in guesses {
        let guess =
            sanduq::crypto::sha256(&[b"sanduq/1 redaction\0", salt.as_slice(), TEXT.as_bytes()].concat());
        assert_ne!(guess.to_string(), digest);
    }
    // The same words in another case have another digest.
    let other = home.new_case();
    home.run_with(&["put", &other, "testimony", "--lang", "kk-Cyrl"], TEXT).succeeds();
    home.write("copy", form.to_string());
    home.run(&["put", &other, "testimony/redacted", "--form", "copy"]).succeeds();
    let (exit, report) = check(&home, &other);
    assert!(exit == 12 && report["copies"][0]["original"].is_null(), "{report}");
    // A copy that says more than its original, and one whose original was written anew.
    let mut forged = form.clone();
    forged["statement"][0]["text"] = "Мен ⟦SRC-7⟧ көрмедім.\n".into();
    home.write("copy", forged.to_string());
    home.run(&["put", &code, "testimony/redacted", "--form", "copy"]).succeeds();
    let (exit, report) = check(&home, &code);
    assert!(exit == 12 && report["copies"][0]["faithful"] == false, "{report}");
    assert_eq!(report["copies"][0]["original"]["revision"], 1);
    home.run_with(&["put", &code, "testimony", "--lang", "kk-Cyrl"], TEXT.replace("көрдім", "көрдік"))
        .succeeds();
    home.write("copy", form.to_string());
    home.run(&["put", &code, "testimony/redacted", "--form", "copy"]).succeeds();
    let (exit, report) = check(&home, &code);
    assert!(exit == 0 && report["copies"][0]["original"]["revision"] == 1, "{report}");
}

/// Fails when the salt does not go with the original, or the reader of a copy needs more than the two.
#[test]
fn a_reader_of_a_copy_checks_the_original_when_it_is_given() {
    let (home, code) = case();
    let lawyer = Home::with_cheap_vault();
    for (one, other, label) in [(&home, &lawyer, "lawyer"), (&lawyer, &home, "activist")] {
        other.run(&["card", "--out", &path(one, "card")]).succeeds();
        one.run(&["contact", "add", label, "--card", "card"]).succeeds();
    }
    home.run(&["redact", &code, "testimony", "--persons", "--by", "P1", "--yes"]).succeeds();
    let share = |part: &str| {
        let args = [
            "share",
            &code,
            "--to",
            "lawyer",
            "--parts",
            part,
            "--yes",
            "--unverified",
            "--override",
            "a test",
        ];
        home.run(&args).succeeds();
    };
    let vault = path(&home, "vault");
    let check = || lawyer.run(&["--vault", &vault, "redact", &code, "testimony/redacted", "--check"]);
    share("testimony/redacted");
    check().fails(12, "1 of 1 copies are not proven");
    share("testimony");
    let run = check().succeeds();
    assert!(run.out.contains("a copy of testimony, revision 1; nothing was changed"), "{}", run.out);
}
