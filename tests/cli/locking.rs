//! How the prompt locks and ends, what the screen shows then, and progress: at a pseudo-terminal, by `locking.py`.

use super::terminal::play_in;
use crate::support::program::{Home, OVERRIDE, PASSPHRASE};

/// Fails when the screen keeps what it showed, and when a line typed after the time was up is still carried out. That
/// the time is not twice as long it cannot tell on a busy machine.
#[test]
fn the_prompt_locks_when_its_time_is_up_however_it_passed() {
    play_in("locking.py", &Home::with_vault(), "idle", &[PASSPHRASE]);
}

/// Fails when a signal ends the program before it locked, or leaves the terminal without echo.
#[test]
fn a_signal_or_a_terminal_that_hangs_up_locks_and_ends() {
    play_in("locking.py", &Home::with_vault(), "signals", &[PASSPHRASE]);
}

/// Fails when lock or exit leave the scrollback.
#[test]
fn nothing_of_a_case_is_in_the_scrollback_after_lock_and_exit() {
    play_in("locking.py", &Home::with_vault(), "screen", &[PASSPHRASE]);
}

/// Fails when a bar is not drawn at a terminal. Elsewhere the library that draws it keeps quiet by itself, too.
#[test]
fn long_work_shows_progress_at_a_terminal_and_nowhere_else() {
    let (home, other) = (Home::with_vault(), Home::with_vault());
    for (one, another) in [(&home, &other), (&other, &home)] {
        let card = another.path("my.card");
        another.run(&["card", "--out", "my.card"]).succeeds();
        one.run(&["contact", "add", "other", "--card", card.to_str().unwrap()]).succeeds();
    }
    let lines: String =
        (0..300).map(|n| format!("{{\"parts\":{{\"notes\":{{\"text\":\"{n}\"}}}}}}\n")).collect();
    home.write("cases.jsonl", lines);
    home.write("film.mp4", vec![7; 24 << 20]);
    home.write("other.mp4", vec![8; 24 << 20]);
    let code = home.new_case();
    home.run_with(&["put", &code, "notes"], "жазба").succeeds();
    let taken = other.path("b.age");
    let bundle = taken.to_str().unwrap();
    let (to, give) = (["--to", "other", "--parts"], ["--override", OVERRIDE, "--yes", "--unverified"]);
    let share = [&["share", code.as_str()][..], &to, &["exhibits"], &give].concat();
    let share_notes = [&["share", code.as_str()][..], &to, &["notes"], &give].concat();
    let export = [&["export", code.as_str()][..], &to, &["exhibits"], &give, &["--out"]].concat();
    let works: [(&Home, &str, Vec<&str>, Vec<&str>); 6] = [
        (&home, r"film\.mp4 \[", vec!["attach", &code, "film.mp4"], vec!["attach", &code, "other.mp4"]),
        (
            &home,
            r"extracting \[",
            vec!["extract", &code, "E1", "--out", "one"],
            vec!["extract", &code, "E1", "--out", "two"],
        ),
        (&home, r"recording cases \[", vec!["ingest", "cases.jsonl"], vec!["ingest", "cases.jsonl"]),
        (&home, r"sealing and writing", share, share_notes),
        (
            &home,
            r"sealing the bundle \[",
            [&export[..], &[bundle]].concat(),
            [&export[..], &["second.age"]].concat(),
        ),
        (&other, r"taking it in \[", vec!["import", bundle], vec!["import", bundle]),
    ];
    for (who, words, shown, hidden) in works {
        play_in("locking.py", who, "progress", &[&[PASSPHRASE, words], &shown[..]].concat());
        let run = who.run(&hidden).succeeds();
        assert!(!run.err.contains(['\r', '\u{1b}', '[']), "{}", run.err);
    }
}
