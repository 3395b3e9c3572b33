//! Checkpoints, and going on after parts of the index are lost.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::json::{documented, keys};
use crate::support::program::{Home, content_of};

fn words(home: &Home) -> String {
    let made = home.json(&["checkpoint"], "");
    let words: Vec<&str> =
        made["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(words.len(), 6);
    words.join(" ")
}

/// Another device of the same owner: the identity file alone, and a vault folder.
fn device_with(home: &Home, vault: &str) -> Home {
    let other = Home::device_like(home);
    copy(home.path(vault), other.path("vault"));
    other
}

fn copy(from: PathBuf, to: PathBuf) {
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

#[test]
fn a_new_device_learns_from_six_words_whether_it_has_everything() {
    // Fails when words are found whatever the state, or asked for in argv.
    let home = Home::with_vault();
    let code = home.new_case();
    copy(home.path("vault"), home.path("older"));
    let printed = home.run(&["checkpoint"]).succeeds();
    assert!(printed.out.contains("may be said aloud") && printed.err.contains("--verify"), "{}", printed.out);
    let words = words(&home);
    let verify = |home: &Home, words: &str| home.run_with(&["checkpoint", "--verify"], words);
    let exact = verify(&home, &words).succeeds();
    assert!(exact.out.contains("exactly as it was at the checkpoint"), "{}", exact.out);
    home.run_with(&["put", &code, "testimony"], "Мен көрдім").succeeds();

    let fresh = device_with(&home, "vault");
    // As it stands on a paper: numbered, in capitals, on several lines.
    let paper: String =
        words.to_uppercase().split(' ').enumerate().map(|(i, word)| format!("{}. {word}\n", i + 1)).collect();
    let more = verify(&fresh, &paper).succeeds();
    assert!(
        more.out.contains("holds everything") && more.out.contains("1 commit made since"),
        "{}",
        more.out
    );
    let log = fresh.run(&["log"]).succeeds().out;
    assert_eq!(log.matches("checkpoint made").count(), 2, "{log}");

    // The older copy is whole, and a new device has no other way to notice.
    let behind = device_with(&home, "older");
    assert!(behind.run(&["check"]).succeeds().out.contains("sound"));
    let run = verify(&behind, &words).fails(12, "does not hold that checkpoint");
    assert!(run.err.contains("went back to an earlier state"), "{}", run.err);

    let before = content_of(&home.path("vault"));
    verify(&home, "abacus zoom abacus zoom abacus zoom").fails(12, "does not hold");
    verify(&home, "abacus сөз").fails(2, "is no word of a checkpoint");
    verify(&home, "abacus zoom").fails(2, "no answer on standard input");
    verify(&home, &format!("{words} zoom")).fails(2, "these are 7");
    home.run(&["checkpoint", "--verify", "abacus"]).fails(2, "abacus");
    assert_eq!(content_of(&home.path("vault")), before, "looking writes nothing");
}

fn objects(home: &Home) -> BTreeSet<PathBuf> {
    content_of(&home.path("vault/objects")).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn what_is_lost_with_a_part_of_the_index_is_shown_asked_and_recorded() {
    // Fails when list ends with 0 though a part of the index is missing, or when something is given up unasked.
    let home = Home::with_vault();
    let (code, other) = (home.new_case(), home.new_case());
    home.run_with(&["put", &other, "testimony"], "我看见了").succeeds();
    let before = objects(&home);
    home.run_with(&["put", &code, "testimony"], "Мен көрдім").succeeds();
    // Of what it wrote, revision, run and entry, the run is what lists miss.
    let mut lost = None;
    for path in objects(&home).difference(&before) {
        let bytes = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        let listed = home.run(&["list"]);
        if listed.code == 12 && listed.err.contains("1 part of the vault's index cannot be read") {
            assert!(
                listed.err.contains("check --accept-loss") && listed.out.contains(&other),
                "{}",
                listed.err
            );
            lost = Some((path.clone(), bytes));
            break;
        }
        std::fs::write(path, bytes).unwrap();
    }
    let (path, bytes) = lost.expect("one of them is a part of the index");
    let shown = home.run(&["show", &code]).fails(12, "more of");
    assert!(shown.out.contains("a part of the vault's index"), "{}", shown.out);
    home.run_with(&["put", &other, "notes"], "x").fails(12, "index");
    let checked = home.run(&["check"]).fails(12, "damaged or missing");
    assert!(checked.err.contains("--accept-loss"), "{}", checked.err);

    let state = content_of(&home.path("vault"));
    let run = home.run(&["check", "--accept-loss"]).fails(14, "no terminal to ask at");
    assert!(run.err.contains("testimony: a revision written") && run.err.contains(&code), "{}", run.err);
    assert_eq!(content_of(&home.path("vault")), state);
    let accepted = home.json(&["check", "--accept-loss", "--yes"], "");
    assert_eq!((&accepted["sound"], &accepted["loss_accepted"]), (&true.into(), &1.into()));
    let mut fields = documented()["check"].clone();
    let mut found = keys(&accepted);
    fields.sort();
    found.sort();
    assert_eq!(found, fields);
    home.run(&["check", "--accept-loss", "--yes"]).fails(14, "can be read");
    let log = home.run(&["log"]).succeeds().out;
    assert!(log.contains("accepted the loss of 1 part of the index"), "{log}");
    assert!(home.run(&["list"]).succeeds().out.contains(&code));
    home.run_with(&["put", &code, "notes"], "жалғасы").succeeds();

    // It turns up in another copy: check says so, and it is joined without loss.
    std::fs::write(path, bytes).unwrap();
    let checked = home.run(&["check"]).succeeds();
    assert!(checked.err.contains("is here again"), "{}", checked.err);
    home.run(&["check", "--accept-loss", "--yes"]).succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    assert!(page.contains("Мен көрдім") && page.contains("жалғасы"), "{page}");
    assert!(!home.run(&["check"]).succeeds().err.contains("here again"));
}
