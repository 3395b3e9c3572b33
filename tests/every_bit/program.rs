//! The program with changed files: it says so, and shows and writes not one byte of what was changed.

use std::path::{Path, PathBuf};

use sanduq::crypto::ObjectType;

use super::changes::Reach;
use crate::support::pair::Pair;
use crate::support::program::{Home, Run};

/// Words of the testimony and of the exhibit, none of which stands anywhere else.
const WORDS: [&str; 3] = ["көрдім", "古丽在二〇一八年", "EXHIBIT-WORDS"];

/// What came of the runs.
#[derive(Default)]
struct Sum {
    runs: u64,
    released: u64,
}

/// Changes a file again and again and runs commands, each of which must say that something is wrong; none may show one
/// of the words or leave a file.
fn change(sum: &mut Sum, home: &Home, file: &Path, reach: Reach, commands: &[&[&str]]) {
    let whole = std::fs::read(file).unwrap();
    let before = names(home);
    for change in reach.changes(whole.len()) {
        std::fs::write(file, change.of(&whole)).unwrap();
        for command in commands {
            let run = home.run(command);
            sum.runs += 1;
            sum.released += released(&run);
            assert!(
                run.code != 0 || run.err.contains("sanduq: warning: "),
                "{command:?} {change:?} {}",
                run.out
            );
            assert!(!run.err.contains("panicked") && run.code != 101, "{command:?} {change:?} {}", run.err);
            assert_eq!(names(home), before, "{command:?} {change:?} left something");
        }
    }
    std::fs::write(file, whole).unwrap();
    for command in commands {
        let run = home.run(command).succeeds();
        assert!(!run.err.contains("sanduq: warning: ") || command.contains(&"--out"), "{}", run.err);
        for out in ["out", "out.mp4"] {
            std::fs::remove_dir_all(home.path(out))
                .or_else(|_| std::fs::remove_file(home.path(out)))
                .unwrap_or(());
        }
    }
}

/// Bytes of the texts or the exhibit on standard output.
fn released(run: &Run) -> u64 {
    WORDS.iter().map(|word| (run.out.matches(word).count() * word.len()) as u64).sum()
}

fn names(home: &Home) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(home.path("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

fn all(reach: Reach) -> Sum {
    let pair = Pair::new();
    let (code, activist, lawyer) = (pair.code.as_str(), &pair.activist, &pair.lawyer);
    let mut sum = Sum::default();
    let [segment] = pair.objects(ObjectType::Segment).try_into().unwrap();
    let extracts: [&[&str]; 2] =
        [&["extract", code, "E1", "--out", "out.mp4"], &["extract", code, "E1", "--out", "-"]];
    change(&mut sum, activist, &segment, reach, &extracts);
    for revision in pair.objects(ObjectType::Revision) {
        // Which part it is of shows when it is not there: then just that part is not shown.
        let bytes = std::fs::read(&revision).unwrap();
        std::fs::remove_file(&revision).unwrap();
        let part = if activist.run(&["show", code, "--part", "testimony"]).code == 0 {
            "exhibits"
        } else {
            "testimony"
        };
        std::fs::write(&revision, bytes).unwrap();
        change(&mut sum, activist, &revision, reach, &[&["show", code, "--part", part], &["check"]]);
    }
    let theirs = activist.path("vault").to_str().unwrap().to_owned();
    for message in pair.objects(ObjectType::Message) {
        let show = ["show", code, "--vault", &theirs];
        let extract = ["extract", code, "E1", "--out", "out.mp4", "--vault", &theirs];
        change(&mut sum, lawyer, &message, reach, &[&show, &extract, &["inbox", "--from", &theirs]]);
    }
    for kind in [ObjectType::Genesis, ObjectType::Entry] {
        for object in pair.objects(kind) {
            change(&mut sum, activist, &object, reach, &[&["check"]]);
        }
    }
    let bundle = lawyer.path("case.age");
    let open: [&[&str]; 3] =
        [&["open", "case.age"], &["open", "case.age", "--out", "out"], &["verify", "case.age"]];
    change(&mut sum, lawyer, &bundle, reach, &open);
    let identity = activist.path(".config/sanduq/identity");
    // Between the cost, which may ask for any memory, and the end.
    let whole = std::fs::read(&identity).unwrap();
    for byte in [0, 16, 17, 40, 70, 100, 400, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[byte] ^= 4;
        std::fs::write(&identity, changed).unwrap();
        let run = activist.run(&["show", code]);
        sum.runs += 1;
        sum.released += run.out.len() as u64;
        assert!(run.code != 0 && !run.err.contains("panicked"), "{byte}: {}", run.err);
    }
    sum
}

/// What helps with a damaged file beside the identity is said, and does help.
#[test]
fn a_damaged_memory_or_address_book_is_named_with_the_way_out() {
    let pair = Pair::new();
    let config = pair.activist.path(".config/sanduq");
    let memory =
        std::fs::read_dir(config.join("identity.memory")).unwrap().map(|entry| entry.unwrap().path());
    let memories: Vec<PathBuf> = memory.filter(|path| path.extension().is_none()).collect();
    for file in memories.iter().chain([&config.join("identity.contacts")]) {
        let whole = std::fs::read(file).unwrap();
        std::fs::write(file, &whole[..whole.len() - 1]).unwrap();
        let run = pair.activist.run(&["list"]).fails(12, "is damaged or missing");
        let named = if file.ends_with("identity.contacts") { "IDENTITY.contacts" } else { "IDENTITY.memory" };
        assert!(run.err.contains(named) && !run.err.contains("sanduq check"), "{}", run.err);
        std::fs::write(file, whole).unwrap();
    }
    std::fs::rename(config.join("identity.memory"), config.join("away")).unwrap();
    std::fs::rename(config.join("identity.contacts"), config.join("gone")).unwrap();
    assert!(pair.activist.run(&["contact", "list"]).succeeds().out.contains("lawyer"));
    pair.activist.run_with(&["put", &pair.code, "notes"], "жалғасы").succeeds();
}

/// Fails when `extract --out -` skips its first pass.
#[test]
fn the_program_shows_and_leaves_nothing_of_what_was_changed() {
    let sum = all(Reach::Sample(3));
    println!("{} runs, plaintext released before the failure: {} bytes", sum.runs, sum.released);
    assert!(sum.runs > 60);
    assert_eq!(sum.released, 0);
}

#[test]
#[ignore = "campaign: 10 min of processor time, the program run on some thousand changed files"]
fn campaign_the_program_releases_nothing() {
    let sum = all(Reach::Sample(40));
    println!("{} runs, plaintext released before the failure: {} bytes", sum.runs, sum.released);
    assert_eq!(sum.released, 0);
}
