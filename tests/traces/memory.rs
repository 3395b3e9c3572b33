//! No secret in the memory of the program when it is not needed there. `memory.py` derives every key from the
//! identity file by docs/format.md, stops the program, and searches all its mappings for them and for planted words.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::program::{Home, PASSPHRASE, feed};

/// A home with the card of a contact, and the contact's.
pub(super) fn home() -> (Home, Home) {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    let card = home.path("other.card");
    other.run(&["card", "--out", card.to_str().unwrap()]).succeeds();
    (home, other)
}

/// Plays a scene of `memory.py`. Looking into a process that forbids it needs root, at least of a name space.
pub(super) fn play(home: &Home, scene: &str, more: &[&str]) {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reader-venv");
    let python = venv.join("bin/python");
    assert!(python.exists(), "needed: `bash tests/run` makes {}", venv.display());
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if is_root { "env" } else { "unshare" });
    home.confine(&mut command);
    command.args(if is_root { [].as_slice() } else { ["--map-root-user"].as_slice() });
    command.arg(python).arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traces/memory.py"));
    let run = feed(command.args([env!("CARGO_BIN_EXE_sanduq"), scene, PASSPHRASE]).args(more), b"");
    assert_eq!(run.code, 0, "{scene}: {}\n{}", run.out, run.err);
}

/// Fails when freed blocks are not wiped, when the stack is not overwritten after a command, when a line read ahead
/// stays in its buffer, and when standard output keeps one.
#[test]
fn the_prompt_holds_one_root_seed_and_after_lock_nothing() {
    play(&home().0, "prompt", &[]);
}

/// Fails when the clock locks without forgetting.
#[test]
fn nothing_is_left_when_the_clock_locked() {
    play(&home().0, "idle", &[]);
}

/// Fails when what is unlocked outlives the command, or the end of the program leaves the stack as it was.
#[test]
fn a_command_leaves_nothing_when_it_ends() {
    let (home, _other) = home();
    home.run(&["contact", "add", "әріптес", "--card", "other.card"]).succeeds();
    home.write("cases.jsonl", r#"{"parts":{"testimony":{"text":"暗号-чернильница"}}}"#);
    play(&home, "ends", &[]);
}
