//! Bundles from hand to hand: stock age, foreign and damaged files, the same one twice.

use std::process::Command;

use super::circle::{Circle, TESTIMONY, add, path};
use super::terminal::play;
use crate::support::program::{Home, OVERRIDE, content_of};

const KEYS_PASSPHRASE: &str = "ұзын және сирек кездесетін сөздер";

/// The age keys as `identity age-keys` writes them.
fn age_keys(home: &Home) -> String {
    let file = path(home, "keys.age");
    home.run_with(&["identity", "age-keys", "--out", &file], format!("{KEYS_PASSPHRASE}\n")).succeeds();
    file
}

/// Runs lines with bash in a folder.
fn bash(folder: &std::path::Path, script: &str) -> (bool, String) {
    let output =
        Command::new("bash").args(["-euo", "pipefail", "-c", script]).current_dir(folder).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn stock_age_opens_a_classic_bundle_with_the_printed_keys_and_the_lines_of_its_readme_check_it() {
    let circle = Circle::new();
    let code = circle.case();
    let bundle = path(&circle.lawyer, "case.age");
    let args = [
        "export",
        &code,
        "--to",
        "lawyer",
        "--parts",
        "testimony,exhibits",
        "--override",
        OVERRIDE,
        "--out",
        &bundle,
    ];
    circle.activist.run(&[&args[..], &["--classic", "--yes"]].concat()).succeeds();
    let (keys, tar) = (age_keys(&circle.lawyer), path(&circle.lawyer, "case.tar"));
    play(&circle.lawyer, "age", &[KEYS_PASSPHRASE, "-d", "-i", &keys, "-o", &tar, &bundle]);

    let folder = circle.lawyer.path("");
    let (fine, text) = bash(&folder, "tar -xOf case.tar --wildcards 'sanduq-*/README.txt'");
    assert!(fine, "{text}");
    let lines =
        text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with(' '));
    let lines: Vec<&str> = lines.collect();
    let at = lines.iter().position(|line| line.starts_with("tar -tvf")).unwrap();
    assert_eq!(lines[at - 1], "age -d -i KEY BUNDLE.age > case.tar");
    let (fine, said) = bash(&folder, &lines[at..at + 6].join("\n"));
    assert!(fine && said.contains("Signature and comment signature verified"), "{said}");
    assert!(said.contains("testimony/statement.txt: OK") && said.contains("E1.jpg: OK"), "{said}");
    let (_, statement) = bash(&folder, &format!("cat sanduq-*/data/{code}/testimony/statement.txt"));
    assert_eq!(statement.trim_end(), TESTIMONY);
    let (fine, _) = bash(&folder, "! grep -r Nadia sanduq-*");
    assert!(fine, "what was not named is not in the bundle");
}

#[test]
fn the_printed_age_keys_open_no_object_of_any_vault() {
    let circle = Circle::new();
    let code = circle.case();
    circle.share(&code, "testimony");
    circle.lawyer.run(&["accept", "--from", &path(&circle.activist, "vault")]).succeeds();
    let (keys, plain) = (age_keys(&circle.lawyer), path(&circle.lawyer, "plain-keys"));
    play(&circle.lawyer, "age", &[KEYS_PASSPHRASE, "-d", "-o", &plain, &keys]);
    let keys = std::fs::read_to_string(&plain).unwrap();
    assert!(keys.contains("AGE-SECRET-KEY-1"), "{keys}");
    // They do open what is sealed to them.
    let recipient = Command::new("age-keygen").args(["-y", &plain]).output().unwrap().stdout;
    let recipient = String::from_utf8(recipient).unwrap();
    let sealed = format!("echo hello | age -r {} | age -d -i '{plain}'", recipient.trim());
    assert_eq!(bash(&circle.lawyer.path(""), &sealed), (true, "hello\n".into()));
    let objects =
        [&circle.activist, &circle.lawyer].map(|home| content_of(&home.path("vault/objects"))).concat();
    assert!(objects.len() > 12);
    for (object, _) in objects {
        let opened = Command::new("age").args(["-d", "-i", &plain]).arg(&object).output().unwrap();
        assert!(!opened.status.success() && opened.stdout.is_empty(), "{}", object.display());
    }
}

