//! Shares: made, tried, and used when everything but the folder and some pages is gone.

use super::json::{documented, keys};
use super::terminal::play;
use crate::support::program::{Home, PASSPHRASE, Run, content_of, feed};

/// The numbered words of a page, as a person copies them.
fn words(home: &Home, folder: &str, number: usize, all: usize) -> String {
    let page = std::fs::read_to_string(home.path(&format!("{folder}/share-{number}-of-{all}.txt"))).unwrap();
    let is_row = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    page.lines().filter(is_row).map(|line| format!("{line}\n")).collect()
}

/// Runs without any passphrase.
fn bare(home: &Home, args: &[&str], input: &str) -> Run {
    feed(home.command().args(args), input.as_bytes())
}

fn drill(home: &Home, shares: &[String]) -> Run {
    bare(home, &["recovery", "drill"], &shares.concat())
}

fn split(home: &Home, shares: &str, folder: &str) -> Run {
    home.run(&["recovery", "split", "--shares", shares, "--out", folder, "--yes"]).succeeds()
}

/// Fails when shares do not open the vault, too few of them do, or a drill changes it (seen with a recovery that holds
/// another root seed).
#[test]
fn three_of_five_pages_bring_a_lost_identity_back_and_two_do_not() {
    let home = Home::with_vault();
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony", "--lang", "kk-Cyrl"], "Түнде үш адам келді").succeeds();
    let made = split(&home, "3/5", "pages");
    assert!(
        made.err.contains("any 3 of them") && made.err.contains("without your passphrase"),
        "{}",
        made.err
    );
    assert!(!made.out.contains("academic") && made.err.contains("print them"), "{}", made.err);
    let page = |number| words(&home, "pages", number, 5);
    let before = content_of(&home.path("vault"));
    assert!(
        drill(&home, &[page(5), page(1), page(3)]).succeeds().out.contains("these 3 shares open this vault")
    );
    drill(&home, &[page(2), page(4)]).fails(2, "no answer on standard input to: share 3");
    assert_eq!(content_of(&home.path("vault")), before);

    // Identity file, address book and memory are gone; the folder is here, and three of the pages.
    let identity = home.path(".config/sanduq");
    std::fs::remove_dir_all(&identity).unwrap();
    home.run(&["list"]).fails(11, "there is no identity file");
    let found = bare(
        &home,
        &["--passphrase-fd", "0", "recovery", "combine", "--kdf", "low"],
        &[page(4), page(2), page(1), PASSPHRASE.into()].concat(),
    );
    assert!(found.succeeds().out.contains("identity brought back"));
    assert!(home.run(&["show", &code]).succeeds().out.contains("Түнде үш адам келді"));
    home.run_with(&["put", &code, "testimony"], "Түнде екі адам келді").succeeds();
    let check = home.run(&["check"]).succeeds().out;
    assert!(check.contains("unknown    0 objects") && check.contains("sound"), "{check}");
    assert!(home.run(&["log"]).succeeds().out.contains("recovery set: any 3 of 5 shares open the vault"));
    bare(&home, &["recovery", "combine"], "").fails(14, "there is something at");
}

/// Fails when shares of an earlier splitting still open the folder (seen with the removal left out).
#[test]
fn a_new_splitting_ends_the_one_before_and_says_what_it_cannot_end() {
    let home = Home::with_vault();
    split(&home, "2/3", "first");
    let old =
        std::process::Command::new("cp").args(["-a", "vault", "copy"]).current_dir(home.path(".")).status();
    assert!(old.unwrap().success());
    let second = split(&home, "2/2", "second");
    assert!(second.err.contains("(2 of 3) ends") && second.err.contains("kept a copy"), "{}", second.err);
    assert!(second.out.contains("the earlier splitting was removed"), "{}", second.out);
    let first = [words(&home, "first", 1, 3), words(&home, "first", 3, 3)];
    drill(&home, &first).fails(11, "open no recovery of this vault");
    drill(&home, &[words(&home, "second", 1, 2), words(&home, "second", 2, 2)]).succeeds();
    let copy = home.path("copy").to_str().unwrap().to_owned();
    bare(&home, &["--vault", &copy, "recovery", "drill"], &first.concat()).succeeds();
    // A recovery that must be there and is not is damage.
    let sound = home.run(&["check"]).succeeds();
    assert!(sound.out.contains("unknown    0"), "{}", sound.out);
    let objects = content_of(&home.path("vault/objects"));
    let gone = objects.iter().any(|(object, bytes)| {
        std::fs::remove_file(object).unwrap();
        let run = home.run(&["check"]);
        let named = run.code == 12 && (run.out + &run.err).contains("the recovery that shares open");
        std::fs::write(object, bytes).unwrap();
        named
    });
    assert!(gone, "no object's loss was called the recovery's");
}

