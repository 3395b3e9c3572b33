//! The program at a real pseudo-terminal, driven by `terminal.py`.

use std::path::Path;
use std::process::Command;

use crate::support::program::{Home, PASSPHRASE, feed};

pub(super) fn play(home: &Home, scene: &str, args: &[&str]) {
    play_in("terminal.py", home, scene, args);
}

/// Plays a scene of a script in this folder.
pub(super) fn play_in(script: &str, home: &Home, scene: &str, args: &[&str]) {
    let mut python = Command::new("python3");
    home.confine(&mut python);
    if let Some(path) = std::env::var_os("PATH") {
        python.env("PATH", path);
    }
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli").join(script));
    python.args([env!("CARGO_BIN_EXE_sanduq"), scene]).args(args);
    let run = feed(&mut python, b"");
    assert_eq!(run.code, 0, "{scene}: {}\n{}", run.out, run.err);
}

#[test]
fn a_generated_passphrase_is_shown_once_and_must_be_typed_back() {
    let home = Home::new();
    play(&home, "init", &[]);
    assert!(home.path("vault/vault").exists());
}

#[test]
fn verify_asks_for_words_it_does_not_show_and_refuses_wrong_ones() {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    let card = other.path("her.card");
    let words = other.json(&["card", "--out", card.to_str().unwrap()], "")["words"].clone();
    home.run(&["contact", "add", "әсел", "--card", card.to_str().unwrap()]).succeeds();
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    play(&home, "verify", &[PASSPHRASE, &words.join(" ")]);
    assert!(home.run(&["contact", "list"]).succeeds().out.contains("әсел   verified"));
}

#[test]
fn the_prompt_unlocks_at_the_start_and_after_lock_asks_again() {
    play(&Home::with_vault(), "prompt", &[PASSPHRASE]);
}

/// Fails when what was answered before Ctrl-D is asked again, or a value that cannot be taken is not asked again.
#[test]
fn a_consent_is_asked_field_by_field_and_can_be_left() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    play(&home, "edit", &[PASSPHRASE, &code]);
    assert!(home.run(&["consent", &code]).succeeds().out.contains("P1  NO: consent is refused"));
}

/// Fails when one yes is enough to give something without consent.
#[test]
fn going_ahead_without_consent_is_asked_twice() {
    let (home, other) = (Home::with_cheap_vault(), Home::with_cheap_vault());
    let code = home.new_case();
    home.run_with(&["put", &code, "testimony"], "Мен көрдім").succeeds();
    other.run(&["card", "--out", home.path("her.card").to_str().unwrap()]).succeeds();
    home.run(&["contact", "add", "lawyer", "--card", "her.card"]).succeeds();
    play(&home, "override", &[PASSPHRASE, &code]);
    assert!(home.run(&["log", &code]).succeeds().out.contains("without the consent it needs: жауап"));
}