#[test]
fn foreign_cut_and_misaddressed_files_are_refused_and_leave_nothing() {
    let circle = Circle::new();
    let Circle { lawyer, agency, .. } = &circle;
    let code = circle.case();
    let bundle = circle.bundle(&code, "testimony,exhibits", "case.age");
    let whole = std::fs::read(&bundle).unwrap();
    let before = content_of(&lawyer.path("vault"));
    let refused = |home: &Home, name: &str, code: i32, words: &str| {
        for args in
            [&["open", name][..], &["open", name, "--out", "out"], &["verify", name], &["import", name]]
        {
            let run = home.run(args).fails(code, words);
            assert!(run.out.is_empty(), "nothing of it is shown: {}", run.out);
        }
        assert!(!home.path("out").exists());
    };
    lawyer.write("letter.age", "Dear Nadia, this is no bundle");
    refused(lawyer, "letter.age", 2, "not an age file");
    for at in [whole.len() - 1, whole.len() / 2, 60, 0] {
        lawyer.write("cut.age", &whole[..at]);
        refused(lawyer, "cut.age", 12, "is refused");
    }
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    lawyer.write("flipped.age", &flipped);
    refused(lawyer, "flipped.age", 12, "is refused");
    refused(agency, &bundle, 11, "is refused");
    refused(lawyer, "nowhere.age", 1, "cannot read nowhere.age");
    std::fs::create_dir(lawyer.path("folder")).unwrap();
    lawyer.run(&["open", "folder"]).fails(2, "is a folder");
    lawyer.run(&["verify", "folder"]).fails(12, "folder is refused");
    assert_eq!(content_of(&lawyer.path("vault")), before);
    lawyer.run(&["open", "case.age"]).succeeds();
}

#[test]
fn an_unknown_signer_is_refused_with_the_words_and_the_command_that_adds_them() {
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    let bundle = circle.bundle(&code, "testimony", "case.age");
    lawyer.run(&["open", &bundle, "--out", "opened"]).succeeds();
    lawyer.run(&["contact", "remove", "activist"]).succeeds();
    let words = activist.json(&["card"], "")["words"].clone();
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    for args in [&["open", bundle.as_str()][..], &["import", bundle.as_str()], &["verify", "opened"]] {
        let run = lawyer.run(args).fails(14, "signed by a card you do not know");
        assert!(run.out.is_empty() && run.err.contains(&words.join(" ")), "{}", run.err);
        assert!(run.err.contains("sanduq contact add LABEL --card FILE"), "{}", run.err);
    }
    assert!(lawyer.run(&["verify", "opened"]).err.contains("signer.card"));
    add(lawyer, "field", activist);
    assert!(lawyer.run(&["open", &bundle]).succeeds().out.contains("passed on by  field, unverified"));
}

#[test]
fn the_same_bundle_twice_is_recognised_and_a_later_one_adds_to_the_case() {
    let circle = Circle::new();
    let Circle { activist, lawyer, .. } = &circle;
    let code = circle.case();
    let first = circle.bundle(&code, "testimony", "first.age");
    let taken = lawyer.run(&["import", &first]).succeeds();
    assert!(
        taken.err.contains("recorded by activist, verified") && taken.out.contains("a new case"),
        "{}",
        taken.out
    );
    let before = content_of(&lawyer.path("vault"));
    let again = lawyer.run(&["import", &first]).succeeds().out;
    assert!(
        again.contains("this very bundle was imported before, 20") && again.contains("nothing new"),
        "{again}"
    );
    assert_eq!(content_of(&lawyer.path("vault")), before);
    activist.run_with(&["put", &code, "testimony"], "Кейін: мен үшеуін көрдім.").succeeds();
    let second = circle.bundle(&code, "testimony,exhibits", "second.age");
    let taken = lawyer.run(&["import", &second]).succeeds().out;
    assert!(taken.contains(&format!("{code}  2 new revisions, added to the case that is there")), "{taken}");
    let page = lawyer.run(&["show", &code]).succeeds().out;
    assert!(
        page.contains("үшеуін") && page.contains("revision 2 of 2") && page.contains("фото.jpg"),
        "{page}"
    );
    assert_eq!(lawyer.run(&["list"]).succeeds().out.lines().count(), 2, "it is one case");
}

#[test]
fn nothing_is_overwritten_by_export_and_open() {
    let circle = Circle::new();
    let code = circle.case();
    let bundle = circle.bundle(&code, "testimony", "case.age");
    let before = (std::fs::read(&bundle).unwrap(), content_of(&circle.activist.path("vault")));
    let export = |out: &str, note: &str| {
        circle.activist.run(&[
            "export",
            &code,
            "--to",
            "lawyer",
            "--parts",
            "testimony",
            "--override",
            OVERRIDE,
            "--out",
            out,
            "--note",
            note,
            "--yes",
        ])
    };
    export(&bundle, "note").fails(14, "already exists");
    circle.activist.write("note", "mine");
    export("other.age", "note").fails(14, "already exists");
    assert!(!circle.activist.path("other.age").exists());
    assert_eq!((std::fs::read(&bundle).unwrap(), content_of(&circle.activist.path("vault"))), before);
    std::fs::create_dir(circle.lawyer.path("there")).unwrap();
    circle.lawyer.run(&["open", &bundle, "--out", "there"]).fails(14, "something at there already");
}