/// Fails when a wrong share is not named, or is put down to a right one (seen with shares that do not fit taken).
#[test]
fn wrong_shares_are_named() {
    let home = Home::with_vault();
    split(&home, "2/3", "pages");
    let page = |number| words(&home, "pages", number, 3);
    let mistyped = page(1).replacen(" 5 ", " 5 vault", 1);
    drill(&home, &[mistyped]).fails(2, "share 1: word 5 is none of the 1,024 words");
    drill(&home, &[page(1), page(1)]).fails(2, "share 2: this share was given already");
    let swapped: Vec<String> = page(2).split_whitespace().map(str::to_owned).collect();
    let (a, b) = (swapped[9].clone(), swapped[11].clone());
    let swapped: Vec<String> = swapped
        .into_iter()
        .enumerate()
        .map(|(i, word)| {
            if i == 9 {
                b.clone()
            } else if i == 11 {
                a.clone()
            } else {
                word
            }
        })
        .collect();
    if a != b {
        drill(&home, &[swapped.join(" ") + "\n"]).fails(2, "two changed places");
    }
    let other = Home::with_vault();
    split(&other, "2/3", "pages");
    let strange = words(&other, "pages", 2, 3);
    drill(&home, &[page(1), strange.clone()]).fails(2, "share 2: this share is of another splitting");
    drill(&home, &[strange, words(&other, "pages", 3, 3)]).fails(11, "open no recovery of this vault");
    for shares in ["1/3", "3/2", "2/17", "2"] {
        let run = home.run(&["recovery", "split", "--shares", shares, "--out", "x"]);
        assert!(run.code == 2 && run.err.contains("like 3/5"), "{}", run.err);
    }
    home.run(&["recovery", "split", "--shares", "2/3", "--out", "pages"]).fails(14, "there is something at");
    home.run(&["recovery", "split", "--shares", "2/3", "--yes"]).fails(2, "at a terminal only");
    assert!(!home.path("x").exists());
}

/// Fails when a share is shown on a stream, or given for written down although nobody could name a word of it.
#[test]
fn shares_are_shown_one_by_one_until_a_word_of_each_is_typed_back() {
    let home = Home::with_vault();
    play(&home, "shares", &[PASSPHRASE]);
    assert!(home.run(&["log"]).succeeds().out.contains("any 2 of 2 shares"));
}

#[test]
fn every_document_of_recovery_has_exactly_the_documented_fields() {
    let table = documented();
    let home = Home::with_vault();
    let check = |name: &str, value: &serde_json::Value| {
        let (mut wanted, mut found) = (table[name].clone(), keys(value));
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted, "{name}");
    };
    check("recovery split", &home.json(&["recovery", "split", "--shares", "2/2", "--out", "p", "--yes"], ""));
    let shares = [words(&home, "p", 1, 2), words(&home, "p", 2, 2)].concat();
    let run = bare(&home, &["--json", "recovery", "drill"], &shares).succeeds();
    check("recovery drill", &serde_json::from_str(&run.out).unwrap());
    let args = ["--json", "--passphrase-fd", "0", "recovery", "combine", "--out", "second", "--kdf", "low"];
    let run = bare(&home, &args, &(shares + PASSPHRASE)).succeeds();
    check("recovery combine", &serde_json::from_str(&run.out).unwrap());
}
